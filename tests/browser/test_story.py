import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.test_accessibility import RULES, told
from tests.browser.test_journey import wait_drawn

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=\"window.hit=1\"> 'quotes' 🧬"
PANEL = "d4672e7cf88995e3"
PRESENTED = "document.querySelector('.presented')?.id"


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def tab_to(page, selector):
    """Press Tab until something of this kind has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("what => document.activeElement.matches(what)", selector):
            return
    pytest.fail(f"Tab does not lead to {selector}")


def open_class(page, name):
    """Go to the first class of a run by the finder alone."""
    page.wait_for_selector("a.card")
    find(page, f"run {name}")
    wait_drawn(page)


def find(page, words):
    """Open what fits these words best."""
    press(page, "/")
    page.wait_for_selector("dialog.finder")
    page.keyboard.type(words)
    page.wait_for_selector("#found-0")
    page.wait_for_function("document.querySelectorAll('#found li').length < 60")
    press(page, "Enter")
    page.wait_for_selector("dialog.finder", state="detached")


def caption(page):
    return page.locator("#story-bar .caption")


def test_a_demo_story_is_told_with_the_keyboard_alone(visit):
    page = visit("/")
    page.wait_for_selector("a.card-story")
    tab_to(page, "a.card-story")
    press(page, "Enter")
    page.wait_for_function(f"{PRESENTED} === 'ofiv-panel'")
    wait_drawn(page)
    place, said = page.locator("#story-bar .place"), []
    expect(place).to_have_text("1 of 9")
    for step in range(1, 10):
        page.wait_for_function(
            "n => document.querySelector('#story-bar .place').textContent === `${n} of 9`", arg=step
        )
        page.wait_for_function(PRESENTED)  # one step is on another page
        expect(page.locator(".header")).to_be_hidden()
        said.append(caption(page).inner_text())
        press(page, "ArrowRight")
    assert len(set(said)) == 9
    assert "step=9" in page.url  # there is nothing after it
    press(page, "PageUp")
    page.wait_for_url(re.compile("step=8"))
    expect(caption(page)).to_have_text(said[7])
    press(page, "Escape")
    page.wait_for_function(f"!{PRESENTED}")
    expect(page.locator(".header")).to_be_visible()
    expect(caption(page)).to_have_text(said[7])
    press(page, "Escape")
    page.wait_for_selector("#story-bar", state="hidden")
    assert not re.search("story|step|present", page.url)


def test_the_link_of_a_story_opens_where_it_begins(visit):
    page = visit("/stories/synthetic-1")
    page.wait_for_function(f"{PRESENTED} === 'card-panel'")
    wait_drawn(page)
    expect(caption(page)).to_contain_text("CAGGTC", use_inner_text=True)
    size = page.locator("#card-panel").bounding_box()
    assert size["width"] == 1440
    assert size["height"] > 700


def test_a_view_that_was_left_is_one_press_away(visit):
    page = visit("/stories/synthetic-1")
    wait_drawn(page)
    back = page.locator("#story-bar .back")
    expect(back).to_be_hidden()
    press(page, "j")
    back.click()
    page.wait_for_url(re.compile("channel=17"))
    expect(back).to_be_hidden()


def test_a_panel_fills_the_screen_and_the_link_says_so(visit, site):
    page = visit("/")
    open_class(page, "synthetic ii")
    before = page.locator("#il-panel").bounding_box()
    page.locator("#ofiv-panel").hover()
    press(page, "p")
    page.wait_for_url(re.compile("present=ofiv"))
    page.wait_for_function("document.querySelector('#ofiv .drawing').clientWidth > 800")
    bars = page.locator("#ofiv .field").bounding_box()
    page.mouse.click(bars["x"] + bars["width"] * 0.018, bars["y"] + bars["height"] * 0.5)
    page.wait_for_url(re.compile("channel=3.*present=ofiv"))  # the first bar
    again = visit(page.url.removeprefix(site))
    again.wait_for_function(f"{PRESENTED} === 'ofiv-panel'")
    press(page, "ArrowRight")
    page.wait_for_url(re.compile("present=card"))
    press(page, "Escape")
    page.wait_for_function(f"!{PRESENTED}")
    assert page.locator("#il-panel").bounding_box() == before


def test_the_right_cell_is_read_in_an_enlarged_matrix(visit):
    page = visit("/")
    open_class(page, "panel synthetic")
    press(page, "p")
    page.wait_for_function(f"{PRESENTED} === 'fiv-panel'")
    page.wait_for_function("document.querySelector('#fiv canvas').width > 1000")
    box = page.locator("#fiv canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 2)
    page.wait_for_function("document.querySelector('#pointer').innerText.includes('trial')")
    last = page.evaluate("window.dash_clientside.deepresolve.run.channels.length")
    page.mouse.click(box["x"] + box["width"] - 2, box["y"] + box["height"] - 2)
    page.wait_for_function(
        "last => document.querySelector('#channels .chosen .rank')?.textContent == last", arg=last
    )


def test_a_class_is_found_by_its_cell_and_a_channel_by_its_number(visit):
    page = visit("/")
    open_class(page, "panel synthetic")
    page.locator("#class-before").focus()
    find(page, "dex a549 nr3")
    page.wait_for_url(re.compile("/class/30-a549-nr3c1-dex"))
    press(page, "Control+k")
    page.wait_for_selector("dialog.finder")
    box = page.get_by_role("combobox", name="Find")
    assert box.evaluate("input => input === document.activeElement")
    page.keyboard.type("channel 37")
    page.wait_for_selector("#found-0:has-text('Channel 37')")
    expect(box).to_have_attribute("aria-activedescendant", "found-0")
    press(page, "Tab")
    assert box.evaluate("input => input === document.activeElement")
    press(page, "Enter")
    page.wait_for_url(re.compile("channel=37"))
    page.locator("#class-before").focus()
    press(page, "Control+k", "Escape")
    page.wait_for_selector("dialog.finder", state="detached")
    assert page.evaluate("document.activeElement.id") == "class-before"


def test_pages_and_actions_are_found_without_a_run(visit):
    page = visit("/models")
    page.wait_for_selector("#find")
    find(page, "queue")
    page.wait_for_url(re.compile("/runs$"))
    theme = "document.documentElement.getAttribute('data-mantine-color-scheme')"
    before = page.evaluate(theme)
    find(page, "light dark")
    page.wait_for_function(f"{theme} !== '{before}'")
    press(page, "g", "s")
    page.wait_for_selector(".stories")


def add_step(page, words, *, title=""):
    press(page, "a")
    page.wait_for_selector("dialog.add-step")
    if title:
        page.locator("dialog.add-step select").first.select_option("")
        page.get_by_label("Title").fill(title)
    page.get_by_label("Caption").fill(words)
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_selector("dialog.add-step", state="detached")
    page.wait_for_selector(".toast:has-text('Added as step')")
    page.locator(".toast button[title='Close this notice']").last.click()


def test_a_story_is_made_put_in_order_and_shared(visit):
    page = visit("/")
    open_class(page, "synthetic i")
    add_step(page, "The first", title=HOSTILE)
    press(page, "j")
    page.wait_for_url(re.compile("channel="))
    second = page.url.split("?")[1]
    add_step(page, HOSTILE)
    press(page, "g", "s")
    page.wait_for_selector(".stories .table")
    expect(page.get_by_role("link", name=HOSTILE)).to_have_count(1)
    page.get_by_role("link", name="Edit").first.click()
    page.wait_for_selector("ol.steps li")
    expect(page.locator(".story h1")).to_have_text(HOSTILE)
    captions = [one.input_value() for one in page.locator("ol.steps textarea").all()]
    assert captions == ["The first", HOSTILE]
    page.locator("ol.steps li").nth(1).locator("textarea").focus()
    press(page, "Alt+ArrowUp")
    page.wait_for_function(
        "document.querySelector('ol.steps textarea').value !== 'The first'"
        " && document.activeElement.matches('ol.steps li:first-child button')"
    )
    page.reload()
    page.wait_for_selector("ol.steps li")
    expect(page.locator("ol.steps textarea").first).to_have_value(HOSTILE)
    page.locator("ol.steps li").nth(1).get_by_role("button", name="Remove").click()
    page.wait_for_function("document.querySelectorAll('ol.steps li').length === 1")
    page.get_by_role("button", name="Undo").click()
    page.wait_for_function("document.querySelectorAll('ol.steps li').length === 2")

    other = visit(f"/stories/{page.url.split('/')[-2]}")
    other.wait_for_selector("#story-bar .caption:not(:empty)")
    wait_drawn(other)
    assert second in other.url
    expect(caption(other)).to_have_text(HOSTILE)
    press(other, "ArrowRight")
    other.wait_for_url(re.compile("step=2"))
    expect(caption(other)).to_have_text("The first")
    assert page.evaluate("window.hit") is None
    assert other.evaluate("window.hit") is None


def test_a_step_on_a_channel_is_named_as_its_page_is(visit):
    page = visit("/stories/synthetic-2/edit")
    page.get_by_role("button", name="Copy and edit").click()
    page.wait_for_selector("ol.steps textarea:enabled")
    page.evaluate(
        """async ([id, address]) => {
            const send = window.dash_clientside.deepresolve.send;
            await send(`/act/stories/${id}/save`, {revision: 1, title: "Ours", steps: [{address}]});
        }""",
        [page.url.split("/")[-2], f"/runs/{PANEL}/channel/12?class=3"],
    )
    page.reload()
    step = page.locator("ol.steps li a")
    expect(step).to_have_text("Panel (synthetic), channel 12 (POU2F2), class 3 K562|CTCF|None")
    step.click()
    expect(page.locator(".context h1")).to_have_text("Channel 12 (POU2F2)")


def test_who_edits_what_somebody_else_has_changed_is_told(visit, site):
    page = visit("/stories/synthetic-2/edit")
    page.get_by_role("button", name="Copy and edit").click()
    page.wait_for_selector("ol.steps textarea:enabled")
    other = visit(page.url.removeprefix(site))
    other.wait_for_selector("ol.steps textarea:enabled")
    for one, words in ((page, "Mine"), (other, "Theirs")):
        one.locator("ol.steps textarea").first.fill(words)
        with one.expect_response("**/save"):
            press(one, "Tab")
    other.wait_for_selector(".toast:has-text('Somebody has changed this story')")
    expect(other.locator("ol.steps textarea").first).to_have_value("Theirs")
    other.get_by_role("button", name="Load again").click()
    other.wait_for_function("document.querySelector('ol.steps textarea')?.value === 'Mine'")


def test_the_tour_opens_once_and_moves_nothing(visit):
    page = visit("/", tour=True)
    page.locator("a.card", has_text="Synthetic II").click()
    page.wait_for_selector(".tour-words")
    wait_drawn(page)
    places = "[...document.querySelectorAll('.panel')].map(one => one.offsetTop)"
    during, titles = page.evaluate(places), set()
    for _ in range(3):
        titles.add(page.locator(".tour-words h2").inner_text())
        press(page, "Enter")
    assert len(titles) == 3
    press(page, "Escape")
    page.wait_for_selector(".tour-words", state="detached")
    assert page.evaluate(places) == during
    page.reload()
    wait_drawn(page)
    page.wait_for_timeout(400)
    expect(page.locator(".tour-words")).to_have_count(0)
    press(page, "?")
    page.get_by_role("button", name="Show me around").click()
    page.wait_for_selector(".tour-words")
    press(page, "Escape")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_lies_over_a_page_has_no_serious_finding(visit, theme):
    page = visit("/stories/synthetic-2", color_scheme=theme)
    wait_drawn(page)
    assert serious(page) == []
    press(page, "Escape", "/")
    page.wait_for_selector("#found-0")
    assert serious(page) == []
    press(page, "Escape", "a")
    page.wait_for_selector("dialog.add-step")
    assert serious(page) == []
    press(page, "Escape")
    page.evaluate("window.dash_clientside.deepresolve.tour()")
    page.wait_for_selector(".tour-words")
    assert serious(page) == []
    press(page, "Escape")
    page.locator("#story-bar a.steps").click()
    page.wait_for_selector("ol.steps li")
    assert serious(page) == []


def serious(page):
    found = Axe().run(page, options=RULES).response["violations"]
    return [told(one) for one in found if one["impact"] in ("serious", "critical")]


def test_a_step_whose_run_is_gone_says_so_and_the_story_goes_on(visit):
    page = visit("/stories")
    page.get_by_role("button", name="Copy and edit").first.click()
    page.wait_for_selector("ol.steps textarea:enabled")
    story = page.url.split("/")[-2]
    page.evaluate(
        """async id => {
            const send = window.dash_clientside.deepresolve.send;
            const steps = [{address: "/runs/gone/class/0", caption: "Gone", panel: "il"},
                           {address: "/%zz", caption: "Odd"},
                           {address: "/models", caption: "Here"}];
            await send(`/act/stories/${id}/save`, {revision: 1, title: "Ours", steps});
        }""",
        story,
    )
    page.reload()
    page.wait_for_function("document.querySelectorAll('ol.steps li').length === 3")
    page.get_by_role("link", name="Show").click()
    page.wait_for_selector(".missing")
    expect(page.locator(".missing")).to_contain_text("no run 'gone'", use_inner_text=True)
    expect(caption(page)).to_have_text("Gone")
    press(page, "ArrowRight", "ArrowRight")
    page.wait_for_url(re.compile(r"/models\?story="))
    expect(caption(page)).to_have_text("Here")
