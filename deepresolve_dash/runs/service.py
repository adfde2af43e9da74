"""Everything the screens and the command line need of runs, in one place and without torch."""

import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from deepresolve_dash.errors import DiskFull, RunNotFound, RunRefused
from deepresolve_dash.runs.answers import AnswerStore
from deepresolve_dash.runs.control import Mode
from deepresolve_dash.runs.costs import LayerCosts, layer_costs
from deepresolve_dash.runs.entry import ANONYMOUS, Entry
from deepresolve_dash.runs.estimate import Estimate, estimate
from deepresolve_dash.runs.inputs import InputStore
from deepresolve_dash.runs.interaction_request import InteractionRequest
from deepresolve_dash.runs.known import known_runs, n_trials
from deepresolve_dash.runs.ledger import LEDGER, Feed, Ledger
from deepresolve_dash.runs.limits import Limits
from deepresolve_dash.runs.models import ModelStore
from deepresolve_dash.runs.motif_request import MotifRequest
from deepresolve_dash.runs.motif_store import MotifStore
from deepresolve_dash.runs.place import check_place, free_bytes, make_private, size_of
from deepresolve_dash.runs.probe_request import ProbeRequest
from deepresolve_dash.runs.probe_store import ProbeStore
from deepresolve_dash.runs.request import RunRequest
from deepresolve_dash.runs.requests import Request
from deepresolve_dash.runs.slots import find_slots
from deepresolve_dash.runs.start import WANTED, WEB_ALIVE, ensure_runner, stop_runner
from deepresolve_dash.runs.store import RunStore, is_id
from deepresolve_dash.runs.tidy import BIN, throw_away
from deepresolve_dash.runs.work import PARTIAL, read_log
from deepresolve_dash.settings import Settings

_REVIVE_S = 2.0
_KEPT_FEEDS = 32


