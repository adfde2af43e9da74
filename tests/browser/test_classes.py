import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
NAME = """<img src=x onerror="document.title='broken'">'&\t😀"""


@pytest.fixture
def page(visit):
    """The classes of the generated panel, from its card."""
    page = visit("/")
    card = page.locator(".card-place", has=page.get_by_role("heading", name="Panel", exact=True))
    card.get_by_role("link", name="Classes which share features").click()
    page.wait_for_function("document.querySelectorAll('.matrices-plot canvas').length === 4")
    page.wait_for_function("document.querySelector('.pairs-plot canvas')?.width > 300")
    return page


def now(page, what):
    return page.evaluate(f"window.dash_clientside.deepresolve.cohortNow().{what}")


def cell(page, row, column):
    """Click a cell of the similarity by its places."""
    box = page.evaluate(
        """() => {
            const place = document.querySelector('.matrices-plot'), {boxes: [box]} = place.drdView;
            const {x, y} = place.getBoundingClientRect();
            return {x: x + box.left, y: y + box.top, high: box.high};
        }"""
    )
    page.mouse.click(box["x"] + (column + 0.5) * box["high"], box["y"] + (row + 0.5) * box["high"])


def number(text):
    return float(text.replace("−", "-"))


def test_from_a_cluster_to_a_pair_to_why_to_a_class_and_back(page):
    # the cut makes clusters, a band zooms to one, Escape leaves it
    slider = page.locator(".cut-line input")
    slider.fill(slider.get_attribute("max"))
    page.wait_for_url(re.compile(r"cut=[\d.]+"))
    expect(page.locator(".clusters-said")).to_have_text(re.compile("^1 cluster, 0"))
    merges = now(page, "told")["merges"]
    slider.fill(f"{merges[-2][2] + 0.01:.2f}")  # the last join is cut
    page.wait_for_function("document.querySelector('.clusters-said').innerText[0] !== '1'")
    told = page.evaluate(
        """async () => {
            const drd = window.dash_clientside.deepresolve;
            const {run, cut, clusters} = drd.cohortNow();
            const got = await drd.fetch(`/data/${run.id}/classes-more/clusters.json?cut=${cut}`);
            const several = clusters.filter(({first, last}) => last > first);
            return [several.map(({number, first, last}) => [number, last - first + 1]),
                    (await got.json()).clusters.map(({number, n}) => [number, n])];
        }"""
    )
    assert told[0] == told[1] != []  # the server cuts the same clusters
    bands = page.locator(".matrices-plot .cluster")
    first, last = map(int, bands.first.get_attribute("data-zoom").split(","))
    bands.first.click()
    page.wait_for_url(re.compile(rf"zoom={first},{last}"))
    expect(page.locator(".zoom-line")).to_contain_text(
        f"{last - first + 1} classes", use_inner_text=True
    )
    page.keyboard.press("Escape")
    page.wait_for_function("!location.search.includes('zoom')")

    # words mark classes
    page.get_by_label("Mark classes").fill("class 3")
    page.wait_for_url(re.compile("find="))
    expect(page.locator(".found-count")).to_contain_text("of 7 classes", use_inner_text=True)

    # a rectangle over all points lists all pairs, exactly
    frame = page.locator(".pairs-plot").bounding_box()
    page.mouse.move(frame["x"] + 50, frame["y"] + 12)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] - 14, frame["y"] + frame["height"] - 40, steps=4)
    page.mouse.up()
    page.wait_for_selector(".found-pairs button")
    expect(page.locator(".found-head strong")).to_have_text("21 pairs")
    expect(page.locator("canvas.dots").first).to_be_visible()
    listed = page.locator(".found-pair")
    listed.first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"pair={listed.nth(1).get_attribute('data-pair')}"))

    # a cell is a pair, and its shares add up
    cell(page, 0, 1)
    ids = now(page, "ids")
    page.wait_for_url(re.compile(rf"pair={ids[0]},{ids[1]}"))
    page.wait_for_selector(".why-table .total")
    rows = page.locator(".why-table tbody tr")
    shown = [number(text) for text in rows.locator("td:nth-child(4)").all_inner_texts()]
    assert sum(shown[:-1]) == pytest.approx(shown[-1], abs=0.01)
    assert page.locator(".pair-head").inner_text().count("resamples of 5 and 5 trials") == 1
    page.locator(".why-table tr[data-channel]").first.click()
    page.wait_for_url(re.compile(r"channel=\d+"))
    assert page.locator(".pair-body .chosen").count() >= 2  # row and point
    point = page.locator(".pair-plot circle[tabindex='0']")  # the chosen one, or the leftmost
    point.focus()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    right = page.locator(".pair-plot circle").evaluate_all(
        "all => all.sort((a, b) => b.getAttribute('cx') - a.getAttribute('cx'))[0].dataset.channel"
    )
    page.wait_for_url(re.compile(rf"channel={right}\b"))

    # the page of a class, and back to the same view
    address = page.url
    page.locator(".pair-head a").first.click()
    page.wait_for_selector("#ofiv .plot")
    assert f"/class/{ids[0]}" in page.url
    page.go_back()
    page.wait_for_selector(".why-table .total")
    assert page.url == address

    # a picture to take away is light and has words
    page.locator("[data-take=matrices]").click()
    page.wait_for_selector("dialog.take img")
    with page.expect_download() as waiting:
        page.locator("dialog.take .main").click()
    drawing = Path(waiting.value.path()).read_text()
    words = [
        one.text for one in ElementTree.fromstring(drawing).iter("{http://www.w3.org/2000/svg}text")
    ]
    assert "class, in the order of the tree" in words
    assert "var(" not in drawing

    # names are text wherever they stand
    page.evaluate(
        """name => {
            const drd = window.dash_clientside.deepresolve, now = drd.cohortNow();
            now.names[0] = now.run.names[now.run.targets.indexOf(now.ids[0])] = name;
            drd.drawCohort();
        }""",
        NAME,
    )
    cell(page, 0, 2)
    expect(page.locator("main img")).to_have_count(0)
    assert "Classes" in page.title()
