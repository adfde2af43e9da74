"""One run from a claim to its folder: what a worker does with torch."""

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.errors import ModelFileError, RunNotFound, RunRefused
from deepresolve_dash.networks.build import sequential_network
from deepresolve_dash.networks.graph import network_hash
from deepresolve_dash.networks.neutral import load_network
from deepresolve_dash.networks.sequences import read_fasta
from deepresolve_dash.runs.entry import Claim, PartClaim
from deepresolve_dash.runs.estimate import ascent_seconds
from deepresolve_dash.runs.execute import Results, choose_device, execute
from deepresolve_dash.runs.execute_part import execute_part
from deepresolve_dash.runs.inputs import InputStore
from deepresolve_dash.runs.interaction_job import compute_interactions
from deepresolve_dash.runs.interaction_request import InteractionRequest
from deepresolve_dash.runs.job import Job, labels_of
from deepresolve_dash.runs.known import known_runs
from deepresolve_dash.runs.known_trials import Shorter, take_over
from deepresolve_dash.runs.ledger import Ledger
from deepresolve_dash.runs.models import Model, ModelStore
from deepresolve_dash.runs.motif_job import compute_motifs
from deepresolve_dash.runs.motif_request import MotifRequest
from deepresolve_dash.runs.probe_job import compute_probe
from deepresolve_dash.runs.probe_request import ProbeRequest
from deepresolve_dash.runs.request import RunRequest
from deepresolve_dash.runs.shares import Shares
from deepresolve_dash.runs.spec import RunSpec
from deepresolve_dash.runs.store import RunStore, open_run, write_run
from deepresolve_dash.runs.tidy import throw_away
from deepresolve_dash.runs.watch import Watch
from deepresolve_dash.runs.work import WorkUnits, full_disk_said, show_partial, work_folder
from deepresolve_dash.settings import Settings

_PARTIAL_S = 2.0  # between results so far, at least
_PARTIAL_SHARE = 10  # times as long as writing them took
_KEPT_PARTIALS = 2  # the newest, and the one that somebody may be reading


class _Told(WorkUnits):
    """Units of work that tell the watch and the log."""

    def __init__(self, folder: Path, device: str, watch: Watch, say: Callable[[str], None]) -> None:
        super().__init__(folder, device)
        self._watch, self._say = watch, say
        watch.found(len(self))

    def __getitem__(self, name: str) -> dict[str, NDArray]:
        arrays = super().__getitem__(name)
        self._watch.recalled()
        return arrays

    def __setitem__(self, name: str, arrays: dict[str, NDArray]) -> None:
        self._watch.check()
        super().__setitem__(name, arrays)
        self._watch.unit()
        self._say(f"unit {name} is on disk")


def compute(
    claim: Claim, ledger: Ledger, state: Path, watch: Watch, say: Callable[[str], None]
) -> None:
    """Compute what is asked for and publish it; do nothing when it is there.

    Raises
    ------
    RunCancelled, LostLease, DiskFull
        As the watch hears them.
    DeepResolveError
        When what the run needs is not there any more.
    """
    request = claim.request
    if isinstance(request, InteractionRequest):
        compute_interactions(request, state, watch)
        return
    if isinstance(request, MotifRequest):
        compute_motifs(request, state, watch)
        return
    if isinstance(request, ProbeRequest):
        compute_probe(request, state, watch)
        return
    runs = state / "runs"
    if _is_done(runs / request.id):
        return
    model, job, units, shorter = _material(request, state, watch, say)
    device = choose_device(request.device).type
    say(f"{len(units)} units of work found")
    if shorter is not None:
        say(f"the {shorter.n_trials} trials of run {shorter.id} are taken over")
    so_far = _SoFar(state, request, watch, claim.attempt)
    pace = _Pace()

    def phase(name: str) -> None:
        pace.phase(name)
        watch.phase(name)

    results = execute(
        job,
        device=request.device,
        progress=lambda done, all_: watch.progress(done + request.total - all_, request.total),
        units=units,
        known=shorter.ascents if shorter else None,
        on_classes=so_far,
        on_phase=phase,
        turns=Shares(ledger, claim, watch, ledger.count_workers(ledger.slot_of(claim)), say),
    )
    if shorter is not None:
        told = {"run": shorter.id, "trials": shorter.n_trials}
        results = replace(results, info=results.info | {"taken_over": told})
    _publish(state, request.id, results, lambda: watch.phase("writing"))
    if pace.seconds > 0 and not units.recalled:
        n_known = shorter.n_trials if shorter else 0
        expected = ascent_seconds(model.card, request.spec, device, n_known)
        ledger.note_speed(device, expected / pace.seconds)


