"""How the commands on a model are called."""

from pathlib import Path
from typing import Annotated

import typer

from deepresolve_dash.commands import options


def inspect(
    model: Annotated[list[Path], typer.Argument(help="Model files or folders.")],
    weights: options.Weights = None,
    architecture: options.Architecture = None,
    length: options.Length = None,
    as_json: options.Json = False,
) -> int:
    """Say what a model is, what is odd about it, and where it can be cut."""
    from deepresolve_dash.commands import compute

    files = {"weights": weights, "architecture": architecture, "length": length}
    return compute.inspect(model, files=files, as_json=as_json)


def correct(
    model: options.Model,
    out: Annotated[Path, typer.Option(help="Folder to write; other commands take it as MODEL.")],
    hold: Annotated[
        list[str] | None,
        typer.Option(help="INPUT=NUMBERS, reverse complement or same sequence; may be repeated."),
    ] = None,
    positions: Annotated[
        list[str] | None,
        typer.Option(help="OUTPUT=mean, OUTPUT=sum or OUTPUT=POSITION; may be repeated."),
    ] = None,
    alphabet: Annotated[str | None, typer.Option(help="Order of the bases, such as AGCT.")] = None,
    flip_kernels: Annotated[
        bool, typer.Option("--flip-kernels", help="Read all kernels backwards.")
    ] = False,
    weights: options.Weights = None,
    architecture: options.Architecture = None,
    length: options.Length = None,
) -> None:
    """Write a model that is read in another way, with its card."""
    from deepresolve_dash.commands import compute

    files = {"weights": weights, "architecture": architecture, "length": length}
    chosen = options.corrections(hold, positions, alphabet, flip_kernels)
    compute.correct(model, out, files=files, corrections=chosen)


def predict(
    model: options.Model,
    sequences: Annotated[Path, typer.Option(help="FASTA, or BED and --genome.")],
    out: Annotated[Path | None, typer.Option(help="TSV to write; stdout without it.")] = None,
    weights: options.Weights = None,
    architecture: options.Architecture = None,
    length: options.Length = None,
    genome: options.Genome = None,
) -> None:
    """Write the logit and the probability of every class for every sequence."""
    from deepresolve_dash.commands import compute

    files = {"weights": weights, "architecture": architecture, "length": length}
    compute.predict(model, sequences, out, genome=genome, files=files)


def export_snippet() -> None:
    """Print lines of Python that export a PyTorch network; run them where it was made."""
    from deepresolve_dash.networks.formats.snippet import SNIPPET

    typer.echo(SNIPPET, nl=False)
