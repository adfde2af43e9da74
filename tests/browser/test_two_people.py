"""Two people, each in a browser of their own, who want the same run."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import log_in
from tests.browser.test_runs import SLOW, new_run_of, row, start

pytestmark = pytest.mark.browser
MODEL, TRIALS = "Synthetic I", 200


def users(page, run):
    return row(page, run).locator(".of-user")


def share(page, run):
    """How far a run is, in percent, as its row says."""
    bar = row(page, run).get_by_role("progressbar")
    return int(bar.get_attribute("aria-valuenow") or 0)


def test_the_second_joins_the_first_who_leaves_and_the_run_goes_on(come, start_runner):
    pages = {}
    for name in ("bob", "ann"):
        pages[name] = come("/runs")
        log_in(pages[name], name)
        pages[name].get_by_text("No run has been started yet").wait_for()
    bob, ann = pages["bob"], pages["ann"]

    new_run_of(bob, MODEL)
    run = start(bob, title="Ours", trials=TRIALS)
    for page in (bob, ann):  # hers moves by itself
        expect(users(page, run)).to_have_text("bob")
        expect(row(page, run)).to_have_class("queued" if page is ann else "queued chosen")
    new_run_of(ann, MODEL)
    assert start(ann, title="Hers", trials=TRIALS) == run
    for page in (bob, ann):
        expect(users(page, run)).to_have_text("bob, ann")
        expect(page.locator("#queue tbody tr")).to_have_count(1)

    start_runner()
    for page in (bob, ann):
        row(page, run, ".running").wait_for(timeout=SLOW)
        row(page, run).get_by_role("progressbar").wait_for(timeout=SLOW)
    row(bob, run).get_by_role("button", name="Cancel").click()
    for page in (bob, ann):
        expect(users(page, run)).to_have_text("ann")
    expect(row(bob, run).get_by_role("button", name="Cancel")).to_have_count(0)  # not his any more
    expect(row(ann, run).get_by_role("button", name="Cancel")).to_be_visible()
    for page in (bob, ann):
        row(page, run, ".done").wait_for(timeout=SLOW)
    expect(ann.locator(".toast", has_text="is done")).to_be_visible()
