"""The side of the runner that looks after workers on other machines, where there may be any."""

import os
import resource
import secrets
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from deepresolve_dash.errors import RunRefused, SettingsError
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.limits import Limits
from deepresolve_dash.runs.place import make_private
from deepresolve_dash.runs.remote.coordinator import Coordinator, address_of
from deepresolve_dash.runs.remote.tickets import ENGINE, Engine, Tickets
from deepresolve_dash.settings import Settings

_HAND_BACK_S, _LOOK_S = 5.0, 0.1
TOKEN = "worker.token"  # noqa: S105 - the name of a file in the state folder


class Elsewhere:
    """Coordinator and engine, as the settings want them; without either it does nothing."""

    def __init__(self, settings: Settings) -> None:
        """Read what is wanted; nothing is begun yet.

        Raises
        ------
        RunRefused, SettingsError
            When the settings do not fit each other.
        """
        self._settings, self._state = settings, settings.state.absolute()
        self._coordinator: Coordinator | None = None
        self._tickets: Tickets | None = None
        self._asking: threading.Thread | None = None
        if settings.engine != "local" and not settings.coordinator:
            raise SettingsError(
                f"DRD_ENGINE is {settings.engine}, and workers find no coordinator.",
                "Set DRD_COORDINATOR to an address of this machine that they reach, host:port.",
            )
        if not settings.coordinator:
            (self._state / ENGINE).unlink(missing_ok=True)
            return
        address_of(settings.coordinator)
        self._ledger = Ledger(self._state / LEDGER, limits=Limits.of(settings))
        self._ledger.lease_s = settings.lease_s
        engine = make_engine(settings, worker_token(self._state))
        if engine is None:
            (self._state / ENGINE).unlink(missing_ok=True)
        else:
            self._ledger.most_workers = settings.engine_workers
            self._tickets = Tickets(engine, self._ledger, settings.engine_workers)

    def go_round(self) -> None:
        """Answer workers from the first time on; ask the engine for those that are missing."""
        if not self._settings.coordinator:
            return
        if self._coordinator is None:
            self._begin()
        if self._tickets is not None and (self._asking is None or not self._asking.is_alive()):
            # engines take their time, and the runner has none
            self._asking = threading.Thread(target=self._ask, args=(self._tickets,), daemon=True)
            self._asking.start()

    def _ask(self, tickets: Tickets) -> None:
        """Ask the engine for the workers that are missing."""
        try:
            tickets.go_round()
        finally:
            self._ledger.close()

    def stop(self) -> None:
        """Take back what the engine was asked for, then answer nobody any more."""
        if self._tickets is not None:
            if self._asking is not None:
                self._asking.join(_HAND_BACK_S)
            self._tickets.stop()
            self._wait_for_hand_back()
        if self._coordinator is not None:
            self._coordinator.stop()

    def _wait_for_hand_back(self) -> None:
        """Answer for a little while those workers that the engine has just ended."""
        deadline = time.monotonic() + _HAND_BACK_S
        while time.monotonic() < deadline:
            held = any(one.run and one.engine for one in self._ledger.machines())
            if not held:
                return
            time.sleep(_LOOK_S)

    def _begin(self) -> None:
        """Listen; an address that is taken is tried again at the next round.

        Whoever computes has been without a coordinator for some time and is not to blame: all
        leases begin anew.
        """
        try:
            coordinator = Coordinator(
                self._state,
                self._ledger,
                bind=self._settings.coordinator,
                token=worker_token(self._state),
                redeemed=self._tickets.redeem if self._tickets else lambda _: None,
            )
        except OSError as error:
            sys.stderr.write(f"{self._settings.coordinator} cannot be listened on: {error}\n")
            return
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]  # each connection needs some files
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self._ledger.extend()
        self._ledger.forget_machines()
        coordinator.start()
        self._coordinator = coordinator


def make_engine(settings: Settings, token: str) -> Engine | None:
    """Return what starts workers; None when they are started by hand.

    Raises
    ------
    SettingsError
        When it is not installed, or not told enough.
    """
    url = settings.coordinator_url or f"http://{settings.coordinator}"
    if settings.engine == "slurm":
        from deepresolve_dash.runs.remote.slurm import Slurm

        return Slurm(url, token, settings.sbatch, settings.state.absolute())
    if settings.engine == "celery":
        from deepresolve_dash.runs.remote.celery_engine import CeleryEngine

        return CeleryEngine(settings.broker)
    return None


def worker_token(state: Path) -> str:
    """Return the token that workers show; it is made, for its owner alone, at the first use."""
    path = state / TOKEN
    make_private(state)
    with suppress(FileExistsError):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(file, f"{secrets.token_urlsafe(32)}\n".encode())
        os.close(file)
    return read_token(path)


def read_token(path: Path) -> str:
    """Return the token in a file.

    Raises
    ------
    RunRefused
        When there is none, or others may read it.
    """
    try:
        token = path.read_text().strip()
        others = path.stat().st_mode & 0o077
    except OSError as error:
        raise RunRefused(
            f"The token file {path} cannot be read: {error.strerror}.",
            f"It is the file {TOKEN} in the state folder of the coordinator.",
        ) from None
    if others:
        raise RunRefused(f"Others can read the token file {path}.", f"Run: chmod 600 {path}")
    if not token:
        raise RunRefused(f"The token file {path} is empty.", "Remove it: it is made anew.")
    return token
