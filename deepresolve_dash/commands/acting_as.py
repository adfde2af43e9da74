"""In whose name a command acts on the queue, and the line of it in the record."""

import getpass
from dataclasses import dataclass

from deepresolve_dash.errors import RunRefused
from deepresolve_dash.people.audit import COMMAND_LINE
from deepresolve_dash.people.people import People
from deepresolve_dash.people.roles import Need, Person
from deepresolve_dash.people.users import clean_name
from deepresolve_dash.runs.entry import ANONYMOUS
from deepresolve_dash.settings import Settings


@dataclass(frozen=True)
class Actor:
    """Who acts by a command: a name, and the people whose record it is written to."""

    name: str
    people: People

    def write(self, what: str, **about: str) -> None:
        """Add a line to the record, as the dashboard does for the same act."""
        self.people.audit.write(what, user=self.name, by=COMMAND_LINE, **about)


def actor(settings: Settings, given: str | None) -> Actor:
    """Return in whose name a command changes the queue.

    *Choice:* without a name it is the user who is called like the account of the shell; where there
    is none, such as on a server without users, nobody in particular, as in an open dashboard.
    Whoever may write to the state folder may act as anybody, so that no password is asked for.

    Raises
    ------
    PeopleRefused
        When it cannot be a name.
    RunRefused
        When the name is none of the dashboard, or may only look.
    """
    people = People(settings.state.absolute())
    if given is None:
        user = people.users.get(_account())
        may = user is not None and Person(user.name, user.role).may(Need.CHANGE)
        return Actor(user.name if user and may else ANONYMOUS, people)
    if given.strip().lower() == ANONYMOUS:
        return Actor(ANONYMOUS, people)
    name = clean_name(given)
    role = _role(people, name, settings)
    if not role:
        raise RunRefused(f"There is no user '{name}' here.", "`user list` names them.")
    if not Person(name, role).may(Need.CHANGE):
        raise RunRefused(f"'{name}' is a {role}, who only looks.", "`user role` gives another.")
    return Actor(name, people)


def _role(people: People, name: str, settings: Settings) -> str:
    """Return the role of a name as the dashboard would; empty when it would not be let in."""
    user = people.users.get(name)
    if user is not None:
        return user.role
    unknown = bool(settings.user_header) and settings.sso_role != "none"
    return settings.sso_role if unknown and not people.users.is_removed(name) else ""


def _account() -> str:
    """Return the account of the shell; empty when the system knows none."""
    try:
        return getpass.getuser().lower()
    except (OSError, KeyError, ImportError):
        return ""
