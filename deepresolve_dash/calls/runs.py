"""How the commands that make runs are called."""

from pathlib import Path
from typing import Annotated

import typer

from deepresolve_dash.commands import options

_As = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="NAME",
        help="User of the dashboard whose run it is; without it the one who is called like your "
        "account here, or else nobody in particular.",
    ),
]


def run(
    model: options.Model,
    layer: options.Layer,
    out: Annotated[Path, typer.Option(help="Run folder to write.")],
    output: options.Output = None,
    classes: options.Classes = "all",
    preset: options.PresetName = "default",
    trials: options.Trials = None,
    l2: options.L2 = "auto",
    optimiser: options.Rule = None,
    steps: options.Steps = None,
    step_size: options.StepSize = None,
    seed: options.Seed = 0,
    precision: options.Rounding = "float32",
    device: options.Device = "auto",
    sequences: options.Sequences = None,
    genome: options.Genome = None,
    labels: options.Labels = None,
    keep_fim: options.KeepFim = False,
    weights: options.Weights = None,
    architecture: options.Architecture = None,
    length: options.Length = None,
    name: options.Title = None,
) -> None:
    """Run the gradient ascent and write a run folder."""
    from deepresolve_dash.commands import compute
    from deepresolve_dash.networks.read import read_network

    settings = options.ascent(preset, trials, l2, optimiser, steps, step_size, seed, precision)
    compute.run(
        read_network(model, architecture=architecture, weights=weights, length=length),
        out,
        device=device,
        network_name=model.resolve().stem,
        title=name,
        layer=layer,
        output=output,
        classes=classes,
        preset=preset,
        settings=settings,
        sequences=sequences,
        genome=genome,
        labels=labels,
        keep_fim=keep_fim,
    )


def submit(
    model: options.Model,
    layer: options.Layer,
    output: options.Output = None,
    classes: options.Classes = "all",
    preset: options.PresetName = "default",
    trials: options.Trials = None,
    l2: options.L2 = "auto",
    optimiser: options.Rule = None,
    steps: options.Steps = None,
    step_size: options.StepSize = None,
    seed: options.Seed = 0,
    precision: options.Rounding = "float32",
    device: options.Device = "auto",
    sequences: options.Sequences = None,
    genome: options.Genome = None,
    labels: options.Labels = None,
    keep_fim: options.KeepFim = False,
    weights: options.Weights = None,
    architecture: options.Architecture = None,
    length: options.Length = None,
    name: options.Title = None,
    wait: Annotated[bool, typer.Option("--wait", help="Show its progress to the end.")] = False,
    user: _As = None,
) -> int:
    """Queue a run for the worker in the background and print its id."""
    from deepresolve_dash.commands import queue

    return queue.submit(
        options.ModelFiles(model, weights, architecture),
        settings=options.ascent(preset, trials, l2, optimiser, steps, step_size, seed, precision),
        sequences=sequences,
        genome=genome,
        labels=labels,
        wait=wait,
        user=user,
        preset=preset,
        layer=layer,
        output=output,
        classes=classes,
        keep_fim=keep_fim,
        name=name,
        device=device,
    )


def runs(as_json: options.Json = False) -> None:
    """List the queue of runs and its history."""
    from deepresolve_dash.commands import queue

    queue.list_runs(as_json=as_json)


def cancel(
    run: Annotated[str, typer.Argument(help="Run id.")],
    user: _As = None,
) -> None:
    """Cancel a run that is queued or running; one that others want as well goes on for them."""
    from deepresolve_dash.commands import queue

    queue.cancel(run, user)


def pause() -> None:
    """Take no further run up; what is computed goes on."""
    from deepresolve_dash.commands import queue

    queue.steer("paused")


def resume() -> None:
    """Take runs up again after `pause` or `drain`."""
    from deepresolve_dash.commands import queue

    queue.steer("open")


def drain(
    now: Annotated[
        bool,
        typer.Option("--now", help="End the workers at once; their runs go on after `resume`."),
    ] = False,
) -> None:
    """Take no further run up, and end the workers when what is computed is done."""
    from deepresolve_dash.commands import queue

    queue.steer("drained", hand_back=now)


def worker(
    coordinator: Annotated[
        str,
        typer.Option(help="Address of a queue on another machine, such as http://10.0.0.1:8060."),
    ] = "",
    token_file: Annotated[
        Path | None, typer.Option(help="Its token; else the variable DRD_WORKER_TOKEN.")
    ] = None,
    scratch: Annotated[
        Path | None, typer.Option(help="Folder for files while a run is computed.")
    ] = None,
    until_empty: Annotated[
        bool, typer.Option("--until-empty", help="End when nothing has waited for ten seconds.")
    ] = False,
    engine: Annotated[str, typer.Option(hidden=True)] = "",
    ticket: Annotated[str, typer.Option(hidden=True)] = "",
    parent: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> int:
    """Compute queued runs in the foreground, of this machine or of another one."""
    if not coordinator:
        from deepresolve_dash.commands import queue

        return queue.work()
    from deepresolve_dash.commands import remote

    return remote.work(
        coordinator,
        token_file=token_file,
        scratch=scratch,
        until_empty=until_empty,
        engine=engine,
        ticket=ticket,
        parent=parent,
    )
