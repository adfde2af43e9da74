"""The command that tests interactions in the foreground."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import typer

from deepresolve_dash.demos.provide import shipped_network
from deepresolve_dash.errors import ModelFileError, SequenceError, SettingsError
from deepresolve_dash.networks.graph import Network, network_hash
from deepresolve_dash.networks.neutral import load_network
from deepresolve_dash.networks.read import read_network
from deepresolve_dash.networks.sequences import read_fasta
from deepresolve_dash.progress import progress_bar
from deepresolve_dash.runs.answers import AnswerStore
from deepresolve_dash.runs.inputs import InputNotFound, InputStore, sequences_hash
from deepresolve_dash.runs.interaction_report import answer_text
from deepresolve_dash.runs.interactions import answer_question
from deepresolve_dash.runs.models import ID_LENGTH, ModelNotFound, ModelStore
from deepresolve_dash.runs.question import NEEDS_SEQUENCES, ask
from deepresolve_dash.runs.store import Run, to_json
from deepresolve_dash.settings import read_settings


def interactions(
    run: Run,
    target: int,
    *,
    pairs: Sequence[str],
    model: Path | None,
    sequences: Path | None,
    device: str,
    as_json: bool,
) -> None:
    """Print the interactions of a class; an answer that is known is not computed again."""
    state = read_settings().state
    reads = read_fasta(sequences) if sequences else None
    question = ask(
        run,
        target,
        pairs=[_read_pair(text) for text in pairs],
        sequences=sequences_hash(reads) if reads else None,
    )
    store = AnswerStore(state)
    answer = store.read(question.id)
    if answer is None:
        network = _find_network(run, model, state)
        reads = reads or _find_sequences(question.sequences, network, state)
        with progress_bar("Interactions") as progress:
            answer = answer_question(
                question, network, [read for _, read in reads], device=device, progress=progress
            )
        with suppress(OSError):  # the answer can be computed again
            store.write(question, answer)
    place = run.summary.target.values.tolist().index(target)
    name = str(run.summary.target_name.values[place])
    typer.echo(to_json(answer | {"name": name}) if as_json else answer_text(answer, name))


def _read_pair(text: str) -> tuple[int, int]:
    """Turn `3,7` into two channels."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 2 or not all(part.isdecimal() for part in parts):
        raise SettingsError(f"--pair is '{text}'.", "Give two channels, such as 3,7.")
    return int(parts[0]), int(parts[1])


def _find_network(run: Run, model: Path | None, state: Path) -> Network:
    """Return the network of a run: the given one, or what the state folder or the demos hold.

    Raises
    ------
    ModelFileError
        When it is not there, or another one than the run's.
    """
    wanted = run.info["spec"]["network"]
    if model is None:
        shipped = shipped_network(wanted)
        try:
            folder = shipped or ModelStore(state / "models").open(wanted[:ID_LENGTH]).folder
        except ModelNotFound:
            raise ModelFileError(
                "The network of this run is not in the state folder.", "Name it with --model."
            ) from None
        network = load_network(folder)
    else:
        network = read_network(model)
    if network_hash(network) != wanted:
        raise ModelFileError(
            f"{model or 'The stored network'} is not the network of this run.",
            "Name the one that it was computed from with --model.",
        )
    return network


def _find_sequences(wanted: str, network: Network, state: Path) -> list[tuple[str, str]]:
    """Return a sequence set by its hash, from the state folder or the demos.

    Raises
    ------
    SequenceError
        When it is in neither.
    """
    store, shipped = InputStore(state), shipped_network(network_hash(network))
    with suppress(InputNotFound):
        return read_fasta(store.path(store.open(wanted)))
    if shipped is not None:
        reads = read_fasta(shipped / "sequences.fa.gz")
        if sequences_hash(reads) == wanted:
            return reads
    raise SequenceError(
        "The sequences of this run are not in the state folder.",
        f"Name the file with --sequences. {NEEDS_SEQUENCES}",
    )
