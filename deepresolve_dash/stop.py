"""End what runs in the background for a state folder: `python -m deepresolve_dash.stop`."""

import typer

from deepresolve_dash.runs.start import stop_runner, stop_server
from deepresolve_dash.settings import read_settings


def main() -> None:
    """End the dashboard and the workers of its runs; say what was there."""
    state = read_settings().state.absolute()
    server = "The dashboard was stopped." if stop_server(state) else "No dashboard is running here."
    typer.echo(server)
    if stop_runner(state):
        typer.echo("The workers were stopped; runs that were begun go on with the next start.")


if __name__ == "__main__":
    main()
