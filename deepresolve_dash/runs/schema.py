"""The database file of runs: its tables, its connections, its transactions."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deepresolve_dash.errors import DiskFull, SettingsError
from deepresolve_dash.runs.formats import upgrade_ledger
from deepresolve_dash.runs.place import check_place, drop_ballast, free_bytes, make_private

_NEEDED = (3, 37)  # the first with STRICT; RETURNING is older
_BUSY_S = 15
_NO_ROOM = 2**20  # bytes


class Database:
    """One SQLite file, a connection per thread, every change in one immediate transaction."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        """Use the file at `path`; it is made at the first use. `clock` gives epoch seconds."""
        self.path = Path(path)
        self.clock = clock
        self._local = threading.local()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Give a connection inside a transaction that no other writer shares.

        Raises
        ------
        DiskFull
            When there is no room; nothing has changed then.
        """
        connection = self.connection()
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except BaseException as error:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError) and _is_full(error, self.path.parent):
                raise DiskFull(
                    "The disk is full.", "Make room on the disk of the state folder."
                ) from error
            raise

    def number(self, name: str) -> int:
        """Return a number that is kept beside the runs, 0 when it never was."""
        query = "SELECT value FROM numbers WHERE name = ?"
        row = self.connection().execute(query, (name,)).fetchone()
        return int(row["value"]) if row else 0

    def insist(self, change: Callable[[], None]) -> None:
        """Make a change that must not be lost; on a full disk, give up the ballast for it."""
        try:
            change()
        except DiskFull:
            drop_ballast(self.path.parent)
            change()

    def connection(self) -> sqlite3.Connection:
        """Return the connection of this thread and process to the file that is there now."""
        known = getattr(self._local, "connection", None)
        if known is None or self._local.of != (os.getpid(), _identity(self.path)):
            known = self._connect()
            self._local.connection = known
            self._local.of = (os.getpid(), _identity(self.path))
        return known

    def close(self) -> None:
        """Close the connection of this thread."""
        known = getattr(self._local, "connection", None)
        if known is not None:
            known.close()
            self._local.connection = None

    def _connect(self) -> sqlite3.Connection:
        if sqlite3.sqlite_version_info < _NEEDED:
            raise SettingsError(
                f"SQLite {sqlite3.sqlite_version} is too old.",
                "Use a Python that brings SQLite 3.37 or newer.",
            )
        make_private(self.path.parent)
        check_place(self.path.parent)
        connection = sqlite3.connect(self.path, timeout=_BUSY_S, isolation_level=None)
        connection.row_factory = sqlite3.Row
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        upgrade_ledger(connection, self.path)
        return connection


def _use_wal(connection: sqlite3.Connection) -> None:
    """Write ahead; SQLite does not wait by itself while another process switches to it."""
    for _ in range(100):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(0.05)
    raise SettingsError("The database of runs stays locked.", "End whatever has it open.")


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one at its path, None when it is not there."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def next_seq(connection: sqlite3.Connection, *, queue: bool = True) -> int:
    """Count a change; `queue` tells whether places in the queue may have moved with it."""
    query = "UPDATE numbers SET value = value + 1 WHERE name = 'seq' RETURNING value"
    seq = int(connection.execute(query).fetchone()[0])
    if queue:
        connection.execute("UPDATE numbers SET value = ? WHERE name = 'queue'", (seq,))
    return seq


def _is_full(error: sqlite3.OperationalError, folder: Path) -> bool:
    """Tell a full disk; with shared memory it shows as an input error."""
    code = error.sqlite_errorcode & 0xFF
    return code == sqlite3.SQLITE_FULL or (
        code == sqlite3.SQLITE_IOERR and free_bytes(folder) < _NO_ROOM
    )
