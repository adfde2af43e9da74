"""What a worker of Celery loads: for each ticket it starts a worker as a process of its own.

    celery -A deepresolve_dash.runs.remote.celery_app worker

Torch is never in Celery's process, so that a crash in compiled code ends the worker of one ticket
and not Celery's. `DRD_BROKER`, `DRD_COORDINATOR_URL` and `DRD_WORKER_TOKEN` come from the
environment, never from a message.
"""

import os
import re
import signal
import subprocess
import sys
import threading

from celery import Celery, signals  # pyright: ignore[reportMissingImports] - an extra
from celery.utils.log import get_task_logger  # pyright: ignore[reportMissingImports]

from deepresolve_dash.errors import SettingsError
from deepresolve_dash.runs import tidy
from deepresolve_dash.runs.remote.celery_engine import QUEUE, TASK, check_broker
from deepresolve_dash.settings import read_settings

TOKEN = "DRD_WORKER_TOKEN"  # noqa: S105 - the name of a variable
_TICKET = re.compile("[0-9a-f]{32}")
_HAND_BACK_S = 30.0
_log = get_task_logger(__name__)


class Place:
    """Where one worker at a time computes."""

    def __init__(self) -> None:
        self._one = threading.Lock()
        self._child: subprocess.Popen | None = None
        self._closed = False

    def compute(self, command: list[str]) -> int | None:
        """Start a worker and wait for its end; None where another one is at work."""
        if self._closed or not self._one.acquire(blocking=False):
            return None
        try:
            # a session of its own: Ctrl-C is Celery's, which lets the worker hand back
            self._child = subprocess.Popen(command, cwd=tidy.CODE, start_new_session=True)  # noqa: S603
            if self._closed:
                self._child.terminate()
            return self._child.wait()
        finally:
            self._child = None
            self._one.release()

    def close(self, **_: object) -> None:
        """Let the worker hand back what it computes, and end; start no other."""
        self._closed = True
        child = self._child
        if child is not None:
            child.send_signal(signal.SIGTERM)
            late = threading.Timer(_HAND_BACK_S, child.kill)
            late.daemon = True
            late.start()


def make_app() -> Celery:
    """Return the app of Celery, as the environment wants it.

    Raises
    ------
    SettingsError
        When something is missing there.
    """
    settings = read_settings()
    check_broker(settings.broker)
    for name, value in (
        ("DRD_COORDINATOR_URL", settings.coordinator_url),
        (TOKEN, os.environ.get(TOKEN, "")),
    ):
        if not value:
            raise SettingsError(
                f"{name} is not set.",
                "A worker of Celery needs DRD_BROKER, DRD_COORDINATOR_URL and DRD_WORKER_TOKEN.",
            )
    made = Celery("deepresolve", broker=settings.broker)
    made.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_acks_late=False,
        task_default_queue=QUEUE,
        worker_pool="threads",  # it only waits for the process that computes
        worker_concurrency=1,
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,  # a ticket is for whoever is free
        worker_enable_remote_control=False,  # strangers at the broker command nothing
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
    )
    return made


def command(url: str, ticket: str) -> list[str]:
    """Return the command of a worker that computes until the queue is empty."""
    return [
        sys.executable, "-m", "deepresolve_dash", "worker", "--coordinator", url,
        "--engine", "celery", "--ticket", ticket, "--until-empty",
        "--parent", str(os.getpid()),
    ]  # fmt: skip


try:
    app = make_app()
except SettingsError as error:
    raise SystemExit(str(error)) from None
place = Place()
signals.worker_shutting_down.connect(place.close)


@app.task(name=TASK)
def work(ticket: str) -> None:
    """Compute runs of the coordinator until its queue is empty."""
    if not isinstance(ticket, str) or not _TICKET.fullmatch(ticket):
        _log.warning("This is no ticket, nothing is done.")
        return
    code = place.compute(command(read_settings().coordinator_url, ticket))
    if code is None:
        _log.warning("A worker computes here already, or this one ends.")
    elif code:
        _log.warning("The worker ended with code %d.", code)
