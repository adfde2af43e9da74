"""What a user says of the classes of a network: names and where they come from.

*Choice:* they are labels beside the network, not a part of it: naming a class changes no number, so
it changes neither the hash of the network nor the id of a run.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields, replace

from deepresolve_dash.errors import SettingsError
from deepresolve_dash.tsv import tsv_lines, unguarded

INDEX = "class_index"
_SEPARATOR = "|"  # of names such as GM12878|CTCF|None
_LONGEST = 200  # characters of a cell


@dataclass(frozen=True)
class ClassRow:
    """One class of a network.

    Attributes
    ----------
    name : str
        What it is called everywhere.
    cell, assay, target, treatment, group, colour, accession : str
        Where it comes from; empty when not told.
    """

    name: str
    cell: str = ""
    assay: str = ""
    target: str = ""
    treatment: str = ""
    group: str = ""
    colour: str = ""
    accession: str = ""


FIELDS = tuple(field.name for field in fields(ClassRow))
METADATA = FIELDS[1:]


def from_names(names: Sequence[str]) -> tuple[ClassRow, ...]:
    """Return what the names alone tell: `Cell|Target|Treatment` is taken apart.

    A network may hold any text as a name. Here spaces are collapsed, what is longer than 200
    characters is cut, and a class without a name is called `class` and its index, so that a name
    can always be written to a table and read back.
    """
    return tuple(
        _with_parts(ClassRow(_in_order(name) or f"class {index}"))
        for index, name in enumerate(names)
    )


def parse_table(text: str, rows: Sequence[ClassRow]) -> tuple[ClassRow, ...]:
    """Return the rows as a table in TSV changes them.

    Parameters
    ----------
    text : str
        The first line names the columns: `class_index` and any of the fields of `ClassRow`; other
        columns are passed over. Classes that are not listed stay as they are.
    rows : sequence of ClassRow
        The classes of the network, in the order of its output.

    Raises
    ------
    SettingsError
        When it is not such a table, or an index is unknown or given twice.
    """
    header, entries = _entries(text)
    columns = [name for name in FIELDS if name in header]  # the name first: fields win over it
    if INDEX not in header or not columns:
        raise SettingsError(
            "This is not a table of classes.",
            f"Its first line must hold {INDEX} and any of {', '.join(FIELDS)}, set apart by tabs.",
        )
    changed, seen = list(rows), set()
    for line, entry in enumerate(entries, start=2):
        index = _index(entry[INDEX], len(rows), line)
        if index in seen:
            raise SettingsError(f"Line {line} names class {index} again.", "Give each one line.")
        seen.add(index)
        for column in columns:
            changed[index] = change(changed[index], column, unguarded(entry[column] or ""))
    return tuple(changed)


def kept_table(text: str, rows: Sequence[ClassRow]) -> tuple[ClassRow, ...]:
    """Return the rows as a table that was kept tells them; lines that tell nothing are passed over.

    *Choice:* what lies on the disk is never refused: a broken line costs the names of its class,
    not the model.
    """
    try:
        _, entries = _entries(text)
    except SettingsError:
        return tuple(rows)
    changed = list(rows)
    for entry in entries:
        index = entry.get(INDEX) or ""
        if index.isdecimal() and int(index) < len(rows):
            told = {
                name: _in_order(unguarded(entry[name] or "")) for name in FIELDS if name in entry
            }
            told["name"] = told.get("name") or rows[int(index)].name
            changed[int(index)] = replace(rows[int(index)], **told)
    return tuple(changed)


def change(row: ClassRow, field: str, value: str) -> ClassRow:
    """Return a class with one field changed.

    A new name fills the fields that it tells of, also those that the old name had filled.

    Raises
    ------
    SettingsError
        When there is no such field, the name is empty, or the value is too long.
    """
    value = " ".join(value.split())
    if field not in FIELDS:
        raise SettingsError(f"A class has no '{field}'.", f"It has {', '.join(FIELDS)}.")
    if len(value) > _LONGEST:
        raise SettingsError(f"This is longer than {_LONGEST} characters.", "Shorten it.")
    if field != "name":
        return replace(row, **{field: value})
    if not value:
        raise SettingsError("A class needs a name.")
    ours = {told: "" for told, part in _parts(row.name).items() if getattr(row, told) == part}
    return _with_parts(replace(row, name=value, **ours))


def format_table(rows: Sequence[ClassRow]) -> str:
    """Return all classes as TSV, the way `parse_table` reads it."""
    entries = ((index, *astuple(row)) for index, row in enumerate(rows))
    return "".join(tsv_lines([(INDEX, *FIELDS), *entries]))


def values(rows: Sequence[ClassRow], field: str) -> list[str]:
    """Return what a field of metadata says over all classes, each once, sorted."""
    return sorted({getattr(row, field) for row in rows} - {""}, key=str.lower)


def with_value(rows: Sequence[ClassRow], field: str, wanted: Sequence[str]) -> tuple[int, ...]:
    """Return the indices of the classes whose field is one of these values."""
    return tuple(index for index, row in enumerate(rows) if getattr(row, field) in set(wanted))


def _with_parts(row: ClassRow) -> ClassRow:
    """Fill what the name tells and nobody else has told."""
    told = _parts(row.name)
    return replace(row, **{field: told[field] for field in told if not getattr(row, field)})


def _parts(name: str) -> dict[str, str]:
    """Return what a name such as `Cell|Target|Treatment` tells."""
    parts = [part.strip() for part in name.split(_SEPARATOR)]
    if len(parts) not in (2, 3):
        return {}
    return dict(zip(("cell", "target", "treatment"), parts, strict=False))


def _in_order(text: str) -> str:
    """Return a text as a cell can hold it: one line of characters that can be written."""
    written = text.encode("utf-8", "replace").decode()
    return " ".join(written.split())[:_LONGEST].rstrip()


def _entries(text: str) -> tuple[list[str], list[dict[str, str | None]]]:
    """Return the columns and lines of a table, whatever ends its lines."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    reader = csv.DictReader(io.StringIO(lines), delimiter="\t")
    try:
        return list(reader.fieldnames or ()), list(reader)
    except csv.Error as error:
        raise SettingsError(
            f"This is not a table of classes: {error}.", "Save it as text set apart by tabs."
        ) from None


def _index(text: str | None, n: int, line: int) -> int:
    """Return a class index of the table."""
    if text is None or not text.strip().isdecimal() or int(text) >= n:
        raise SettingsError(
            f"Line {line} names class '{text}'.",
            "There is one class, 0." if n == 1 else f"Classes are 0 to {n - 1}.",
        )
    return int(text)