def compute_part(claim: PartClaim, state: Path, watch: Watch, say: Callable[[str], None]) -> None:
    """Compute a part of a run of another worker.

    Raises
    ------
    RunCancelled, LostLease, DiskFull
        As the watch hears them.
    DeepResolveError
        When what the run needs is not there any more.
    """
    request = claim.request
    if not isinstance(request, RunRequest):
        raise RunRefused("Only runs have parts.")
    _, job, units, shorter = _material(request, state, watch, say)
    execute_part(
        job,
        slice(claim.first, claim.first + claim.n),
        device=request.device,
        units=units,
        known=shorter.ascents if shorter else None,
        progress=watch.progress,
        on_phase=watch.phase,
    )


def _material(
    request: RunRequest, state: Path, watch: Watch, say: Callable[[str], None]
) -> tuple[Model, Job, _Told, Shorter | None]:
    """Return what a run is made from: its model, its job, its units of work, a shorter run."""
    model = ModelStore(state / "models").open(request.model)
    job = make_stored_job(request, model, InputStore(state))
    device = choose_device(request.device).type
    units = _Told(work_folder(state, request.id), device, watch, say)
    store = RunStore(Settings(state=state).run_roots)
    return model, job, units, take_over(known_runs(store, request.spec, device))


def _publish(state: Path, run_id: str, results: Results, tell: Callable[[], None]) -> None:
    """Write the run folder, unless a worker that was taken for dead has just done it.

    A folder of this name that is not the whole run is damaged and makes way.
    """
    folder = state / "runs" / run_id
    tell()
    if folder.is_dir() and not _is_done(folder):
        throw_away(state, folder, run_id)
    try:
        with full_disk_said():
            write_run(
                folder,
                info=results.info,
                ensemble=results.ensemble,
                summary=results.summary,
                on_file=tell,
            )
    except OSError:
        if not _is_done(folder):
            raise


def _is_done(folder: Path) -> bool:
    """Tell whether the folder of a run is there and whole."""
    try:
        return open_run(folder).id == folder.name
    except RunNotFound:
        return False


def warm_up() -> None:
    """Run a tiny network through, so that everything is loaded before the first run is begun."""
    draw = np.random.default_rng(0).normal
    network = sequential_network(
        [
            ("conv", "conv", {"kernel": draw(size=(2, 4, 3))}),
            ("conv", "relu", {}),
            ("flat", "flatten", {}),
            ("dense", "linear", {"kernel": draw(size=(1, 10))}),
        ],
        input_length=7,
    )
    settings = ascent_settings(n_trials=2, steps=2)
    spec = RunSpec(network_hash(network), "conv", (0,), "default", settings)
    execute(Job(network, "warm-up", spec))


def make_stored_job(request: RunRequest, model: Model, inputs: InputStore) -> Job:
    """Read what a request names from the state folder.

    Raises
    ------
    DeepResolveError
        When something of it is gone or has changed.
    """
    spec = request.spec
    network = load_network(model.folder)
    if network_hash(network) != spec.network:
        raise ModelFileError("The stored network is not the one that the run asks for.")
    sequences = labels = None
    if spec.sequences:
        stored = inputs.path(inputs.open(spec.sequences))
        sequences = [letters for _, letters in read_fasta(stored)]
    if spec.labels:
        labels = labels_of(network, spec, inputs.path(inputs.open(spec.labels)))
    return Job(network, model.name, spec, sequences, labels, request.name)


class _Pace:
    """How long the ascent took."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._since: float | None = None

    def phase(self, name: str) -> None:
        if name == "ascent":  # said again while results so far are made
            self._since = time.monotonic() if self._since is None else self._since
        elif self._since is not None:
            self.seconds, self._since = time.monotonic() - self._since, None


class _SoFar:
    """Write the results of finished classes now and then, so that they can be looked at.

    *Choice:* at most every two seconds, and so seldom that it costs less than a tenth of the time.
    """

    def __init__(self, state: Path, request: RunRequest, watch: Watch, attempt: int) -> None:
        self._state, self._request, self._watch = state, request, watch
        self._attempt, self._n, self._next = attempt, 0, 0.0

    def __call__(self, make: Callable[[], Results], n_classes: int) -> None:
        started, total = time.monotonic(), len(self._request.spec.classes)
        if n_classes == total or started < self._next:
            return
        results = make()
        self._n += 1
        folder = work_folder(self._state, self._request.id) / f"so-far-{self._attempt}-{self._n}"
        info = results.info | {"partial": {"classes_done": n_classes, "classes": total}}
        ensemble = results.ensemble.drop_vars("fim", errors="ignore")
        with full_disk_said():
            write_run(folder, info=info, ensemble=ensemble, summary=results.summary)
        show_partial(self._state, self._request.id, folder)
        self._forget_old(folder)
        self._watch.classes(n_classes)
        ended = time.monotonic()
        self._next = ended + max(_PARTIAL_S, _PARTIAL_SHARE * (ended - started))

    def _forget_old(self, newest: Path) -> None:
        """Remove results so far that nobody reads any more."""
        kept = sorted(newest.parent.glob("so-far-*"), key=lambda path: path.stat().st_mtime)
        for old in kept[:-_KEPT_PARTIALS]:
            shutil.rmtree(old, ignore_errors=True)
