"""Notes and stars of a run as a table."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from deepresolve_dash.exports.tables import tsv_text
from deepresolve_dash.runs.note import Note, Thing
from deepresolve_dash.runs.notes import NoteStore
from deepresolve_dash.runs.store import Run
from deepresolve_dash.runs.whole_file import write_whole

NOTES = "notes.tsv"
COLUMNS = ("what", "about", "index", "name", "text", "writer", "written", "changed", "link")


def notes_table(store: NoteStore, run_id: str, run: Run | None = None) -> pd.DataFrame:
    """Return the notes and stars of a run, one row each, the oldest first.

    Parameters
    ----------
    store : NoteStore
    run_id : str
    run : Run, optional
        The run itself, for the names of its classes.

    Returns
    -------
    DataFrame
        `what` is note or star; `about` class, channel, pair or view; `index` of the class or
        channel, of both classes of a pair, empty for a view; `name` of the classes; `text` on one
        line; `written` and `changed` in UTC, ISO 8601; `link` the path of the view in which it was
        written.
    """
    names = names_of(run) if run else lambda thing: ""
    rows = [_row(note, names(note.thing)) for note in store.of(run_id)]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def write_notes(store: NoteStore, run: Run, folder: Path) -> list[Path]:
    """Write `NOTES` to a folder, whole or not at all; nothing for a run without notes."""
    text = notes_text(store, run)
    if not text:
        return []
    path = Path(folder) / NOTES
    write_whole(path, text.encode())
    return [path]


def notes_text(store: NoteStore, run: Run) -> str:
    """Return what `notes.tsv` holds; nothing for a run without notes."""
    table = notes_table(store, run.id, run)
    return "" if table.empty else tsv_text(table)


def names_of(run: Run) -> Callable[[Thing], str]:
    """Return what tells the names of the classes that a note is about."""
    targets, names = run.summary.target.values, run.summary.target_name.values
    known = {int(target): str(name) for target, name in zip(targets, names, strict=True)}

    def name(thing: Thing) -> str:
        about_classes = thing.kind in ("class", "pair")
        return " and ".join(known.get(one, "") for one in thing.numbers) if about_classes else ""

    return name


def _row(note: Note, name: str) -> tuple[str, ...]:
    thing = note.thing
    return (
        "star" if note.is_star else "note",
        thing.kind,
        "" if thing.kind == "view" else thing.name,
        _cell(name),
        _cell(note.text),
        _cell(note.writer),
        _moment(note.written),
        _moment(note.changed),
        _cell(thing.name if thing.kind == "view" else note.address),
    )


def _cell(text: str) -> str:
    """Return a text on one line that no reader takes for a cell in quotes."""
    line = " ".join(text.split())
    return f" {line}" if line.startswith('"') else line


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
