"""Named users: who they are, what they may do, and whether it is they."""

import re
import secrets
import sqlite3
import time
from contextlib import suppress
from dataclasses import dataclass

from deepresolve_dash.people.passwords import hash_password, is_password
from deepresolve_dash.people.roles import ROLES, Role
from deepresolve_dash.people.schema import PeopleFile, PeopleRefused

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")
_TAKEN = {"anonymous"}  # whoever comes in without a name
_SEEN_S = 3600  # how often it is noted that somebody is here


@dataclass(frozen=True)
class User:
    """A named user.

    Attributes
    ----------
    name : str
        In lower case.
    role : {"viewer", "member", "admin"}
    epoch : str
        Another one after each reset, so that sessions from before are over.
    added : float
        Epoch seconds.
    seen : float or None
        When they logged in last.
    """

    name: str
    role: Role
    epoch: str
    added: float
    seen: float | None


def clean_name(name: str) -> str:
    """Return a name as it is kept.

    Raises
    ------
    PeopleRefused
        When it has other characters than letters, digits and `._@+-`, or is taken.
    """
    clean = name.strip().lower()
    if not _NAME.fullmatch(clean):
        raise PeopleRefused(
            f"'{name[:80]}' cannot be a user's name.",
            "Letters from a to z, digits and ._@+- can be in it, 64 at most.",
        )
    if clean in _TAKEN:
        raise PeopleRefused(f"'{clean}' is what nobody in particular is called.", "Take another.")
    return clean


