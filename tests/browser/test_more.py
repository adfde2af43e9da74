import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_journey import open_run, wait_drawn

pytestmark = pytest.mark.browser
PANELS = ("recipes", "important", "varying", "elimination", "traces")


@pytest.fixture
def page(visit):
    """The first class of the generated panel, which is XOR-like."""
    page = visit("/")
    open_run(page, "Panel")
    return page


def show(page, name):
    page.locator(f"#{name}-panel").scroll_into_view_if_needed()
    page.wait_for_function(f"document.querySelector('[data-more={name}]').childElementCount > 0")
    return page.locator(f"#{name}-panel")


def test_panels_are_filled_when_they_come_on_screen(page):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    expect(page.locator("[data-more=traces] *")).to_have_count(0)
    for name in PANELS:
        show(page, name)
    names = [re.search(r"/data/[^/]+/(\w+)\.json", url) for url in asked]
    assert {found[1] for found in names if found} >= set(PANELS[1:])  # the first was near already


def test_a_channel_of_a_recipe_is_selected_everywhere(page):
    panel = show(page, "recipes")
    expect(panel).to_contain_text("2 ways to be on", use_inner_text=True)
    expect(panel.locator(".recipe")).to_have_count(2)
    ingredient = panel.locator(".recipe").nth(1).locator(".ingredient").nth(1)
    channel = ingredient.get_attribute("data-channel")
    assert re.search(r"[+−]\s*ch", ingredient.inner_text())
    ingredient.click()
    page.wait_for_url(re.compile(rf"channel={channel}\b"))
    page.wait_for_function(
        f"document.querySelector('#card-panel h2').innerText.split(' ')[1] === '{channel}'"
    )
    expect(panel.locator(".ingredient.chosen").first).to_have_attribute("data-channel", channel)
    panel.get_by_role("button", name="Mark channels").first.click()
    page.wait_for_url(re.compile(r"set=\d+,\d+"))


def test_a_threshold_moves_the_list_and_the_address(page):
    panel = show(page, "important")
    rows = panel.locator(".feature-rows [role=row]")
    few = rows.count()
    field = panel.get_by_role("spinbutton")
    field.fill("0")
    field.press("Enter")
    page.wait_for_url(re.compile(r"important=0\b"))
    page.wait_for_function(
        "n => document.querySelectorAll('#important-panel .feature-rows [role=row]').length > n",
        arg=few,
    )
    expect(panel).to_contain_text("13 of 13 channels", use_inner_text=True)
    panel.get_by_role("button", name="IL").click()
    page.wait_for_url(re.compile(r"important-by=level"))
    page.wait_for_selector("#important-panel [aria-sort=descending] [data-sort=level]")
    address, shown = page.url, rows.all_inner_texts()

    page.reload()
    wait_drawn(page)
    show(page, "important")
    page.wait_for_function(
        "document.querySelectorAll('#important-panel .feature-rows [role=row]').length > 0"
    )
    assert (page.url, rows.all_inner_texts()) == (address, shown)
    panel.get_by_role("button", name="Method's rule").click()
    page.wait_for_function("!location.search.includes('important=')")


def test_the_ascent_opens_and_a_trial_is_selected(page):
    panel = show(page, "traces")
    if panel.locator(".more-body details[open]").count() == 0:
        panel.locator(".more-body summary").click()
    panel.locator(".scatterlayer .trace").nth(4).wait_for(state="attached")
    expect(panel.locator(".scatterlayer .trace")).to_have_count(5)
    panel.get_by_role("button", name="trial 2", exact=True).click()
    page.wait_for_url(re.compile(r"trial=2"))
    last = "document.querySelector('#traces-panel .traces-chart').data.at(-1)"
    page.wait_for_function(f"{last}.name === 'trial 2' && {last}.line.width > 2")
    expect(panel.locator("tr.chosen")).to_have_text(re.compile("^trial 2"))


def test_a_hostile_name_is_text(page):
    show(page, "elimination")
    name = """<img src=x onerror="document.title='broken'">'&\t😀""" + "x" * 300
    seen = page.evaluate(
        """name => {
            const other = {target: 0, name, about: name, scaled: 1, share: 1, chance: 1};
            const channel = {channel: 1, ofiv: -1, scaled: -1, share: 1, n: 1, classes: [other]};
            const told = {empty: null, explained: 1, expected: 1, channels: [channel]};
            const body = document.createElement("div");
            const views = window.dash_clientside.deepresolve.more;
            views.elimination.draw(body, {...told, rivals: [other]}, {logo: () => ""});
            const names = [...body.querySelectorAll("button[data-target]")].map(b => b.textContent);
            return [body.querySelectorAll("img").length, names];
        }""",
        name,
    )
    assert seen == [0, [name, name]]
