import re
import shutil

import pytest
from playwright.sync_api import expect

from tests.browser.test_journey import open_run
from tests.generated_runs import make_run, panel_size

pytestmark = pytest.mark.browser


@pytest.fixture
def again(state, site):
    """Another seed of the generated panel, while this test lasts."""
    run = make_run(state / "runs", panel_size(7), name="Panel again", seed=8)
    yield run
    shutil.rmtree(run.folder)


def drawn(page):
    page.wait_for_function("document.querySelector('.compare-recurring > *') !== null")


def test_two_seeds_from_the_gallery_to_what_both_find(again, visit):
    page = visit("/")
    # boxes by keyboard, a bar with the count
    for name in ("Panel again", "Panel"):
        page.get_by_role("checkbox", name=f"Compare {name}", exact=True).press("Space")
    page.get_by_role("button", name="Compare 2 runs").click()
    drawn(page)
    ids = re.search(r"runs=(\w+),(\w+)", page.url).groups()
    assert ids[0] == again.id
    table = page.locator(".compare-runs .table")
    heads = table.locator("thead th").all_inner_texts()
    assert "seed" in heads
    at = heads.index("seed")
    seeds = [row.locator("th, td").nth(at).inner_text() for row in table.locator("tbody tr").all()]
    assert seeds == ["8", "7"]
    expect(page.locator(".warnings")).to_contain_text(
        "not that another training", use_inner_text=True
    )
    unnamed = page.locator(".compare-runs p", has_text="nobody has looked at their channels yet")
    expect(unnamed.get_by_role("link")).to_have_text(["A Panel again", "B Panel"])
    expect(unnamed.get_by_role("link").last).to_have_attribute("href", f"/runs/{ids[1]}/channels")

    # a point of one plot is the same channel in every panel
    spot = (
        page.locator(".compare-agree .compare-plot").first.locator(".spot.both, .spot.first").last
    )
    row = spot.get_attribute("data-row")
    spot.click()
    page.wait_for_url(re.compile(r"mark=0,\d+"))
    chosen = page.locator(f'.compare-page [data-row="{row}"].chosen')
    page.wait_for_function(
        "row => document.querySelectorAll(`.compare-page [data-row='${row}'].chosen`).length > 3",
        arg=row,
    )
    expect(chosen.locator("xpath=self::*[name()='tr']")).to_have_count(1)
    told = page.evaluate("window.dash_clientside.deepresolve.compareNow().told")
    badge = page.locator(f'.combined-table tr[data-row="{row}"] .times').inner_text()
    times = told["times"][int(row)]
    assert badge == (f"{times} of 2" if times else "–")

    # another rule, the next class, a sorted table: all of it is in the address
    page.get_by_role("button", name="top 5", exact=True).click()
    page.wait_for_url(re.compile("found=5"))
    page.locator("body").press("]")
    page.wait_for_url(re.compile(r"class=1,1"))
    page.get_by_role("button", name="spread").click()
    page.wait_for_url(re.compile("sort=spread"))
    page.wait_for_function(
        "document.querySelector('[aria-sort=descending]')?.innerText.startsWith('spread')"
    )
    spreads = page.locator(".combined-table tbody td:nth-child(4)").all_inner_texts()
    numbers = [float(text) for text in spreads if text != "–"]
    assert numbers == sorted(numbers, reverse=True)
    page.locator("[data-take=combined]").click()
    page.locator(".take [name=kind]").select_option("tsv")
    page.wait_for_selector(".take-picture:not([aria-busy]) pre")
    expect(page.get_by_role("button", name="Cite this view")).to_be_hidden()
    with page.expect_download() as saved:
        page.locator(".take").get_by_role("button", name="Save").click()
    lines = saved.value.path().read_text().splitlines()
    assert len(lines) == 14
    at = lines[0].split("\t").index("rank_spread")
    assert [float(line.split("\t")[at]) for line in lines[1:]] == numbers  # in the order on screen
    page.wait_for_selector("dialog.take", state="detached")
    for name in ("runs", "agree", "strip", "difference", "recurring"):
        page.locator(f"[data-take={name}]").click()
        page.locator(".take [name=kind]").select_option("svg")
        page.wait_for_selector(".take-picture:not([aria-busy]) img")
        page.get_by_role("button", name="Close").click()
    with page.expect_download() as saved:
        page.get_by_role("link", name="TSV, all classes").click()
    assert saved.value.path().read_text().count("\n") == 7 * 13 + 1

    # a run less is no comparison, and says so; back again it is the one from before
    before = page.url
    page.locator(".compare-runs tr").last.get_by_role("button", name="Remove").click()
    page.get_by_text("A comparison needs two to eight").wait_for()
    page.go_back()
    page.wait_for_url(before)
    drawn(page)
    page.get_by_role("link", name="Panel again", exact=True).click()
    page.wait_for_url(re.compile(rf"/runs/{again.id}/class/1"))


def test_a_class_page_tells_what_another_seed_finds_again(again, visit):
    page = visit("/")
    open_run(page, "Panel")
    line = page.locator("#ofiv-panel .chip.again")
    line.wait_for()
    found, leading = map(int, re.match(r"(\d+) of (\d+) in both runs", line.inner_text()).groups())
    expect(line).to_have_attribute("title", re.compile(f"Of the {leading} channel"))
    badges = page.locator("#channels .row .times").all_inner_texts()
    assert badges
    assert set(badges) <= {"1 of 2", "2 of 2"}

    # another class asks anew, and the chart that is drawn again keeps the line
    page.locator("body").press("]")
    page.wait_for_url(re.compile("/class/1"))
    line.wait_for()
    page.locator("[data-key=bars]").select_option("5")
    page.wait_for_selector("#ofiv-panel .chip.again")
    expect(line).to_have_count(1)
    times = dict(
        page.evaluate(
            """[...document.querySelectorAll("#channels .row")].map(row =>
                [row.dataset.channel, row.querySelector(".times")?.innerText ?? "–"])"""
        )
    )
    line.click()
    page.wait_for_url(re.compile(r"/compare\?runs=\w+,\w+&class=1,1"))
    drawn(page)
    told = page.evaluate("window.dash_clientside.deepresolve.compareNow().told")
    for channel, said in times.items():
        n = told["times"][int(channel)]
        assert said == (f"{n} of 2" if n else "–")


def test_a_run_without_others_says_nothing_of_them(visit):
    page = visit("/")
    with page.expect_response(re.compile("again.json")) as answer:
        open_run(page, "Panel")
    assert answer.value.json() == {}
    expect(page.locator("#ofiv-panel .chip.again, #channels .row .times")).to_have_count(0)
