"""Whose a model, a file or a story is, and how much of the disk somebody has filled."""

from collections.abc import Callable

from deepresolve_dash.people.schema import PeopleFile

MODEL, INPUT, STORY, LABELS = "model", "input", "story", "labels"  # labels of a finished run


class Owners:
    """Who brought what."""

    def __init__(self, file: PeopleFile) -> None:
        """Keep it in a file."""
        self._file = file

    def add(self, kind: str, thing: str, user: str, n_bytes: int = 0) -> None:
        """Remember who brought a thing; who brought it first keeps it."""
        with self._file.write() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO owners VALUES (?, ?, ?, ?)", (kind, thing, user, n_bytes)
            )

    def replace(self, kind: str, thing: str, user: str, n_bytes: int) -> None:
        """Remember who brought a thing last; what was there before is gone."""
        with self._file.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO owners VALUES (?, ?, ?, ?)", (kind, thing, user, n_bytes)
            )

    def of(self, kind: str, thing: str) -> str | None:
        """Return who brought a thing; None when nobody with a name did."""
        if not self._file.exists:
            return None
        with self._file.read() as connection:
            row = connection.execute(
                "SELECT user FROM owners WHERE kind = ? AND id = ?", (kind, thing)
            ).fetchone()
        return row["user"] if row else None

    def used(self, user: str, is_there: Callable[[str, str], bool]) -> int:
        """Return the bytes that somebody sent and that are still there.

        Parameters
        ----------
        user : str
        is_there : callable
            Tells of kind and id whether a thing is there.
        """
        if not self._file.exists:
            return 0
        with self._file.read() as connection:
            rows = connection.execute("SELECT * FROM owners WHERE user = ?", (user,)).fetchall()
        return sum(row["bytes"] for row in rows if is_there(row["kind"], row["id"]))

    def all_used(self, is_there: Callable[[str, str], bool]) -> dict[str, int]:
        """Return the same of everybody who has brought something, by name."""
        if not self._file.exists:
            return {}
        with self._file.read() as connection:
            rows = connection.execute("SELECT * FROM owners").fetchall()
        found: dict[str, int] = {}
        for row in rows:
            there = row["bytes"] if is_there(row["kind"], row["id"]) else 0
            found[row["user"]] = found.get(row["user"], 0) + there
        return found
