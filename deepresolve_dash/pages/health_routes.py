"""Routes for whoever watches over the server: does it live, can it work, and figures."""

import os
import sqlite3
from collections.abc import Iterator

from flask import Blueprint, Response, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.pages import who
from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.proxies import FORWARDED, is_in, read_networks
from deepresolve_dash.pages.watched import watched
from deepresolve_dash.people.roles import Need
from deepresolve_dash.people.schema import PeopleRefused
from deepresolve_dash.runs.figures import Figures, figures, gpu_memory

_HERE = read_networks("127.0.0.0/8,::1")
_WAYS = "Ask from this machine, or log in."
_TOKEN_WAY = "Ask from this machine, or send the token: 'Authorization: Bearer TOKEN'."  # noqa: S105
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
    """Return the figures as Prometheus reads them, at most some seconds old."""
    try:
        refused = _why_not()
    except PeopleRefused as error:
        return _said(str(error), 403)
    if refused:
        return _said(f"The figures of this dashboard are not for everybody. {refused}", 401)
    return Response(watched().figures(_figures), content_type=FORMAT)


def _why_not() -> str:
    """Return what whoever asks for figures must do first; empty when they may read them.

    *Choice:* a monitor on this machine needs no password, nor does one that a trusted proxy lets
    through without saying for whom it asks; whoever else reaches the server must be let in by it.

    Raises
    ------
    PeopleRefused
        When there were too many wrong tokens.
    """
    direct = not request.environ.get(FORWARDED)
    if direct and is_in(request.remote_addr or "", _HERE):
        return ""
    found, at = who.person(), who.door()
    if found is not None and found.may(Need.SEE):
        return ""
    if not at.asks_for_token:
        return _WAYS
    way, _, token = request.headers.get("Authorization", "").partition(" ")
    if way.lower() != "bearer":
        return _TOKEN_WAY
    address = request.remote_addr or ""
    at.people.attempts.begin("", address)
    if not at.people.is_token(token.strip()):
        return _TOKEN_WAY
    at.people.attempts.succeeded("", address)
    return ""


def _figures() -> bytes:
    """Return the figures as they are now."""
    registry = CollectorRegistry(auto_describe=False)
    now = figures(context().settings.state)
    registry.register(_Figures(now, gpu_memory(), watched().wrong()))
    return generate_latest(registry)


class _Figures:
    """What Prometheus is told."""

    def __init__(
        self, now: Figures, gpus: dict[str, tuple[int, int]], wrong: dict[str, int]
    ) -> None:
        self.now, self.gpus, self.wrong = now, gpus, wrong

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
        answers = CounterMetricFamily(
            "deepresolve_http_answers",
            "Answers of a process that refused (4xx) or failed (5xx)",
            labels=["process", "kind"],
        )
        for kind, n in self.wrong.items():
            answers.add_metric([str(os.getpid()), kind], n)
        yield answers


def _said(text: str, status: int = 200) -> Response:
    answer = Response(f"{text}\n", status=status, mimetype="text/plain")
    answer.headers["Cache-Control"] = "no-store"
    return answer
