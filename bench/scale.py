"""The coordinator under many workers on other machines, stood in for over loopback.

    python -m bench.scale [--workers 10 100 1000] [--minutes 1] [--queue 2000] [--json]

A process with the real ledger and coordinator; in this one, every worker is a task with a
connection of its own, which takes a run up, ticks once a second, sends a unit of work every ten
seconds, and at the end its results, as `runs.remote.worker` does, but computes nothing. Runs take
half a minute to a minute and a half. Prints, for each number of workers and of runs that wait, the
milliseconds until an answer, and what share of a core the coordinator takes. Exit code 1 when a run
was taken up twice or an answer was an error.
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from urllib.parse import urlencode

import numpy as np

from bench.web import ROOT, free_port
from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.runs.leases import Progress
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.remote.coordinator import Coordinator
from deepresolve_dash.runs.remote.wire import (
    PROTOCOL,
    claim_from_dict,
    claim_named,
    progress_to_dict,
)
from deepresolve_dash.runs.request import RunRequest
from deepresolve_dash.runs.spec import RunSpec
from deepresolve_dash.runs.taking import take

HOST, TOKEN = "127.0.0.1", "scale"  # noqa: S105
SHORTEST_S, LONGEST_S = 30.0, 90.0
TICK_S, UNIT_S = 1.0, 10.0
UNIT_BYTES, RESULT_BYTES = 200_000, 2_000_000  # of 919 classes x 10 trials x 480 channels: 35 MB
_CLASSES, _TRIALS = 100, 10
_USERS = 20


def coordinate(state: Path, port: int) -> None:
    """Be the coordinator, until ended."""
    ledger = Ledger(state / LEDGER)
    ledger.lease_s = 30.0
    Coordinator(state, ledger, bind=f"{HOST}:{port}", token=TOKEN).start()
    while True:
        time.sleep(60)


def fill(ledger: Ledger, n: int) -> None:
    """Queue so many runs of some users."""
    with ledger.write() as connection:
        for seed in range(n):
            settings = ascent_settings(n_trials=_TRIALS, seed=seed)
            spec = RunSpec("net", "conv", tuple(range(_CLASSES)), "default", settings)
            request, user = RunRequest(f"run {seed}", "model", spec), f"user {seed % _USERS}"
            take(connection, request, user, results=None, now=ledger.clock())


class Worker:
    """One stand-in."""

    def __init__(self, port: int, number: int, took: dict[str, list[float]], seen: Counter) -> None:
        self._port, self._took, self._seen = port, took, seen
        self._who = {
            "owner": f"node{number}:1:{number:x}", "host": f"node{number}", "device": "GPU",
            "slot": f"gpu-0@node{number}", "engine": "", "protocol": PROTOCOL,
        }  # fmt: skip
        self._chance = random.Random(number)

    async def work(self, until: float) -> None:
        """Take runs up until the time is over."""
        await asyncio.sleep(self._chance.uniform(0, TICK_S))
        self._reader, self._writer = await asyncio.open_connection(HOST, self._port)
        while time.monotonic() < until:
            told = await self._ask("claim", "/claim", self._who)
            if told and told.get("claim"):
                self._seen["claims"] += 1
                await self._compute(told["claim"], until)
            else:
                await asyncio.sleep(2 * TICK_S)
        self._writer.close()

    async def _compute(self, claim: dict, until: float) -> None:
        spec = RunRequest.from_dict(claim["request"])
        total, seconds = spec.total, self._chance.uniform(SHORTEST_S, LONGEST_S)
        began = sent = time.monotonic()
        units = 0
        while (now := time.monotonic()) - began < seconds:
            if now > until:
                return
            if now - sent > UNIT_S:
                sent, units = now, units + 1
                await self._send("unit", claim, f"work/{spec.id}/cuda-1/u{units}.npz", UNIT_BYTES)
            done = int(total * (now - began) / seconds)
            progress = progress_to_dict(Progress("ascent", done, total, units))
            await self._call("tick", claim, progress, True)
            await asyncio.sleep(TICK_S)
        for name, size in (("ensemble.nc", RESULT_BYTES), ("summary.nc", RESULT_BYTES // 4)):
            await self._send("results", claim, f"runs/{spec.id}/{name}", size)
        told = json.dumps({"id": spec.id, "spec": {}}).encode()
        await self._put("results", claim, f"runs/{spec.id}/run.json", told)
        await self._call("publish", claim)
        await self._call("finish", claim, "done", "")
        self._seen["done"] += 1
        self._seen["rows"] += _CLASSES * _TRIALS

    async def _call(self, name: str, claim: dict, *values: object) -> None:
        question = {"protocol": PROTOCOL, "claim": claim, "values": values}
        await self._ask(name, f"/call/{name}", question)

    async def _ask(self, kind: str, path: str, question: dict) -> dict:
        return await self._request(kind, "POST", path, json.dumps(question).encode())

    async def _send(self, kind: str, claim: dict, path: str, size: int) -> None:
        await self._put(kind, claim, path, bytes(size))

    async def _put(self, kind: str, claim: dict, path: str, body: bytes) -> None:
        query = urlencode(claim_named(claim_from_dict(claim)) | {"path": path})
        await self._request(kind, "PUT", f"/file?{query}", body)

    async def _request(self, kind: str, method: str, path: str, body: bytes) -> dict:
        """Ask and note how long it took; an error is counted under its words."""
        begun = time.perf_counter()
        head = f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {TOKEN}\r\n"
        self._writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await self._writer.drain()
        lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        length = next(
            int(v) for k, _, v in (x.partition(": ") for x in lines) if k == "Content-Length"
        )
        told = json.loads(await self._reader.readexactly(length))
        self._took[kind].append(1000 * (time.perf_counter() - begun))
        if " 200 " not in lines[0]:
            self._seen[f"error: {told.get('message')}"] += 1
            self._writer.close()
            self._reader, self._writer = await asyncio.open_connection(HOST, self._port)
        return told


def measure(n_workers: int, seconds: float, n_queued: int) -> dict:
    """Let so many workers loose on a queue of so many runs."""
    with tempfile.TemporaryDirectory() as folder:
        state, port = Path(folder), free_port()
        ledger = Ledger(state / LEDGER)
        fill(ledger, n_queued)
        command = [sys.executable, "-m", "bench.scale", "--coordinate", folder, str(port)]
        server = subprocess.Popen(command, cwd=ROOT)
        try:
            _wait(port)
            before = _cpu_s(server.pid)
            took: dict[str, list[float]] = defaultdict(list)
            seen: Counter = Counter()
            begun = time.monotonic()

            async def all_of_them() -> None:
                workers = [Worker(port, number, took, seen) for number in range(n_workers)]
                await asyncio.gather(*(one.work(begun + seconds) for one in workers))

            asyncio.run(all_of_them())
            spent = time.monotonic() - begun
            cpu = (_cpu_s(server.pid) - before) / spent
        finally:
            server.kill()
            server.wait()
        query = "SELECT count(*) FROM runs WHERE attempt > 1"
        twice = ledger.connection().execute(query).fetchone()[0]
        ledger.close()
    answers = sum(len(one) for one in took.values())
    return {
        "workers": n_workers,
        "queued": n_queued,
        "answers_per_s": round(answers / spent, 1),
        "cores": round(cpu, 3),
        "rows_per_hour": round(seen["rows"] / spent * 3600),
        "runs_done": seen["done"],
        "taken_twice": twice,
        "errors": {k: n for k, n in seen.items() if k.startswith("error")},
        **{
            kind: dict(
                zip(
                    ("n", "p50", "p95"),
                    (len(ms), *np.percentile(ms, [50, 95]).round(1).tolist()),
                    strict=True,
                )
            )
            for kind, ms in sorted(took.items())
        },
    }


def _wait(port: int) -> None:
    """Wait until the coordinator answers."""
    import socket

    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("The coordinator does not answer.")


def _cpu_s(pid: int) -> float:
    """Return the seconds of a core that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    """Measure and print."""
    if sys.argv[1:2] == ["--coordinate"]:
        coordinate(Path(sys.argv[2]), int(sys.argv[3]))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--workers", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--queue", type=int, nargs="+", default=[2000])
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rows = [measure(n, 60 * given.minutes, queued) for n in given.workers for queued in given.queue]
    for row in rows:
        print({key: value for key, value in row.items() if not isinstance(value, dict)})
        for kind in ("claim", "tick", "unit", "results", "publish", "finish", "errors"):
            if row.get(kind):
                print(f"  {kind:8} {row[kind]}")
    if given.json:
        print(json.dumps(rows))
    return int(any(row["errors"] or row["taken_twice"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
