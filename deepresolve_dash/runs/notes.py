"""Notes and stars on what is seen in runs, kept in one file of the state folder.

*Choice:* a database beside the runs, not a file in each of them: the folder of a run never changes
after it was published, and the demo runs that come with the program can be noted as well. They are
found by the id of the run, so that a run that comes back out of the bin has its notes.
"""

import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from deepresolve_dash.errors import DeepResolveError, DiskFull
from deepresolve_dash.runs.note import Note, Thing, checked_text
from deepresolve_dash.runs.place import make_private

NOTES = "notes.db"  # in the state folder
MOST_NOTES = 5000  # of a run
_BUSY_S = 15
_KEPT_S = 7 * 86400  # deleted notes can be taken back for so long
_VERSION = 1
_TABLE = """
CREATE TABLE IF NOT EXISTS notes (
  id TEXT PRIMARY KEY, run TEXT NOT NULL, kind TEXT NOT NULL, thing TEXT NOT NULL,
  text TEXT NOT NULL, writer TEXT NOT NULL, written REAL NOT NULL, changed REAL NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1, address TEXT NOT NULL DEFAULT '', deleted REAL
) STRICT;
CREATE INDEX IF NOT EXISTS notes_by_run ON notes (run);
CREATE UNIQUE INDEX IF NOT EXISTS one_star ON notes (run, kind, thing, writer) WHERE text = ''
"""


class NoteNotFound(DeepResolveError):
    """No note has this id."""


class NoteRefused(DeepResolveError):
    """A note cannot be changed like this."""


