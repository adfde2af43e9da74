"""Kill workers on other machines, their coordinator and their broker, and look for damage.

    python -m bench.kill_elsewhere [--engine slurm|celery] [--kills 10] [--seed 0] [--json]
    python -m bench.kill_elsewhere --nightly      50 kills
    python -m bench.kill_elsewhere --installed    the SLURM of this machine, told DRD_SBATCH

Real processes: a dashboard, its runner with the coordinator, and workers with torch on a small
network that reach it over loopback and share no folder with it. SLURM is stood in for by
`bench.slurm_stand_in`, unless the one that is installed is wanted, with this machine as a node: its
jobs are also pre-empted, and end at a short wall time. Of Celery, there are a redis-server that
keeps nothing on disk and two workers, which are killed as well. Prints what was killed, how the
runs ended, and what was found, as `bench.kill` does. Exit code 1 when anything is wrong.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import torch

from bench import slurm_stand_in
from bench.celery_cluster import Broker, Workers
from bench.damage import differs, left_over, overlaps, processes, tell
from bench.kill import environment, network, wait_until
from bench.web import Web, free_port
from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.runs.locks import RUNNER_LOCK, holder, process_of
from deepresolve_dash.runs.remote.elsewhere import worker_token
from deepresolve_dash.runs.remote.slurm import job_name
from deepresolve_dash.runs.request import make_request
from deepresolve_dash.runs.service import Service
from deepresolve_dash.runs.start import stop_runner
from deepresolve_dash.settings import Settings

LEASE_S = 6.0
WORKERS = 2
_ROLES = {
    "slurm": {"worker": 4, "coordinator": 3, "preempted": 3},
    "celery": {"worker": 3, "coordinator": 3, "broker": 2, "celery": 2},
}
_LONGEST_WAIT_S = 3.0
_CLASSES, _TRIALS = 6, 40  # several parts and units of work
_WALL = "2:00"  # jobs hand back 60 seconds before


def measure(
    state: Path, engine: str, *, kills: int, runs: int, seed: int, installed: bool = False
) -> dict:
    """Kill so often, and until a run was hit, while so many are computed elsewhere."""
    folder = state.parent / "cluster"
    bind = f"127.0.0.1:{free_port()}"
    if engine == "celery":
        cluster = Celery(folder, f"http://{bind}")
    else:
        cluster = InstalledSlurm() if installed else Slurm(folder)
    given = {
        "DRD_ENGINE": engine,
        "DRD_COORDINATOR": bind,
        "DRD_ENGINE_WORKERS": str(WORKERS),
        "DRD_LEASE_S": str(LEASE_S),
        "TMPDIR": str(state.parent),  # where killed workers leave what they had
    }
    os.environ |= environment(state) | given | cluster.environment
    torch.set_num_threads(1)
    chance = random.Random(seed)
    service = Service(Settings())
    with tempfile.TemporaryDirectory() as source:
        save_network(network(n_classes=_CLASSES), source)
        model = service.models.add(Path(source), "small")
    requests = []

    def submit() -> None:
        settings = ascent_settings(n_trials=_TRIALS, seed=len(requests))
        requests.append(make_request(model, settings=settings))
        service.submit(requests[-1])

    for _ in range(runs):
        submit()
    cluster.start(state)
    started, web = time.monotonic(), Web(state, dict(os.environ))

    def at_work() -> bool:
        if not service.ledger.is_busy():
            submit()
        return bool(service.ledger.held())

    def hit() -> bool:
        return any(service.ledger.get(one.id).attempt > 1 for one in requests)

    killed: Counter = Counter()
    try:
        while killed.total() < kills or not hit():
            wait_until(at_work)
            time.sleep(chance.uniform(0, _LONGEST_WAIT_S))
            roles = _ROLES[engine]
            role = chance.choices(list(roles), list(roles.values()))[0]
            killed[role] += _strike(role, state, cluster, chance)
        wait_until(lambda: not service.ledger.is_busy())
    finally:
        cluster.end()
        web.end()
        stop_runner(state)
    wait_until(lambda: not left_over(state))  # jobs that were cancelled hand back first
    entries = [service.ledger.get(one.id) for one in requests]
    return {
        "engine": engine,
        "kills": dict(killed),
        "runs": len(requests),
        "states": dict(Counter(one.state for one in entries)),
        "messages": [one.message for one in entries if one.message],
        "attempts": sum(one.attempt for one in entries),
        "done_after_a_kill": sum(one.state == "done" and one.attempt > 1 for one in entries),
        "workers": 1,  # parts by helpers are chance here
        "parts_by_helpers": 0,
        "seconds": round(time.monotonic() - started, 1),
        "outlived_their_runner": [],
        "overlaps": [text for one in requests for text in overlaps(service.log(one.id))],
        "differing": [one.id for one in requests if differs(service, one)],
        "left_over": left_over(state),
        "database": service.ledger.connection().execute("PRAGMA integrity_check").fetchone()[0],
    }


class Slurm:
    """The stand-ins for its commands."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        tools = slurm_stand_in.install(folder)
        self.environment = {
            "DRD_SBATCH": f"--gres=gpu:1 --partition=gpu --time={_WALL}",
            "PATH": f"{tools}:{os.environ['PATH']}",
        }

    def start(self, state: Path) -> None:
        """Nothing is to be started."""

    def end(self) -> None:
        """Nothing is to be ended: its jobs are cancelled by whoever has submitted them."""

    def strike(self, role: str, chance: random.Random) -> bool:
        """Pre-empt a job; False when none runs."""
        running = [job for job in slurm_stand_in.jobs(self._folder) if job["state"] == "R"]
        if running:
            slurm_stand_in.end(self._folder, chance.choice(running))
        return bool(running)


