"""A copy of the state folder that can be made while runs are computed, and its way back."""

import json
import os
import shutil
import sqlite3
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deepresolve_dash import __version__
from deepresolve_dash.errors import DeepResolveError, DiskFull
from deepresolve_dash.runs.formats import LEDGER_STEPS
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.place import check_place, free_bytes, make_private, size_of
from deepresolve_dash.runs.store import RunStore
from deepresolve_dash.runs.tidy import BIN
from deepresolve_dash.runs.whole_file import flush
from deepresolve_dash.runs.work import PARTIAL, WORK, full_disk_said

MANIFEST = "backup.json"
FORMAT = 1
_PASSING = {WORK, PARTIAL, "derived", "uploads", MANIFEST}  # made again, or of no use elsewhere
_KEPT_HIDDEN = {".bin"}  # of stories
_RUNS, _MODELS = "runs", "models"


class BackupRefused(DeepResolveError):
    """A backup cannot be made or taken back like this."""


@dataclass(frozen=True)
class Backup:
    """What a backup holds: runs and models, and when it was made (ISO 8601)."""

    runs: int
    models: int
    made: str


def back_up(state: Path, target: Path) -> Backup:
    """Copy a state folder, whole or not at all, while the dashboard goes on.

    *Choice:* databases first, files after them: a run that the copied queue calls done has been
    published before. What was being computed is queued in the copy, from the beginning; derived
    pictures and half-sent files are left out.

    Raises
    ------
    BackupRefused
        When there is nothing to copy, or the target is not empty or in the state folder.
    DiskFull
    """
    state, target = state.absolute(), target.absolute()
    if not (state / LEDGER).is_file() and not (state / _RUNS).is_dir():
        raise BackupRefused(f"There is nothing in the state folder {state}.", "Set DRD_STATE.")
    if state == target or state in target.parents:
        raise BackupRefused("A backup cannot lie in the state folder.", "Name another folder.")
    _check_empty(target, "A backup")
    make_private(target.parent)
    _check_room(state, target.parent)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as made:
        half = Path(made) / "half"
        half.mkdir(mode=0o700)
        with full_disk_said():
            for database in sorted(state.glob("*.db")):
                _copy_database(database, half / database.name)
            if (half / LEDGER).is_file():
                _let_go(half / LEDGER)
            for path in state.iterdir():
                _copy(path, half / path.name)
            _copy(state / BIN, half / BIN)  # once more: what was moved there meanwhile
            _drop_broken(half)
            told = _describe(half)
            (half / MANIFEST).write_text(json.dumps(told, indent=1) + "\n")
        _put(half, target)
    return Backup(told["runs"], told["models"], told["made"])


def take_back(source: Path, state: Path) -> Backup:
    """Make a state folder out of a backup.

    Raises
    ------
    BackupRefused
        When it is no backup, is of a newer program, or the state folder is in use.
    DiskFull
    SettingsError
        When the state folder is on a network file system.
    """
    source, state = source.absolute(), state.absolute()
    told = _read_manifest(source)
    _check_empty(state, "A backup is taken back", "into an empty state folder; name one with")
    make_private(state.parent)
    check_place(state.parent)
    _check_room(source, state.parent)
    with tempfile.TemporaryDirectory(prefix=f".{state.name}-", dir=state.parent) as made:
        half = Path(made) / "half"
        with full_disk_said():
            shutil.copytree(source, half, symlinks=True)
        half.chmod(0o700)
        (half / MANIFEST).unlink()
        if (half / LEDGER).is_file():
            ledger = Ledger(half / LEDGER)
            ledger.connection()  # brought to our version, or refused
            ledger.close()
        _put(half, state)
    return Backup(told["runs"], told["models"], told["made"])


def _check_empty(folder: Path, what: str, how: str = "") -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        if how:
            raise BackupRefused(f"{folder} is in use. {what} {how} DRD_STATE.")
        raise BackupRefused(f"{folder} is not empty.", f"{what} needs a folder of its own.")


