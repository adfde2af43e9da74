"""Trials are added to a run from its page, with the real runner and worker behind it."""

import re

import pytest
from playwright.sync_api import expect

from app import make_app
from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.runs.execute import execute
from deepresolve_dash.runs.models import ModelStore
from deepresolve_dash.runs.start import stop_runner
from deepresolve_dash.runs.store import write_run
from deepresolve_dash.settings import Settings
from tests.browser.conftest import served
from tests.runs.conftest import small_job, small_network

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """A finished run of eleven trials and its model, in a state folder."""
    state = tmp_path_factory.mktemp("state")
    save_network(small_network(), state / "source")
    ModelStore(state / "models").add(state / "source", "small")
    made = execute(small_job(settings=ascent_settings(n_trials=11)), device="cpu")
    folder = state / "runs" / made.info["id"]
    write_run(folder, info=made.info, ensemble=made.ensemble, summary=made.summary)
    return state, made.info["id"]


@pytest.fixture(scope="module")
def site(short, tmp_path_factory):
    state, _ = short
    app = make_app(Settings(state=state, gpus="none"), demos=tmp_path_factory.mktemp("demos"))
    with served(app) as address:
        yield address
    stop_runner(state)


def test_trials_are_added_and_the_longer_run_opens_at_the_same_place(visit, short):
    page = visit(f"/runs/{short[1]}/class/1?channel=3")
    page.set_default_timeout(120_000)  # a worker starts
    light = page.locator("#trials .light")
    light.wait_for()
    assert re.search(r"[●◐○]", light.inner_text())
    page.get_by_role("button", name="More trials", exact=True).click()
    page.wait_for_selector("#trials a[href^='/runs?run=']")
    page.get_by_role("link", name="Open the run with 22 trials").click()
    page.wait_for_url(re.compile(r"/class/1.*channel=3"))
    page.wait_for_function(
        "document.querySelector('#fiv-notes').innerText.includes('of 22 trials converged')"
    )
    light.click()
    page.wait_for_selector("#traces-panel figure.enough polyline")
    expect(page.locator("#traces-panel figure.enough")).to_contain_text("trials (number)")
