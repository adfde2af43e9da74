"""Kill web, runner and workers at random while they compute runs, and look for damage.

    python -m bench.kill [--kills 20] [--runs 6] [--users 1] [--workers 1] [--seed 0] [--json]
    python -m bench.kill --nightly      100 kills, two users, two workers that share runs

Real processes with torch on a small network; kill -9 at random moments. With several users, every
other run is joined by a second one, and left by the first; with several workers, each run is shared
among them. Prints what was killed, how
the runs ended, how many seconds passed until a run went on, and what was found: units of work that
were computed twice, attempts that overlap, results that differ from uninterrupted ones, processes
that were left over. Exit code 1 when anything is wrong.
"""

import argparse
import os
import random
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import torch

from bench.damage import MARK, differs, left_over, overlaps, tell
from bench.web import Web
from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.networks.build import sequential_network
from deepresolve_dash.networks.graph import Network
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.runs.locks import RUNNER_LOCK, holder, process_of, slot_lock
from deepresolve_dash.runs.request import RunRequest, make_request
from deepresolve_dash.runs.service import Service
from deepresolve_dash.runs.start import stop_runner
from deepresolve_dash.settings import Settings

ROLES = {"worker": 10, "runner": 6, "web": 4}  # how often each is chosen
AT_WORK = 0.8  # share of kills that wait until a run is computed
LONGEST_WAIT_S = 3.5
TRIALS = 60  # several units of work per run
_SHARED_CLASSES = 12  # three parts for two workers
_PATIENCE_S = 300.0
_HELPED = re.compile(r"^\S+ \S+ part \d+ attempt \d+: ends, done$", re.MULTILINE)
_NIGHTLY = {"kills": 100, "users": 2, "workers": 2}


def environment(state: Path, workers: int = 1) -> dict[str, str]:
    """Return the environment of all processes: one thread each, so that sums have one order."""
    given = {"DRD_STATE": str(state), "DRD_GPUS": "none", "OMP_NUM_THREADS": "1"}
    return os.environ | given | {"DRD_CPU_WORKERS": str(workers)}


def network(seed: int = 0, n_classes: int = 2) -> Network:
    """Conv 7 x 5, pool 3, dense 11, some classes, random weights."""
    draw = np.random.default_rng(seed).normal
    return sequential_network(
        [
            ("conv1", "conv", {"kernel": draw(size=(7, 4, 5)), "bias": draw(size=7)}),
            ("conv1", "relu", {}),
            ("pool1", "max_pool", {"size": 3}),
            ("flatten", "flatten", {}),
            ("dense1", "linear", {"kernel": draw(size=(11, 42)), "bias": draw(size=11)}),
            ("dense1", "relu", {}),
            (
                "output",
                "linear",
                {"kernel": draw(size=(n_classes, 11)), "bias": draw(size=n_classes)},
            ),
            ("output", "sigmoid", {}),
        ],
        input_length=23,
    )


