"""The network drops what a page asks for: it says so after a while, and goes on by itself."""

import pytest
from playwright.sync_api import expect

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.pages import context
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.request import make_request
from tests.browser.conftest import log_in
from tests.browser.test_runs import row

pytestmark = pytest.mark.browser
FEED = "**/feed?*"
BREAK_OFF = """() => {
    const own = window.fetch;
    window.broken = new Promise(seen => {
        window.fetch = async () => {
            window.fetch = own;
            seen();
            const cut = { pull: () => Promise.reject(new Error("cut")) };
            return new Response(new ReadableStream(cut));
        };
    });
}"""


@pytest.fixture
def page(come):
    """The page of an empty queue, which must not be loaded again."""
    page = come("/runs", fails="net::ERR_")
    log_in(page, "ann")
    page.get_by_text("No run has been started yet").wait_for()
    page.evaluate("window.same = true")
    yield page
    assert page.evaluate("window.same")
    expect(page.locator("#offline")).to_be_hidden()


@pytest.fixture
def submit(lab_app):
    """Start a run beside the page; return what tells it from others."""

    def start():
        service = lab_app.server.extensions[context.NAME].service
        model = service.models.models()[0]
        return service.submit(make_request(model, settings=ascent_settings(), name="New")).id

    return start


def test_a_page_whose_polls_are_dropped_goes_on_by_itself(page, submit):
    dropped = []

    def drop(route):
        dropped.append(route.request.url)
        route.abort("connectionreset")

    page.route(FEED, drop)
    expect(page.locator("#offline")).to_be_visible()
    assert len(dropped) >= 3  # not at the first
    run = submit()
    expect(row(page, run)).to_have_count(0)
    page.unroute(FEED)
    expect(row(page, run, ".queued")).to_be_visible()
    expect(page.locator("#offline")).to_be_hidden()


def test_a_poll_that_is_never_answered_is_given_up(page, submit):
    with page.expect_event("requestfailed", lambda one: "/feed" in one.url, timeout=20_000):
        page.route(FEED, lambda _: None)
    page.unroute(FEED)
    expect(row(page, submit(), ".queued")).to_be_visible()


def test_a_poll_whose_answer_breaks_off_is_followed_by_others(page, submit):
    page.evaluate(BREAK_OFF)
    page.evaluate("() => window.broken")
    expect(row(page, submit(), ".queued")).to_be_visible()


def test_a_notice_tells_of_a_run_that_began_and_ended_between_two_polls(page, submit, lab_settings):
    with page.expect_event("requestfailed", lambda one: "/feed" in one.url):
        page.route(FEED, lambda route: route.abort("connectionreset"))
    submit()
    ledger = Ledger(lab_settings.state / LEDGER)
    ledger.finish(ledger.claim("here:1:x", "cpu"), "done")
    ledger.close()
    page.unroute(FEED)
    expect(page.locator(".toast", has_text="New is done")).to_be_visible()