class Service:
    """Models, inputs, results and the queue of one state folder.

    Attributes
    ----------
    models : ModelStore
    inputs : InputStore
    store : RunStore
        Demos, finished runs, and the results so far of running ones.
    ledger : Ledger
    answers : AnswerStore
        Of the verifier of interactions.
    motifs : MotifStore
        What channels see.
    probes : ProbeStore
        What was found out about single sequences.
    """

    def __init__(self, settings: Settings, *, demos: Path | None = None) -> None:
        """Use the state folder of the settings; nothing is made before it is needed."""
        self._settings = settings
        self._state = settings.state.absolute()
        self._runs, shipped = self._state / "runs", settings.run_roots[1]
        self.models = ModelStore(self._state / "models")
        self.inputs = InputStore(self._state)
        self.store = RunStore([demos or shipped, self._runs], partial=self._state / PARTIAL)
        self.limits = Limits.of(settings)
        self.ledger = Ledger(self._state / LEDGER, limits=self.limits)
        self.answers = AnswerStore(self._state)
        self.motifs = MotifStore(self._state)
        self.probes = ProbeStore(self._state)
        self._devices: list[str] | None = None
        self._revived_at = 0.0
        self._feeds: dict[tuple[int, int], Feed] = {}
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Make the state folder, for its owner alone.

        Raises
        ------
        SettingsError
            When it is on a network file system, or its queue is of a newer version.
        """
        make_private(self._state)
        check_place(self._state)
        if self.ledger.path.is_file():
            self.ledger.connection()

    def submit(self, request: Request, user: str = ANONYMOUS) -> Entry:
        """Queue what is asked for, join what is the same, or return what is done.

        Raises
        ------
        DiskFull
            When there is too little room for another run.
        RunNotFound, ModelNotFound
            When the model is gone.
        RunRefused
            When the user has as much as one may have.
        SettingsError
            When the state folder is on a network file system.
        """
        return self.submit_all([request], user)[0]

    def submit_all(self, requests: Sequence[Request], user: str = ANONYMOUS) -> list[Entry]:
        """Queue several things as `submit` does, all of them or none."""
        self.prepare()
        wanted = [(request, self._has_answer(request)) for request in requests]
        for model in {request.model for request, there in wanted if not there}:
            self.models.open(model)
        if not all(there for _, there in wanted):
            self._check_room()
            self._check_share(user)
        entries = self.ledger.submit_all(wanted, user)
        if any(entry.state in ("queued", "running") for entry in entries):
            ensure_runner(self._settings)
        return entries

    def get_ready(self) -> None:
        """Have a worker warm for what is asked next; it takes some seconds to start.

        Raises
        ------
        SettingsError
            When the state folder is on a network file system.
        """
        self.prepare()
        (self._state / WANTED).touch(mode=0o600)
        ensure_runner(self._settings)

    def cancel(self, run_id: str, user: str = ANONYMOUS) -> Entry:
        """Leave a run; when nobody else wants it, it stops within two seconds."""
        return self.ledger.cancel(run_id, user)

    def prioritise(self, run_id: str, priority: int, user: str = ANONYMOUS) -> Entry:
        """Let a run that waits go before the other runs of its users (1), or after them (-1)."""
        self.ledger.prioritise(run_id, user, priority)
        return self.ledger.get(run_id)

    def set_mode(self, mode: Mode, *, hand_back: bool = False) -> None:
        """Open, pause or drain the queue.

        Parameters
        ----------
        mode : {"open", "paused", "drained"}
        hand_back : bool
            End the workers at once; what they compute is queued again and keeps what is on disk.
        """
        self.prepare()
        self.ledger.set_mode(mode)
        if hand_back:
            stop_runner(self._state)
        elif self.ledger.is_busy():
            ensure_runner(self._settings)

    def delete(self, run_id: str) -> None:
        """Move a run, a damaged one too, to the bin, where `restore` finds it for a week.

        Raises
        ------
        RunNotFound
            When there is no such run.
        RunRefused
            When it is queued or running, or one of the shipped demos.
        """
        known = is_id(run_id) and self._knows(run_id)
        folder = self._folder(run_id) if is_id(run_id) else None
        if not known and folder is None:
            raise RunNotFound(f"There is no run '{run_id}' here.")
        if known:
            self.ledger.delete(run_id)
            self.answers.delete(run_id)
            self.motifs.delete(run_id)
        if folder is not None:
            throw_away(self._state, folder, run_id)

    def restore(self, run_id: str) -> None:
        """Take a run back out of the bin.

        Raises
        ------
        RunNotFound
            When it is not in the bin.
        """
        thrown = self._state / BIN / run_id
        in_bin = is_id(run_id) and thrown.is_dir()
        if not in_bin and not self._knows(run_id):
            raise RunNotFound(f"There is no run '{run_id}' in the bin.")
        if in_bin:
            make_private(self._runs)
            os.replace(thrown, self._runs / run_id)
        if self._knows(run_id):
            self.ledger.restore(run_id)

    def feed(self, since: int = 0) -> Feed:
        """Return what changed after a change of this number; keeps the runner alive meanwhile."""
        if not self.ledger.path.is_file():
            return Feed(0, ())
        self._revive()
        seq = self.ledger.seq()
        known = self._feeds.get((since, seq))  # many pages ask the same
        if known is None:
            known = self.ledger.feed(since)
            self._feeds = dict([*self._feeds.items(), ((since, known.seq), known)][-_KEPT_FEEDS:])
        return known

    def log(self, run_id: str) -> str:
        """Return what happened to a run, line by line."""
        return read_log(self._state, run_id) if run_id.isalnum() else ""

    def estimate(self, request: RunRequest) -> Estimate:
        """Estimate time and memory of a run on this machine."""
        card = self.models.open(request.model).card
        device = request.device if request.device != "auto" else self._best_device()
        shorter = known_runs(self.store, request.spec, device)
        n_known = n_trials(shorter[0]) if shorter else 0
        return estimate(card, request.spec, self._speed(device), device, n_known)

    def costs(self, card: dict) -> LayerCosts:
        """Estimate a usual run at each layer of a model on this machine."""
        device = self._best_device()
        return layer_costs(card, self._speed(device), device)

    def _speed(self, device: str) -> float | None:
        """Return how fast this machine was, None when nothing was measured."""
        return self.ledger.speed(device) if self.ledger.path.is_file() else None

    def _has_answer(self, request: Request) -> bool:
        """Tell whether what is asked for is there already."""
        if isinstance(request, InteractionRequest):
            return self.answers.has(request.id)
        if isinstance(request, MotifRequest):
            return self.motifs.has(request.question, request.database)
        if isinstance(request, ProbeRequest):
            return self.probes.has(request.question)
        return self._is_there(request.id)

    def _is_there(self, run_id: str) -> bool:
        """Tell whether a run's results are there; those in the bin are taken back out."""
        if (self._state / BIN / run_id).is_dir() and not (self._runs / run_id).exists():
            make_private(self._runs)
            os.replace(self._state / BIN / run_id, self._runs / run_id)
        return self.store.has(run_id)

    def _check_room(self) -> None:
        free = free_bytes(self._state) // 2**20
        if free < self._settings.free_mb:
            raise DiskFull(
                f"Only {free} MB are free on the disk of the state folder; a run is taken on from "
                f"{self._settings.free_mb} MB.",
                "Make room, or lower DRD_FREE_MB.",
            )

    def _check_share(self, user: str) -> None:
        """Refuse a run of a user whose results take too much room."""
        if self.limits.results_mb and self.ledger.path.is_file():
            folders = (self._runs / run_id for run_id in self.ledger.ids_of(user))
            self.limits.check_results(sum(map(size_of, folders)))

    def _revive(self) -> None:
        """Start a runner where one is needed and none lives; say that somebody watches."""
        with self._lock:
            now = time.monotonic()
            if now - self._revived_at < _REVIVE_S:
                return
            self._revived_at = now
        (self._state / WEB_ALIVE).touch(mode=0o600)
        if self.ledger.is_busy() or self._settings.coordinator:
            ensure_runner(self._settings)

    def _folder(self, run_id: str) -> Path | None:
        """Return the folder of a finished or damaged run in the state, None when there is none.

        Raises
        ------
        RunRefused
            When it is a shipped demo.
        """
        if not self.store.has(run_id):
            damaged = self._runs / run_id
            return damaged if damaged.is_dir() else None
        folder = self.store.open(run_id).folder
        if folder.parent != self._runs:
            raise RunRefused("The demo runs that come with the program stay.")
        return folder

    def _knows(self, run_id: str) -> bool:
        """Tell whether a run is in the ledger."""
        if not self.ledger.path.is_file():
            return False
        try:
            self.ledger.get(run_id)
        except RunNotFound:
            return False
        return True

    def _best_device(self) -> str:
        """Return the kind of device that runs of device `auto` are computed on."""
        if self._devices is None:
            self._devices = [slot.device for slot in find_slots(self._settings.gpus)]
        return "cuda" if "cuda" in self._devices else "cpu"
