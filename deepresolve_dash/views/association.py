"""Some classes against some others: a clustered rectangle of the similarity and its index."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.core.statistics.classes import (
    Clustering,
    SimilarClasses,
    cluster_rectangle,
    count_similar,
)
from deepresolve_dash.runs.class_table import ClassRow
from deepresolve_dash.runs.class_table import values as column_values
from deepresolve_dash.views import metadata
from deepresolve_dash.views.classes import dendrogram, values
from deepresolve_dash.views.matrix import Matrix
from deepresolve_dash.views.selection import IMPORTANCE, Selection, regime_for

ALL = "all"
QUANTILES = 15.0, 85.0  # percent
_PREFERRED = "assay", "group", "cell"  # columns that part factors from cell states
_OPEN = ("dnase", "atac", "faire", "open")  # assays of open chromatin: columns of the paper


@dataclass(frozen=True)
class Rectangle:
    """Chosen rows and columns, as places of classes, with their order."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    row_tree: Clustering
    column_tree: Clustering

    @property
    def row_order(self) -> NDArray[np.int64]:
        """Places of the row classes as they are drawn."""
        return self.rows[self.row_tree.order]

    @property
    def column_order(self) -> NDArray[np.int64]:
        """Places of the column classes as they are drawn."""
        return self.columns[self.column_tree.order]


def choices(rows: Sequence[ClassRow]) -> list[str]:
    """Return what rows and columns can be chosen by: all, and `column=value`."""
    return [
        ALL,
        *(
            f"{column}={value}"
            for column in metadata.COLUMNS
            if len(column_values(rows, column)) > 1
            for value in column_values(rows, column)
        ),
    ]


def first_choice(rows: Sequence[ClassRow]) -> tuple[str, str]:
    """Return what is shown before anything is chosen.

    *Choice:* two values of the first of assay, group and cell that has several: the most frequent
    one for the rows; for the columns an assay of open chromatin, as in the paper, else the second
    most frequent one. Without such a column all classes against all.
    """
    for column in _PREFERRED:
        said = [getattr(row, column) for row in rows if getattr(row, column)]
        kinds = sorted(set(said), key=lambda value: (-said.count(value), value))
        if len(kinds) < 2:
            continue
        opened = [value for value in kinds if any(word in value.lower() for word in _OPEN)]
        other = opened[0] if opened and column != "cell" else kinds[1]
        mine = kinds[0] if kinds[0] != other else kinds[1]
        return f"{column}={mine}", f"{column}={other}"
    return ALL, ALL


def rectangle(
    summary: xr.Dataset, selection: Selection, rows: Sequence[ClassRow], chosen: tuple[str, str]
) -> Rectangle:
    """Return the chosen classes that have a similarity, clustered both ways."""
    matrix = values(summary, selection, "similarity")
    known = np.isfinite(np.diag(matrix))
    places = [metadata.places_of(rows, one) for one in chosen]
    mine, theirs = (one[known[one]] for one in places)
    return Rectangle(mine, theirs, *cluster_rectangle(matrix, mine.tolist(), theirs.tolist()))


def matrix_of(summary: xr.Dataset, selection: Selection, shape: Rectangle) -> Matrix:
    """Return the clustered rectangle of the similarity, as it is drawn."""
    shown = values(summary, selection, "similarity")[np.ix_(shape.row_order, shape.column_order)]
    sides = [metadata.class_names(summary, p) for p in (shape.row_order, shape.column_order)]
    names = [tuple(f"{one['target']} {one['name']}" for one in side) for side in sides]
    ids = [tuple(one["target"] for one in side) for side in sides]
    return Matrix(shown, 1.0, names[0], names[1], ids[0], ids[1])


def data(
    summary: xr.Dataset,
    selection: Selection,
    rows: Sequence[ClassRow],
    shape: Rectangle,
    chosen: tuple[str, str],
    *,
    quantiles: tuple[float, float] = QUANTILES,
) -> dict:
    """Count for each row class how many column classes it is strongly alike, or unlike.

    Strong is beyond the quantiles over all pairs of different classes of the run, so about 15% of
    all pairs are always called strong; counts grow with the number of columns and are no test.

    Parameters
    ----------
    rows : sequence of ClassRow
        What is told of each class, in the order of the run.
    shape : Rectangle
    chosen : (str, str)
        What rows and columns were chosen by.
    quantiles : (float, float)
        Percent.
    """
    matrix = values(summary, selection, "similarity")
    below, above = min(quantiles) / 100, max(quantiles) / 100
    found = count_similar(
        matrix, shape.row_order.tolist(), shape.column_order.tolist(), quantiles=(below, above)
    )
    blank = np.flatnonzero(np.isnan(np.diag(matrix)))
    return {
        "regime": regime_for(summary, selection, IMPORTANCE),
        "choices": choices(rows),
        "chosen": chosen,
        "untold": None if metadata.told(rows) else metadata.HOW,
        "empty": _empty(shape, chosen),
        "tree": dendrogram(shape.row_tree),
        "quantiles": [100 * below, 100 * above],
        "below": found.below,
        "above": found.above,
        "nColumns": len(shape.columns),
        "index": _index(summary, shape, found),
        "leftOut": metadata.class_names(summary, blank),
    }


def _empty(shape: Rectangle, chosen: tuple[str, str]) -> str | None:
    """Return why there is no rectangle."""
    for places, what, which in zip(
        (shape.rows, shape.columns), chosen, ("row", "column"), strict=True
    ):
        if not len(places):
            if what == ALL:
                return "No class has a similarity, so there is nothing to count."
            return (
                f"No class with a similarity is a {which}: none has {what.replace('=', ' ')}. "
                "Choose another one."
            )
    return None


def _index(summary: xr.Dataset, shape: Rectangle, found: SimilarClasses) -> list[dict]:
    """Return the counts of each row class, in the order of the rectangle."""
    named = metadata.class_names(summary, shape.row_order)
    return [
        one | {"positive": int(positive), "negative": int(negative)}
        for one, positive, negative in zip(named, found.positive, found.negative, strict=True)
    ]


def strips(index: Sequence[dict]) -> dict[str, dict]:
    """Return the two counts of each row as bars beside the rectangle."""
    return {
        name: {"values": [one[name] for one in index], "bar": True, "units": ""}
        for name in ("positive", "negative")
    }
