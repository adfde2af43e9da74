"""Format versions of what lies on disk, and the steps that lead from an older one to ours.

Every file says its version; those of the first release of a format are 1. A file of a newer version
than ours is refused: what we do not know of it could be lost.
"""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from deepresolve_dash.errors import RunNotFound, SettingsError

_FIRST_LEDGER = """
CREATE TABLE IF NOT EXISTS runs (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, model TEXT NOT NULL, request TEXT NOT NULL,
  state TEXT NOT NULL, created REAL NOT NULL, queued REAL NOT NULL, started REAL, ended REAL,
  attempt INTEGER NOT NULL DEFAULT 0, resume INTEGER NOT NULL DEFAULT 0,
  owner TEXT, slot TEXT, lease REAL, moved REAL, cancel REAL,
  deaths INTEGER NOT NULL DEFAULT 0, units INTEGER NOT NULL DEFAULT 0,
  units_at_death INTEGER NOT NULL DEFAULT -1,
  done INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL DEFAULT 0,
  phase TEXT NOT NULL DEFAULT 'waiting', seconds_left REAL,
  finished_classes INTEGER NOT NULL DEFAULT 0, n_classes INTEGER NOT NULL,
  message TEXT NOT NULL DEFAULT '', deleted REAL, seq INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS runs_by_seq ON runs (seq);
CREATE INDEX IF NOT EXISTS runs_by_state ON runs (state);
CREATE TABLE IF NOT EXISTS subs (
  run_id TEXT NOT NULL, user TEXT NOT NULL, since REAL NOT NULL, PRIMARY KEY (run_id, user)
) STRICT;
CREATE TABLE IF NOT EXISTS users (user TEXT PRIMARY KEY, served INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS numbers (name TEXT PRIMARY KEY, value REAL NOT NULL) STRICT;
INSERT OR IGNORE INTO numbers VALUES ('seq', 0), ('queue', 0)
"""
_PRIORITY = "ALTER TABLE runs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0"
_PARTS = """
CREATE TABLE IF NOT EXISTS parts (
  run_id TEXT NOT NULL, part INTEGER NOT NULL, first INTEGER NOT NULL, n INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting', attempt INTEGER NOT NULL DEFAULT 0,
  owner TEXT, slot TEXT, lease REAL, moved REAL, done INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (run_id, part)
) STRICT
"""
_KEPT = """
ALTER TABLE runs ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN kept REAL NOT NULL DEFAULT 0
"""
_MACHINES = """
CREATE TABLE IF NOT EXISTS machines (
  owner TEXT PRIMARY KEY, host TEXT NOT NULL, device TEXT NOT NULL, slot TEXT NOT NULL,
  engine TEXT NOT NULL, since REAL NOT NULL, seen REAL NOT NULL,
  draining INTEGER NOT NULL DEFAULT 0
) STRICT
"""
LEDGER_STEPS = (_FIRST_LEDGER, _PRIORITY, _PARTS, _KEPT, _MACHINES)
"""Statements that lead the database of runs from version n to n + 1; 0 is an empty file."""


def upgrade_ledger(connection: sqlite3.Connection, path: Path) -> None:
    """Bring a database of runs to our version, in one transaction.

    *Choice:* a column that is there already is no mistake: the first release, started once on a
    newer database, leaves its tables and takes its version back to 1.

    Raises
    ------
    SettingsError
        When it was written by a newer program.
    """
    if _ledger_version(connection) == len(LEDGER_STEPS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _ledger_version(connection)  # another process may have been quicker
        if version > len(LEDGER_STEPS):
            raise SettingsError(
                f"The queue in {path} was written by a newer version of this program (format "
                f"{version}; this one knows formats up to {len(LEDGER_STEPS)}).",
                "Start the newer version, or name another folder with DRD_STATE.",
            )
        for step in LEDGER_STEPS[version:]:
            for statement in step.split(";"):
                _execute(connection, statement)
        connection.execute(f"PRAGMA user_version = {len(LEDGER_STEPS)}")
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _ledger_version(connection: sqlite3.Connection) -> int:
    return connection.execute("PRAGMA user_version").fetchone()[0]


def _execute(connection: sqlite3.Connection, statement: str) -> None:
    try:
        connection.execute(statement)
    except sqlite3.OperationalError as error:
        if "duplicate column" not in str(error):
            raise


def _name_format(info: dict) -> dict:
    """Lead from 1, which names no format and may lack where positions of a map lie, to 2."""
    unknown = {"step_bp": None, "offset_bp": None}
    return info | {"network": unknown | info.get("network", {})}


RUN_STEPS: tuple[Callable[[dict], dict], ...] = (_name_format,)
"""Functions that lead the contents of a `run.json` from version n + 1 to n + 2."""
RUN_FORMAT = 1 + len(RUN_STEPS)


def upgrade_run(info: dict, folder: Path) -> dict:
    """Return the contents of a `run.json` in our version; the file is left as it is.

    Raises
    ------
    RunNotFound
        When it was written by a newer program.
    ValueError
        When its version is none.
    """
    version = info.get("format", 1)
    if not isinstance(version, int) or version < 1:
        raise ValueError(f"its format {version!r} is none")
    if version > RUN_FORMAT:
        raise RunNotFound(
            f"{folder} was written by a newer version of this program (format {version}; this one "
            f"knows formats up to {RUN_FORMAT}).",
            "Open it with the newer version.",
        )
    for step in RUN_STEPS[version - 1 :]:
        info = step(info)
    return {"format": RUN_FORMAT} | info | {"format": RUN_FORMAT}