class InstalledSlurm(Slurm):
    """The SLURM of this machine."""

    def __init__(self) -> None:
        self.environment = {"DRD_SBATCH": os.environ.get("DRD_SBATCH", "")}

    def start(self, state: Path) -> None:
        """Remember what its jobs are called."""
        self._jobs = f"--name={job_name(state)}"

    def strike(self, role: str, chance: random.Random) -> bool:
        """Cancel a job, which it hears as it hears that it is pre-empted; False when none runs."""
        command = ["squeue", "--noheader", "--states=R", "--format=%i", self._jobs]
        running = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        if running:
            subprocess.run(["scancel", chance.choice(running)], check=True)
        return bool(running)


class Celery:
    """A broker, and workers of Celery."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder, self._broker = folder, Broker(folder)
        self.environment = {"DRD_BROKER": self._broker.url, "DRD_COORDINATOR_URL": url}

    def start(self, state: Path) -> None:
        """Start the workers, which show the token of this state folder."""
        known = {"DRD_WORKER_TOKEN": worker_token(state)}
        self._workers = Workers(WORKERS, known, self._folder / "celery.log")

    def end(self) -> None:
        """End all, the workers of the tickets too."""
        self._workers.end()
        self._broker.kill()

    def strike(self, role: str, chance: random.Random) -> bool:
        """Kill the broker or a worker of Celery, and start the next one."""
        if role == "broker":
            self._broker.kill()
            time.sleep(chance.uniform(0, _LONGEST_WAIT_S))
            self._broker.start()
        else:
            self._workers.kill(chance.randrange(WORKERS))
        return True


def _strike(role: str, state: Path, cluster: Slurm | Celery, chance: random.Random) -> bool:
    """Kill or pre-empt one; False when there was none of them just now."""
    if role == "coordinator":
        name = holder(state / RUNNER_LOCK)
        found = [process_of(name)] if name else []
    elif role == "worker":
        found = workers(state)
    else:
        return cluster.strike(role, chance)
    if not found:
        return False
    with suppress(ProcessLookupError):
        os.kill(chance.choice(found), signal.SIGKILL)
        return True
    return False


def workers(state: Path) -> list[int]:
    """Return the processes of workers elsewhere that belong to a state folder."""
    found = processes(state).items()
    return [pid for pid, words in found if "--coordinator" in words and "worker" in words]


def main() -> None:
    """Print what was seen."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--engine", choices=_ROLES, default="slurm")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--nightly", action="store_true")
    parser.add_argument("--installed", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = vars(parser.parse_args())
    as_json, nightly = options.pop("json"), options.pop("nightly")
    with tempfile.TemporaryDirectory() as folder:
        seen = measure(Path(folder) / "state", **options | ({"kills": 50} if nightly else {}))
    sys.exit(tell(seen, as_json=as_json))


if __name__ == "__main__":
    main()
