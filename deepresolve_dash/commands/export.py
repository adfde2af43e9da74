"""The command that takes a finished run away as files."""

from pathlib import Path

import typer

from deepresolve_dash.errors import SettingsError
from deepresolve_dash.exports.h5ad import h5ad_bytes
from deepresolve_dash.exports.known import known_from_state
from deepresolve_dash.exports.tables import write_tables
from deepresolve_dash.runs.store import Run
from deepresolve_dash.runs.whole_file import write_whole
from deepresolve_dash.settings import read_settings

FORMATS = {"tables": ("tsv",), "h5ad": ("h5ad",), "html": ("html",)}  # the usual one first


def export(run: Run, what: str, file_format: str | None, out: Path, *, story: str = "") -> None:
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
        _write(out, _offline(run, story))
        return
    known = known_from_state(run, read_settings().state)
    if what == "tables":
        for path in write_tables(known.summary, known.ensemble, _folder(out)):
            typer.echo(path)
    else:
        _write(out, h5ad_bytes(known))


def _offline(run: Run, story: str) -> bytes:
    """Return the views of a run, or of the steps of a story, as one file."""
    from deepresolve_dash.pages.offline import offline_page
    from deepresolve_dash.pages.offline_server import unreached_server

    server = unreached_server(read_settings(), run)
    return b"".join(offline_page(server, run.id, story=story))


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
