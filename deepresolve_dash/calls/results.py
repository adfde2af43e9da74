"""How the commands on a finished run are called."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from deepresolve_dash.commands import options


def summarise(
    run: Annotated[str, typer.Argument(help="Run id or run folder.")],
    as_json: options.Json = False,
    top: Annotated[int, typer.Option(min=0, help="Channels listed per class.")] = 10,
) -> None:
    """Print the summary of a run."""
    from deepresolve_dash.runs.report import report, report_text
    from deepresolve_dash.runs.store import find_run
    from deepresolve_dash.runs.strict_json import to_json

    entries = report(find_run(run), n_top=top)
    typer.echo(to_json(entries) if as_json else report_text(entries))


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
    from deepresolve_dash.commands import interactions as testing
    from deepresolve_dash.runs.store import find_run

    testing.interactions(
        find_run(run),
        target,
        pairs=pair or (),
        model=model,
        sequences=sequences,
        genome=genome,
        device=device,
        as_json=as_json,
    )


def export(
    run: Annotated[str, typer.Argument(help="Run id or run folder.")],
    out: Annotated[Path, typer.Option(help="Folder of tables and figures; else the file.")],
    what: Annotated[
        Literal["tables", "figures", "h5ad", "tree", "html", "bundle"],
        typer.Option(help="What to take away; tree: of the classes, as Newick."),
    ] = "tables",
    file_format: Annotated[
        Literal["tsv", "svg", "pdf", "png", "h5ad", "nwk", "html", "zip"] | None,
        typer.Option("--format", help="File format; the usual one without it."),
    ] = None,
    panel: Annotated[
        list[str] | None, typer.Option(help="Figure by name; may be repeated. All without it.")
    ] = None,
    classes: Annotated[
        str, typer.Option("--class", help="Classes of figures: all, or INDEX,INDEX.")
    ] = "all",
    channels: Annotated[str, typer.Option("--channel", help="Channels of figures.")] = "",
    width: Annotated[float, typer.Option(help="Width of figures, mm.")] = 174,
    dpi: Annotated[int, typer.Option(help="Dots per inch of PNG.")] = 300,
    story: Annotated[str, typer.Option(help="Id of the story that html tells.")] = "",
) -> None:
    """Take a run away: tables, figures, a matrix for scanpy, a tree, a page, a cited view."""
    from deepresolve_dash.commands import export as exporting
    from deepresolve_dash.runs.store import find_run

    wanted = exporting.Wanted(panel or (), classes, channels, width, dpi, story)
    exporting.export(find_run(run), what, file_format, out, wanted)


def recompute(
    run: Annotated[str, typer.Argument(help="Run id or run folder.")],
    model: options.RunNetwork = None,
    sequences: options.Sequences = None,
    genome: options.Genome = None,
    labels: options.Labels = None,
    device: options.Device = "auto",
    as_json: options.Json = False,
) -> int:
    """Compute a run again from its seed and say how far the numbers agree; exit code 1: not."""
    from deepresolve_dash.commands import recompute as recomputing
    from deepresolve_dash.runs.store import find_run

    return recomputing.recompute(
        find_run(run),
        model=model,
        sequences=sequences,
        genome=genome,
        labels=labels,
        device=device,
        as_json=as_json,
    )


def verify(
    bundle: Annotated[Path, typer.Argument(help="Bundle of a cited view.")],
    as_json: options.Json = False,
) -> int:
    """Check that a cited view is as it was made and its numbers come out; exit code 1: not."""
    from deepresolve_dash.commands import verify as verifying

    return verifying.verify(bundle, as_json=as_json)
