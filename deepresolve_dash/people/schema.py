"""The database file of people: its tables, and a connection for each use."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from deepresolve_dash.errors import DeepResolveError

PEOPLE = "people.db"  # in the state folder
_BUSY_S = 10
_STEPS = (  # from one version of the tables to the next
    """
CREATE TABLE users (
  name TEXT PRIMARY KEY, role TEXT NOT NULL, hash TEXT NOT NULL, epoch TEXT NOT NULL,
  added REAL NOT NULL, seen REAL
) STRICT;
CREATE TABLE links (
  id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, title TEXT NOT NULL, story TEXT NOT NULL,
  runs TEXT NOT NULL, user TEXT NOT NULL, created REAL NOT NULL, expires REAL NOT NULL, opened REAL
) STRICT;
CREATE TABLE attempts (key TEXT NOT NULL, at REAL NOT NULL) STRICT;
CREATE INDEX attempts_by_key ON attempts (key);
CREATE TABLE owners (
  kind TEXT NOT NULL, id TEXT NOT NULL, user TEXT NOT NULL, bytes INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT;
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
""",
    "CREATE TABLE removed (name TEXT PRIMARY KEY, at REAL NOT NULL) STRICT;",
)


class PeopleRefused(DeepResolveError):
    """A user, a link or a log-in is not as it must be."""


class PeopleFile:
    """One SQLite file that only its owner can read; it is made when something is written.

    *Choice:* a connection per use (0.2 ms) and no write-ahead file: there are few of them, and a
    change of the command line is seen by each process of the server at once.
    """

    def __init__(self, state: Path) -> None:
        """Use `people.db` of a state folder."""
        self.path = Path(state) / PEOPLE

    @property
    def exists(self) -> bool:
        """Whether anything was written yet."""
        return self.path.is_file()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Give a connection to look things up with."""
        with closing(self._connect()) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Give a connection inside a transaction that no other writer shares."""
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _connect(self) -> sqlite3.Connection:
        if not self.exists:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(self.path, timeout=_BUSY_S, isolation_level=None)
        connection.row_factory = sqlite3.Row
        if connection.execute("PRAGMA user_version").fetchone()[0] != len(_STEPS):
            with _closed_on_error(connection):
                _bring_up(connection)
        return connection


@contextmanager
def _closed_on_error(connection: sqlite3.Connection) -> Iterator[None]:
    """Close a connection that nobody gets."""
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _bring_up(connection: sqlite3.Connection) -> None:
    """Bring the tables to our version, unless another process has just done so."""
    connection.execute("BEGIN IMMEDIATE")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(_STEPS):
        raise PeopleRefused(
            "The users of this state folder are kept by a newer version of this program.",
            "Start that version, or name another folder with DRD_STATE.",
        )
    for step in _STEPS[version:]:
        for statement in filter(None, map(str.strip, step.split(";"))):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(_STEPS)}")
    connection.execute("COMMIT")
