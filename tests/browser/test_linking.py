"""One selection: changed by every view, read by every view, and a link that opens to the same."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_journey import bytes_of, chosen_channel, open_run, wait_drawn

pytestmark = pytest.mark.browser
MARKED = """() => ({
    list: [...document.querySelectorAll("#channels .row.marked")].map(r => +r.dataset.channel),
    fiv: document.querySelectorAll("#fiv .tick").length,
    il: document.querySelectorAll("#il .chart-marks .tick").length,
    bar: document.querySelector("#set-bar .count").textContent,
})"""


def drag(page, chart, start, end):
    """Drag over a chart, from one share of its width to another."""
    box = page.locator(f"#{chart} .field").first.bounding_box()
    x, y = box["x"], box["y"] + box["height"] / 2
    page.mouse.move(x + start * box["width"], y)
    page.mouse.down()
    page.mouse.move(x + end * box["width"], y, steps=5)
    page.mouse.up()


def chosen_set(page):
    """The set of channels in the address, once every view marks as many."""
    page.wait_for_url(re.compile(r"[?&]set=\d+"))
    told = re.search(r"[?&]set=([\d,]+)", page.url).group(1)
    wanted = [int(channel) for channel in told.split(",")]
    page.wait_for_function(f"({MARKED})().il === {len(wanted)}")
    page.wait_for_function(f"({MARKED})().fiv === {len(wanted)}")
    return wanted


def looks(page):
    """What the page shows of its selection."""
    return {
        "title": page.title(),
        "channel": chosen_channel(page),
        "set": chosen_set(page),
        "marked": page.evaluate(MARKED),
        "ensemble": bytes_of(page),
        "chart": page.locator("#il .plot").evaluate("plot => plot.layout.xaxis.title.text"),
        "order": page.locator("[data-key=columns]").input_value(),
    }


def wait_for_looks(page, wanted):
    """Wait until a page shows this of its selection."""
    for _ in range(100):
        if looks(page) == wanted:
            return
        page.wait_for_timeout(100)
    assert looks(page) == wanted


def test_a_brush_a_channel_and_a_link_that_opens_to_the_same(visit, site):
    page = visit("/")
    open_run(page, "Panel")
    drag(page, "il", 0.5, 1.0)
    marked = chosen_set(page)
    assert 0 < len(marked) < 13
    expect(page.locator("#set-bar .count")).to_contain_text(
        f"{len(marked)} channel", use_inner_text=True
    )

    page.locator("[data-set=only]").click()
    page.wait_for_function(f"document.querySelectorAll('#channels .row').length === {len(marked)}")
    page.locator("#channels .row").last.click()
    page.wait_for_url(re.compile(r"channel=\d+"))
    assert chosen_channel(page) in marked
    page.locator("[data-key=levels]").get_by_text("ranks").click()
    before = bytes_of(page)
    page.locator("[data-key=columns]").select_option("clustered")
    page.wait_for_function(
        "old => document.querySelector('#fiv canvas').toDataURL() !== old", arg=before
    )
    page.wait_for_function(
        "document.querySelector('#il .plot').layout.xaxis.title.text.startsWith('rank')"
    )
    here = looks(page)
    assert sorted(here["marked"]["list"]) == here["set"]

    path = page.url.removeprefix(site)
    there = visit(path)
    wait_drawn(there)
    wait_for_looks(there, here)

    there.locator("[data-set=clear]").click()
    there.wait_for_function("!location.search.includes('set=')")
    expect(there.locator("#set-bar")).to_be_hidden()
    assert "only" not in there.url
    there.go_back()
    wait_for_looks(there, here)


def test_the_badge_of_opposed_channels_marks_them_and_asks_for_no_file(visit):
    page, asked = visit("/runs/d4672e7cf88995e3/class/28"), []
    wait_drawn(page)
    page.on("filechooser", lambda chooser: asked.append(chooser))
    page.locator("#fiv-notes .pick").first.click()
    assert chosen_set(page) == [15, 40]
    assert asked == []


def test_the_list_marks_by_keyboard(visit):
    page = visit("/")
    open_run(page, "Panel")
    page.locator("#channels").focus()
    page.keyboard.press(" ")
    first = chosen_set(page)
    page.keyboard.press("ArrowDown")
    page.wait_for_url(re.compile(r"channel=\d+"))
    page.keyboard.press(" ")
    page.wait_for_url(re.compile(r"set=\d+,\d+"))
    assert set(chosen_set(page)) == {*first, chosen_channel(page)}
    page.keyboard.press("Escape")
    page.wait_for_function("!location.search.includes('set=')")
    page.wait_for_function("document.querySelectorAll('#fiv .tick').length === 0")


def test_the_marked_channels_are_copied_as_a_table(visit):
    page = visit("/", permissions=["clipboard-read", "clipboard-write"])
    open_run(page, "Panel")
    drag(page, "ofiv", 0.01, 0.3)
    marked = chosen_set(page)
    page.locator("[data-set=copy]").click()
    page.wait_for_selector(".toast")
    head, *lines = page.evaluate("navigator.clipboard.readText()").strip().split("\n")
    assert head.startswith("channel\trank\tofiv")
    assert sorted(int(line.split("\t")[0]) for line in lines) == marked
    assert {len(line.split("\t")) for line in lines} == {len(head.split("\t"))}


def test_two_tabs_do_not_touch_each_other(visit):
    page = visit("/")
    open_run(page, "Panel")
    drag(page, "ofiv", 0.01, 0.3)
    here = looks(page)
    other = page.context.new_page()
    other.goto(page.url)
    wait_drawn(other)
    other.keyboard.press("]")
    other.wait_for_url(re.compile("/class/1"))
    other.locator("[data-set=clear]").click()
    expect(other.locator("#set-bar")).to_be_hidden()
    other.locator("#channels .row").nth(3).click()
    other.wait_for_url(re.compile(r"channel=\d+"))
    page.bring_to_front()
    assert looks(page) == here
    assert "/class/0" in page.url
