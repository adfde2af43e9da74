"""Pairs of classes that are alike in their features and not elsewhere, or the reverse."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.core.statistics.disagreement import Pairs, most_apart, rank_pairs
from deepresolve_dash.runs.class_table import ClassRow
from deepresolve_dash.views import metadata
from deepresolve_dash.views.classes import COMPARISONS, values
from deepresolve_dash.views.selection import IMPORTANCE, Selection, regime_for

MOST = 2000  # pairs that are sent from either end
ENDS = ("alike", "apart")


def others(summary: xr.Dataset) -> list[str]:
    """Return what the similarity can be held against."""
    return [name for name in ("label_correlation", "last_layer") if name in summary]


def data(
    summary: xr.Dataset,
    selection: Selection,
    rows: Sequence[ClassRow],
    *,
    against: str = "",
    end: str = ENDS[0],
    find: str = "",
) -> dict:
    """Rank the pairs of classes by how much more they share features than labels, or weights.

    Both comparisons are ranked over all pairs and the ranks subtracted, so a gap says nothing of
    the size of either; among many pairs some stand far apart by chance, so look at why they do.

    Parameters
    ----------
    rows : sequence of ClassRow
        What is told of each class, in the order of the run.
    against : str
        The comparison beside the similarity; the first that the run has when it lacks this one.
    end : {"alike", "apart"}
        Pairs alike in features first, or pairs alike in the other comparison.
    find : str
        Words that a pair must hold: in a name or in the metadata of either class.
    """
    regime = regime_for(summary, selection, IMPORTANCE)
    known = others(summary)
    told = {"regime": regime, "others": known, "end": end, "against": None, "pairs": []}
    if not known:
        return told | {
            "empty": "This run has neither labels nor the weights of a last layer to compare with. "
            "A label file, a table of 0 and 1 per sequence and class, can be given above."
        }
    other = against if against in known else known[0]
    pairs = rank_pairs(values(summary, selection, "similarity"), values(summary, selection, other))
    order = most_apart(pairs, reverse=end == ENDS[1])
    place = np.flatnonzero(_holding(summary, rows, pairs, find)[order])
    n_found, place = len(place), place[:MOST]
    order = order[place]
    first, second = pairs.first[order], pairs.second[order]
    here, there = (values(summary, selection, name) for name in ("similarity", other))
    blank = np.flatnonzero(np.isnan(np.diag(here)))
    return told | {
        "against": other,
        "value": COMPARISONS[other].value,
        "short": COMPARISONS[other].short,
        "empty": None if len(pairs.first) else "No pair of classes is known to both comparisons.",
        "n": len(pairs.first),
        "found": n_found,
        "place": place,
        "columns": list(metadata.told(rows)),
        "first": first,
        "second": second,
        "gap": _short(pairs.gap[order]),
        "rank": _short(pairs.rank[order]),
        "otherRank": _short(pairs.other_rank[order]),
        "a": _short(here[first, second]),
        "b": _short(there[first, second]),
        "classes": _classes(summary, rows),
        "leftOut": metadata.class_names(summary, blank),
    }


def _holding(
    summary: xr.Dataset, rows: Sequence[ClassRow], pairs: Pairs, find: str
) -> NDArray[np.bool_]:
    """Return which pairs hold every word, in either class."""
    texts = [
        " ".join([str(name), *(getattr(row, column) for column in metadata.COLUMNS)]).lower()
        for name, row in zip(summary.target_name.values, rows, strict=True)
    ]
    found = np.ones(len(pairs.first), bool)
    for word in find.lower().split():
        has = np.array([word in text for text in texts], bool)
        found &= has[pairs.first] | has[pairs.second]
    return found


def _short(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return numbers with the digits that a reader can use."""
    return values.astype(np.float32)


def _classes(summary: xr.Dataset, rows: Sequence[ClassRow]) -> list[dict]:
    """Return what the list says of each class: index, name, factor, columns of the metadata."""
    columns = list(metadata.told(rows))
    named = metadata.class_names(summary, range(len(rows)))
    return [
        one | {"factor": factor, "told": [getattr(row, column) for column in columns]}
        for one, row, factor in zip(named, rows, metadata.factors(rows), strict=True)
    ]