class NoteStore:
    """Notes of all runs of a state folder, safe for several processes at once."""

    def __init__(self, state: Path, clock: Callable[[], float] = time.time) -> None:
        """Use `notes.db` of a state folder, which is made when the first note is written."""
        self.path = Path(state) / NOTES
        self._clock = clock

    def of(self, run_id: str) -> list[Note]:
        """Return the notes and stars of a run, the oldest first."""
        if not self.path.is_file():
            return []
        query = "SELECT * FROM notes WHERE run = ? AND deleted IS NULL ORDER BY written, id"
        with closing(self._connect()) as connection:
            return [_note(row) for row in connection.execute(query, (run_id,))]

    def get(self, run_id: str, note_id: str, *, deleted: bool = False) -> Note:
        """Return a note of a run; a deleted one on request alone.

        Raises
        ------
        NoteNotFound
            When there is none.
        """
        row = None
        if self.path.is_file():
            which = "IS NOT NULL" if deleted else "IS NULL"
            query = f"SELECT * FROM notes WHERE run = ? AND id = ? AND deleted {which}"  # noqa: S608
            with closing(self._connect()) as connection:
                row = connection.execute(query, (run_id, note_id)).fetchone()
        if row is None:
            raise NoteNotFound("This note is not here any more.", "Load the page again.")
        return _note(row)

    def add(self, run_id: str, thing: Thing, text: str, writer: str, address: str = "") -> Note:
        """Keep a note.

        Raises
        ------
        SettingsError
            When the text is empty or too long.
        NoteRefused
            When the run has too many.
        DiskFull
        """
        return self._insert(run_id, thing, checked_text(text), writer, address)

    def star(self, run_id: str, thing: Thing, writer: str, *, on: bool, address: str = "") -> bool:
        """Set somebody's star on a thing, or take it off; tell whether that changed anything."""
        mine = (run_id, thing.kind, thing.name, writer)
        where = "run = ? AND kind = ? AND thing = ? AND writer = ? AND text = ''"
        if not on:
            if not self.path.is_file():
                return False
            with self._write() as connection:
                query = f"DELETE FROM notes WHERE {where}"  # noqa: S608
                return connection.execute(query, mine).rowcount > 0
        with suppress(sqlite3.IntegrityError):  # it is there
            self._insert(run_id, thing, "", writer, address)
            return True
        return False

    def edit(self, run_id: str, note_id: str, revision: int, text: str) -> Note:
        """Put another text in the place of that of a revision.

        Raises
        ------
        NoteNotFound
            When it is gone.
        NoteRefused
            When somebody has changed it since, or it is a star.
        SettingsError
            When the text is empty or too long.
        """
        said = checked_text(text)
        if self.get(run_id, note_id).is_star:
            raise NoteRefused("A star has no text.", "Write a note beside it.")
        query = (
            "UPDATE notes SET text = ?, changed = ?, revision = revision + 1"
            " WHERE run = ? AND id = ? AND revision = ? AND deleted IS NULL"
        )
        with self._write() as connection:
            found = connection.execute(query, (said, self._clock(), run_id, note_id, revision))
        if not found.rowcount:
            raise NoteRefused(
                "Somebody has changed this note meanwhile.", "Load the notes again, then change it."
            )
        return self.get(run_id, note_id)

    def delete(self, run_id: str, note_id: str) -> None:
        """Take a note out of the list; `restore` finds it for a week, a star is gone."""
        note, now = self.get(run_id, note_id), self._clock()
        with self._write() as connection:
            if note.is_star:
                connection.execute("DELETE FROM notes WHERE id = ?", (note_id,))
            else:
                connection.execute("UPDATE notes SET deleted = ? WHERE id = ?", (now, note_id))
            connection.execute("DELETE FROM notes WHERE deleted < ?", (now - _KEPT_S,))

    def restore(self, run_id: str, note_id: str) -> Note:
        """Put a deleted note back.

        Raises
        ------
        NoteNotFound
            When it is not there any more.
        """
        self.get(run_id, note_id, deleted=True)
        with self._write() as connection:
            connection.execute("UPDATE notes SET deleted = NULL WHERE id = ?", (note_id,))
        return self.get(run_id, note_id)

    def forget(self, run_id: str) -> None:
        """Remove the notes of a run that is gone for good."""
        if self.path.is_file():
            with self._write() as connection:
                connection.execute("DELETE FROM notes WHERE run = ?", (run_id,))

    def runs(self) -> dict[str, int]:
        """Return how many notes and stars each run has that has any."""
        if not self.path.is_file():
            return {}
        query = "SELECT run, COUNT(*) FROM notes WHERE deleted IS NULL GROUP BY run"
        with closing(self._connect()) as connection:
            return {str(run): int(n) for run, n in connection.execute(query)}

    def _insert(self, run_id: str, thing: Thing, text: str, writer: str, address: str) -> Note:
        now = self._clock()
        note = Note(secrets.token_hex(8), run_id, thing, text, writer, now, now, address=address)
        with self._write() as connection:
            query = "SELECT COUNT(*) FROM notes WHERE run = ? AND deleted IS NULL"
            if connection.execute(query, (run_id,)).fetchone()[0] >= MOST_NOTES:
                raise NoteRefused(f"This run has {MOST_NOTES:,} notes already.", "Delete some.")
            connection.execute(
                "INSERT INTO notes (id, run, kind, thing, text, writer, written, changed, address)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (note.id, run_id, thing.kind, thing.name, text, writer, now, now, address),
            )
        return note

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """Give a connection inside a transaction that no other writer shares."""
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException as error:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                code = getattr(error, "sqlite_errorcode", 0) & 0xFF
                if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
                    raise DiskFull(
                        "The disk is full; the note is not kept.",
                        "Make room on the disk of the state folder.",
                    ) from error
                raise

    def _connect(self) -> sqlite3.Connection:
        if not self.path.is_file():
            make_private(self.path.parent)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(self.path, timeout=_BUSY_S, isolation_level=None)
        connection.row_factory = sqlite3.Row
        if connection.execute("PRAGMA user_version").fetchone()[0] < _VERSION:
            connection.executescript(
                f"BEGIN IMMEDIATE;{_TABLE};PRAGMA user_version={_VERSION};COMMIT"
            )
        return connection


def _note(row: sqlite3.Row) -> Note:
    same = ("id", "run", "text", "writer", "written", "changed", "revision", "address")
    return Note(thing=Thing(row["kind"], row["thing"]), **{name: row[name] for name in same})
