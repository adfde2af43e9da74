"""The server is updated, or a session ends, while a page is open that somebody writes in."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from deepresolve_dash.pages import bundle
from tests.browser.conftest import log_in
from tests.browser.test_accessibility import RULES

pytestmark = pytest.mark.browser
SAYS = "The dashboard was updated. Reload to go on with the new version."
WRITTEN = "not saved yet"


@pytest.fixture
def update(lab_app):
    """Make the server another version than the one that pages were loaded from."""

    def to(version):
        lab_app.server.config[bundle.VERSION] = version

    return to


def writing(come, **options):
    """A page whose reader is writing a note, and the field of it."""
    page = come("/runs", **options)
    log_in(page, "ann")
    page.get_by_role("link", name="Results").click()
    page.locator("a.card").first.click()
    page.locator("#ofiv .bars").wait_for()
    page.get_by_role("button", name="Notes").click()
    field = page.get_by_label("Note", exact=True)
    field.fill(WRITTEN)
    return page, field


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_that_is_older_than_the_server_says_so_and_keeps_what_is_written(
    come, update, theme
):
    page, field = writing(come, color_scheme=theme)
    bar = page.locator("#updated")
    expect(bar).to_be_hidden()
    update("second")
    expect(bar).to_be_visible()
    expect(bar.locator("span")).to_have_text(SAYS)
    page.wait_for_selector(f":root[data-mantine-color-scheme={theme}]")
    found = Axe().run(page, options=RULES).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    bar.get_by_role("button", name="×").press("Enter")
    expect(bar).to_be_hidden()
    page.wait_for_timeout(3000)  # a poll later it is still closed
    expect(bar).to_be_hidden()
    update("third")
    expect(bar).to_be_visible()
    expect(field).to_have_value(WRITTEN)

    bar.get_by_role("button", name="Reload").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(field).to_have_value(WRITTEN)
    bar.get_by_role("button", name="Reload").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Reload").click()
    page.locator("#ofiv .bars").wait_for()
    assert page.evaluate("document.documentElement.dataset.version") == "third"
    expect(bar).to_be_hidden()


def test_a_session_that_ends_takes_nothing_away_that_is_written(come):
    page, field = writing(come, fails="401")
    page.context.clear_cookies()
    bar = page.locator("#updated")
    expect(bar).to_be_visible()
    expect(bar.locator("span")).to_have_text("You are not logged in any more. Reload to log in.")
    expect(field).to_have_value(WRITTEN)
    field.fill("")  # with nothing to lose the page to log in comes by itself
    page.wait_for_url("**/login**", timeout=20_000)
