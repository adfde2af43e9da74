"""Two people, each in a browser of their own, who want the same run."""

import os
import re
import signal
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.runs.locks import holder, process_of, slot_lock
from deepresolve_dash.runs.request import make_request
from tests.browser.conftest import log_in
from tests.browser.test_runs import SLOW, new_run_of, row, start

pytestmark = pytest.mark.browser
MODEL, TRIALS = "Synthetic I", 1000


def users(page, run):
    return row(page, run).locator(".of-user")


@contextmanager
def held(state):
    """Stop the process that computes, so that its run does not end meanwhile."""
    worker = process_of(holder(slot_lock(state, "cpu")))
    os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(worker, signal.SIGCONT)


def test_the_second_joins_the_first_who_leaves_and_the_run_goes_on(
    come, start_runner, lab_settings
):
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
    row(bob, run, ".running").get_by_role("progressbar").wait_for(timeout=SLOW)
    with held(lab_settings.state):
        row(ann, run, ".running").get_by_role("progressbar").wait_for()
        row(bob, run).get_by_role("button", name="Cancel").click()
        for page in (bob, ann):
            expect(users(page, run)).to_have_text("ann")
        his, hers = (row(page, run).get_by_role("button", name="Cancel") for page in (bob, ann))
        expect(his).to_have_count(0)  # he has left
        expect(hers).to_be_visible()
    for page in (bob, ann):
        row(page, run, ".done").wait_for(timeout=SLOW)
    expect(ann.locator(".toast", has_text="is done")).to_be_visible()


def moves(page, run):
    """What the row of a run that waits offers to move it by."""
    return (
        row(page, run).get_by_role("button", name=re.compile("^(Sooner|Later)$")).all_inner_texts()
    )


def test_a_run_that_waits_is_moved_only_where_that_changes_something(come, lab_app):
    dashboard = lab_app.server.extensions["deepresolve"]
    (model,) = (one for one in dashboard.models.models() if one.name == MODEL)
    made = [make_request(model, settings=ascent_settings(seed=seed)) for seed in range(4)]
    for request, user in zip(made, ("bob", "bob", "bob", "ann"), strict=True):
        dashboard.service.submit(request, user)
    first, middle, last, other = (request.id for request in made)
    page = come("/runs")
    log_in(page, "ann")
    row(page, first).wait_for()
    expect(page.locator("#queue th.of-submitted").first).to_have_text("submitted")
    told = row(page, first).locator(".of-submitted time").get_attribute("title")
    assert re.fullmatch(r"submitted \d{4}-\d\d-\d\d \d\d:\d\d", told)
    expected = {first: ["Later"], middle: ["Sooner", "Later"], last: ["Sooner"], other: []}
    assert {run: moves(page, run) for run in expected} == expected
    row(page, last).get_by_role("button", name="Sooner").click()
    expect(row(page, last).get_by_role("button", name="Later")).to_be_visible()
    expected = {first: ["Sooner", "Later"], middle: ["Sooner"], last: ["Later"], other: []}
    assert {run: moves(page, run) for run in expected} == expected
    row(page, first).get_by_role("button", name="Later").click()
    expect(row(page, first).get_by_role("button", name="Later")).to_have_count(0)
    expected = {first: ["Sooner"], middle: ["Sooner", "Later"], last: ["Later"], other: []}
    assert {run: moves(page, run) for run in expected} == expected
    drain = page.get_by_role("button", name="Drain")
    expect(drain).to_have_attribute("title", re.compile("start no other"))
