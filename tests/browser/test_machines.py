"""A machine that computes beside this one: it appears on the page of the queue, and is let go."""

import os
import socket
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from deepresolve_dash.runs.remote.elsewhere import TOKEN, worker_token
from deepresolve_dash.settings import Settings
from tests.browser.conftest import log_in

pytestmark = pytest.mark.browser
SLOW = 60_000  # ms; a worker imports its libraries first


@pytest.fixture
def lab_settings(tmp_path):
    """A dashboard that answers workers of other machines."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        way = f"127.0.0.1:{free.getsockname()[1]}"
    return Settings(state=tmp_path, free_mb=0, prefix="/lab", gpus="none", coordinator=way)


@pytest.fixture
def worker(lab_settings, start_runner, lab):
    """A worker as it is started by hand on another machine, with a copy of the token."""
    here = f"http://{lab_settings.coordinator}"
    worker_token(lab_settings.state)
    start_runner()
    started = subprocess.Popen(
        [
            sys.executable, "-m", "deepresolve_dash", "worker", "--coordinator", here,
            "--token-file", str(lab_settings.state / TOKEN),
        ],
        env=os.environ | {"DRD_GPUS": "none", "DRD_CPU_WORKERS": "9"},
    )  # fmt: skip
    yield started
    started.kill()
    started.wait()


def test_a_machine_is_seen_and_drained_from_the_keyboard(come, worker):
    page = come("/runs")
    log_in(page, "ann")
    place = page.locator("#machines")
    line = place.locator("tbody tr")
    line.wait_for(timeout=SLOW)
    cells = dict(
        zip(
            ("host", "device", "engine", "state"),
            line.locator("th, td").all_inner_texts(),
            strict=False,
        )
    )
    assert cells["host"] == socket.gethostname()
    assert cells["device"].startswith("CPU, ")
    assert cells["state"] == "waits"

    drain = place.get_by_role("button", name="Drain")
    drain.focus()
    page.keyboard.press("Enter")
    expect(line).to_have_count(0)
    expect(place).to_contain_text("No other machine computes now.")
    assert worker.wait(20) == 0
