"""The command that takes a finished run away as files."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from deepresolve_dash.commands.export_views import read_channels, view_bundle, write_figures
from deepresolve_dash.errors import DiskFull, SettingsError
from deepresolve_dash.exports.figures.style import Size
from deepresolve_dash.exports.h5ad import h5ad_bytes
from deepresolve_dash.exports.known import known_from_state
from deepresolve_dash.exports.newick import newick
from deepresolve_dash.exports.notes import write_notes
from deepresolve_dash.exports.tables import write_tables
from deepresolve_dash.runs.notes import NoteStore
from deepresolve_dash.runs.store import Run
from deepresolve_dash.runs.whole_file import write_whole
from deepresolve_dash.settings import read_settings
from deepresolve_dash.views.selection import Selection

FORMATS = {  # the usual one first
    "tables": ("tsv",),
    "figures": ("svg", "pdf", "png", "tsv"),
    "h5ad": ("h5ad",),
    "tree": ("nwk",),
    "html": ("html",),
    "bundle": ("zip",),
}


@dataclass(frozen=True)
class Wanted:
    """Which views of a run are wanted, and how large.

    Attributes
    ----------
    panels : sequence of str
        Names of figures; all without any.
    classes, channels : str
        `all` classes, or indices set apart by commas; channels the same way.
    width : float
        In mm.
    dpi : int
    story : str
        Id of the story that an offline page tells; empty for the views themselves.
    """

    panels: Sequence[str] = ()
    classes: str = "all"
    channels: str = ""
    width: float = 174
    dpi: int = 300
    story: str = ""


def export(run: Run, what: str, file_format: str | None, out: Path, wanted: Wanted) -> None:
    """Write what is wanted of a run and print the paths of the files.

    Raises
    ------
    SettingsError
        When there is no such format, or the place is of the wrong kind.
    """
    formats = FORMATS[what]
    if file_format not in (None, *formats):
        raise SettingsError(
            f"There is no {what} as {file_format}.", f"Choose {' or '.join(formats)}."
        )
    if what == "html":
        _write(out, _offline(run, wanted.story))
        return
    state = read_settings().state
    known, size = known_from_state(run, state), Size(wanted.width, 0, wanted.dpi)
    if what == "tables":
        written = write_tables(known.summary, known.ensemble, _folder(out))
        for path in [*written, *write_notes(NoteStore(state), known, out)]:
            typer.echo(path)
    elif what == "figures":
        write_figures(
            known,
            _folder(out),
            panels=wanted.panels,
            classes=wanted.classes,
            channels=read_channels(wanted.channels),
            file_format=file_format or formats[0],
            size=size,
        )
    elif what == "bundle":
        panels, classes = wanted.panels, wanted.classes
        _write(out, view_bundle(known, panels=panels, classes=classes, size=size, state=state))
    elif what == "tree":
        first = Selection(run.id, int(known.summary.target.values[0]))
        _write(out, newick(known, first).encode())
    else:
        _write(out, h5ad_bytes(known))


def _offline(run: Run, story: str) -> bytes:
    """Return the views of a run, or of the steps of a story, as one file.

    Raises
    ------
    DiskFull
        When the state folder, which keeps what is derived for the pages, has no room.
    """
    from deepresolve_dash.pages.offline import offline_page
    from deepresolve_dash.pages.offline_server import unreached_server

    settings = read_settings()
    try:
        server = unreached_server(settings, run)
        return b"".join(offline_page(server, run.id, story=story))
    except sqlite3.OperationalError as error:
        raise DiskFull(
            f"The state folder {settings.state} cannot be written: {error}.",
            "Make room there, or name another one with DRD_STATE.",
        ) from error


def _folder(out: Path) -> Path:
    """Return the folder to write to."""
    if out.exists() and not out.is_dir():
        raise SettingsError(f"{out} is a file.", "Name a folder with --out.")
    return out


def _write(out: Path, contents: bytes) -> None:
    """Write one file; it appears whole or not at all."""
    if out.is_dir():
        raise SettingsError(f"{out} is a folder.", "Name a file with --out.")
    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, contents)
    typer.echo(out)
