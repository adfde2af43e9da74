"""How the commands on users are called."""

from typing import Annotated

import typer

user = typer.Typer(
    help="Who may log in to the dashboard.", no_args_is_help=True, rich_markup_mode=None
)
_Name = Annotated[str, typer.Argument(help="Name, in lower case.")]
_Ask = Annotated[bool, typer.Option("--ask", help="Ask for the password instead of making one.")]


@user.command()
def add(
    name: _Name,
    role: Annotated[
        str | None,
        typer.Option(
            help="viewer, member or admin; without it the first user is an admin, and the others "
            "are members."
        ),
    ] = None,
    ask: _Ask = False,
) -> None:
    """Add a user and print the password, once."""
    from deepresolve_dash.commands import people

    people.add(name, role, ask=ask)


@user.command()
def remove(
    name: _Name,
    last: Annotated[bool, typer.Option("--last", help="Even if nobody is left.")] = False,
) -> None:
    """Remove a user, whose sessions end; their runs stay."""
    from deepresolve_dash.commands import people

    people.remove(name, last=last)


@user.command()
def reset(name: _Name, ask: _Ask = False) -> None:
    """Give a user another password and print it, once; their sessions end."""
    from deepresolve_dash.commands import people

    people.reset(name, ask=ask)


@user.command()
def role(
    name: _Name, role: Annotated[str, typer.Argument(help="viewer, member or admin.")]
) -> None:
    """Give a user another role; their sessions end."""
    from deepresolve_dash.commands import people

    people.set_role(name, role)


@user.command(name="list")
def list_users() -> None:
    """List the users."""
    from deepresolve_dash.commands import people

    people.list_users()
