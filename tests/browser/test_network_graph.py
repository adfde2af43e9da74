"""The drawing of a network: a cut point is clicked, and leads to a run there."""

import re

import pytest
from playwright.sync_api import expect

from deepresolve_dash.runs.models import ModelStore

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def panel(site, state):
    return next(model for model in ModelStore(state / "models").models() if "Panel" in model.name)


def test_a_cut_point_of_the_drawing_leads_to_a_run_at_that_layer(visit, panel):
    page = visit(f"/models/{panel.id}")
    page.wait_for_selector("#network .box")
    about = page.locator(".network-details")
    assert "pool1 max pooling advised" in " ".join(about.locator("h3").inner_text().split())
    page.locator("#network .box", has_text="conv2").click()
    expect(about.locator("h3")).to_contain_text("conv2", use_inner_text=True)
    expect(about).to_contain_text("194 bp", use_inner_text=True)
    expect(about).to_contain_text("on this machine's", use_inner_text=True)
    expect(about.locator(".histogram")).to_have_count(2)
    assert page.url.endswith("?layer=conv2")

    page.locator("#network svg[role=listbox]").focus()
    page.keyboard.press("ArrowDown")  # a layer that cannot be cut says why
    expect(about).to_contain_text("Cannot be cut: it only passes on", use_inner_text=True)
    expect(about.locator("a")).to_have_count(0)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(about.locator("h3")).to_contain_text("conv1", use_inner_text=True)

    before = page.locator("#network svg[role=listbox]").bounding_box()["width"]
    page.keyboard.press("+")
    assert page.locator("#network svg[role=listbox]").bounding_box()["width"] > before
    page.keyboard.press("Enter")  # to the link of the layer
    page.keyboard.press("Enter")
    page.wait_for_selector("#new-start:not([disabled])")
    expect(page.locator("#new-layer")).to_have_value(re.compile("conv1"))
    page.go_back()
    page.wait_for_selector("#network .box[aria-selected=true]:has-text('conv1')")
    page.get_by_role("button", name="Every layer").click()
    page.wait_for_selector("#network .box:has-text('probability')")
    assert "drawn=whole" in page.url
