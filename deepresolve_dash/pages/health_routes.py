"""Routes for whoever watches over the server: does it live, can it work, and figures."""

import os
import sqlite3
from collections.abc import Iterator

from flask import Blueprint, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import (
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.pages.context import context
from deepresolve_dash.runs.figures import Figures, figures, gpu_memory

FORMAT = "text/plain; version=0.0.4; charset=utf-8"
routes = Blueprint("health", __name__)


@routes.get("/healthz")
def lives() -> Response:
    """Say that this process answers."""
    return _said("ok")


@routes.get("/readyz")
def ready() -> Response:
    """Say whether runs can be taken on: the state folder can be written and its queue read."""
    given = context().settings
    try:
        context().service.prepare()
        if not os.access(given.state, os.W_OK):
            return _said("The state folder cannot be written.", 503)
        free = figures(given.state).free_bytes >> 20
    except (OSError, sqlite3.Error, DeepResolveError) as error:
        return _said(f"The state folder cannot be used: {error}", 503)
    if free < given.free_mb:
        return _said(f"Only {free} MB are free; runs are taken on from {given.free_mb} MB.", 503)
    return _said("ready")


@routes.get("/metrics")
def metrics() -> Response:
    """Return the figures as Prometheus reads them; made when asked, the same in each process."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(figures(context().settings.state), gpu_memory()))
    return Response(generate_latest(registry), content_type=FORMAT)


class _Figures:
    """What Prometheus is told."""

    def __init__(self, now: Figures, gpus: dict[str, tuple[int, int]]) -> None:
        self.now, self.gpus = now, gpus

    def collect(self) -> Iterator[Metric]:
        """Yield each figure with its help."""
        now = self.now
        runs = GaugeMetricFamily("deepresolve_runs", "Runs by state", labels=["state"])
        for state, n in now.runs.items():
            runs.add_metric([state], n)
        yield runs
        yield SummaryMetricFamily(
            "deepresolve_run_seconds",
            "Seconds that finished runs took",
            count_value=now.computed,
            sum_value=now.computed_s,
        )
        yield GaugeMetricFamily(
            "deepresolve_longest_wait_seconds", "Age of the oldest queued run", now.longest_wait_s
        )
        yield GaugeMetricFamily(
            "deepresolve_runner_lives",
            "Whether a runner lives (it ends when idle)",
            now.runner_lives,
        )
        yield GaugeMetricFamily("deepresolve_disk_free_bytes", "Room for state", now.free_bytes)
        memory = GaugeMetricFamily(
            "deepresolve_gpu_memory_bytes", "Memory of each GPU", labels=["gpu", "kind"]
        )
        for name, (used, total) in self.gpus.items():
            memory.add_metric([name, "used"], used)
            memory.add_metric([name, "total"], total)
        yield memory


def _said(text: str, status: int = 200) -> Response:
    answer = Response(f"{text}\n", status=status, mimetype="text/plain")
    answer.headers["Cache-Control"] = "no-store"
    return answer
