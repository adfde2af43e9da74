"""What the channels of the shipped runs see, so that demos can be explored at once.

`python -m deepresolve_dash.demos.motif_ship` computes it again.
"""

import shutil
from pathlib import Path

from deepresolve_dash.demos.provide import shipped_network
from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.motifs.databases import database_motifs, jaspar_database
from deepresolve_dash.networks.neutral import load_network
from deepresolve_dash.networks.sequences import read_fasta
from deepresolve_dash.runs.motif_job import labels_for
from deepresolve_dash.runs.motif_names import Stages, name_channels
from deepresolve_dash.runs.motif_question import ask_motifs
from deepresolve_dash.runs.motif_store import SHIPPED, MotifStore
from deepresolve_dash.runs.motif_work import look
from deepresolve_dash.runs.store import Run, RunStore

RUNS = Path(__file__).parent / "runs"


def ship_motifs(run: Run, folder: Path) -> None:
    """See what the channels of a run on a shipped network see, and match it with JASPAR.

    Parameters
    ----------
    run : Run
    folder : Path
        Holds a folder for each question.

    Raises
    ------
    ModelFileError
        When the network of the run is not a shipped one.
    """
    question, database = ask_motifs(run), jaspar_database()
    shipped = shipped_network(question.network)
    if shipped is None:
        raise ModelFileError(f"The network of run {run.id} is not one of the demos.")
    store = MotifStore(folder.parent, shipped=folder)
    network = load_network(shipped)
    faces = look(
        question,
        network,
        read_fasta(shipped / "sequences.fa.gz"),
        labels=labels_for(question, network, shipped / "labels.tsv"),
        device="cpu",
    )
    store.write_faces(question, faces)
    stages = Stages(lambda *_: None, lambda _: None)
    known = store.faces(question)
    assert known is not None
    targets = database_motifs(database)
    matches = name_channels(known, question, database, targets, stages=stages)
    store.write_matches(question, database, matches)


if __name__ == "__main__":
    shutil.rmtree(SHIPPED, ignore_errors=True)
    for one in RunStore([RUNS]).runs():
        ship_motifs(one, SHIPPED)
