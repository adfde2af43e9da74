"""Links that show one run or one story to whoever has them, for a while."""

import json
import secrets
import sqlite3
import time
from collections.abc import Collection
from dataclasses import dataclass

from deepresolve_dash.people.passwords import hash_token, make_token
from deepresolve_dash.people.schema import PeopleFile, PeopleRefused

DAYS, MOST_DAYS = 30, 365
MOST_LINKS = 1000
_DAY_S = 86400


@dataclass(frozen=True)
class Link:
    """A link, without the token that is in it.

    Attributes
    ----------
    id : str
    title : str
        What it shows, in words.
    story : str
        Story that it shows; empty for a run.
    runs : tuple of str
        Runs that it shows; of a story those that it led to when the link was made.
    user : str
        Who made it.
    created, expires : float
        Epoch seconds.
    opened : float or None
        When somebody came by it last.
    """

    id: str
    title: str
    story: str
    runs: tuple[str, ...]
    user: str
    created: float
    expires: float
    opened: float | None


class Links:
    """The table of links."""

    def __init__(self, file: PeopleFile) -> None:
        """Keep them in a file."""
        self._file = file

    def create(
        self, title: str, runs: Collection[str], *, user: str, story: str = "", days: int = DAYS
    ) -> tuple[Link, str]:
        """Make a link; return it with its token, which is kept nowhere.

        Raises
        ------
        PeopleRefused
            When it would show nothing or live too long, or there are too many.
        """
        if not runs and not story:
            raise PeopleRefused("There is nothing that this link could show.")
        if not 1 <= days <= MOST_DAYS:
            raise PeopleRefused(f"A link lives for 1 to {MOST_DAYS} days.", "Choose another time.")
        token, now = make_token(), time.time()
        link_id = secrets.token_hex(6)
        row = (
            link_id, hash_token(token), title[:200], story, json.dumps(sorted(runs)), user, now,
            now + days * _DAY_S, None,
        )  # fmt: skip
        with self._file.write() as connection:
            connection.execute("DELETE FROM links WHERE expires < ?", (now,))
            if connection.execute("SELECT count(*) FROM links").fetchone()[0] >= MOST_LINKS:
                raise PeopleRefused(f"There are {MOST_LINKS} links already.", "Revoke some first.")
            connection.execute("INSERT INTO links VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        return self.get(link_id), token

    def open(self, token: str) -> Link | None:
        """Return the link of a token; None when there is none, or it has ended."""
        if not self._file.exists:
            return None
        now = time.time()
        with self._file.write() as connection:
            row = connection.execute(
                "UPDATE links SET opened = ? WHERE hash = ? AND expires > ? RETURNING *",
                (now, hash_token(token), now),
            ).fetchone()
        return _link(row) if row else None

    def living(self, link_id: str) -> Link | None:
        """Return the link of an id; None when it has ended."""
        if not self._file.exists:
            return None
        with self._file.read() as connection:
            row = connection.execute(
                "SELECT * FROM links WHERE id = ? AND expires > ?", (link_id, time.time())
            ).fetchone()
        return _link(row) if row else None

    def get(self, link_id: str) -> Link:
        """Return a link.

        Raises
        ------
        PeopleRefused
            When it has ended.
        """
        found = self.living(link_id)
        if found is None:
            raise PeopleRefused("This link has ended already.")
        return found

    def all(self, *, run: str = "", story: str = "") -> list[Link]:
        """Return the links that live, the newest first; those of one run or story if given."""
        if not self._file.exists:
            return []
        with self._file.read() as connection:
            rows = connection.execute(
                "SELECT * FROM links WHERE expires > ? ORDER BY created DESC", (time.time(),)
            ).fetchall()
        found = [_link(row) for row in rows]
        if story:
            return [link for link in found if link.story == story]
        return [link for link in found if not run or (link.runs == (run,) and not link.story)]

    def revoke(self, link_id: str) -> None:
        """End a link; whoever came by it is turned away at the next request."""
        with self._file.write() as connection:
            connection.execute("DELETE FROM links WHERE id = ?", (link_id,))


def _link(row: sqlite3.Row) -> Link:
    told = {name: row[name] for name in ("id", "title", "story", "user")}
    times = {name: row[name] for name in ("created", "expires", "opened")}
    return Link(runs=tuple(json.loads(row["runs"])), **told, **times)
