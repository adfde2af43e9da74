"""The workers that a runner has started: one per slot, kept warm, replaced when they die."""

import math
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass

from deepresolve_dash.errors import DiskFull
from deepresolve_dash.runs import tidy
from deepresolve_dash.runs.ledger import Ledger
from deepresolve_dash.runs.locks import holder, is_here, process_of, slot_lock
from deepresolve_dash.runs.slots import CPU, QUICK, Slot
from deepresolve_dash.runs.worker import NO_CUDA, SLOT_TAKEN, STUCK
from deepresolve_dash.settings import Settings

_MOST_BAD_STARTS = 3
_PAUSE_S = 2.0  # after a bad start, doubled each time
_WORDS = {
    signal.SIGKILL: "killed; often the machine was out of memory",
    signal.SIGSEGV: "a crash in compiled code",
    signal.SIGABRT: "a crash in compiled code",
}


@dataclass
class Worker:
    """A worker process and its place."""

    slot: Slot
    process: subprocess.Popen
    killed_for: str = ""  # why the runner itself killed it


@dataclass
class Starts:
    """How the workers of a slot fared: those in a row that ended without a run."""

    bad: int = 0
    not_before: float = -math.inf


class Staff:
    """Starts and buries workers."""

    def __init__(self, settings: Settings, ledger: Ledger, slots: list[Slot]) -> None:
        """Keep one worker in each slot."""
        self._settings, self._ledger, self._slots = settings, ledger, slots
        self._state = settings.state.absolute()
        self._workers: dict[str, Worker] = {}
        self._starts: defaultdict[str, Starts] = defaultdict(Starts)

    def owns(self, owner: str) -> bool:
        """Tell whether a worker of this name is one of ours and lives."""
        return any(_is(one, owner) for one in self._workers.values())

    def kill(self, owner: str, reason: str = "") -> None:
        """Kill one of ours; `reason` says why, in words."""
        for one in self._workers.values():
            if _is(one, owner):
                one.killed_for = reason
                one.process.kill()

    def hire(self, *, soon: bool = False) -> None:
        """Start a worker wherever there is a slot that nobody has.

        *Choice:* a further one answers what is quick on the CPU while all others compute runs; when
        somebody is about to ask `soon`, it is started before that.
        """
        now = time.monotonic()
        for slot in [*self._slots, *([QUICK] if self._needs_quick(soon) else [])]:
            if slot.name in self._workers or now < self._starts[slot.name].not_before:
                continue
            if holder(slot_lock(self._state, slot.name)) is None:
                self._workers[slot.name] = Worker(slot, self._start(slot))

    def _needs_quick(self, soon: bool) -> bool:
        """Tell whether something quick waits, or will, and no worker is free for it."""
        busy = {held.slot for held in self._ledger.held()}
        taken = all(slot.name in busy for slot in self._slots)
        return taken and (soon or self._ledger.quick_waits())

    def bury(self) -> None:
        """Take what dead workers left behind."""
        for name, worker in list(self._workers.items()):
            code = worker.process.poll()
            mine = [held for held in self._ledger.held() if _is(worker, held.owner)]
            if mine:
                self._starts.pop(name, None)
            if code is None:
                continue
            del self._workers[name]
            reason = f" ({worker.killed_for or how_it_died(code)})"
            for held in mine:
                self._ledger.orphan(held.id, held.owner, blame=True, reason=reason)
            if not mine:
                self._learn(worker.slot, code)

    def dismiss(self) -> None:
        """End all workers; their runs are queued again, and nobody is blamed."""
        for worker in self._workers.values():
            worker.process.kill()
        for worker in self._workers.values():
            worker.process.wait()
            for held in self._ledger.held():
                if _is(worker, held.owner):
                    with suppress(DiskFull):  # the next runner will find the run
                        self._ledger.orphan(held.id, held.owner, blame=False)
        self._workers.clear()

    def _start(self, slot: Slot) -> subprocess.Popen:
        command = [sys.executable, "-m", "deepresolve_dash.runs.worker"]
        with tidy.open_log(self._state, f"worker-{slot.name}") as log:
            return subprocess.Popen(  # noqa: S603
                [*command, slot.name, slot.visible, str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=tidy.CODE,
                env=os.environ | self._settings.environment(),
            )

    def _learn(self, slot: Slot, code: int) -> None:
        """Draw the lesson of a worker that ended without a run.

        No GPU here, or none can start in this slot; when that is so of all slots, what waits fails.
        """
        if code == NO_CUDA:
            self._slots = [one for one in self._slots if one != slot] or [CPU]
            return
        if code in (0, SLOT_TAKEN, STUCK):
            return
        starts = self._starts[slot.name]
        starts.bad += 1
        starts.not_before = time.monotonic() + _PAUSE_S * 2 ** min(starts.bad - 1, 4)
        if self._slots and all(self._is_hopeless(one) for one in self._slots):
            last = tidy.last_line(self._state, f"worker-{slot.name}")
            message = f"No worker can be started ({how_it_died(code)}): {last}"
            for run_id in self._ledger.waiting():
                self._ledger.fail(run_id, None, message)

    def _is_hopeless(self, slot: Slot) -> bool:
        """Tell whether no worker can be started in a slot, and nobody else computes there."""
        if self._starts[slot.name].bad < _MOST_BAD_STARTS:
            return False
        return slot.name in self._workers or holder(slot_lock(self._state, slot.name)) is None


def _is(worker: Worker, owner: str) -> bool:
    """Tell whether a worker bears this name."""
    return worker.process.pid == process_of(owner) and is_here(owner)


def how_it_died(code: int) -> str:
    """Say how a process ended."""
    if code == STUCK:
        return "its GPU failed, or it did not stop by itself; its log says which"
    if code >= 0:
        return f"exit code {code}"
    words = _WORDS.get(signal.Signals(-code)) if -code in signal.valid_signals() else None
    return f"signal {-code}" + (f": {words}" if words else "")
