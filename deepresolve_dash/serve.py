"""Start the dashboard behind gunicorn."""

import os
import socket
import sys
import time
from pathlib import Path

import typer

from deepresolve_dash.demos.provide import provide_demos
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.pages.hosts import EVERYWHERE
from deepresolve_dash.pages.who import Door, check_auth
from deepresolve_dash.people.people import People
from deepresolve_dash.runs.locks import SERVER_LOCK, FileLock, name_process
from deepresolve_dash.runs.remote.elsewhere import Elsewhere
from deepresolve_dash.runs.service import Service
from deepresolve_dash.runs.start import ensure_runner, stop_runner
from deepresolve_dash.settings import Settings

APP_FOLDER = Path(__file__).parents[1]  # where app.py is
_N_THREADS = 8
_KEEP_ALIVE_S = 15  # longer than a page that follows the queue is silent
_LET_GO_S, _TRY_S = 3.0, 0.2


def serve(settings: Settings) -> None:
    """Print the address and become the server; the process ends with it.

    Raises
    ------
    SettingsError
        When the address cannot be listened on, the state folder cannot be written, or another
        dashboard has it.
    """
    check_auth(settings)
    state, service = settings.state.absolute(), Service(settings)
    try:
        service.prepare()
    except OSError as error:
        raise SettingsError(
            f"The state folder {state} cannot be made: {error.strerror}.",
            "Name another with DRD_STATE.",
        ) from error
    Elsewhere(settings)  # says what does not fit before anything is started
    lock = FileLock(state / SERVER_LOCK)
    if not _take(lock):
        raise SettingsError(
            f"A dashboard runs on the state folder {state} already.",
            "End it with `make stop`, or name another folder with DRD_STATE.",
        )
    check_address(settings.host, settings.port)  # after the lock: the forks hold the port too
    lock.outlive_exec()
    provide_demos(service.models, service.inputs)
    os.environ.pop("DRD_TOKEN", None)  # the settings have it, and those that are started need none
    if settings.coordinator:  # workers elsewhere find it, with these settings, before any run waits
        stop_runner(state)
        ensure_runner(settings)
    service.feed()  # runs that wait from an earlier time go on before any page is open
    address = _address(settings.host, settings.port)
    typer.echo(f"DeepResolve Dash is at {_way_in(settings)} (Ctrl-C ends it)")
    options = {
        "--bind": address,
        "--chdir": str(APP_FOLDER),
        "--log-level": "warning",
        "--workers": str(settings.processes),
        "--threads": str(_N_THREADS),
        "--keep-alive": str(_KEEP_ALIVE_S),
        "--forwarded-allow-ips": "",  # proxies are known to the dashboard itself
    }
    told = [word for option in options.items() for word in option]
    # nobody commands gunicorn by its socket, whose folder in the home may not be there
    command = [sys.executable, "-m", "gunicorn", "--no-control-socket", *told, "app:server"]
    os.execve(sys.executable, command, os.environ | settings.environment())


def _way_in(settings: Settings) -> str:
    """Return the address to open, with a token where one is asked for."""
    everywhere = settings.host in EVERYWHERE
    host = socket.gethostname() if everywhere else settings.host
    address = f"http://{_address(host, settings.port)}{settings.prefix}"
    door = Door(People(settings.state.absolute()), settings)
    if not door.asks_for_token:
        return address
    return f"{address}/?token={door.people.new_token(settings.token)}"


def _take(lock: FileLock) -> bool:
    """Take the lock; the forks of a server that was killed let go of it a moment later."""
    deadline = time.monotonic() + _LET_GO_S
    while not lock.take(name_process("server")):
        if time.monotonic() > deadline:
            return False
        time.sleep(_TRY_S)
    return True


def _address(host: str, port: int) -> str:
    """Return host and port as gunicorn and browsers read them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


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
