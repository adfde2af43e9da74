"""How the commands that look after a state folder are called."""

from pathlib import Path
from typing import Annotated

import typer


def backup(
    folder: Annotated[Path, typer.Argument(help="Folder to make; it must not be there yet.")],
) -> None:
    """Copy runs, models, files, stories, people and the queue, also while runs are computed."""
    from deepresolve_dash.runs.backup import back_up
    from deepresolve_dash.settings import read_settings

    made = back_up(read_settings().state, folder)
    typer.echo(f"{made.runs} runs and {made.models} models are in {folder}.", err=True)


def restore(
    folder: Annotated[Path, typer.Argument(help="Folder that `backup` made.")],
) -> None:
    """Make the state folder, which must be empty or not there, out of a backup."""
    from deepresolve_dash.runs.backup import take_back
    from deepresolve_dash.settings import read_settings

    state = read_settings().state
    made = take_back(folder, state)
    typer.echo(
        f"{state} is as it was at {made.made}: {made.runs} runs, {made.models} models.", err=True
    )
