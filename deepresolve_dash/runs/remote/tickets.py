"""How many workers an engine is asked for: a ticket for each, which says no more than "come".

The ledger alone knows what is to be done. A ticket that is lost, late or delivered twice makes a
worker that comes too late, or for nothing.
"""

import json
import threading
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.runs.ledger import Ledger
from deepresolve_dash.runs.machines import Machine
from deepresolve_dash.runs.whole_file import write_whole

ENGINE = "engine.json"  # in the state folder: how the engine stands, for whoever looks
_SILENT_S = 10.0  # after which a worker is not counted on: each speaks every two seconds
_REDEEMED_S = 60.0  # after which a ticket that nobody came with is forgotten
_GONE_S = 5.0  # the same where no job of it is left, times the tickets since a worker came
_UNHEARD_S = 30.0  # after which it is told that workers end before they come
_MOST_PAUSE_S = 60.0  # after an engine has refused, doubled each time


@dataclass(frozen=True)
class Jobs:
    """How many workers of an engine wait to be started, and how many are."""

    waiting: int
    running: int


class Engine(Protocol):
    """What starts workers on other machines."""

    name: str
    clue: str  # where to look when its workers do not come
    counts: bool  # whether it knows how many run

    def jobs(self) -> Jobs:
        """Return how many workers wait and run.

        Raises
        ------
        DeepResolveError
            When the engine cannot be asked.
        """
        ...

    def send(self, ticket: str) -> None:
        """Ask for one worker.

        Raises
        ------
        DeepResolveError
            When the engine refuses.
        """
        ...

    def take_back(self) -> bool:
        """Take back what waits, unless that would cost it its place; tell whether it was done."""
        ...

    def stop(self) -> None:
        """Take back what waits, and let the workers end."""
        ...


class Tickets:
    """Sends as many tickets as there is work that nobody comes for yet.

    Parameters
    ----------
    engine : Engine
    ledger : Ledger
    most : int
        Workers at once.
    """

    def __init__(self, engine: Engine, ledger: Ledger, most: int) -> None:
        self._engine, self._ledger, self._most = engine, ledger, most
        self._sent: dict[str, float] = {}  # that nobody has come with, and when they were sent
        self._unheard = 0  # tickets sent since a worker came
        self._heard_at = ledger.clock()  # when all of them might still come
        self._lock = threading.Lock()
        self._pause_s = self._not_before = 0.0
        self._told = b""

    def redeem(self, ticket: str) -> None:
        """Note that a worker came with a ticket."""
        with self._lock:
            self._sent.pop(ticket, None)
            self._unheard = 0

    def go_round(self) -> None:
        """Send what is missing; an engine that refuses is asked again later, and that is told."""
        now = self._ledger.clock()
        if now < self._not_before:
            return
        try:
            jobs = self._needed(self._engine.jobs())
            machines = self._machines(now)
            trouble = self._silence(jobs, machines, now)
            for _ in range(self._missing(jobs, machines, now)):
                ticket = uuid.uuid4().hex
                self._engine.send(ticket)
                with self._lock:
                    self._sent[ticket] = now
                    self._unheard += 1
            self._pause_s = 0.0
        except DeepResolveError as error:
            jobs, trouble = Jobs(0, 0), str(error)
            self._pause_s = min(_MOST_PAUSE_S, max(1.0, 2 * self._pause_s))
            self._not_before = now + self._pause_s
        self._tell(jobs, trouble)

    def stop(self) -> None:
        """Let the engine stop; one that cannot be asked is left alone."""
        try:
            self._engine.stop()
        except DeepResolveError as error:
            self._tell(Jobs(0, 0), str(error))

    def _needed(self, jobs: Jobs) -> Jobs:
        """Return how many workers wait and run once nobody waits to come for nothing."""
        if not jobs.waiting or self._ledger.n_to_take() or not self._engine.take_back():
            return jobs
        with self._lock:
            self._sent.clear()
            self._unheard = 0
        return self._engine.jobs()

    def _machines(self, now: float) -> list[Machine]:
        """Return those workers of the engine that speak."""
        return [
            one
            for one in self._ledger.machines()
            if one.engine == self._engine.name and now - one.seen < _SILENT_S
        ]

    def _missing(self, jobs: Jobs, machines: Sequence[Machine], now: float) -> int:
        """Return how many workers are to be asked for."""
        longest = _REDEEMED_S
        with self._lock:
            if self._engine.counts and jobs == Jobs(0, 0):
                longest = min(longest, _GONE_S * self._unheard)
            self._sent = {one: at for one, at in self._sent.items() if now - at < longest}
        if self._ledger.mode() != "open":
            return 0
        idle = sum(one.run is None and not one.draining for one in machines)
        coming = max(jobs.waiting, len(self._sent))
        wanted = self._ledger.n_to_take() - idle - coming
        return max(0, min(wanted, self._most - coming - max(len(machines), jobs.running)))

    def _silence(self, jobs: Jobs, machines: Sequence[Machine], now: float) -> str:
        """Say that workers end before they come here, once that has been so for a while."""
        may_come = jobs.waiting + max(0, jobs.running - len(machines))
        with self._lock:
            gone = self._unheard - may_come
            if gone <= 0 or self._pause_s:  # nobody was asked meanwhile
                self._heard_at = now
        if now - self._heard_at < _UNHEARD_S:
            return ""
        ended = "1 worker has" if gone == 1 else f"{gone} workers have"
        return f"{ended} been asked for and did not come. {self._engine.clue}"

    def _tell(self, jobs: Jobs, trouble: str) -> None:
        """Write how the engine stands, when that has changed."""
        told = json.dumps(
            {"engine": self._engine.name, "waiting": jobs.waiting, "running": jobs.running,
             "trouble": trouble}
        ).encode()  # fmt: skip
        if told != self._told:
            with suppress(OSError):  # a full disk: told at the next change
                write_whole(self._ledger.path.parent / ENGINE, told)
                self._told = told


def engine_told(state: Path) -> dict | None:
    """Return how the engine of a state folder stands: `engine`, `waiting`, `running`, `trouble`."""
    try:
        return json.loads((state / ENGINE).read_text())
    except (OSError, ValueError):
        return None