def _check_room(source: Path, place: Path) -> None:
    needed = sum(size_of(path) for path in source.iterdir() if path.name not in _PASSING)
    if free_bytes(place) < needed:
        raise DiskFull(
            f"The copy needs {needed / 2**20:,.0f} MB, and {free_bytes(place) / 2**20:,.0f} MB are "
            f"free on the disk of {place}.",
            "Make room, or name a folder on another disk.",
        )


def _copy_database(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, whoever writes to it meanwhile."""
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=15)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
        new.execute("PRAGMA journal_mode = DELETE")  # one file
    target.chmod(0o600)


def _let_go(ledger: Path) -> None:
    """Queue in a copy what was being computed; its units are not copied."""
    with closing(sqlite3.connect(ledger)) as connection, connection:
        connection.execute(
            "UPDATE runs SET state = CASE WHEN cancel IS NULL THEN 'queued' ELSE 'cancelled' END,"
            " phase = 'waiting', resume = cancel IS NULL, owner = NULL, slot = NULL, lease = NULL,"
            " ended = CASE WHEN cancel IS NULL THEN NULL ELSE cancel END, cancel = NULL,"
            " seconds_left = NULL WHERE state = 'running'"
        )
        connection.execute(
            "UPDATE runs SET done = 0, units = 0, units_at_death = -1, finished_classes = 0"
            " WHERE state != 'done'"
        )
        with suppress(sqlite3.OperationalError):  # of a release without them
            connection.execute("DELETE FROM parts")


def _copy(path: Path, target: Path) -> None:
    """Copy a file or folder of the state unless it is of no use elsewhere."""
    if path.name in _PASSING or path.name.startswith(".") or path.suffix in (".lock", ".db"):
        return
    if path.name.endswith((".db-wal", ".db-shm", ".alive", ".wanted")):
        return
    if path.is_dir():
        _copy_folder(path, target)
    elif path.is_file():
        _copy_file(path, target)


def _copy_folder(folder: Path, target: Path) -> None:
    """Copy a folder; what vanishes meanwhile, or is half-written, is left out."""
    target.mkdir(mode=folder.stat().st_mode & 0o777, exist_ok=True)
    with suppress(FileNotFoundError):
        for path in list(folder.iterdir()):
            if path.is_symlink() or (path.name[0] == "." and path.name not in _KEPT_HIDDEN):
                continue
            if path.is_dir():
                _copy_folder(path, target / path.name)
            else:
                _copy_file(path, target / path.name)


def _copy_file(path: Path, target: Path) -> None:
    try:
        shutil.copy2(path, target)
    except FileNotFoundError:
        target.unlink(missing_ok=True)


def _drop_broken(half: Path) -> None:
    """Remove runs that were moved to the bin while they were copied; they are there as well."""
    for broken in RunStore([half / _RUNS]).look()[1]:
        if (half / BIN / broken.folder.name).is_dir():
            shutil.rmtree(broken.folder)


def _describe(half: Path) -> dict:
    return {
        "format": FORMAT,
        "code_version": __version__,
        "ledger": len(LEDGER_STEPS),
        "made": datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="seconds"),
        "runs": _count(half / _RUNS),
        "models": _count(half / _MODELS),
    }


def _count(folder: Path) -> int:
    return sum(1 for path in folder.glob("[!.]*") if path.is_dir())


def _read_manifest(source: Path) -> dict:
    try:
        told = json.loads((source / MANIFEST).read_text())
        known = {"runs", "models", "made"} <= told.keys() and isinstance(told["format"], int)
    except (OSError, ValueError, AttributeError, KeyError):
        known, told = False, {}
    if not known:
        raise BackupRefused(f"{source} is no backup.", "`backup FOLDER` makes one.")
    if told["format"] > FORMAT:
        raise BackupRefused(
            f"{source} was made by a newer version of this program ({told.get('code_version')}).",
            "Take it back with that version.",
        )
    return told


def _put(half: Path, target: Path) -> None:
    """Put a finished folder in its place, in one step."""
    for path in (*half.rglob("*"), half):
        if not path.is_symlink():
            flush(path)
    if target.is_dir():
        target.rmdir()
    os.replace(half, target)
    flush(target.parent)
