"""How the dashboard is opened."""

from typing import Annotated

import typer


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    no_auth: Annotated[
        bool, typer.Option("--no-auth", help="Ask nobody who they are; on this machine alone.")
    ] = False,
) -> None:
    """Open the dashboard."""
    from deepresolve_dash.serve import serve as start
    from deepresolve_dash.settings import read_settings

    given = {"host": host, "port": port, "auth": "none" if no_auth else None}
    start(read_settings(**{name: value for name, value in given.items() if value is not None}))
