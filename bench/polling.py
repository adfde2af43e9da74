"""How long a poll of the runs takes when many tabs are open, through the real server.

    python -m bench.polling [--tabs 60] [--seconds 20] [--runs 60] [--json]

Every tab asks `/feed` twice a second, as a page does while something runs. Meanwhile one thread
writes the progress of a run five times a second, as a worker does. The baseline in the same run is
one tab alone.
"""

import argparse
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.errors import LostLease
from deepresolve_dash.runs.entry import Claim
from deepresolve_dash.runs.leases import Progress
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.locks import RUNNER_LOCK, FileLock
from deepresolve_dash.runs.request import RunRequest
from deepresolve_dash.runs.spec import RunSpec

ROOT = Path(__file__).parents[1]
HOST = "127.0.0.1"
_EVERY_S = 0.5
_TICK_S = 0.2
_WARM_S = 3.0


class Tab(threading.Thread):
    """One open page: asks for what changed, twice a second, over a connection it keeps."""

    def __init__(self, port: int, until: float) -> None:
        super().__init__(daemon=True)
        self._port, self._until = port, until
        self.took: list[float] = []
        self.errors = 0

    def run(self) -> None:
        """Poll until the time is over."""
        time.sleep(random.uniform(0, _EVERY_S))
        connection, seq = http.client.HTTPConnection(HOST, self._port, timeout=30), 0
        while (started := time.monotonic()) < self._until:
            try:
                connection.request("GET", f"/feed?since={seq}")
                answer = connection.getresponse()
                body = answer.read()
                seq = json.loads(body)["seq"] if body else seq
                self.errors += answer.status >= 400
            except (OSError, ValueError, http.client.HTTPException):
                self.errors += 1
                connection.close()
            took = time.monotonic() - started
            self.took.append(took)
            time.sleep(max(0.0, _EVERY_S - took))
        connection.close()


def fill(ledger: Ledger, n_runs: int) -> Claim:
    """Queue so many runs of three users and take the first one up."""
    for seed in range(n_runs):
        spec = RunSpec("0" * 64, "pool1", tuple(range(31)), "default", ascent_settings(seed=seed))
        request = RunRequest(f"Run {seed}", "0" * 16, spec)
        ledger.submit(request, f"user{seed % 3}")
    claim = ledger.claim("bench:1:x", "cpu")
    assert claim is not None
    return claim


def measure(port: int, tabs: int, seconds: float) -> dict:
    """Poll from so many tabs for so long; return times in milliseconds and errors."""
    until = time.monotonic() + seconds
    threads = [Tab(port, until) for _ in range(tabs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = 1000 * np.array([one for thread in threads for one in thread.took])
    p50, p95, p99 = np.percentile(took, [50, 95, 99])
    return {
        "tabs": tabs,
        "polls": len(took),
        "p50_ms": round(p50, 1),
        "p95_ms": round(p95, 1),
        "p99_ms": round(p99, 1),
        "max_ms": round(took.max(), 1),
        "errors": sum(thread.errors for thread in threads),
    }


def run(state: Path, tabs: int, seconds: float, n_runs: int) -> list[dict]:
    """Start a server on a state folder with a queue and measure it."""
    ledger = Ledger(state / LEDGER)
    claim = fill(ledger, n_runs)
    lock = FileLock(state / RUNNER_LOCK)
    assert lock.take("bench:1:runner")  # the queue must stay as it is
    port = _free_port()
    settings = {"DRD_STATE": str(state), "DRD_PORT": str(port), "DRD_HOST": HOST}
    command = [sys.executable, "-m", "deepresolve_dash", "serve"]
    server = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | settings, stdout=subprocess.DEVNULL
    )
    over = threading.Event()

    def work() -> None:
        done = 0
        while not over.wait(_TICK_S):
            done += 1
            with suppress(LostLease):
                ledger.tick(claim, Progress("ascent", done, 10_000, seconds_left=1.0))

    worker = threading.Thread(target=work, daemon=True)
    try:
        _wait_for(port)
        worker.start()
        measure(port, tabs, _WARM_S)
        return [measure(port, 1, seconds), measure(port, tabs, seconds)]
    finally:
        over.set()
        server.terminate()
        server.wait()
        lock.release()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def _wait_for(port: int) -> None:
    """Wait until the server answers."""
    for _ in range(600):
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.1)
    raise TimeoutError("The server does not answer.")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tabs", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as state:
        rows = run(Path(state), options.tabs, options.seconds, options.runs)
    print("  ".join(f"{name:>8}" for name in rows[0]))
    for row in rows:
        print("  ".join(f"{value:8}" for value in row.values()))
    if options.json:
        print(json.dumps({"baseline": rows[0], "tabs": rows[1]}))


if __name__ == "__main__":
    main()
