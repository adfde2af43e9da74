"""The runner: starts the workers, buries them, keeps the ledger true. One lives per state folder.

`python -m deepresolve_dash.runs.runner` is started by whoever submits or watches a run, and by a
dashboard that answers workers elsewhere, with which it lives;
`--stop` ends the one that lives, and its workers with it.
"""

import math
import signal
import sys
import time
from contextlib import suppress
from types import FrameType

from deepresolve_dash.errors import DiskFull
from deepresolve_dash.runs import tidy
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.locks import RUNNER_LOCK, SERVER_LOCK, FileLock, holder, name_process
from deepresolve_dash.runs.reaper import Reaper
from deepresolve_dash.runs.remote.elsewhere import Elsewhere
from deepresolve_dash.runs.slots import find_slots
from deepresolve_dash.runs.staff import Staff
from deepresolve_dash.runs.start import WANTED, WEB_ALIVE, ensure_runner, stop_runner
from deepresolve_dash.settings import Settings, read_settings

_ROUND_S = 0.1
_SLOW_ROUND_S = 1.0
_SLEPT_S = 5.0  # a round that took longer was a sleep of the machine
_TIDY_S = 60.0
_WANTED_S = 20.0
IDLE_S = 60.0


class Runner:
    """The loop of the runner.

    Parameters
    ----------
    settings : Settings
    idle_s : float
        Seconds without work and without a page that watches, after which it ends.
    """

    def __init__(self, settings: Settings, *, idle_s: float = IDLE_S) -> None:
        self.state = settings.state.absolute()
        self.ledger = Ledger(self.state / LEDGER)
        slots = (
            find_slots(settings.gpus, settings.cpu_workers) if settings.engine == "local" else []
        )
        self.staff = Staff(settings, self.ledger, slots)
        self.elsewhere = Elsewhere(settings)
        self.reaper = Reaper(self.state, self.ledger, self.staff, stall_s=settings.stall_s)
        self._settings, self._idle_s = settings, idle_s
        self._stopped = self._idle = False
        self._busy_at = time.monotonic()
        self._last_round = self.ledger.clock()
        self._slow_at = self._tidy_at = -math.inf

    def run(self) -> None:
        """Go round until stopped, idle, or the state folder is gone."""
        lock = FileLock(self.state / RUNNER_LOCK)
        if not lock.take(name_process("runner")):
            return
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        try:
            while not (self._stopped or self._idle) and lock.is_ours():
                try:
                    self._go_round()
                except DiskFull as error:  # nothing can be written; there may be room later
                    sys.stderr.write(f"{error}\n")
                    time.sleep(_SLOW_ROUND_S)
                time.sleep(_ROUND_S)
        finally:
            self.elsewhere.stop()
            self.staff.dismiss()
            lock.release()
        if self._idle and self.ledger.is_busy():  # submitted while the lock was still held
            ensure_runner(self._settings)

    def _go_round(self) -> None:
        """Look after everything once; the slow things once a second."""
        if self.ledger.clock() - self._last_round > _SLEPT_S:
            self.ledger.extend()
        self._last_round, now = self.ledger.clock(), time.monotonic()
        self.staff.bury()
        self.reaper.end_cancelled()
        if now - self._slow_at >= _SLOW_ROUND_S:
            self._slow_at = now
            self.reaper.go_round()
            soon = self._is_wanted()
            if self.ledger.mode() != "drained" and (soon or self.ledger.is_busy()):
                self.staff.hire(soon=soon)
            self.elsewhere.go_round()
            self._idle = self._is_idle(now)
        if now - self._tidy_at >= _TIDY_S:
            self._tidy_at = now
            tidy.tidy(self.state, self.ledger, keep_days=self._settings.keep_days)

    def _is_wanted(self) -> bool:
        """Tell whether a page has just asked for a worker that is ready."""
        with suppress(FileNotFoundError):
            age = self.ledger.clock() - (self.state / WANTED).stat().st_mtime
            return age < _WANTED_S
        return False

    def _is_idle(self, now: float) -> bool:
        """Tell whether nothing was to be done and nobody watched for long enough."""
        with suppress(FileNotFoundError):
            watched = self.ledger.clock() - (self.state / WEB_ALIVE).stat().st_mtime
            if watched < self._idle_s:
                self._busy_at = now
        if self.ledger.is_busy() or self._answers_workers():
            self._busy_at = now
        return now - self._busy_at > self._idle_s

    def _answers_workers(self) -> bool:
        """Tell whether a dashboard lives whose runner workers of other machines are to find."""
        return bool(self._settings.coordinator) and holder(self.state / SERVER_LOCK) is not None

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopped = True


def main() -> None:
    """Be the runner, or end the one there is."""
    settings = read_settings()
    if sys.argv[1:] == ["--stop"]:
        stop_runner(settings.state.absolute())
        return
    Runner(settings).run()


if __name__ == "__main__":
    main()
