"""Commands that compute: they import torch, the other commands do not."""

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from numpy.typing import NDArray

from deepresolve_dash.commands.progress import progress_bar
from deepresolve_dash.errors import DeepResolveError, SettingsError
from deepresolve_dash.networks.card import card, save_with_card
from deepresolve_dash.networks.corrections import corrected
from deepresolve_dash.networks.graph import Network, find_output
from deepresolve_dash.networks.intake import Corrections
from deepresolve_dash.networks.predict import predict as predict_network
from deepresolve_dash.networks.read import read_network
from deepresolve_dash.networks.sequences import one_hot
from deepresolve_dash.runs.inputs import read_sequences
from deepresolve_dash.runs.job import make_job
from deepresolve_dash.runs.models import ID_LENGTH
from deepresolve_dash.runs.store import RUN, open_run, write_run
from deepresolve_dash.runs.strict_json import to_json
from deepresolve_dash.tsv import tsv_lines


def inspect(models: Sequence[Path], *, files: Mapping[str, Any], as_json: bool) -> int:
    """Print the card of each model; return 2 when one of them could not be read.

    `files` are the named arguments of `read_network`.
    """
    cards, failed = [], False
    for model in models:
        try:
            cards.append({"model": str(model)} | card(read_network(model, **files)))
        except DeepResolveError as error:
            if len(models) == 1:
                raise
            typer.echo(f"{model}: {error}", err=True)
            failed = True
    if as_json:
        typer.echo(to_json(cards[0] if len(models) == 1 else cards))
    else:
        typer.echo("\n\n".join(_card_text(one) for one in cards))
    return 2 if failed else 0


def correct(model: Path, out: Path, *, files: Mapping[str, Any], corrections: Corrections) -> None:
    """Write a corrected model in the neutral form, with its card.

    `files` are the named arguments of `read_network`.
    """
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise SettingsError(f"{out} is not an empty folder.", "Name a new folder with --out.")
    made = save_with_card(corrected(read_network(model, **files), corrections), out)
    typer.echo(f"The corrected model, {made['hash'][:ID_LENGTH]}, is in {out}.", err=True)


def predict(
    model: Path,
    sequences: Path,
    out: Path | None,
    *,
    genome: Path | None,
    files: Mapping[str, Any],
) -> None:
    """Write logits and probabilities of every class for every sequence or region of a file.

    `files` are the named arguments of `read_network`.
    """
    network = read_network(model, **files)
    reads = read_sequences(sequences, genome=genome, at_least=network.input_length)
    inputs = one_hot(
        [sequence for _, sequence in reads],
        length=network.input_length,
        alphabet=network.alphabet,
        unknown_base=network.unknown_base,
    )
    logits, probabilities = predict_network(network, inputs)
    names = [identifier for identifier, _ in reads]
    with _open_out(out) as file:
        file.writelines(
            tsv_lines(_predicted(find_output(network).class_names, names, logits, probabilities))
        )


def _predicted(
    classes: Sequence[str], sequences: Sequence[str], logits: NDArray, probabilities: NDArray
) -> Iterator[list]:
    """Yield the line of names, then one per sequence: logit and probability of every class."""
    columns = column_names(classes)
    yield ["sequence", *(f"{name}.{what}" for name in columns for what in ("logit", "probability"))]
    for sequence, *values in zip(sequences, logits, probabilities, strict=True):
        yield [sequence, *(value for pair in zip(*values, strict=True) for value in pair)]


def column_names(names: Sequence[str]) -> list[str]:
    """Return class names as columns: one that repeats is written NAME#INDEX."""
    return [
        f"{name}#{index}" if names.count(name) > 1 else name for index, name in enumerate(names)
    ]


def run(network: Network, out: Path, *, device: str, **request) -> None:
    """Run the ascent and write the run folder."""
    job = make_job(network, **request)
    if out.is_file():
        raise SettingsError(f"{out} is a file.", "Name a new folder with --out.")
    if (out / RUN).is_file() and open_run(out).id == job.spec.id:
        typer.echo(f"{out} already holds this run, {job.spec.id}; nothing was computed.", err=True)
        return
    if out.is_dir() and any(out.iterdir()):
        raise SettingsError(f"The folder {out} is not empty.", "Name a new folder with --out.")
    from deepresolve_dash.runs.execute import execute  # scikit-learn: slow, and of no other use

    with progress_bar("Ascent") as progress:
        results = execute(job, device=device, progress=progress)
    written = write_run(out, info=results.info, ensemble=results.ensemble, summary=results.summary)
    typer.echo(f"Run {written.id} is in {out}.", err=True)


@contextmanager
def _open_out(path: Path | None) -> Iterator:
    """Open stdout, or a file that appears whole or not at all."""
    if path is None:
        yield sys.stdout
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as half:
        temporary = Path(half) / path.name
        with temporary.open("w", newline="", encoding="utf-8") as file:
            yield file
        os.replace(temporary, path)


def _card_text(one: dict) -> str:
    """Return a card as lines to read."""
    outputs = ", ".join(f"{o['name']} ({o['n']})" for o in one["outputs"])
    lines = [
        f"{one['model']}: {one['format']}",
        f"  input    {one['input']['length']} bp, {one['input']['alphabet']}",
        f"  outputs  {outputs}; {one['removed_activation'] or 'no activation'} taken off",
        "  layers   (* advised)",
    ]
    for layer in one["layers"]:
        mark = "*" if layer["name"] == one["advised_layer"] else " "
        size = f"{layer['channels']} x {layer['width']}, {layer['receptive_field_bp']} bp"
        says = size if layer["can_cut"] else layer["why_not"]
        lines.append(f"  {mark} {layer['name']:<24} {layer['kind']:<18} {says}")
    lines += [f"  ! {f['what']} {f['evidence']} {f['fix']}" for f in one["findings"]]
    return "\n".join(lines)
