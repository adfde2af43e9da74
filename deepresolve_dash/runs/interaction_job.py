"""One test of interactions from a claim to its answer: what a worker does with torch."""

from pathlib import Path

from deepresolve_dash.networks.sequences import read_fasta
from deepresolve_dash.runs.answers import AnswerStore
from deepresolve_dash.runs.asked_network import asked_network
from deepresolve_dash.runs.inputs import InputStore
from deepresolve_dash.runs.interaction_request import InteractionRequest
from deepresolve_dash.runs.interactions import answer_question
from deepresolve_dash.runs.watch import Watch
from deepresolve_dash.runs.work import full_disk_said


def compute_interactions(request: InteractionRequest, state: Path, watch: Watch) -> None:
    """Answer a question and keep the answer; do nothing when it is there.

    Raises
    ------
    RunCancelled, LostLease, DiskFull
        As the watch hears them.
    DeepResolveError
        When what the question needs is not there any more.
    """
    answers, inputs, question = AnswerStore(state), InputStore(state), request.question
    if answers.has(request.id):
        return
    network = asked_network(state, request.model, question.network)
    reads = read_fasta(inputs.path(inputs.open(question.sequences)))
    answer = answer_question(
        question,
        network,
        [letters for _, letters in reads],
        device=request.device,
        progress=watch.progress,
        on_phase=watch.phase,
    )
    watch.phase("writing")
    with full_disk_said():
        answers.write(question, answer)
