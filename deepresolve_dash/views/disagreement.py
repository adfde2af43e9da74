"""Pairs of classes that are alike in their features and not elsewhere, or the reverse."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from deepresolve_dash.core.statistics.disagreement import most_apart, rank_pairs
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
    """
    regime = regime_for(summary, selection, IMPORTANCE)
    known = others(summary)
    told = {"regime": regime, "others": known, "end": end, "against": None, "pairs": []}
    if not known:
        return told | {
            "empty": "This run has neither labels nor the weights of a last layer to compare with. "
            "Start it again with a label file, a table of 0 and 1 per sequence and class."
        }
    other = against if against in known else known[0]
    pairs = rank_pairs(values(summary, selection, "similarity"), values(summary, selection, other))
    order = most_apart(pairs, reverse=end == ENDS[1])[:MOST]
    first, second = pairs.first[order], pairs.second[order]
    here, there = (values(summary, selection, name) for name in ("similarity", other))
    blank = np.flatnonzero(np.isnan(np.diag(here)))
    return told | {
        "against": other,
        "value": COMPARISONS[other].value,
        "short": COMPARISONS[other].short,
        "empty": None if len(order) else "No pair of classes has a value in both comparisons.",
        "n": len(pairs.first),
        "columns": list(metadata.told(rows)),
        "first": first,
        "second": second,
        "gap": pairs.gap[order],
        "rank": pairs.rank[order],
        "otherRank": pairs.other_rank[order],
        "a": here[first, second],
        "b": there[first, second],
        "classes": _classes(summary, rows),
        "leftOut": metadata.class_names(summary, blank),
    }


def _classes(summary: xr.Dataset, rows: Sequence[ClassRow]) -> list[dict]:
    """Return what the list says of each class: index, name, and the columns of the metadata."""
    columns = list(metadata.told(rows))
    named = metadata.class_names(summary, range(len(rows)))
    return [
        one | {"told": [getattr(row, column) for column in columns]}
        for one, row in zip(named, rows, strict=True)
    ]
