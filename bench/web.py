"""A real dashboard with a page that asks, for the bench that kills it."""

import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

from deepresolve_dash.runs.locks import SERVER_LOCK, holder
from deepresolve_dash.runs.start import stop_server

ROOT = Path(__file__).parents[1]
_ASKS_S = 0.5  # as a page does while something runs
_LET_GO_S = 30.0


class Web:
    """The dashboard behind gunicorn and a page, started again when it was killed."""

    def __init__(self, state: Path, environment: dict[str, str]) -> None:
        self._state, self._environment, self._port = state, environment, free_port()
        self.answers = 0
        self._over = threading.Event()
        self._process = self._start()
        self._page = threading.Thread(target=self._ask, daemon=True)
        self._page.start()

    def kill(self) -> None:
        """Kill it and, as soon as its forks have followed, start the next one."""
        self._process.kill()
        self._process.wait()
        deadline = time.monotonic() + _LET_GO_S
        while holder(self._state / SERVER_LOCK) is not None and time.monotonic() < deadline:
            time.sleep(0.02)
        self._process = self._start()

    def end(self) -> None:
        """End the page and the dashboard."""
        self._over.set()
        self._page.join()
        stop_server(self._state)
        self._process.terminate()  # had it not taken its lock yet
        self._process.wait()

    def _start(self) -> subprocess.Popen:
        command = [sys.executable, "-m", "deepresolve_dash", "serve", "--port", str(self._port)]
        return subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=subprocess.DEVNULL)

    def _ask(self) -> None:
        """Ask for the queue; nobody answers while the dashboard starts."""
        while not self._over.wait(_ASKS_S):
            with suppress(OSError), urlopen(f"http://127.0.0.1:{self._port}/feed", timeout=5):
                self.answers += 1


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
