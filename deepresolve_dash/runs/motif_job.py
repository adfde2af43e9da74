"""One look at the channels of a run from a claim to its files: what a worker does with torch."""

from collections.abc import Callable
from pathlib import Path

from numpy.typing import NDArray

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.motifs.databases import Database
from deepresolve_dash.motifs.faces import all_faces
from deepresolve_dash.motifs.names import match_faces
from deepresolve_dash.networks.graph import Network, find_output, network_hash
from deepresolve_dash.networks.neutral import load_network
from deepresolve_dash.networks.sequences import read_fasta
from deepresolve_dash.runs.inputs import InputStore
from deepresolve_dash.runs.labels import read_labels
from deepresolve_dash.runs.models import ModelStore
from deepresolve_dash.runs.motif_question import MotifQuestion
from deepresolve_dash.runs.motif_request import MotifRequest
from deepresolve_dash.runs.motif_store import MotifStore
from deepresolve_dash.runs.motif_work import look
from deepresolve_dash.runs.watch import Watch
from deepresolve_dash.runs.work import full_disk_said

Progress = Callable[[int, int], None]
_PARTS = 1000  # of the whole work, that progress is told in
_SHARES = {"sequences": 0.1, "ascent": 0.6, "background": 0.02, "families": 0.0, "matching": 0.28}
"""About how long each phase takes, so that progress never goes back."""


class Stages:
    """Progress over phases of different length as one."""

    def __init__(self, progress: Progress, on_phase: Callable[[str], None]) -> None:
        """Tell both what happens."""
        self._progress, self._on_phase = progress, on_phase
        self._before = self._now = 0.0
        self._at = ""

    def phase(self, name: str) -> None:
        """Say what is going on."""
        if name != self._at:
            self._before, self._now = self._before + self._now, _SHARES.get(name, 0.0)
            self._at = name
        self._on_phase(name)

    def progress(self, done: int, total: int) -> None:
        """Say how far the phase is."""
        share = self._before + self._now * done / max(1, total)
        self._progress(round(_PARTS * share), _PARTS)


def compute_motifs(request: MotifRequest, state: Path, watch: Watch) -> None:
    """See what channels see and match it; do nothing of what is there.

    Raises
    ------
    RunCancelled, LostLease, DiskFull
        As the watch hears them.
    DeepResolveError
        When what the question needs is not there any more.
    """
    store, question = MotifStore(state), request.question
    if store.has(question, request.database):
        return
    stages = Stages(watch.progress, watch.phase)
    if not store.has_faces(question):
        network = load_network(ModelStore(state / "models").open(request.model).folder)
        if network_hash(network) != question.network:
            raise ModelFileError("The stored network is not the one that the question is about.")
        inputs = InputStore(state)
        reads = labels = None
        if question.sequences:
            reads = read_fasta(inputs.path(inputs.open(question.sequences)))
        if question.labels:
            labels = labels_for(question, network, inputs.path(inputs.open(question.labels)))
        faces = look(
            question,
            network,
            reads,
            labels=labels,
            device=request.device,
            progress=stages.progress,
            on_phase=stages.phase,
        )
        with full_disk_said():
            store.write_faces(question, faces)
    match_stored(store, question, request.database, stages)


def match_stored(
    store: MotifStore, question: MotifQuestion, database: Database, stages: Stages
) -> None:
    """Match faces that are on disk against a database and keep the matches."""
    faces = store.faces(question)
    if faces is None:
        raise ModelFileError(
            "The faces of these channels are damaged.", "Delete them and ask again."
        )
    stages.phase("matching")
    matches = match_faces(
        all_faces(faces),
        store.motifs(database),
        title=database.title,
        database_id=database.id,
        seed=question.settings.seed,
        progress=stages.progress,
    )
    stages.phase("writing")
    with full_disk_said():
        store.write_matches(question, database, matches)


def labels_for(question: MotifQuestion, network: Network, path: Path) -> NDArray:
    """Return the labels of a question's classes, float64 array (sequence, target)."""
    names = find_output(network, question.output).class_names
    return read_labels(path, question.classes, [names[i] for i in question.classes])
