"""What a user says of the classes of a network: names and where they come from.

*Choice:* they are labels beside the network, not a part of it: naming a class changes no number, so
it changes neither the hash of the network nor the id of a run.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace

from deepresolve_dash.errors import SettingsError

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
    """Return what the names alone tell: `Cell|Target|Treatment` is taken apart."""
    return tuple(_with_parts(ClassRow(name)) for name in names)


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
    reader = csv.DictReader(io.StringIO(text), delimiter="\t")
    columns = [name for name in reader.fieldnames or () if name in FIELDS]
    if INDEX not in (reader.fieldnames or ()) or not columns:
        raise SettingsError(
            "This is not a table of classes.",
            f"Its first line must hold {INDEX} and any of {', '.join(FIELDS)}, set apart by tabs.",
        )
    changed, seen = list(rows), set()
    for line, entry in enumerate(reader, start=2):
        index = _index(entry[INDEX], len(rows), line)
        if index in seen:
            raise SettingsError(f"Line {line} names class {index} again.", "Give each one line.")
        seen.add(index)
        for column in columns:
            changed[index] = change(changed[index], column, entry[column] or "")
    return tuple(changed)


def change(row: ClassRow, field: str, value: str) -> ClassRow:
    """Return a class with one field changed; a new name fills the fields that it tells of.

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
    return _with_parts(replace(row, name=value))


def format_table(rows: Sequence[ClassRow]) -> str:
    """Return all classes as TSV, the way `parse_table` reads it."""
    out = io.StringIO()
    writer = csv.DictWriter(out, (INDEX, *FIELDS), delimiter="\t", lineterminator="\n")
    writer.writeheader()
    writer.writerows({INDEX: index} | asdict(row) for index, row in enumerate(rows))
    return out.getvalue()


def values(rows: Sequence[ClassRow], field: str) -> list[str]:
    """Return what a field of metadata says over all classes, each once, sorted."""
    return sorted({getattr(row, field) for row in rows} - {""}, key=str.lower)


def with_value(rows: Sequence[ClassRow], field: str, wanted: Sequence[str]) -> tuple[int, ...]:
    """Return the indices of the classes whose field is one of these values."""
    return tuple(index for index, row in enumerate(rows) if getattr(row, field) in set(wanted))


def _with_parts(row: ClassRow) -> ClassRow:
    """Fill what a name such as `Cell|Target|Treatment` tells and nobody else has told."""
    parts = [part.strip() for part in row.name.split(_SEPARATOR)]
    if len(parts) not in (2, 3):
        return row
    told = zip(("cell", "target", "treatment"), parts, strict=False)
    return replace(row, **{field: part for field, part in told if not getattr(row, field)})


def _index(text: str | None, n: int, line: int) -> int:
    """Return a class index of the table."""
    if text is None or not text.strip().isdecimal() or int(text) >= n:
        raise SettingsError(
            f"Line {line} names class '{text}'.",
            "There is one class, 0." if n == 1 else f"Classes are 0 to {n - 1}.",
        )
    return int(text)
