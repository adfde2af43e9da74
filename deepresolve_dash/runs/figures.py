"""Figures of the queue and of this machine, for whoever watches over a server."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.locks import RUNNER_LOCK, holder
from deepresolve_dash.runs.place import free_bytes

STATES = ("queued", "running", "done", "failed", "cancelled")
_ASK_S = 5


@dataclass(frozen=True)
class Figures:
    """How a state folder stands.

    Attributes
    ----------
    runs : dict of str -> int
        How many of each state.
    computed : int
        Runs that were done here.
    computed_s : float
        Seconds that they took together, from their start to their end.
    longest_wait_s : float
        Seconds since the oldest run that waits was queued, 0 when none waits.
    runner_lives : bool
    free_bytes : int
        Room on the disk.
    """

    runs: dict[str, int]
    computed: int
    computed_s: float
    longest_wait_s: float
    runner_lives: bool
    free_bytes: int


def figures(state: Path) -> Figures:
    """Return the figures of a state folder.

    Raises
    ------
    OSError, sqlite3.Error
        When the folder or its database cannot be read.
    """
    runs: dict[str, int] = dict.fromkeys(STATES, 0)
    computed, seconds, oldest, now = 0, 0.0, None, 0.0
    ledger = Ledger(state / LEDGER)
    if ledger.path.is_file():
        ask, now = ledger.connection().execute, ledger.clock()
        runs |= dict(ask("SELECT state, COUNT(*) FROM runs WHERE deleted IS NULL GROUP BY state"))
        computed, seconds = ask(
            "SELECT COUNT(*), TOTAL(ended - started) FROM runs WHERE state = 'done' AND started > 0"
        ).fetchone()
        oldest = ask("SELECT MIN(queued) FROM runs WHERE state = 'queued'").fetchone()[0]
    return Figures(
        runs=runs,
        computed=computed,
        computed_s=seconds,
        longest_wait_s=0.0 if oldest is None else max(0.0, now - oldest),
        runner_lives=holder(state / RUNNER_LOCK) is not None,
        free_bytes=free_bytes(state),
    )


def gpu_memory() -> dict[str, tuple[int, int]]:
    """Return (used, all) bytes of each GPU by its id; nothing where there is none."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return {}
    asked = "--query-gpu=uuid,memory.used,memory.total"
    command = [tool, asked, "--format=csv,noheader,nounits"]  # in MiB
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=_ASK_S, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return {}
    rows = [line.replace(" ", "").split(",") for line in said.stdout.splitlines()]
    known = [row for row in rows if len(row) == 3 and row[1].isdecimal() and row[2].isdecimal()]
    return {name: (int(used) << 20, int(total) << 20) for name, used, total in known}
