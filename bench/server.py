"""A lab's server under many people: errors, waiting times, memory, and how they grow.

    python -m bench.server [--users 20] [--minutes 10] [--warm 0] [--runs 50] [--classes 100]
    python -m bench.server --grow users|runs|classes [--minutes 1] [--json]

Two processes of gunicorn with eight threads each serve a state folder with generated runs. Every
user is a thread of this process with a connection of its own, who browses, switches classes, opens
runs, starts and cancels small ones, with half a second to three and a half between two actions; all
on one machine, so that they take its time too. Times are in milliseconds, from the request to the
last byte of the answer. The baseline in the same run is one user alone.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

import numpy as np

from bench.make_run import Size, make_run
from bench.visitors import HOST, Place, Visitor
from bench.web import ROOT, free_port
from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.demos.provide import provide_demos
from deepresolve_dash.runs.request import RunRequest
from deepresolve_dash.runs.service import Service
from deepresolve_dash.runs.spec import RunSpec
from deepresolve_dash.runs.start import stop_runner
from deepresolve_dash.runs.store import RUN, Run
from deepresolve_dash.runs.strict_json import to_json
from deepresolve_dash.settings import Settings

KINDS = ("view", "page", "poll", "start", "cancel")
GROWTH = {
    "users": (1, 5, 10, 20, 40),
    "runs": (10, 100, 500, 2000),
    "classes": (10, 100, 300, 1000),
}
_CHANNELS, _TRIALS = 64, 10
_N_STARTABLE = 20
_START_S = 120.0
_WARM_S = 10.0
_N_SAMPLES = 10


def fill(state: Path, n_runs: int, n_classes: int) -> list[tuple[str, int]]:
    """Make finished runs: one of the wanted size, and copies of a small one under other ids."""
    folder = state / "runs"
    size = Size(n_classes, _CHANNELS, _TRIALS, width=1)
    big = make_run(folder, size, name="Large", seed=0)
    small = Size(3, 16, 4, width=1)
    first = make_run(folder, small, name="Run 1", seed=1)
    others = [first.id, *(copied(first, f"{n:016x}", f"Run {n}") for n in range(2, n_runs))]
    return [(big.id, n_classes), *((one, small.n_targets) for one in others)]


def copied(run: Run, run_id: str, name: str) -> str:
    """Copy a run folder as if it were another run; return its id."""
    folder = run.folder.parent / run_id
    shutil.copytree(run.folder, folder)
    (folder / RUN).write_text(to_json(run.info | {"id": run_id, "name": name}))
    return run_id


def queue_some(state: Path) -> list[str]:
    """Submit small runs of the demo network and cancel them: what the users start again."""
    service = Service(Settings(state=state))
    provide_demos(service.models, service.inputs)
    model = min(service.models.models(), key=lambda one: one.card["input"]["length"])
    layer = model.card["advised_layer"]
    ids = []
    for seed in range(_N_STARTABLE):
        spec = RunSpec(
            model.card["hash"], layer, (0,), "default", ascent_settings(n_trials=2, seed=seed)
        )
        entry = service.ledger.submit(RunRequest(f"Small {seed}", model.id, spec))
        ids.append(service.ledger.cancel(entry.id).id)
    return ids


@contextmanager
def served(state: Path) -> Iterator[tuple[int, int]]:
    """Serve a state folder; give the port and the id of gunicorn's first process."""
    port = free_port()
    environment = os.environ | Settings(state=state).environment()
    size = ["--workers", "2", "--threads", "8", "--keep-alive", "15"]
    command = [sys.executable, "-m", "gunicorn", "--log-level", "error", *size]
    server = subprocess.Popen(
        [*command, "--bind", f"{HOST}:{port}", "app:server"], cwd=ROOT, env=environment
    )
    try:
        deadline = time.monotonic() + _START_S
        begun = time.perf_counter()
        while time.monotonic() < deadline:
            with suppress(OSError), urlopen(f"http://{HOST}:{port}/healthz", timeout=5):
                break
            time.sleep(0.05)
        print(f"answers {time.perf_counter() - begun:.1f} s after its start", flush=True)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait()
        stop_runner(state)


