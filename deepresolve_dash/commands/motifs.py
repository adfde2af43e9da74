"""The command that writes what channels see."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import typer
import xarray as xr

from deepresolve_dash.commands.progress import progress_bar
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.exports.motif_tables import FORMATS, file_text
from deepresolve_dash.motifs.databases import Database, database_motifs, jaspar_database
from deepresolve_dash.motifs.faces import FACES
from deepresolve_dash.motifs.jaspar import Motif
from deepresolve_dash.runs.inputs import read_sequences, sequences_hash
from deepresolve_dash.runs.motif_names import Stages, name_channels
from deepresolve_dash.runs.motif_question import MotifQuestion, ask_motifs
from deepresolve_dash.runs.motif_store import MotifStore
from deepresolve_dash.runs.store import Run
from deepresolve_dash.runs.whole_file import write_whole
from deepresolve_dash.settings import read_settings

JASPAR = "jaspar"
ALL, MAIN = "all", "main"


def motifs(
    run: Run,
    out: Path,
    *,
    database: str,
    release: str,
    collection: str,
    tax_group: str,
    file_format: str,
    face: str,
    dead: bool,
    model: Path | None,
    sequences: Path | None,
    genome: Path | None,
    device: str,
) -> None:
    """Write what the channels of a run see; what is known is not computed again."""
    state = read_settings().state
    store = MotifStore(state)
    if file_format not in FORMATS:
        raise SettingsError(f"There is no format '{file_format}'.", f"Choose {', '.join(FORMATS)}.")
    if face not in (MAIN, ALL, *FACES):
        raise SettingsError(
            f"There is no face '{face}'.", f"Choose {', '.join((MAIN, ALL, *FACES))}."
        )
    if not out.absolute().parent.is_dir():
        raise SettingsError(f"There is no folder {out.absolute().parent}.", "Make it first.")
    chosen, targets = _database(store, database, release, collection, tax_group)
    reads = None
    if sequences:
        length = run.info["network"]["input_length"]
        reads = read_sequences(sequences, genome=genome, at_least=length)
    question = ask_motifs(run, sequences=sequences_hash(reads) if reads else None)
    with progress_bar("Motifs") as progress:
        stages = Stages(progress, lambda _: None)
        question, faces = _faces(store, question, run, reads, model, device, stages)
        matches = store.matches(question, chosen)
        if matches is None:
            matches = name_channels(faces, question, chosen, targets(), stages=stages)
            with suppress(OSError):  # they can be computed again
                store.write_matches(question, chosen, matches)
    names = {MAIN: None, ALL: FACES}.get(face, (face,))
    text = file_text(faces, matches, file_format, layer=question.layer, names=names, dead=dead)
    write_whole(out, text.encode())
    typer.echo(out)


def _database(
    store: MotifStore, database: str, release: str, collection: str, tax_group: str
) -> tuple[Database, Callable[[], dict[str, Motif]]]:
    """Return the database that is named, and a function that reads its motifs."""
    if database == JASPAR:
        chosen = jaspar_database(release, collection, tax_group)
        return chosen, lambda: database_motifs(chosen)
    path = Path(database)
    chosen = store.add_database(path)
    return chosen, lambda: store.motifs(chosen)


def _faces(
    store: MotifStore,
    question: MotifQuestion,
    run: Run,
    reads: list[tuple[str, str]] | None,
    model: Path | None,
    device: str,
    stages: Stages,
) -> tuple[MotifQuestion, xr.Dataset]:
    """Return the faces of the channels, and the question that they answer.

    Without the label file, the question is asked without labels.
    """
    known = store.faces(question)
    if known is not None:
        return question, known
    from deepresolve_dash.commands.material import find_labels, find_network, find_sequences
    from deepresolve_dash.runs.motif_job import labels_for
    from deepresolve_dash.runs.motif_work import look  # torch, only where it is needed

    state = read_settings().state
    network = find_network(run, model, state)
    labels = find_labels(question.labels, network, state) if question.labels else None
    if labels is None and question.labels:
        question = replace(question, labels=None, classes=())
        known = store.faces(question)
        if known is not None:
            return question, known
    if reads is None and question.sequences:
        reads = find_sequences(question.sequences, network, state)
    faces = look(
        question,
        network,
        reads,
        labels=labels_for(question, network, labels) if labels else None,
        device=device,
        progress=stages.progress,
        on_phase=stages.phase,
    )
    with suppress(OSError):  # they can be computed again
        store.write_faces(question, faces)
        return question, store.faces(question) or faces
    return question, faces
