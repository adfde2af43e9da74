import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
DRAWN = "#fiv canvas, #ofiv .bars, #channels .row, #card svg"


def open_run(page, name):
    """Click the card of a run and wait until its class is drawn."""
    page.locator("a.card", has=page.get_by_role("heading", name=name, exact=True)).click()
    wait_drawn(page)


def wait_drawn(page):
    for part in DRAWN.split(", "):
        page.wait_for_selector(part, state="attached")
    page.wait_for_function("document.querySelector('#ofiv .chosen-mark')?.hidden === false")


AGREED = """() => {
    const title = document.querySelector("#card-panel h2").innerText;
    const row = document.querySelector("#channels .row.chosen")?.dataset.channel;
    const chosen = new URLSearchParams(location.search).get("channel") ?? row;
    const marks = ["il", "ofiv"].map(id => document.querySelector(`#${id} .plot`));
    return title.split(" ")[1] === row && row === chosen && marks.every(m => m.drdChannel == row);
}"""


def chosen_channel(page):
    """The channel that address, card, list and charts agree on before long."""
    page.wait_for_function(AGREED)
    return int(page.locator("#channels .row.chosen").get_attribute("data-channel"))


def bytes_of(page):
    return page.evaluate("document.querySelector('#fiv canvas').toDataURL()")


def test_a_reader_goes_from_the_gallery_to_a_channel_and_back(visit):
    page = visit("/")
    open_run(page, "Synthetic I")
    first = chosen_channel(page)
    page.locator("#channels .row").nth(2).click()
    page.wait_for_url(re.compile(r"channel=\d+"))
    page.wait_for_function(
        f"document.querySelector('#card-panel h2').innerText.split(' ')[1] != '{first}'"
    )
    second = chosen_channel(page)
    assert f"channel={second}" in page.url

    page.get_by_role("link", name="Results").click()
    page.wait_for_selector(".gallery")
    open_run(page, "Synthetic II")
    before, address = bytes_of(page), page.url
    page.keyboard.press("]")
    page.wait_for_url(re.compile(r"/class/1"))
    page.wait_for_function(
        "old => document.querySelector('#fiv canvas').toDataURL() !== old", arg=before
    )
    page.keyboard.press("j")
    page.wait_for_url(re.compile(r"/class/1.*channel="))
    state = (page.url, chosen_channel(page), bytes_of(page))

    page.reload()
    wait_drawn(page)
    page.wait_for_function(
        "now => document.querySelector('#fiv canvas').toDataURL() === now", arg=state[2]
    )
    assert (page.url, chosen_channel(page)) == state[:2]

    page.go_back()
    page.wait_for_url(address)
    page.wait_for_function(
        "old => document.querySelector('#fiv canvas').toDataURL() === old", arg=before
    )
    page.go_forward()
    page.wait_for_url(state[0])
    page.wait_for_function(
        "now => document.querySelector('#fiv canvas').toDataURL() === now", arg=state[2]
    )
    assert chosen_channel(page) == state[1]


def test_a_pair_of_classes_is_chosen_in_the_matrix(visit):
    page = visit("/")
    open_run(page, "Panel")
    page.wait_for_selector("#similarity canvas")
    box = page.locator("#similarity canvas").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.93, box["y"] + box["height"] * 0.07)
    page.wait_for_url(re.compile(r"pair=\d+,\d+"))
    page.wait_for_function(
        "document.querySelector('#pair').innerText.includes('OFIV differs most')"
    )
    row, column = re.search(r"pair=(\d+),(\d+)", page.url).groups()
    assert f"/class/{row}-" in page.url
    assert row != column
    page.wait_for_selector("#compared .mark", state="attached")
    expect(page.locator("#compared .mark")).to_have_count(3)


def test_the_pointer_and_the_arrow_keys_read_exact_values(visit):
    page = visit("/")
    open_run(page, "Panel")
    box = page.locator("#fiv canvas").bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.wait_for_function("document.querySelector('#pointer').innerText.includes('trial')")
    said = page.locator("#pointer").inner_text()
    assert "channel" in said
    assert "feature-map units" in said
    page.locator("#fiv").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('#spoken').textContent.includes('trial')")
    first = page.locator("#spoken").inner_text()
    assert first == ", ".join(said.split("\n")).strip()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "old => document.querySelector('#spoken').textContent !== old", arg=first
    )
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"trial=\d+"))


def test_the_regime_is_named_and_switched(visit):
    page = visit("/")
    open_run(page, "Panel")
    expect(page.locator("#fiv-regime")).to_have_text("modes")
    expect(page.locator("#ofiv-regime")).to_have_text("importance, kinds from modes")
    page.locator("#regime-select").get_by_text("importance", exact=True).click()
    page.wait_for_url(re.compile("regime=importance"))
    page.wait_for_function("document.querySelector('#fiv-regime').innerText === 'importance'")


def test_light_and_dark_follow_the_system_then_the_reader(visit):
    page = visit("/", color_scheme="dark")
    page.wait_for_selector("a.card")
    theme = "document.documentElement.getAttribute('data-mantine-color-scheme')"
    assert page.evaluate(theme) == "dark"
    page.keyboard.press("t")
    page.wait_for_function(f"{theme} === 'light'")
    page.reload()
    page.wait_for_selector("a.card")
    assert page.evaluate(theme) == "light"


def test_paper_is_light_whatever_the_screen_is(visit):
    page = visit("/", color_scheme="dark")
    open_run(page, "Panel")
    scheme = "document.documentElement.dataset.mantineColorScheme"
    dark = bytes_of(page)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(scheme) == "light"
    assert bytes_of(page) != dark
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(scheme) == "dark"
    assert bytes_of(page) == dark


def test_the_pointer_reads_a_chart_and_a_click_selects(visit):
    page = visit("/")
    open_run(page, "Panel")
    field = page.locator("#ofiv .field").bounding_box()
    page.mouse.move(field["x"] + field["width"] * 0.98, field["y"] + 20)
    page.wait_for_function("document.querySelector('#pointer').innerText.includes('OFIV')")
    said = page.locator("#pointer").inner_text()
    channel = re.match(r"channel (\d+), rank 13 of 13", said).group(1)
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url(re.compile(rf"channel={channel}\b"))
    assert chosen_channel(page) == int(channel)
    page.mouse.move(5, 5)
    page.wait_for_selector("#pointer", state="hidden")


def test_one_hot_row_of_hundreds_never_vanishes(visit):
    page = visit("/")
    seen = page.evaluate(
        """() => Array.from({length: 919}, (_, hot) => {
            const cells = new Uint8Array(919 * 7).fill(127);
            cells.fill(hot % 2 ? 0 : 254, hot * 7, hot * 7 + 7);
            const pool = window.dash_clientside.deepresolve.pool;
            return pool(cells, 919, 7, 3, 380).includes(hot % 2 ? 0 : 254);
        })"""
    )
    assert sum(seen) == 919


def test_an_unknown_run_says_so_with_a_way_back(visit):
    page = visit("/runs/nothing/class/0")
    page.wait_for_selector(".missing")
    expect(page.locator(".missing")).to_contain_text("no run 'nothing'", use_inner_text=True)
    page.get_by_role("link", name="Back to the results").click()
    page.wait_for_selector("a.card")