def resident_mb(parent: int) -> float:
    """Return the memory that the processes of the web hold, in MB, shared pages counted once."""
    pids = [parent, *children(parent)]
    total = 0
    for pid in pids:
        with suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def count(parent: int, what: str) -> int:
    """Return how many open files (`fd`) or threads (`task`) the processes of the web have."""
    total = 0
    for pid in (parent, *children(parent)):
        with suppress(OSError):
            total += len(os.listdir(f"/proc/{pid}/{what}"))
    return total


def state_of(parent: int) -> dict[str, int]:
    """Return memory (MB), open files and threads of the web."""
    files, threads = count(parent, "fd"), count(parent, "task")
    return {"mb": round(resident_mb(parent)), "files": files, "threads": threads}


def children(parent: int) -> list[int]:
    """Return the processes that a process has started."""
    found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(pid) for pid in found]


def measure(place: Place, parent: int, n_users: int, seconds: float) -> dict:
    """Let so many users loose for so long."""
    until = time.monotonic() + seconds
    before = state_of(parent)
    users = [Visitor(place, number, until) for number in range(n_users)]
    for user in users:
        user.start()
    memory = [round(mb) for mb in sampled(parent, users, seconds)]
    wrong = [one for user in users for one in user.wrong]
    told: dict = {"users": n_users, "errors": len(wrong), "first_errors": wrong[:5]}
    for kind in KINDS:
        took = 1000 * np.array([one for user in users for one in user.took[kind]])
        if len(took):
            p50, p95, p99 = np.percentile(took, [50, 95, 99]).round(1).tolist()
            told[kind] = {"n": len(took), "p50": p50, "p95": p95, "p99": p99}
    return told | {"before": before, "after": state_of(parent), "mb": memory}


def sampled(parent: int, users: list[Visitor], seconds: float) -> Iterator[float]:
    """Give the memory of the web (MB) after each tenth of the time, until all users are gone."""
    for user in users:
        while user.is_alive():
            user.join(seconds / _N_SAMPLES)
            yield resident_mb(parent)


def one(
    n_users: list[int], n_runs: int, n_classes: int, seconds: float, warm: float = 0.0
) -> list[dict]:
    """Measure a server with these runs under each number of users, after seconds of the most."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder).absolute()
        runs, startable = fill(state, n_runs, n_classes), queue_some(state)
        with served(state) as (port, parent):
            place = Place(port, runs, startable)
            measure(place, parent, 4, _WARM_S)
            if warm:
                measure(place, parent, max(n_users), warm)
            rows = [measure(place, parent, n, seconds) for n in n_users]
    return [{"runs": n_runs, "classes": n_classes} | row for row in rows]


def show(row: dict) -> None:
    """Print one measurement."""
    size = f"{row['users']} users, {row['runs']} runs, the largest of {row['classes']} classes"
    print(f"{size}: {row['errors']} errors")
    print(f"  before {row['before']}  after {row['after']}")
    print(f"  MB by tenths of the time: {row['mb'][:_N_SAMPLES]}")
    for kind in KINDS:
        if kind in row:
            n, p50, p95, p99 = row[kind].values()
            print(f"  {kind:7} {n:7,} times  p50 {p50:8.1f}  p95 {p95:8.1f}  p99 {p99:8.1f} ms")
    for error in row["first_errors"]:
        print(f"  {error}")
    sys.stdout.flush()


def main() -> int:
    """Measure and print; exit code 1 when anything went wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--classes", type=int, default=100)
    parser.add_argument("--warm", type=float, default=0, help="minutes of the same people before")
    parser.add_argument("--grow", choices=GROWTH)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    seconds = 60 * given.minutes
    if given.grow == "users":
        rows = one(list(GROWTH["users"]), given.runs, given.classes, seconds)
    elif given.grow == "runs":
        rows = [one([given.users], n, given.classes, seconds)[0] for n in GROWTH["runs"]]
    elif given.grow == "classes":
        rows = [one([given.users], given.runs, n, seconds)[0] for n in GROWTH["classes"]]
    else:
        rows = one([1], given.runs, given.classes, min(seconds, 60))
        rows += one([given.users], given.runs, given.classes, seconds, 60 * given.warm)
    for row in rows:
        show(row)
    if given.json:
        print(json.dumps(rows))
    return int(any(row["errors"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