class Users:
    """The table of users."""

    def __init__(self, file: PeopleFile) -> None:
        """Keep them in a file."""
        self._file = file

    def any(self) -> bool:
        """Tell whether there is one."""
        if not self._file.exists:
            return False
        with self._file.read() as connection:
            return connection.execute("SELECT 1 FROM users LIMIT 1").fetchone() is not None

    def all(self) -> list[User]:
        """Return all of them by name."""
        if not self._file.exists:
            return []
        with self._file.read() as connection:
            rows = connection.execute("SELECT * FROM users ORDER BY name").fetchall()
        return [_user(row) for row in rows]

    def get(self, name: str) -> User | None:
        """Return the user of a name, None when there is none."""
        if not self._file.exists:
            return None
        with self._file.read() as connection:
            row = connection.execute("SELECT * FROM users WHERE name = ?", (name,)).fetchone()
        return _user(row) if row else None

    def add(self, name: str, password: str, role: Role | None = None) -> User:
        """Add a user; without a role the first is an admin, and the others are members.

        Raises
        ------
        PeopleRefused
            When there is one of this name, or name, role or password cannot be taken.
        """
        name, kept = clean_name(name), hash_password(password)
        with self._file.write() as connection:
            first = connection.execute("SELECT 1 FROM users LIMIT 1").fetchone() is None
            given = _checked(role) if role else "admin" if first else "member"
            row = name, given, kept, secrets.token_hex(8), time.time(), None
            try:
                connection.execute("INSERT INTO users VALUES (?, ?, ?, ?, ?, ?)", row)
            except sqlite3.IntegrityError:
                raise PeopleRefused(
                    f"There is a user '{name}' already.", "`user reset` gives a new password."
                ) from None
            connection.execute("DELETE FROM removed WHERE name = ?", (name,))
        return self._existing(name)

    def remove(self, name: str, *, last: bool = False) -> None:
        """Remove a user, whose sessions and links end; their runs stay.

        The name is not let in by a single sign-on either, until it is added again.

        Raises
        ------
        PeopleRefused
            When there is none, it is the last admin of others, or it is the last user and `last`
            does not say so.
        """
        name = self._existing(name).name
        with self._file.write() as connection:
            others = connection.execute("SELECT count(*) FROM users WHERE name != ?", (name,))
            if not others.fetchone()[0] and not last:
                raise PeopleRefused(
                    f"'{name}' is the last user; without one nobody has to log in.",
                    "Say --last if this is meant.",
                )
            if not last:
                _check_admin_left(connection, name)
            connection.execute("DELETE FROM users WHERE name = ?", (name,))
            _shut_out(connection, name)

    def shut_out(self, name: str) -> None:
        """Let a name that a single sign-on knows, and that is no user here, in no more.

        Raises
        ------
        PeopleRefused
            When it cannot be a name, or is a user's.
        """
        name = clean_name(name)
        if self.get(name) is not None:
            raise PeopleRefused(f"'{name}' is a user here.", "Remove the user.")
        with self._file.write() as connection:
            _shut_out(connection, name)

    def is_removed(self, name: str) -> bool:
        """Tell whether somebody was removed and not added again."""
        return name in self.removed()

    def removed(self) -> set[str]:
        """Return the names that were removed and not added again."""
        if not self._file.exists:
            return set()
        with self._file.read() as connection:
            return {row["name"] for row in connection.execute("SELECT name FROM removed")}

    def reset(self, name: str, password: str) -> User:
        """Give a user another password; their sessions end.

        Raises
        ------
        PeopleRefused
            When there is no such user, or the password cannot be taken.
        """
        return self._change(self._existing(name).name, "hash", hash_password(password))

    def set_role(self, name: str, role: Role) -> User:
        """Give a user another role; their sessions end.

        Raises
        ------
        PeopleRefused
            When there is no such user or role, or nobody would be left who is an admin.
        """
        return self._change(self._existing(name).name, "role", _checked(role))

    def seen(self, user: User) -> None:
        """Note that a user is here whom somebody else has let in; once in a while."""
        now = time.time()
        if user.seen is None or not 0 <= now - user.seen < _SEEN_S:
            with suppress(sqlite3.OperationalError), self._file.write() as connection:  # disk full
                connection.execute("UPDATE users SET seen = ? WHERE name = ?", (now, user.name))

    def log_in(self, name: str, password: str) -> User | None:
        """Return the user whose password this is; None when it is nobody's."""
        name = name.strip().lower()
        kept = None
        if self._file.exists:
            with self._file.read() as connection:
                row = connection.execute("SELECT hash FROM users WHERE name = ?", (name,))
                found = row.fetchone()
                kept = found["hash"] if found else None
        if not is_password(kept, password):
            return None
        with self._file.write() as connection:
            connection.execute("UPDATE users SET seen = ? WHERE name = ?", (time.time(), name))
        return self.get(name)

    def _change(self, name: str, column: str, value: str) -> User:
        with self._file.write() as connection:
            if column == "role" and value != "admin":
                _check_admin_left(connection, name)
            connection.execute(
                f"UPDATE users SET {column} = ?, epoch = ? WHERE name = ?",
                (value, secrets.token_hex(8), name),
            )
        return self._existing(name)

    def _existing(self, name: str) -> User:
        found = self.get(name.strip().lower())
        if found is None:
            raise PeopleRefused(f"There is no user '{name[:80]}'.", "`user list` names them.")
        return found


def _check_admin_left(connection: sqlite3.Connection, name: str) -> None:
    """Refuse that the last admin goes; asked in the transaction in which it would happen."""
    admins = {row["name"] for row in connection.execute("SELECT * FROM users WHERE role = 'admin'")}
    if admins == {name}:
        raise PeopleRefused(f"'{name}' is the only admin.", "Make another user an admin first.")


def _shut_out(connection: sqlite3.Connection, name: str) -> None:
    connection.execute("INSERT OR REPLACE INTO removed VALUES (?, ?)", (name, time.time()))
    connection.execute("DELETE FROM links WHERE user = ?", (name,))


def _checked(role: str) -> Role:
    for known in ROLES:
        if role == known:
            return known
    raise PeopleRefused(f"There is no role '{role[:40]}'.", f"Roles are {', '.join(ROLES)}.")


def _user(row: sqlite3.Row) -> User:
    return User(row["name"], row["role"], row["epoch"], row["added"], row["seen"])
