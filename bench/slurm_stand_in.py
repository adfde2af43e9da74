"""Stand-ins for `sbatch`, `squeue` and `scancel` on one machine, for tests and the bench of kills.

    install(FOLDER)     makes the three commands in FOLDER/bin; put that first in PATH

Jobs wait for a moment, run a script, get the wanted signal before their wall time ends, SIGTERM and
then SIGKILL at its end, when they are cancelled and when they are pre-empted; none is queued again,
as with `--no-requeue`. Times are shorter than a cluster's.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

PENDING_S = 0.3
KILL_WAIT_S = 3.0  # 30 by default on a cluster
_LOOK_S = 0.05
_TOOLS = ("sbatch", "squeue", "scancel")
_UNITS_S = (1, 60, 3600, 86400)


def install(folder: Path) -> Path:
    """Make the commands; return the folder that they are in."""
    (folder / "jobs").mkdir(parents=True)
    (folder / "bin").mkdir()
    for tool in _TOOLS:
        path = folder / "bin" / tool
        path.write_text(
            f'#!/bin/sh\nexec {sys.executable} {Path(__file__).resolve()} {folder} {tool} "$@"\n'
        )
        path.chmod(0o755)
    return folder / "bin"


def jobs(folder: Path) -> list[dict]:
    """Return the jobs that are not over, the first one first."""
    found = []
    for path in sorted((folder / "jobs").glob("*.json")):
        with suppress(FileNotFoundError, ValueError):
            found.append(json.loads(path.read_text()))
    return found


def end(folder: Path, job: dict) -> None:
    """Cancel or pre-empt a job; one that runs gets SIGTERM, then SIGKILL."""
    (folder / "jobs" / f"{job['id']}.end").touch()


def sbatch(folder: Path, words: list[str]) -> int:
    """Take a job on, its script from standard input."""
    told = dict(re.match(r"(-[^=]*)=?(.*)", word).groups() for word in words)  # type: ignore[union-attr]
    if told.get("--partition", "gpu") not in ("gpu", "cpu"):
        sys.stderr.write("sbatch: error: invalid partition specified\n")
        return 1
    number = 1 + max((job["id"] for job in jobs(folder)), default=time.time_ns() % 10**9)
    before = re.fullmatch(r"B:TERM@(\d+)", told.get("--signal", ""))
    job = {
        "id": number,
        "name": told["--job-name"],
        "state": "PD",
        "limit": seconds(told.get("--time", "60")),
        "before": int(before[1]) if before else 0,
        "script": sys.stdin.read(),
    }
    _write(folder, job)
    subprocess.Popen(
        [sys.executable, __file__, str(folder), "run", str(number)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    print(number)
    return 0


def squeue(folder: Path, words: list[str]) -> int:
    """Print the states of the jobs of a name."""
    name = next(word.partition("=")[2] for word in words if word.startswith("--name"))
    for job in jobs(folder):
        if job["name"] == name:
            print(job["state"])
    return 0


def scancel(folder: Path, words: list[str]) -> int:
    """Cancel the jobs of a name."""
    name = next(word.partition("=")[2] for word in words if word.startswith("--name"))
    for job in jobs(folder):
        if job["name"] == name:
            end(folder, job)
    return 0


def run(folder: Path, words: list[str]) -> int:
    """Be the machine of one job."""
    path = folder / "jobs" / f"{words[0]}.json"
    job, ended = json.loads(path.read_text()), path.with_suffix(".end")
    time.sleep(PENDING_S)
    try:
        if not ended.exists():
            batch = subprocess.Popen(["/bin/sh", "-c", job["script"]], start_new_session=True)
            _write(folder, job | {"state": "R", "pid": batch.pid})
            _watch(batch, job, ended)
    finally:
        path.unlink(missing_ok=True)
        ended.unlink(missing_ok=True)
    return 0


def _watch(batch: subprocess.Popen, job: dict, ended: Path) -> None:
    """End a job when its time is over or somebody wants it ended."""
    started, warned = time.monotonic(), False
    while batch.poll() is None:
        age = time.monotonic() - started
        if job["before"] and not warned and age > job["limit"] - job["before"]:
            warned = True
            batch.send_signal(signal.SIGTERM)
        if age > job["limit"] or ended.exists():
            batch.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                batch.wait(KILL_WAIT_S)
            with suppress(ProcessLookupError):
                os.killpg(batch.pid, signal.SIGKILL)
            batch.wait()
        time.sleep(_LOOK_S)


def seconds(text: str) -> float:
    """Return the seconds of a wall time: minutes, MM:SS, HH:MM:SS or D-HH:MM:SS."""
    if text.isdecimal():
        return 60.0 * int(text)
    parts = [int(part) for part in re.split("[:-]", text)]
    return float(sum(n * unit for n, unit in zip(reversed(parts), _UNITS_S, strict=False)))


def _write(folder: Path, job: dict) -> None:
    path = folder / "jobs" / f"{job['id']}.json"
    half = path.with_suffix(".half")
    half.write_text(json.dumps(job))
    os.replace(half, path)


if __name__ == "__main__":
    act = {"sbatch": sbatch, "squeue": squeue, "scancel": scancel, "run": run}[sys.argv[2]]
    sys.exit(act(Path(sys.argv[1]), sys.argv[3:]))
