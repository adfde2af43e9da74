"""Labels of any of three formats, matched to the classes of a run by name or by index."""

import csv
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.core.statistics.classes import correlation
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.runs.arrays import read_arrays

LABELS, CLASSES = "labels", "classes"  # names of the arrays in npz and h5
MOST_BYTES = 2 * 2**30  # of an array once it is unpacked
_HOW = (
    "It must be text set apart by tabs with a line of class names (or indices) and then numbers, "
    "or an npz or h5 file with an array 'labels' (sequences x classes) and, where the columns are "
    "not the classes in their order, their names in 'classes'."
)


@dataclass(frozen=True)
class LabelTable:
    """Labels as a file has them.

    Attributes
    ----------
    columns : tuple of str or None
        What the columns are called; None where they are the classes in their order.
    values : float array (sequence, column)
    """

    columns: tuple[str, ...] | None
    values: NDArray[np.float64]


@dataclass(frozen=True)
class Matched:
    """Labels of the classes of a run.

    Attributes
    ----------
    correlation : float array (target, other_target)
        NaN for a class without a column, or whose label never changes.
    n : int
        Sequences.
    by_name, by_index : int
        Classes that were found so.
    missing, constant : tuple of int
        Output indices without a column, and of classes whose label never changes.
    unused : tuple of str
        Columns that are no class of the run.
    """

    correlation: NDArray[np.float64]
    n: int
    by_name: int
    by_index: int
    missing: tuple[int, ...]
    constant: tuple[int, ...]
    unused: tuple[str, ...]


def read_label_table(path: Path, name: str) -> LabelTable:
    """Read labels from TSV, npz or HDF5; the name of the file tells which.

    Raises
    ------
    SettingsError
        When it is not such a file.
    """
    suffix = Path(name).suffix.lower()
    read = {".npz": _read_npz, ".h5": _read_hdf5, ".hdf5": _read_hdf5}.get(suffix, _read_tsv)
    try:
        table = read(path)
    except (OSError, ValueError, KeyError, IndexError, csv.Error, zipfile.BadZipFile) as error:
        raise SettingsError(f"{name} is not a file of labels: {error}.", _HOW) from error
    if not table.values.size or not np.isfinite(table.values).all():
        raise SettingsError(f"{name} has no labels, or some that are not numbers.", _HOW)
    return table


def match_labels(table: LabelTable, targets: Sequence[int], names: Sequence[str]) -> Matched:
    """Correlate the labels of the classes of a run.

    *Choice:* a column is a class's own when it is the only one to bear the class's name and the
    class is the only one of this name; else it is the one that bears the class's output index.

    Parameters
    ----------
    targets : sequence of int
        Output indices of the classes.
    names : sequence of str
        What they are called.

    Raises
    ------
    SettingsError
        When fewer than two classes have a column.
    """
    n_columns = table.values.shape[1]
    called = table.columns or tuple(str(k) for k in range(n_columns))
    places: dict[int, int] = {}
    by_name = 0
    for target, name in zip(targets, names, strict=True):
        if table.columns and called.count(name) == 1 and list(names).count(name) == 1:
            places[target] = called.index(name)
            by_name += 1
        elif called.count(str(target)) == 1:
            places[target] = called.index(str(target))
    if len(places) < 2:
        raise SettingsError(
            "Fewer than two classes of this run have a column in this file.",
            f"Its columns are {', '.join(called[:8])}; classes are found by name or output index.",
        )
    labels = np.full((len(targets), len(table.values)), np.nan)
    for row, target in enumerate(targets):
        if target in places:
            labels[row] = table.values[:, places[target]]
    constant = [
        t for t, row in zip(targets, labels, strict=True) if t in places and not np.ptp(row)
    ]
    used = set(places.values())
    return Matched(
        correlation=correlation(labels),
        n=len(table.values),
        by_name=by_name,
        by_index=len(places) - by_name,
        missing=tuple(target for target in targets if target not in places),
        constant=tuple(constant),
        unused=tuple(called[k] for k in range(n_columns) if k not in used),
    )


def _read_tsv(path: Path) -> LabelTable:
    """Read text; columns that are no numbers in the first line of values are passed over."""
    with path.open(encoding="utf-8-sig") as file:
        rows = csv.reader(file, delimiter="\t")
        header, first = next(rows, []), next(rows, [])
    kept = [k for k, cell in enumerate(first[: len(header)]) if _is_number(cell)]
    if not kept:
        raise ValueError("its second line holds no numbers")
    with path.open(encoding="utf-8-sig") as file:
        values = np.loadtxt(
            file, delimiter="\t", skiprows=1, usecols=kept, ndmin=2, comments=None, quotechar='"'
        )
    return LabelTable(tuple(header[k] for k in kept), values)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _read_npz(path: Path) -> LabelTable:
    """Read an archive of arrays; nothing in it is run."""
    with zipfile.ZipFile(path) as archive:
        if sum(part.file_size for part in archive.infolist()) > MOST_BYTES:
            raise ValueError("it is too large once it is unpacked")
    return _from_arrays(read_arrays(path))


def _read_hdf5(path: Path) -> LabelTable:
    with h5py.File(path, "r") as file:
        parts = {name: part for name, part in file.items() if isinstance(part, h5py.Dataset)}
        if sum(part.nbytes for part in parts.values()) > MOST_BYTES:
            raise ValueError("it is too large once it is unpacked")
        return _from_arrays({name: np.asarray(part[()]) for name, part in parts.items()})


def _from_arrays(arrays: dict[str, NDArray]) -> LabelTable:
    """Return the array of labels, or the only one with two axes, and the names of its columns."""
    square = [name for name, array in arrays.items() if array.ndim == 2]
    name = LABELS if LABELS in square else square[0] if len(square) == 1 else None
    if name is None:
        raise ValueError(f"it has no array '{LABELS}' with two axes")
    values = np.asarray(arrays[name], np.float64)
    names = arrays.get(CLASSES)
    if names is None:
        return LabelTable(None, values)
    if names.shape != (values.shape[1],):
        raise ValueError(f"'{CLASSES}' does not name each column of '{name}'")
    return LabelTable(tuple(_text(one) for one in names.tolist()), values)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
