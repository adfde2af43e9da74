"""How the command `probe` is called; what it does is imported late."""

from pathlib import Path
from typing import Annotated

import typer

from deepresolve_dash.commands import options


def probe(
    subject: Annotated[
        str, typer.Argument(metavar="MODEL_OR_RUN", help="Model file or folder, or run.")
    ],
    out: Annotated[Path, typer.Option(help="Folder to write tables and pictures to.")],
    sequence: Annotated[str, typer.Option(help="Letters, or a FASTA file of one sequence.")],
    second: Annotated[
        str | None, typer.Option(help="Another one, to set the first against.")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--class", help="Output index or name; the first without it.")
    ] = None,
    layer: Annotated[
        str | None, typer.Option(help="Layer of the channels; the run's own, or the advised one.")
    ] = None,
    output: options.Output = None,
    edits: Annotated[str, typer.Option(help="Bases to change first, such as 12T,40A.")] = "",
    weights: options.Weights = None,
    architecture: options.Architecture = None,
    model: options.RunNetwork = None,
    device: options.Device = "auto",
) -> None:
    """Write the scores of a sequence, what its bases give a class, and its channels."""
    from deepresolve_dash.commands import probe as asking

    asked = asking.subject_of(
        subject,
        layer=layer,
        output=output,
        weights=weights,
        architecture=architecture,
        model=model,
    )
    asking.probe(asked, out, sequence, second, target=target, edits=edits, device=device)
