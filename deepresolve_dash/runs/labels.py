"""Label files: which sequence belongs to which class."""

import csv
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.errors import SettingsError


def read_labels(path: Path, classes: Sequence[int], names: Sequence[str]) -> NDArray[np.float64]:
    """Read the labels of some classes from a TSV file.

    The first line names the columns: a class's name where only one class bears it, or its output
    index. Columns of other classes and identifiers are passed over.

    Parameters
    ----------
    path : Path
    classes : sequence of int
        Output indices wanted.
    names : sequence of str
        Name of each of them.

    Returns
    -------
    float64 array (sequence, target)

    Raises
    ------
    SettingsError
        When the file is not such a table, or a class has no column.
    """
    try:
        with Path(path).open(encoding="utf-8-sig") as file:  # any end of line
            header, *rows = csv.reader(file, delimiter="\t")
        columns = [_column(header, index, name) for index, name in zip(classes, names, strict=True)]
        return np.array([[float(row[column]) for column in columns] for row in rows if row])
    except (OSError, ValueError, IndexError, csv.Error) as error:
        raise SettingsError(
            f"{path} is not a table of labels: {error}.",
            "It must be tab-separated, with a line of class names and then numbers.",
        ) from error


def with_own_names(text: str, own: Sequence[str], given: Sequence[str]) -> str:
    """Return a table of labels whose columns bear the network's own names.

    Parameters
    ----------
    text : str
    own : sequence of str
        Name of each class in the network.
    given : sequence of str
        What a user calls each of them; a column may bear either name, or the index.
    """
    header, *rest = re.split(r"(\r\n|\r|\n)", text, maxsplit=1)
    columns = header.split("\t")
    for index, (mine, name) in enumerate(zip(own, given, strict=True)):
        known = {mine, str(index)} & set(columns)
        if name != mine and not known and given.count(name) == columns.count(name) == 1:
            place = columns.index(name)
            columns[place] = mine if own.count(mine) == 1 else str(index)
    return "\t".join(columns) + "".join(rest)


def _column(header: Sequence[str], index: int, name: str) -> int:
    """Return the column of a class."""
    for wanted in (name, str(index)):
        if header.count(wanted) == 1:
            return header.index(wanted)
    raise SettingsError(
        f"The label file has no column for class {index} ('{name}').",
        f"Its columns are {', '.join(header[:10])}.",
    )
