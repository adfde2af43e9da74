"""A worker on another machine than the queue: takes runs up over HTTP, with torch warm."""

import os
import shutil
import signal
import socket
import sys
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from deepresolve_dash.errors import CoordinatorAway, DeepResolveError, DiskFull
from deepresolve_dash.runs.entry import Claim, PartClaim
from deepresolve_dash.runs.helper import help_with
from deepresolve_dash.runs.locks import name_process
from deepresolve_dash.runs.remote.client import Client
from deepresolve_dash.runs.remote.needs import results_of
from deepresolve_dash.runs.remote.remote_ledger import RemoteLedger, Worker
from deepresolve_dash.runs.remote.scratch import make_scratch
from deepresolve_dash.runs.slots import Slot
from deepresolve_dash.runs.work import forget_work
from deepresolve_dash.runs.worker import NO_CUDA, STUCK, load_torch, perform

_PAUSES_S = (0.2, 0.5, 1.0, 2.0)  # between looks at an empty queue; the last again and again
_LINGER_S = 10.0  # on an empty queue, of a worker that is to end with it
_AWAY_S = 60.0  # without a coordinator, of such a worker


def work(
    address: str,
    token: str,
    slot: Slot,
    *,
    engine: str = "",
    ticket: str = "",
    until_empty: bool = False,
    cpu_workers: int = 1,
    scratch: Path | None = None,
    goes_on: Callable[[], bool] = lambda: True,
) -> int:
    """Take runs up from a coordinator until told to end.

    SIGTERM hands back what is computed: finished units of work are sent, the run is queued again,
    and this process ends.

    Parameters
    ----------
    address, token : str
        Of the coordinator.
    slot : Slot
        What to compute with.
    engine : str
        Who has started this worker.
    ticket : str
        What the coordinator sent for this worker.
    until_empty : bool
        End when the queue has been empty for ten seconds, or the coordinator away for a minute.
    cpu_workers : int
        Workers that share the cores of this machine, where it has no GPU.
    scratch : Path, optional
        Where to make a folder for files while a run is computed; the system's place without it.
    goes_on : function
        Asked between runs, and between tries to reach the coordinator.

    Returns
    -------
    int
        Exit code: 0 or `NO_CUDA`.

    Raises
    ------
    DeepResolveError
        When the coordinator refuses this worker.
    """
    if not load_torch(slot, cpu_workers):
        return NO_CUDA
    owner = name_process(uuid.uuid4().hex)
    folder = make_scratch(scratch, owner)
    host = owner.rsplit(":", 2)[0]
    who = Worker(owner, host, describe(slot), f"{slot.name}@{host}", engine)
    ending = threading.Event()

    def stays() -> bool:
        return goes_on() and not ending.is_set()

    client = Client(address, token, stays)
    ledger = RemoteLedger(client, who, folder)
    held = _Held(ledger, ending)
    held.listen()
    try:
        _go_round(ledger, held, ticket, until_empty, stays)
        if ending.is_set():
            held.join()
        with suppress(DeepResolveError):
            ledger.part_with(owner)
    finally:
        ledger.close()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _go_round(
    ledger: RemoteLedger,
    held: "_Held",
    ticket: str,
    until_empty: bool,
    goes_on: Callable[[], bool],
) -> None:
    """Take up what waits, again and again."""
    quiet, busy_at = 0, time.monotonic()
    while goes_on():
        claim, longest = None, _LINGER_S
        try:
            claim = ledger.take_up(ticket, patient=not until_empty)
            ticket = ""
        except DiskFull:  # of the coordinator
            ticket = ""
        except CoordinatorAway:
            longest = _AWAY_S
        if claim is not None:
            held.claim = claim
            _compute(claim, ledger)
            held.claim = None
            quiet, busy_at = 0, time.monotonic()
            continue
        if ledger.ends or (until_empty and time.monotonic() - busy_at > longest):
            return
        time.sleep(_PAUSES_S[min(quiet, len(_PAUSES_S) - 1)])
        quiet += 1


def _compute(claim: Claim, ledger: RemoteLedger) -> None:
    """Compute a run or a part of one, and remove what it leaves in the scratch folder."""
    state = ledger.path.parent

    def give_up() -> None:
        shutil.rmtree(state, ignore_errors=True)
        os._exit(STUCK)

    try:
        if isinstance(claim, PartClaim):
            help_with(claim, ledger, state, give_up)
        else:
            perform(claim, ledger, state, give_up)
    finally:
        ledger.say_rest(claim)
        forget_work(state, claim.request.id)
        for path in results_of(claim.request):
            (state / path).unlink(missing_ok=True)
        shutil.rmtree(state / "runs" / claim.request.id, ignore_errors=True)


class _Held:
    """What is computed now, so that it can be handed back when the system ends this process."""

    def __init__(self, ledger: RemoteLedger, ending: threading.Event) -> None:
        self._ledger, self._ending = ledger, ending
        self.claim: Claim | None = None

    def listen(self) -> None:
        """Wait for SIGTERM in a thread of its own: the computation may not hear it for long.

        Whichever thread gets the signal, those of torch too, the interpreter writes it to a socket
        at once.
        """
        if threading.current_thread() is not threading.main_thread():
            return
        heard, self._told = socket.socketpair()
        self._told.setblocking(False)
        signal.set_wakeup_fd(self._told.fileno())
        signal.signal(signal.SIGTERM, lambda *_: None)
        self._thread = threading.Thread(target=self._wait, args=(heard,), daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait until all is handed back, with which this process ends."""
        self._thread.join()

    def _wait(self, heard: socket.socket) -> None:
        while heard.recv(1)[0] != signal.SIGTERM:
            pass
        self._ending.set()
        with suppress(DeepResolveError):
            if self.claim is not None:
                self._ledger.hand_back(self.claim)
            self._ledger.part_with(self._ledger.owner)
        shutil.rmtree(self._ledger.path.parent, ignore_errors=True)
        sys.stderr.write("Ended by the system; what was computed was handed back.\n")
        os._exit(0)


def describe(slot: Slot) -> str:
    """Say what is computed with."""
    import torch

    if slot.device == "cuda":
        return torch.cuda.get_device_name(0)
    n = torch.get_num_threads()
    return f"CPU, {n} {'thread' if n == 1 else 'threads'}"
