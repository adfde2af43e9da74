"""Commands on users: they write to the file that a running dashboard reads."""

import time

import typer

from deepresolve_dash.people.audit import COMMAND_LINE as _US
from deepresolve_dash.people.passwords import make_password
from deepresolve_dash.people.people import People
from deepresolve_dash.people.users import User
from deepresolve_dash.settings import read_settings


def add(name: str, role: str | None, *, ask: bool) -> None:
    """Add a user and print what they need."""
    people = _people()
    password = _password(ask=ask)
    user = people.users.add(name, password, role)  # type: ignore[arg-type]
    people.audit.write("people add", user=_US, name=user.name, role=user.role)
    _tell(user, password, shown=not ask)


def remove(name: str, *, last: bool) -> None:
    """Remove a user."""
    people, name = _people(), name.strip().lower()
    if people.users.get(name) is None and read_settings().user_header:
        people.users.shut_out(name)  # whom the single sign-on alone knows
    else:
        people.users.remove(name, last=last)
    people.audit.write("people remove", user=_US, name=name)
    typer.echo(f"{name} is removed; their runs stay.")
    if not people.users.any():
        typer.echo("No user is left: nobody has to log in on this machine any more.", err=True)


def reset(name: str, *, ask: bool) -> None:
    """Give a user another password and print it."""
    people = _people()
    password = _password(ask=ask)
    user = people.users.reset(name, password)
    people.audit.write("people reset", user=_US, name=user.name)
    _tell(user, password, shown=not ask)


def set_role(name: str, role: str) -> None:
    """Give a user another role."""
    people = _people()
    user = people.users.set_role(name, role)  # type: ignore[arg-type]
    people.audit.write("people role", user=_US, name=user.name, role=user.role)
    typer.echo(f"{user.name} is {_a(user.role)} now.")


def list_users() -> None:
    """Print name, role and last log-in of each user."""
    people = _people()
    users = people.users.all()
    for user in users:
        seen = time.strftime("%Y-%m-%d %H:%M", time.localtime(user.seen)) if user.seen else "never"
        typer.echo(f"{user.name:<24}  {user.role:<6}  logged in: {seen}")
    removed = people.users.removed()
    if removed:
        typer.echo(f"Removed, until `user add`: {', '.join(sorted(removed))}", err=True)
    if not users:
        typer.echo("There is no user yet; `user add NAME` makes the first, an admin.", err=True)


def _people() -> People:
    return People(read_settings().state.absolute())


def _password(*, ask: bool) -> str:
    if not ask:
        return make_password()
    return typer.prompt("Password", hide_input=True, confirmation_prompt=True)


def _tell(user: User, password: str, *, shown: bool) -> None:
    typer.echo(f"{user.name} is {_a(user.role)}." + (f" Password: {password}" if shown else ""))


def _a(role: str) -> str:
    return f"an {role}" if role[0] in "aeiou" else f"a {role}"
