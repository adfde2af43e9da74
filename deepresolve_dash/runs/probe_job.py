"""One question about a sequence from a claim to its files: what a worker does with torch."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.runs.asked_network import asked_network
from deepresolve_dash.runs.probe_request import ProbeRequest
from deepresolve_dash.runs.probe_store import ProbeStore
from deepresolve_dash.runs.probe_work import ask_bases, read
from deepresolve_dash.runs.watch import Watch
from deepresolve_dash.runs.work import full_disk_said


def compute_probe(request: ProbeRequest, state: Path, watch: Watch) -> None:
    """Answer a question; scores are on disk before the bases are asked, what is there stays.

    Raises
    ------
    RunCancelled, LostLease, DiskFull
        As the watch hears them.
    DeepResolveError
        When the network is not there any more, or does not fit the question.
    """
    store, question = ProbeStore(state), request.question
    if store.has(question):
        return
    network = asked_network(state, request.model, question.network)
    if store.reading(question) is None:
        watch.phase("scores")
        reading = read(question, network, device=request.device)
        with full_disk_said():
            store.write_reading(question, reading)
    if store.bases(question) is None:
        watch.phase("bases")

        def keep(change: NDArray[np.float32]) -> None:
            with full_disk_said():
                store.write_mutations(question, change)

        bases = ask_bases(
            question,
            network,
            device=request.device,
            known=store.mutations(question),
            keep=keep,
            progress=watch.progress,
        )
        with full_disk_said():
            store.write_bases(question, bases)
