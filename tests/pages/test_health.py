"""What a monitor is told."""

from prometheus_client.parser import text_string_to_metric_families

from deepresolve_dash.pages import health_routes
from deepresolve_dash.runs.figures import STATES, Figures


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
