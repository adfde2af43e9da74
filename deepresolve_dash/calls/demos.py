"""How the commands on demos and experiments are called."""

from pathlib import Path
from typing import Annotated, Literal

import typer


def train_demo(
    name: Annotated[
        Literal["panel", "synthetic-1", "synthetic-2"], typer.Argument(help="Which network.")
    ],
    out: Annotated[Path, typer.Option(help="Folder to write.")],
    seed: Annotated[int | None, typer.Option(help="Seed; the shipped one without it.")] = None,
) -> None:
    """Train a demo network and write it with its training record."""
    from deepresolve_dash.commands import demos

    demos.train_demo(name, out, seed=seed)


def reproduce(
    name: Annotated[
        Literal["panel", "panel-faces", "planted", "published", "synthetic-1", "synthetic-2"],
        typer.Argument(help="Experiment."),
    ],
    models: Annotated[
        Path | None,
        typer.Option(help="Folder of the published models, or of a demo that train-demo wrote."),
    ] = None,
    seeds: Annotated[
        str | None,
        typer.Option(help="For planted, or panel: training seeds; 0-2 for planted without it."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="For planted, or panel: folder of trained networks.")
    ] = None,
) -> None:
    """Repeat an experiment of the paper, or a benchmark of our own, and print its tables."""
    from deepresolve_dash.commands import demos

    demos.reproduce(name, models, seeds=seeds, out=out)
