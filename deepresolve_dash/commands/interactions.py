"""The command that tests interactions in the foreground."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import typer

from deepresolve_dash.commands.material import find_network, find_sequences
from deepresolve_dash.commands.progress import progress_bar
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.runs.answers import AnswerStore
from deepresolve_dash.runs.inputs import read_sequences, sequences_hash
from deepresolve_dash.runs.interaction_report import answer_text
from deepresolve_dash.runs.interactions import answer_question
from deepresolve_dash.runs.question import NEEDS_SEQUENCES, ask
from deepresolve_dash.runs.store import Run
from deepresolve_dash.runs.strict_json import to_json
from deepresolve_dash.settings import read_settings


def interactions(
    run: Run,
    target: int,
    *,
    pairs: Sequence[str],
    model: Path | None,
    sequences: Path | None,
    genome: Path | None,
    device: str,
    as_json: bool,
) -> None:
    """Print the interactions of a class; an answer that is known is not computed again."""
    state = read_settings().state
    reads = None
    if sequences:
        length = run.info["network"]["input_length"]
        reads = read_sequences(sequences, genome=genome, at_least=length)
    question = ask(
        run,
        target,
        pairs=[_read_pair(text) for text in pairs],
        sequences=sequences_hash(reads) if reads else None,
    )
    store = AnswerStore(state)
    answer = store.read(question.id)
    if answer is None:
        network = find_network(run, model, state)
        reads = reads or find_sequences(question.sequences, network, state, why=NEEDS_SEQUENCES)
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
