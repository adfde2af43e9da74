"""One look at the channels of a run from a claim to its files: what a worker does with torch."""

from pathlib import Path

from numpy.typing import NDArray

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.graph import Network, find_output
from deepresolve_dash.networks.sequences import read_fasta
from deepresolve_dash.runs.asked_network import asked_network
from deepresolve_dash.runs.inputs import InputStore
from deepresolve_dash.runs.labels import read_labels
from deepresolve_dash.runs.motif_names import Stages, name_channels
from deepresolve_dash.runs.motif_question import MotifQuestion
from deepresolve_dash.runs.motif_request import MotifRequest
from deepresolve_dash.runs.motif_store import MotifStore
from deepresolve_dash.runs.motif_work import look
from deepresolve_dash.runs.watch import Watch
from deepresolve_dash.runs.work import full_disk_said


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
        network = asked_network(state, request.model, question.network)
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
    known = store.faces(question)
    if known is None:
        raise ModelFileError("The faces of these channels are damaged.", "Ask for them again.")
    matches = name_channels(
        known, question, request.database, store.motifs(request.database), stages=stages
    )
    stages.phase("writing")
    with full_disk_said():
        store.write_matches(question, request.database, matches)


def labels_for(question: MotifQuestion, network: Network, path: Path) -> NDArray:
    """Return the labels of a question's classes, float64 array (sequence, target)."""
    names = find_output(network, question.output).class_names
    return read_labels(path, question.classes, [names[i] for i in question.classes])
