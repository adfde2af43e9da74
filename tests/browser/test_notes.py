"""One reader marks what they see and finds it again; one starts several runs at once."""

import re

import pytest
from playwright.sync_api import expect

from deepresolve_dash.runs import service
from deepresolve_dash.runs.models import ModelStore
from deepresolve_dash.runs.store import RunStore
from tests.browser.test_journey import wait_drawn

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=\"window.hit=1\"> 'GATA' 🧬"


@pytest.fixture
def panel(site, state):
    """Id of a run of several classes."""
    return next(run.id for run in RunStore([state / "runs"]).runs() if run.info["name"] == "Panel")


@pytest.fixture
def model(site, state, monkeypatch):
    """Id of a model; what is started waits, since nothing computes."""
    monkeypatch.setattr(service, "ensure_runner", lambda settings: None)
    return next(one.id for one in ModelStore(state / "models").models() if "Panel" in one.name)


def stars(page, place):
    return page.locator(f"{place} .star-button[aria-pressed=true]")


def test_what_was_marked_is_found_again(visit, panel):
    page = visit(f"/runs/{panel}/class/1?channel=5")
    wait_drawn(page)
    page.wait_for_selector(".context .star-button")
    page.keyboard.press("s")
    stars(page, ".context").wait_for()
    page.keyboard.press("Shift+S")
    stars(page, "#card-panel").wait_for()
    page.wait_for_selector("#row-5 .star")
    page.keyboard.press("n")
    page.keyboard.type(HOSTILE)
    page.keyboard.press("Control+Enter")
    drawer = page.locator("#notes-drawer")
    drawer.locator(".note-text").wait_for()
    expect(drawer.locator(".note-text")).to_have_text(HOSTILE)
    expect(drawer.locator("textarea")).to_have_value("")
    page.keyboard.press("Escape")
    drawer.wait_for(state="detached")
    page.get_by_role("link", name="Channels", exact=True).click()  # on another page of the run
    page.wait_for_selector(".channels-page")
    page.locator("#notes-open").click()
    drawer.locator("li").nth(2).wait_for()
    drawer.get_by_label("Which notes").select_option("star")
    expect(drawer.locator("li")).to_have_count(2)
    drawer.get_by_label("Which notes").select_option("note")
    drawer.get_by_role("button", name="Delete").click()
    drawer.get_by_text("0 of 2 shown").wait_for()
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    drawer.locator(".note-text").wait_for()
    drawer.locator("li a").click()
    page.wait_for_url(re.compile("/class/1.*channel=5"))
    stars(page, ".context").wait_for()
    page.keyboard.press("/")
    page.locator("dialog.finder input").fill("starred class")
    page.wait_for_selector("#found-0")
    expect(page.locator("#found li")).to_have_count(1)
    assert page.evaluate("window.hit") is None


def test_several_runs_are_started_looked_at_and_left_together(visit, model):
    page = visit(f"/new?model={model}")
    page.wait_for_selector("#new-start:not([disabled])")
    page.get_by_text("Several at once").click()
    page.get_by_label("Seeds", exact=True).fill("0-")
    page.get_by_text("'0-' is no seed").wait_for()
    page.get_by_label("Seeds", exact=True).fill("70-72")
    page.get_by_role("button", name="Start 3 runs").click()
    page.wait_for_url(re.compile("/sweeps/"))
    page.get_by_text("0 of 3 done, 3 waiting").wait_for()
    expect(page.locator(".sweep-table tbody tr")).to_have_count(3)
    page.get_by_role("link", name="Queue").first.click()
    page.locator("#sweeps a[href*='/sweeps/']").first.click()
    page.wait_for_selector(".sweep-page")
    page.get_by_role("button", name="Cancel all").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel all").click()
    page.get_by_text("0 of 3 done, 3 cancelled").wait_for()
