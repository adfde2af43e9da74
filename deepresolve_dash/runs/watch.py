"""The thread beside a computation: tells the ledger how far it is, hears when it must stop."""

import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from deepresolve_dash.errors import DeepResolveError, DiskFull, LostLease, RunCancelled
from deepresolve_dash.runs.entry import Claim
from deepresolve_dash.runs.leases import Leases, Progress

_QUIET_S = 0.5  # between writes while nothing does
STUCK_S = 1.5  # after which a computation that does not stop is given up


class TimeLeft:
    """The seconds that are left of a computation, by its rate since the first word about it."""

    def __init__(self) -> None:
        """Begin to count with the next word."""
        self._from: tuple[float, int] | None = None  # when, and how much was done then

    def restart(self) -> None:
        """Count from the next word on: what was done until then says nothing about the rate."""
        self._from = None

    def at(self, now: float, done: int, total: int) -> float | None:
        """Return the seconds left at a time in seconds, None in the first second."""
        if self._from is None:
            self._from = (now, done)
        since, first = self._from
        if now - since < 1 or done <= first:
            return None
        return (total - done) * (now - since) / (done - first)


class Watch:
    """Progress of one claim.

    The computation calls `phase`, `progress`, `classes`, `unit`; each raises what the thread has
    heard: `RunCancelled`, `LostLease` or `DiskFull`. One that does not listen is given up: `stuck`
    is called with what was heard, in the thread.
    """

    def __init__(
        self,
        ledger: Leases,
        claim: Claim,
        stuck: Callable[[DeepResolveError], None],
    ) -> None:
        """Watch a claim."""
        self._ledger, self._claim, self._stuck = ledger, claim, stuck
        self._now = Progress()
        self._words = 0  # said so far; one that is said again shows life too
        self._heard: DeepResolveError | None = None
        self._left = TimeLeft()
        self._others = 0  # row-steps that helpers have done and that are not counted here yet
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def check(self) -> None:
        """Raise what was heard."""
        if self._heard is not None:
            raise self._heard

    def phase(self, name: str) -> None:
        """Say what is going on, again and again while it goes on."""
        self._words += 1
        if name != self._now.phase:
            self._now = replace(self._now, phase=name, seconds_left=None)
        self.check()

    def progress(self, done: int, total: int) -> None:
        """Say how many row-steps are done."""
        by_all = min(total, done + self._others)
        left = self._left.at(time.monotonic(), by_all, total)
        self._now = replace(self._now, done=done, total=total, seconds_left=left)
        self.check()

    def found(self, units: int) -> None:
        """Say how many units of work are on disk already."""
        self._now = replace(self._now, units=units)

    def unit(self) -> None:
        """Say that another unit of work is on disk."""
        self._now = replace(self._now, units=(self._now.units or 0) + 1)

    def recalled(self) -> None:
        """Say that the next row-steps were found on disk: they say nothing about the rate."""
        self._left.restart()

    def classes(self, n: int) -> None:
        """Say how many classes can be looked at."""
        self._now = replace(self._now, finished_classes=n)
        self.check()

    def _beat(self) -> None:
        told: tuple[Progress, int] | None = None
        told_at = heard_at = 0.0
        while not self._over.wait(self._ledger.beat_s):
            now, state = time.monotonic(), (self._now, self._words)
            if self._heard is not None:
                if now - heard_at > STUCK_S:
                    self._stuck(self._heard)
                continue
            if state == told and now - told_at < _QUIET_S:
                continue
            try:
                summed = self._ledger.tick(self._claim, state[0], spoken=state != told)
                self._others = max(0, summed - state[0].done)
                told, told_at = state, now
            except (RunCancelled, LostLease, DiskFull) as error:
                self._heard, heard_at = error, now
            except (sqlite3.Error, DeepResolveError, OSError):  # a lock, say: at the next beat
                continue
        self._ledger.close()
