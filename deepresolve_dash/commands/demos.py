"""Commands that train the demos and repeat the experiments."""

from functools import partial
from pathlib import Path

import typer

from deepresolve_dash.commands.progress import progress_bar
from deepresolve_dash.demos.panel_ship import write_panel
from deepresolve_dash.demos.panel_train import train_panel
from deepresolve_dash.demos.reproduction.experiments import reproduce as repeat_experiment
from deepresolve_dash.demos.ship import write_demo
from deepresolve_dash.demos.train import train_demo as train_network


def train_demo(name: str, out: Path, *, seed: int | None) -> None:
    """Train a demo network and write its folder."""
    panel = name == "panel"
    train = train_panel if panel else partial(train_network, name)
    with progress_bar("Training") as progress:
        network, record = train(seed=seed, progress=lambda share: progress(round(100 * share), 100))
    (write_panel if panel else write_demo)(network, record, out)
    for title, auc in record["auc"].items():
        typer.echo(f"{title}: test AUC {auc:.4f}")
    typer.echo(f"The network is in {out}.", err=True)


def reproduce(name: str, models: Path | None, *, seeds: str | None, out: Path | None) -> None:
    """Repeat an experiment of the paper, or a benchmark of our own, and print its tables."""
    with progress_bar("Reproduction") as progress:
        text = repeat_experiment(name, models, seeds=seeds, out=out, progress=progress)
    typer.echo(text)
