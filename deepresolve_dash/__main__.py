"""The command line: every command says what it wants in `--help`."""

import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from deepresolve_dash import motif_call, options
from deepresolve_dash.errors import DeepResolveError

app = typer.Typer(
    help="Show how a trained genomic neural network decides.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

# a mistake in a command line; typer exports this kind of it, not its parent
_UsageError: type[typer.BadParameter] = typer.BadParameter.__mro__[1]  # type: ignore[assignment]


def main() -> None:
    """Run a command; a user's mistake is one sentence on stderr and exit code 2."""
    try:
        code = app(standalone_mode=False)
    except _UsageError as error:
        _refuse(error.format_message())
    except DeepResolveError as error:
        _refuse(str(error))
    except (typer.Abort, KeyboardInterrupt):
        _refuse("Stopped; nothing was written.", code=130)
    except OSError as error:
        _refuse(f"{error.strerror or error}: {error.filename or 'the file system'}.")
    sys.exit(code if isinstance(code, int) else 0)


def _refuse(sentence: str, *, code: int = 2) -> NoReturn:
    typer.echo(sentence, err=True)
    sys.exit(code)


@app.command()
def inspect(
    model: Annotated[list[Path], typer.Argument(help="Model files or folders.")],
    weights: options.Weights = None,
    architecture: options.Architecture = None,
    as_json: options.Json = False,
) -> int:
    """Say what a model is, what is odd about it, and where it can be cut."""
    from deepresolve_dash import commands

    return commands.inspect(model, weights=weights, architecture=architecture, as_json=as_json)


@app.command()
def predict(
    model: options.Model,
    sequences: Annotated[Path, typer.Option(help="FASTA, or BED and --genome.")],
    out: Annotated[Path | None, typer.Option(help="TSV to write; stdout without it.")] = None,
    weights: options.Weights = None,
    architecture: options.Architecture = None,
    genome: options.Genome = None,
) -> None:
    """Write the logit and the probability of every class for every sequence."""
    from deepresolve_dash import commands

    files = {"weights": weights, "architecture": architecture}
    commands.predict(model, sequences, out, genome=genome, **files)


@app.command()
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
    name: options.Title = None,
) -> None:
    """Run the gradient ascent and write a run folder."""
    from deepresolve_dash import commands
    from deepresolve_dash.networks.read import read_network

    settings = options.ascent(preset, trials, l2, optimiser, steps, step_size, seed, precision)
    commands.run(
        read_network(model, architecture=architecture, weights=weights),
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


@app.command()
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
    name: options.Title = None,
    wait: Annotated[bool, typer.Option("--wait", help="Show its progress to the end.")] = False,
) -> int:
    """Queue a run for the worker in the background and print its id."""
    from deepresolve_dash import queue_commands

    return queue_commands.submit(
        options.ModelFiles(model, weights, architecture),
        settings=options.ascent(preset, trials, l2, optimiser, steps, step_size, seed, precision),
        sequences=sequences,
        genome=genome,
        labels=labels,
        wait=wait,
        preset=preset,
        layer=layer,
        output=output,
        classes=classes,
        keep_fim=keep_fim,
        name=name,
        device=device,
    )


@app.command()
def runs(as_json: options.Json = False) -> None:
    """List the queue of runs and its history."""
    from deepresolve_dash import queue_commands

    queue_commands.list_runs(as_json=as_json)


@app.command()
def cancel(run: Annotated[str, typer.Argument(help="Run id.")]) -> None:
    """Cancel a run that is queued or running."""
    from deepresolve_dash import queue_commands

    queue_commands.cancel(run)


@app.command()
def worker() -> int:
    """Compute queued runs in the foreground."""
    from deepresolve_dash import queue_commands

    return queue_commands.work()


@app.command()
def summarise(
    run: Annotated[str, typer.Argument(help="Run id or run folder.")],
    as_json: options.Json = False,
    top: Annotated[int, typer.Option(min=0, help="Channels listed per class.")] = 10,
) -> None:
    """Print the summary of a run."""
    from deepresolve_dash.runs.report import report, report_text
    from deepresolve_dash.runs.store import find_run, to_json

    entries = report(find_run(run), n_top=top)
    typer.echo(to_json(entries) if as_json else report_text(entries))


@app.command()
def interactions(
    run: Annotated[str, typer.Argument(help="Run id or run folder.")],
    target: Annotated[int, typer.Option("--class", help="Output index of the class.")],
    pair: options.Pairs = None,
    model: options.RunNetwork = None,
    sequences: options.Sequences = None,
    genome: options.Genome = None,
    device: options.Device = "auto",
    as_json: options.Json = False,
) -> None:
    """Test which groups of channels interact for a class, and how."""
    from deepresolve_dash import interaction_commands
    from deepresolve_dash.runs.store import find_run

    interaction_commands.interactions(
        find_run(run),
        target,
        pairs=pair or (),
        model=model,
        sequences=sequences,
        genome=genome,
        device=device,
        as_json=as_json,
    )


app.command()(motif_call.motifs)


@app.command()
def export(
    run: Annotated[str, typer.Argument(help="Run id or run folder.")],
    out: Annotated[Path, typer.Option(help="Folder to write to.")],
    what: Annotated[Literal["tables"], typer.Option(help="What to take away.")] = "tables",
    file_format: Annotated[Literal["tsv"], typer.Option("--format", help="File format.")] = "tsv",
) -> None:
    """Take the numbers of a run away as tables."""
    from deepresolve_dash.exports.tables import write_tables
    from deepresolve_dash.runs.store import find_run

    found = find_run(run)
    for path in write_tables(found.summary, found.ensemble, out):
        typer.echo(path)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Open the dashboard."""
    from deepresolve_dash.serve import serve as start
    from deepresolve_dash.settings import read_settings

    given = {"host": host, "port": port}
    start(read_settings(**{name: value for name, value in given.items() if value is not None}))


@app.command(name="train-demo")
def train_demo(
    name: Annotated[
        Literal["panel", "synthetic-1", "synthetic-2"], typer.Argument(help="Which network.")
    ],
    out: Annotated[Path, typer.Option(help="Folder to write.")],
    seed: Annotated[int | None, typer.Option(help="Seed; the shipped one without it.")] = None,
) -> None:
    """Train a demo network and write it with its training record."""
    from deepresolve_dash import demo_commands

    demo_commands.train_demo(name, out, seed=seed)


@app.command()
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
    from deepresolve_dash import demo_commands

    demo_commands.reproduce(name, models, seeds=seeds, out=out)


if __name__ == "__main__":
    main()
