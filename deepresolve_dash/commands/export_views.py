"""Figures and bundles of views, drawn for the command line."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import typer

from deepresolve_dash.commands.progress import progress_bar
from deepresolve_dash.errors import DeepResolveError, RunNotFound, SettingsError
from deepresolve_dash.exports.bundle import View, bundle_bytes
from deepresolve_dash.exports.figures.panel import Panel
from deepresolve_dash.exports.figures.registry import (
    PANELS,
    figure_bytes,
    find_panel,
    height_of,
    rows_text,
)
from deepresolve_dash.exports.figures.style import LOWEST, Size, checked
from deepresolve_dash.exports.file_names import file_name
from deepresolve_dash.runs.store import Run
from deepresolve_dash.runs.whole_file import write_whole
from deepresolve_dash.views.selection import Selection

ROWS = "tsv"
MOST_CLASSES = 20  # that are drawn when none is named


def write_figures(
    run: Run,
    out: Path,
    *,
    panels: Sequence[str],
    classes: str,
    channels: Sequence[int],
    file_format: str,
    size: Size,
) -> None:
    """Draw panels of a run and print the paths of the files; what cannot be drawn is said.

    Raises
    ------
    DeepResolveError
        When there is no such panel, class, channel or size, or nothing could be drawn.
    """
    checked(size if size.height else size._replace(height=LOWEST))
    shown = [find_panel(name) for name in panels] or list(PANELS.values())
    targets = _classes(run, classes)
    more = run.summary.sizes["target"] - len(targets)
    if classes == "all" and more and any(panel.page == "class" for panel in shown):
        said = f"The first {len(targets)} classes; name others, of {more} more, with --class."
        typer.echo(said, err=True)
    wanted = list(_views(run, shown, targets, channels, named=bool(panels)))
    out.mkdir(parents=True, exist_ok=True)
    n = 0
    with progress_bar("Figures") as progress:
        for place, (panel, selection, asked) in enumerate(wanted):
            progress(place, len(wanted))
            try:
                made = _drawn(panel, run, selection, asked, file_format, size)
            except DeepResolveError as error:
                typer.echo(f"{panel.name}: {error}", err=True)
                continue
            values = {"target": str(selection.target), **asked}
            path = out / file_name(run, values, panel, file_format)
            write_whole(path, made)
            typer.echo(path)
            n += 1
    if not n:
        raise SettingsError("Nothing could be drawn.")


def view_bundle(run: Run, *, panels: Sequence[str], classes: str, size: Size, state: Path) -> bytes:
    """Return the bundle of one panel of one class.

    Raises
    ------
    DeepResolveError
        When several are named, or it cannot be drawn.
    """
    targets = _classes(run, classes) if classes != "all" else run.summary.target.values[:1].tolist()
    if len(panels) > 1 or len(targets) > 1:
        raise SettingsError("A bundle holds one view.", "Name one --panel and one --class.")
    panel = find_panel(panels[0] if panels else "ofiv")
    return bundle_bytes(View(panel, run, Selection(run.id, targets[0]), {}, size), state)


def _views(
    run: Run,
    panels: Sequence[Panel],
    targets: Sequence[int],
    channels: Sequence[int],
    *,
    named: bool,
) -> Iterator[tuple[Panel, Selection, dict[str, str]]]:
    """Yield what is drawn: each panel of a class for each class, of a channel for each channel."""
    known = set(run.summary.channel.values.tolist())
    for channel in channels:
        if channel not in known:
            raise RunNotFound(f"This run has no channel {channel}.")
    first = Selection(run.id, targets[0])
    for panel in panels:
        if panel.page == "class":
            yield from ((panel, Selection(run.id, target), {}) for target in targets)
        elif panel.page == "channel":
            if named and not channels:
                raise SettingsError(f"{panel.name} shows a channel.", "Name it with --channel.")
            yield from ((panel, first, {"channel": str(channel)}) for channel in channels)
        elif panel.page != "compare":
            yield panel, first, {}


def _drawn(
    panel: Panel,
    run: Run,
    selection: Selection,
    asked: dict[str, str],
    file_format: str,
    size: Size,
) -> bytes:
    if file_format == ROWS:
        return rows_text(panel, run, selection, asked).encode()
    high = size.height or height_of(panel, size.width, run, selection, asked)
    sized = size._replace(height=high)
    return figure_bytes(panel, run, selection, asked, file_format, sized)


def _classes(run: Run, text: str) -> list[int]:
    """Turn `all`, or a list of output indices, into classes of the run."""
    targets = run.summary.target.values.tolist()
    if text == "all":
        return targets[:MOST_CLASSES]
    parts = [part.strip() for part in text.split(",") if part.strip()]
    missing = [part for part in parts if not part.isdecimal() or int(part) not in targets]
    if missing or not parts:
        raise RunNotFound(
            f"This run has no class '{(missing or [text])[0][:40]}'.", "Give indices, such as 0,3."
        )
    return [int(part) for part in parts]


def read_channels(text: str) -> list[int]:
    """Turn `0,3` into channels.

    Raises
    ------
    DeepResolveError
        When it is no list of numbers.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isdecimal() for part in parts):
        raise SettingsError(f"--channel is '{text[:40]}'.", "Give channels, such as 0,3.")
    return [int(part) for part in parts]
