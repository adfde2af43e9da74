"""What a monitor is told."""

import os
import threading
import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from deepresolve_dash.pages import health_routes, watched
from deepresolve_dash.pages.watched import KEPT_S, Watched
from deepresolve_dash.runs.figures import STATES, Figures


@pytest.fixture(autouse=True)
def fresh(dashboard):
    """A server that was asked for no figures yet, and counted no answer."""
    made = Watched()
    dashboard.server.extensions[watched.NAME] = made
    return made


def told(client):
    families = text_string_to_metric_families(client.get("/metrics").text)
    samples = [sample for family in families for sample in family.samples]
    return {(one.name, *one.labels.values()): one.value for one in samples}


def test_a_server_that_works_lives_and_is_ready(client):
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").text == "ready\n"


def test_without_room_or_leave_to_write_it_is_not_ready(client, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("deepresolve_dash.runs.figures.free_bytes", lambda _: 3 << 20)
        full = client.get("/readyz")
    assert (full.status_code, full.text[:17]) == (503, "Only 3 MB are fre")
    monkeypatch.setattr(health_routes.os, "access", lambda *_: False)
    assert client.get("/readyz").status_code == 503


def test_figures_are_told_as_prometheus_reads_them(client, monkeypatch):
    runs = dict.fromkeys(STATES, 0) | {"queued": 2}
    now = Figures(runs, 4, 120.5, 7.0, runner_lives=True, free_bytes=9)
    monkeypatch.setattr(health_routes, "figures", lambda _: now)
    monkeypatch.setattr(health_routes, "gpu_memory", lambda: {"GPU-1": (5, 8)})
    values = told(client)
    assert values["deepresolve_runs", "queued"] == 2
    assert values["deepresolve_runs", "failed"] == 0
    assert values["deepresolve_run_seconds_sum",] == 120.5
    assert values["deepresolve_run_seconds_count",] == 4
    assert values["deepresolve_longest_wait_seconds",] == 7
    assert values["deepresolve_runner_lives",] == 1
    assert values["deepresolve_gpu_memory_bytes", "GPU-1", "used"] == 5


def test_answers_that_went_wrong_are_counted_by_kind(client, dashboard, monkeypatch):
    def breaks(_):
        raise OSError("the disk is gone")

    client.get("/healthz")
    client.get("/data/none/run.json")
    client.post("/feed")
    with monkeypatch.context() as patch:
        patch.setitem(dashboard.server.config, "PROPAGATE_EXCEPTIONS", False)
        patch.setattr(health_routes, "figures", breaks)
        assert client.get("/metrics").status_code == 500
    values, process = told(client), str(os.getpid())
    assert values["deepresolve_http_answers_total", "refused", process] == 2
    assert values["deepresolve_http_answers_total", "failed", process] == 1


def test_figures_are_kept_for_a_moment():
    now, made = [100.0], []
    kept = Watched(lambda: now[0])

    def make():
        made.append(b"figures")
        return made[-1]

    for later, n in ((0.0, 1), (KEPT_S - 0.1, 1), (0.2, 2)):
        now[0] += later
        assert kept.figures(make) == b"figures"
        assert len(made) == n


def test_figures_that_cannot_be_made_are_tried_again():
    kept = Watched()
    with pytest.raises(OSError, match="no"):
        kept.figures(lambda: (_ for _ in ()).throw(OSError("no")))
    assert kept.figures(lambda: b"figures") == b"figures"


def test_many_who_ask_at_once_have_them_made_once():
    kept, made, got = Watched(), [], []

    def make():
        made.append(0)
        time.sleep(0.2)
        return b"figures"

    asking = [threading.Thread(target=lambda: got.append(kept.figures(make))) for _ in range(8)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert (len(made), got) == (1, [b"figures"] * 8)