def measure(
    state: Path, *, kills: int, runs: int, seed: int, users: int = 1, workers: int = 1
) -> dict:
    """Kill so often while so many runs are computed; return what was seen."""
    os.environ |= environment(state, workers)
    torch.set_num_threads(1)
    chance = random.Random(seed)
    service = Service(Settings(state=state, gpus="none", cpu_workers=workers))
    with tempfile.TemporaryDirectory() as folder:
        save_network(network(n_classes=2 if workers == 1 else _SHARED_CLASSES), folder)
        model = service.models.add(Path(folder), "small")
    requests: list[RunRequest] = []

    def submit() -> None:
        settings = ascent_settings(n_trials=TRIALS, seed=len(requests))
        requests.append(make_request(model, settings=settings))
        names = [f"user {(len(requests) + i) % users}" for i in range(users)]
        service.submit(requests[-1], names[0])
        if users > 1 and len(requests) % 4 in (1, 2):  # joined by another, and then left
            service.submit(requests[-1], names[1])
            service.cancel(requests[-1].id, names[0])

    for _ in range(runs if workers == 1 else 1):  # while others wait, nobody helps
        submit()
    started, web = time.monotonic(), Web(state, environment(state, workers))

    def at_work() -> bool:
        if not service.ledger.is_busy():
            submit()
        return len(service.ledger.held()) >= workers

    killed, moments, slow = Counter(), [], []
    try:
        for role in _roles(chance, kills):
            if chance.random() < AT_WORK:
                wait_until(at_work)
            time.sleep(chance.uniform(0, LONGEST_WAIT_S))
            moments += [time.time()] if role != "web" and at_work() else []
            killed[role] += 1
            if role == "web":
                web.kill()
            else:
                slow += _kill(state, role, chance)
        wait_until(lambda: not service.ledger.is_busy())
    finally:
        web.end()
        stop_runner(state)
    states = Counter(service.ledger.get(one.id).state for one in requests)
    return {
        "kills": dict(killed),
        "runs": len(requests),
        "states": dict(states),
        "messages": [m for one in requests if (m := service.ledger.get(one.id).message)],
        "done_after_a_kill": sum(
            one.state == "done" and one.attempt > 1
            for one in (service.ledger.get(request.id) for request in requests)
        ),
        "answers": web.answers,
        "attempts": sum(service.ledger.get(one.id).attempt for one in requests),
        "workers": workers,
        "parts_by_helpers": sum(len(_HELPED.findall(service.log(one.id))) for one in requests),
        "users": dict(Counter(u for one in requests for u in service.ledger.get(one.id).users)),
        "seconds": round(time.monotonic() - started, 1),
        **_seconds_until_resumed(state, requests, moments),
        "kills_at_work": len(moments),
        "outlived_their_runner": slow,
        "overlaps": [text for one in requests for text in overlaps(service.log(one.id))],
        "differing": [one.id for one in requests if differs(service, one)],
        "left_over": left_over(state),
        "database": service.ledger.connection().execute("PRAGMA integrity_check").fetchone()[0],
    }


def _roles(chance: random.Random, kills: int) -> Iterator[str]:
    """Yield whom to kill, in random order and in the proportions of `ROLES`."""
    names = [name for name, n in ROLES.items() for _ in range(n)]
    while kills > 0:
        chance.shuffle(names)
        yield from names[:kills]
        kills -= len(names)


def _kill(state: Path, role: str, chance: random.Random) -> list[str]:
    """Kill the runner or a worker that lives now; name workers that outlive their runner."""
    _wait_for(slot_lock(state, "cpu"))
    locks = sorted(state.glob("slot-cpu*.lock"))
    workers = {path: name for path in locks if (name := holder(path))}
    path = state / RUNNER_LOCK if role == "runner" else chance.choice(list(workers) or locks)
    os.kill(process_of(_wait_for(path)), signal.SIGKILL)
    deadline = time.monotonic() + 2
    while role == "runner":
        living = [name for path, name in workers.items() if holder(path) == name]
        if not living or time.monotonic() > deadline:
            return living
        time.sleep(0.02)
    return []


def _wait_for(path: Path) -> str:
    """Return the holder of a lock as soon as there is one."""
    wait_until(lambda: bool(holder(path)))
    return holder(path) or _wait_for(path)


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until something is so.

    Raises
    ------
    TimeoutError
        When it takes too long.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("What was waited for did not come.")
        time.sleep(0.02)


def _seconds_until_resumed(state: Path, requests: list[RunRequest], killed: list[float]) -> dict:
    """Return how long it took from a kill at work to the next beginning of an attempt."""
    begun = []
    for request in requests:
        for line in (state / "logs" / f"{request.id}.txt").read_text().splitlines():
            mark = MARK.match(line)
            if mark and mark[4] == "begins":
                begun.append(datetime.strptime(mark[1], "%Y-%m-%d %H:%M:%S.%f").timestamp())
    gaps = [min((at - kill for at in begun if at > kill), default=np.nan) for kill in killed]
    gaps = [gap for gap in gaps if np.isfinite(gap)]
    return {
        "resumed_after_s_median": round(float(np.median(gaps)), 2),
        "resumed_after_s_max": round(max(gaps), 2),
    }


def main() -> None:
    """Print what was seen."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--runs", type=int, default=6)
    parser.add_argument("--users", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--nightly", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = vars(parser.parse_args())
    as_json, nightly = options.pop("json"), options.pop("nightly")
    with tempfile.TemporaryDirectory() as state:
        seen = measure(Path(state), **options | (_NIGHTLY if nightly else {}))
    sys.exit(tell(seen, as_json=as_json))


if __name__ == "__main__":
    main()
