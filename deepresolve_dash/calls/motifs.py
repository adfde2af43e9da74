"""How the command `motifs` is called; what it does is imported late."""

from pathlib import Path
from typing import Annotated

import typer

from deepresolve_dash.commands import options


def motifs(
    run: Annotated[str, typer.Argument(help="Run id or run folder.")],
    out: Annotated[Path, typer.Option(help="File to write.")],
    database: Annotated[str, typer.Option(help="jaspar, or a MEME file.")] = "jaspar",
    file_format: Annotated[
        str,
        typer.Option(
            "--format", help="meme, jaspar, transfac or homer; tomtom for matches; bed, tsv."
        ),
    ] = "meme",
    face: Annotated[
        str,
        typer.Option(
            help="filter, activation, ascent, all, or main: filters of a first layer, else ascents."
        ),
    ] = "main",
    release: Annotated[str, typer.Option(help="JASPAR release.")] = "JASPAR2026",
    collection: Annotated[str, typer.Option(help="JASPAR collection.")] = "CORE",
    tax_group: Annotated[str, typer.Option(help="JASPAR's group of species.")] = "vertebrates",
    dead: Annotated[
        bool, typer.Option("--dead", help="Write dead channels and uniform logos too.")
    ] = False,
    model: options.RunNetwork = None,
    sequences: options.Sequences = None,
    genome: options.Genome = None,
    device: options.Device = "auto",
) -> None:
    """Write what the channels of a run see, named after known motifs."""
    from deepresolve_dash.commands import motifs as writing
    from deepresolve_dash.runs.store import find_run

    writing.motifs(
        find_run(run),
        out,
        database=database,
        release=release,
        collection=collection,
        tax_group=tax_group,
        file_format=file_format,
        face=face,
        dead=dead,
        model=model,
        sequences=sequences,
        genome=genome,
        device=device,
    )
