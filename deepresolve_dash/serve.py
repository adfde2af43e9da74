"""Start the dashboard behind gunicorn."""

import os
import socket
import sys
from pathlib import Path

import typer

from deepresolve_dash.demos.provide import provide_demos
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.runs.place import check_place, make_private
from deepresolve_dash.runs.service import Service
from deepresolve_dash.settings import Settings

APP_FOLDER = Path(__file__).parents[1]  # where app.py is
_N_THREADS = 8


def serve(settings: Settings) -> None:
    """Print the address and become the server; the process ends with it.

    Raises
    ------
    SettingsError
        When the address cannot be listened on, or the state folder cannot be written.
    """
    check_address(settings.host, settings.port)
    state = settings.state.absolute()
    try:
        make_private(state)
    except OSError as error:
        raise SettingsError(
            f"The state folder {state} cannot be made: {error.strerror}.",
            "Name another with DRD_STATE.",
        ) from error
    check_place(state)
    service = Service(settings)
    provide_demos(service.models, service.inputs)
    service.feed()  # runs that wait from an earlier time go on before any page is open
    typer.echo(f"DeepResolve Dash is at http://{settings.host}:{settings.port} (Ctrl-C ends it)")
    gunicorn = [
        sys.executable,
        "-m",
        "gunicorn",
        "--chdir",
        str(APP_FOLDER),
        "--log-level",
        "warning",
    ]
    address = ["--bind", f"{settings.host}:{settings.port}", "--pid", str(state / "server.pid")]
    size = ["--workers", "1", "--threads", str(_N_THREADS)]
    command = [*gunicorn, *address, *size, "app:server"]
    os.execve(sys.executable, command, os.environ | settings.environment())


def check_address(host: str, port: int) -> None:
    """Refuse an address that cannot be listened on, with the reason."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(
                f"{host}:{port} cannot be listened on: {error.strerror}.",
                "Choose another port with --port or DRD_PORT.",
            ) from error
