"""Everything about people in one state folder."""

import secrets
from pathlib import Path

from deepresolve_dash.people.attempts import Attempts
from deepresolve_dash.people.audit import Audit
from deepresolve_dash.people.links import Links
from deepresolve_dash.people.owners import Owners
from deepresolve_dash.people.passwords import hash_token, make_token, same
from deepresolve_dash.people.rooms import Rooms
from deepresolve_dash.people.schema import PeopleFile, PeopleRefused
from deepresolve_dash.people.users import Users

_SECRET, _TOKEN = "session-secret", "access-token"  # names of facts
SHORTEST_TOKEN = 16  # characters


class People:
    """Users, links, the access token and the record of a state folder.

    Attributes
    ----------
    users : Users
    links : Links
    attempts : Attempts
    owners : Owners
    rooms : Rooms
    audit : Audit
    """

    def __init__(self, state: Path) -> None:
        """Use a state folder; nothing is made before it is needed."""
        self._file = PeopleFile(state)
        self.users = Users(self._file)
        self.links = Links(self._file)
        self.attempts = Attempts(self._file)
        self.owners = Owners(self._file)
        self.rooms = Rooms(Path(state) / "uploads")
        self.audit = Audit(state)
        self._known_secret = ""

    def secret(self) -> str:
        """Return the key that sessions are signed with; the same in all processes."""
        if not self._known_secret:
            with self._file.write() as connection:
                connection.execute(
                    "INSERT OR IGNORE INTO facts VALUES (?, ?)", (_SECRET, secrets.token_hex(32))
                )
            self._known_secret = self._fact(_SECRET)
        return self._known_secret

    def new_token(self, token: str = "") -> str:
        """Return a new access token, or the given one; sessions of the old one are over.

        Raises
        ------
        PeopleRefused
            When the given one could be guessed.
        """
        if token and len(token) < SHORTEST_TOKEN:
            raise PeopleRefused(
                f"An access token has at least {SHORTEST_TOKEN} characters.",
                "Leave DRD_TOKEN out, and each start makes one.",
            )
        token = token or make_token()
        with self._file.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO facts VALUES (?, ?)", (_TOKEN, hash_token(token))
            )
        return token

    def token_epoch(self) -> str:
        """Return what tells the current token from earlier ones; empty when there is none."""
        return self._fact(_TOKEN)[:16]

    def is_token(self, token: str) -> bool:
        """Tell whether this is the access token."""
        kept = self._fact(_TOKEN)
        return bool(kept) and same(kept, hash_token(token))

    def _fact(self, name: str) -> str:
        if not self._file.exists:
            return ""
        with self._file.read() as connection:
            row = connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return row["value"] if row else ""
