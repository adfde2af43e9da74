"""Runs whose worker is dead, frozen, stuck or no longer wanted."""

from pathlib import Path

from deepresolve_dash.runs.leases import Held
from deepresolve_dash.runs.ledger import Ledger
from deepresolve_dash.runs.locks import holder, kill_holder, slot_lock
from deepresolve_dash.runs.machines import is_remote
from deepresolve_dash.runs.staff import Staff

CANCEL_S = 1.0  # that a computation has to stop by itself
_SILENT = "it gave no sign of life"


class Reaper:
    """Looks after the runs that are running.

    A worker of this machine holds the lock of its slot for life, so that a slot that somebody else
    has, or nobody, proves that the worker is dead.
    """

    def __init__(
        self, state: Path, ledger: Ledger, staff: Staff | None = None, *, stall_s: float
    ) -> None:
        """Look after the runs of a ledger; `staff` are the workers of this runner."""
        self._state, self._ledger, self._staff, self._stall_s = state, ledger, staff, stall_s
        # their workers may have died with an earlier runner: they are not to blame
        self._inherited = {held.owner for held in ledger.held()}
        self._silent: set[str] = set()  # killed here, since their lease had ended

    def end_cancelled(self) -> None:
        """Kill the worker of a run that was cancelled and does not stop."""
        now = self._ledger.clock()
        for held in self._ledger.held():
            if held.cancel is not None and now - held.cancel > CANCEL_S:
                self._kill(held)

    def go_round(self) -> None:
        """Take runs from dead workers, kill frozen ones, fail runs that do not move."""
        now = self._ledger.clock()
        for held in self._ledger.held():
            if now - held.moved > self._stall_s:
                minutes = self._stall_s / 60
                message = f"It made no progress for {minutes:.3g} minutes and was stopped."
                self._ledger.fail(held.id, held.owner, message)
                self._kill(held)
            elif now > held.lease:
                self._silent.add(held.owner)
                self._kill(held, _SILENT)
            if not self._is_ours(held) and self.is_dead(held):
                self._ledger.orphan(
                    held.id,
                    held.owner,
                    blame=held.owner not in self._inherited,
                    reason=f" ({_SILENT})" if held.owner in self._silent else "",
                )
                self._silent.discard(held.owner)

    def is_dead(self, held: Held) -> bool:
        """Tell whether the worker that has a run is dead; of one elsewhere only its lease tells."""
        if is_remote(held.slot):
            return self._ledger.clock() > held.lease
        return holder(slot_lock(self._state, held.slot)) != held.owner

    def _is_ours(self, held: Held) -> bool:
        return self._staff is not None and self._staff.owns(held.owner)

    def _kill(self, held: Held, reason: str = "") -> None:
        """Kill a worker of this machine; one elsewhere hears that it has lost its run."""
        if is_remote(held.slot):
            return
        if self._staff is not None and self._staff.owns(held.owner):
            self._staff.kill(held.owner, reason)
        else:
            kill_holder(slot_lock(self._state, held.slot), held.owner)
