"""A worker: takes runs up one after the other and computes them, with torch warm.

`python -m deepresolve_dash.runs.worker SLOT` is what the runner starts.
"""

import ctypes
import os
import signal
import sys
import time
import traceback
import uuid
from collections.abc import Callable
from pathlib import Path

from deepresolve_dash.errors import (
    DeepResolveError,
    DiskFull,
    LostLease,
    RunCancelled,
    SettingsError,
)
from deepresolve_dash.runs.entry import Claim
from deepresolve_dash.runs.gpu_failure import is_gpu_failure
from deepresolve_dash.runs.helper import help_with, take_part
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.limits import Limits
from deepresolve_dash.runs.locks import FileLock, name_process, slot_lock
from deepresolve_dash.runs.slots import QUICK, Slot
from deepresolve_dash.runs.watch import Watch
from deepresolve_dash.runs.work import forget_work, write_log
from deepresolve_dash.settings import Settings, read_settings

SLOT_TAKEN, NO_CUDA, STUCK = 75, 77, 78  # exit codes
_IDLE_S = 0.1
_QUICK_IDLE_S = 120.0  # after which a worker for what is quick alone ends
_ROOM_S = 8.0  # within the lease
_NICE = 5  # leaves the web process responsive
_PARENT_DEATH_SIGNAL = 1  # prctl


def main() -> None:
    """Work for the runner that started this process, and die with it."""
    name, visible, parent = sys.argv[1], sys.argv[2], int(sys.argv[3])
    die_with(parent)
    code = work(
        read_settings(),
        Slot(name, visible),
        goes_on=lambda: os.getppid() == parent,
        give_up=lambda: os._exit(STUCK),
    )
    sys.exit(code)


def work(
    settings: Settings,
    slot: Slot,
    *,
    goes_on: Callable[[], bool],
    give_up: Callable[[], None],
    idle: Callable[[], None] = lambda: None,
) -> int:
    """Take runs up until told to end.

    Parameters
    ----------
    settings : Settings
    slot : Slot
        Place to compute; it is locked for the life of this process.
    goes_on : function
        Asked between runs.
    give_up : function
        Ends or restarts this process when a computation does not stop by itself.
    idle : function
        Called again and again while nothing is to be done.

    Returns
    -------
    int
        Exit code: 0, `SLOT_TAKEN`, `NO_CUDA`.
    """
    state = settings.state.absolute()
    owner = name_process(uuid.uuid4().hex)
    lock = FileLock(slot_lock(state, slot.name))
    if not lock.take(owner):
        return SLOT_TAKEN
    os.nice(_NICE)
    if not load_torch(slot, settings.cpu_workers):
        return NO_CUDA
    ledger, busy_at = Ledger(state / LEDGER, limits=Limits.of(settings)), time.monotonic()
    while goes_on() and not (slot == QUICK and time.monotonic() - busy_at > _QUICK_IDLE_S):
        claim = _claim(ledger, owner, slot)
        if claim is None:
            if ledger.mode() == "drained":
                break
            part = take_part(ledger, owner, slot.name) if slot != QUICK else None
            if part is None:
                idle()
                time.sleep(_IDLE_S)
            else:
                help_with(part, ledger, state, give_up)
        else:
            perform(claim, ledger, state, give_up)
            busy_at = time.monotonic()
    lock.release()
    return 0


def perform(claim: Claim, ledger: Ledger, state: Path, give_up: Callable[[], None]) -> None:
    """Compute one run and write how it ended.

    *Choice:* a run whose GPU failed has not ended: this process does, and the run goes on in
    another one as after every death of a worker, which fails it in the end if it is to blame.
    """

    def say(text: str) -> None:
        write_log(state, claim.request.id, f"attempt {claim.attempt}: {text}")

    say(f"begins, by {claim.owner}")

    def stuck(heard: DeepResolveError) -> None:
        say("ends, it did not stop by itself")
        try:
            if isinstance(heard, RunCancelled):
                ledger.finish(claim, "cancelled")
        finally:
            give_up()

    from deepresolve_dash.runs.compute import compute

    try:
        with Watch(ledger, claim, stuck) as watch:
            compute(claim, ledger, state, watch, say)
        ledger.finish(claim, "done")
        say("ends, done")
        forget_work(state, claim.request.id)
    except LostLease:
        say("ends, another worker has the run")
    except RunCancelled:
        say("ends, cancelled")
        _finish(claim, ledger, "cancelled", "")
    except Exception as error:  # noqa: BLE001 - whatever it is, the run has failed and says so
        message = in_words(error)
        say(f"ends, {message}\n{traceback.format_exc()}")
        if is_gpu_failure(error):
            give_up()
        else:
            _finish(claim, ledger, "failed", message)


def in_words(error: Exception) -> str:
    """Say why a run failed."""
    if isinstance(error, DeepResolveError):
        return str(error)
    if isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        return (
            "The memory of this machine is too small for this run. Choose fewer classes, a later "
            "layer, or leave out the whole maps."
        )
    if is_gpu_failure(error):
        return "The GPU or its driver failed."
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename or 'the file system'}."
    return f"Something went wrong that was not foreseen ({type(error).__name__}); see the log."


def _claim(ledger: Ledger, owner: str, slot: Slot) -> Claim | None:
    """Take the next run; None when nothing waits, or while the disk is too full to say so."""
    try:
        return ledger.claim(owner, slot.name)
    except DiskFull:
        return None


def _finish(claim: Claim, ledger: Ledger, state: str, message: str) -> None:
    """Write how a run ended, unless another worker has it; wait a little for room on the disk."""
    deadline = time.monotonic() + _ROOM_S
    while True:
        try:
            ledger.finish(claim, state, message)
        except LostLease:
            return
        except DiskFull:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)
        else:
            return


def load_torch(slot: Slot, n_workers: int = 1) -> bool:
    """Import torch and give it its device; False when the slot is a GPU that it does not see.

    Raises
    ------
    SettingsError
        When it sees the GPU and cannot use it: busy, or with a driver that does not fit.
    """
    os.environ["CUDA_VISIBLE_DEVICES"] = slot.visible
    import torch

    from deepresolve_dash.runs.compute import warm_up

    if slot.device == "cuda" and not torch.cuda.is_available():
        return False
    if slot.device == "cpu" and "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(max(1, n_cores() // n_workers))
    try:
        warm_up()
    except RuntimeError as error:
        if not is_gpu_failure(error):
            raise
        why = str(error).splitlines()[0].rstrip(".")
        raise SettingsError(
            f"The GPU cannot be used: {why}.", "Name others with DRD_GPUS, or none."
        ) from error
    return True


def n_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def die_with(parent: int, how: signal.Signals = signal.SIGKILL) -> None:
    """End this process with whoever started it, also when that is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, how, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(0)


if __name__ == "__main__":
    main()
