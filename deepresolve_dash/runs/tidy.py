"""Housekeeping in a state folder: logs of processes, the bin, what dead processes left behind."""

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.runs.ledger import Ledger
from deepresolve_dash.runs.models import ModelStore
from deepresolve_dash.runs.notes import NoteStore
from deepresolve_dash.runs.place import fill_ballast, make_private
from deepresolve_dash.runs.probe_store import ProbeStore
from deepresolve_dash.runs.work import LOGS, WORK, forget_work, log_path, write_log

CODE = Path(__file__).parents[2]  # where `deepresolve_dash` can be imported from
BIN = "bin"
_KEPT_S = 7 * 86400  # deleted runs can be taken back for so long
_UNFINISHED_S = 30 * 86400  # a run that was stopped can go on for so long
_QUICK_S = 3600  # after which the queue forgets what was asked of a sequence
_HALF_S = 3600  # what is half-written for so long will not be finished
_LOG_BYTES = 2**20


def tidy(state: Path, ledger: Ledger, *, keep_days: int = 0) -> None:
    """Remove what is not needed any more, and make room that can be given up.

    Finished runs go to the bin after `keep_days`, unless they are pinned; 0 is never.
    """
    fill_ballast(state)
    now = time.time()
    if keep_days:
        expire(state, ledger, now - keep_days * 86400)
    ModelStore(state / "models").empty_bin(now - _KEPT_S)
    ProbeStore(state).tidy()
    for probe_id in ledger.forget_quick(now - _QUICK_S):
        log_path(state, probe_id).unlink(missing_ok=True)
    for thrown in (state / BIN).glob("*"):
        if _age(thrown, now) > _KEPT_S:
            shutil.rmtree(thrown, ignore_errors=True)
            if not (state / "runs" / thrown.name).is_dir():
                NoteStore(state).forget(thrown.name)
    for run_id in ledger.deleted_before(now - _KEPT_S):
        forget_work(state, run_id)
        log_path(state, run_id).unlink(missing_ok=True)
    for half in (state / "runs").glob(".*"):
        if _age(half, now) > _HALF_S:
            shutil.rmtree(half, ignore_errors=True)
    for folder in (state / WORK).glob("*"):
        if _is_done(ledger, folder.name) or _age(folder, now) > _UNFINISHED_S:
            forget_work(state, folder.name)


def expire(state: Path, ledger: Ledger, moment: float) -> None:
    """Move the finished runs to the bin that nobody has pinned or asked for since a time."""
    told = " ".join(path.read_text(errors="replace") for path in (state / "stories").glob("*.json"))
    noted = NoteStore(state).runs()
    for run_id in ledger.expired(moment):
        if run_id in told or run_id in noted:  # a story shows it, or somebody has marked it
            continue
        ledger.delete(run_id)
        if (state / "runs" / run_id).is_dir():
            throw_away(state, state / "runs" / run_id, run_id)
        write_log(state, run_id, "expired, and went to the bin")


def _age(path: Path, now: float) -> float:
    """Return the seconds since a file was changed; 0 when somebody has taken it away by now."""
    with suppress(FileNotFoundError):
        return now - path.stat().st_mtime
    return 0


def throw_away(state: Path, folder: Path, run_id: str) -> None:
    """Move the folder of a run to the bin, in place of what is there under its id."""
    thrown = state / BIN / run_id
    make_private(thrown.parent)
    shutil.rmtree(thrown, ignore_errors=True)
    os.replace(folder, thrown)
    os.utime(thrown)


def open_log(state: Path, name: str) -> BinaryIO:
    """Open the log of a process to add to it; a long one starts anew."""
    path = _process_log(state, name)
    make_private(path.parent)
    if path.is_file() and path.stat().st_size > _LOG_BYTES:
        path.unlink()
    return path.open("ab")


def last_line(state: Path, name: str) -> str:
    """Return the last line of a process's log."""
    try:
        lines = _process_log(state, name).read_text(errors="replace").split("\n")
    except OSError:
        lines = []
    return next((line.strip() for line in reversed(lines) if line.strip()), "it left no word")


def _process_log(state: Path, name: str) -> Path:
    return state / LOGS / f"{name}.log"


def _is_done(ledger: Ledger, run_id: str) -> bool:
    try:
        return ledger.get(run_id).state == "done"
    except RunNotFound:
        return False
