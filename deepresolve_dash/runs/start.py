"""Start and end the runner of a state folder from another process."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from deepresolve_dash.runs import tidy
from deepresolve_dash.runs.locks import RUNNER_LOCK, SERVER_LOCK, holder, process_of
from deepresolve_dash.settings import Settings

WEB_ALIVE = "web.alive"  # its time says when a page last asked
WANTED = "worker.wanted"  # its time says when somebody was about to ask for something
_ROUND_S = 0.1
_STOP_S = 10.0
_started: list[subprocess.Popen] = []  # by this process, so that those that end are buried


def ensure_runner(settings: Settings) -> None:
    """Start a runner if none lives; it outlives this process."""
    state = settings.state.absolute()
    if holder(state / RUNNER_LOCK) is not None:
        return
    command = [sys.executable, "-m", "deepresolve_dash.runs.runner"]
    with tidy.open_log(state, "runner") as log:
        started = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=tidy.CODE,
            env=os.environ | settings.environment(),
            start_new_session=True,
        )
    _started[:] = [one for one in _started if one.poll() is None] + [started]


def stop_runner(state: Path) -> bool:
    """End the runner of a state folder and its workers; False when none lives."""
    return _stop(state / RUNNER_LOCK)


def stop_server(state: Path) -> bool:
    """End the dashboard of a state folder; False when none lives."""
    return _stop(state / SERVER_LOCK)


def _stop(lock: Path) -> bool:
    """End the holder of a lock, and wait until it has let go; False when nobody has it."""
    found = holder(lock)
    if found is None:
        return False
    with suppress(ProcessLookupError):
        os.kill(process_of(found), signal.SIGTERM)
    deadline = time.monotonic() + _STOP_S
    while holder(lock) == found and time.monotonic() < deadline:
        time.sleep(_ROUND_S)
    return True
