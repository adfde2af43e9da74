"""The panel of interactions, from the button through a real worker to a pair and its square."""

import re

import pytest
from playwright.sync_api import expect

from deepresolve_dash.runs.start import stop_runner
from tests.browser.test_journey import wait_drawn

pytestmark = pytest.mark.browser
SLOW = 240_000  # ms; a worker imports its libraries first
XOR = "/runs/d4672e7cf88995e3/class/28"  # of the shipped panel


@pytest.fixture(scope="module", autouse=True)
def runner(state):
    """End the runner that the test starts."""
    yield
    stop_runner(state)


def open_panel(page):
    wait_drawn(page)
    page.locator("#interactions-panel").scroll_into_view_if_needed()
    page.wait_for_selector("#interactions-panel .more-body > *")
    return page.locator("#interactions-panel")


def test_a_class_is_tested_and_its_pairs_are_looked_at(visit):
    page = visit(XOR)
    panel = open_panel(page)
    panel.get_by_role("button", name="Test interactions").click()
    cancel, network = panel.get_by_role("button", name="Cancel"), ".interactions-network"
    cancel.or_(panel.locator(network)).first.wait_for(timeout=SLOW)  # it may be quick
    panel.locator(network).wait_for(timeout=SLOW)
    expect(panel).to_contain_text("interactions among 28 pairs of groups", use_inner_text=True)
    detail = panel.locator(".interactions-detail")
    expect(detail.locator("h3")).to_have_text("XOR-like")
    cells = detail.locator(".square td")  # a corner without a head, and four logits
    expect(cells).to_have_count(5)
    expect(detail.locator(".square svg")).to_have_count(2)
    expect(detail).to_contain_text("✓ Sequences agree", use_inner_text=True)

    edge = panel.locator(".edge").last
    groups = edge.get_attribute("data-groups")
    edge.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"groups={groups}"))
    page.wait_for_selector(f'#interactions-panel .edge.chosen[data-groups="{groups}"]')
    page.reload()
    open_panel(page)
    page.wait_for_selector(f'#interactions-panel tr.chosen[data-row="{groups}"]')

    node = panel.locator(".node").nth(1)
    channel = node.get_attribute("data-channel")
    node.click()
    page.wait_for_url(re.compile(rf"channel={channel}\b"))
    panel.locator("[data-take]").click()
    page.locator(".take [name=kind]").select_option("svg")
    with page.expect_download() as waiting:
        page.locator(".take .button.main:not([disabled])").click(timeout=SLOW)
    drawing = waiting.value.path().read_text()
    assert "XOR" in drawing
    assert "var(--" not in drawing
