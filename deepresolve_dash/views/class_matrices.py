"""All classes of a run compared: matrices in one order, their tree, pairs picked out of them."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.core.statistics.classes import Clustering
from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.runs.class_table import ClassRow
from deepresolve_dash.views import classes
from deepresolve_dash.views.matrix import Matrix
from deepresolve_dash.views.selection import IMPORTANCE, Selection, regime_for

FIELDS = ("cell", "assay", "target", "treatment", "group")
DIFFERENCE = "difference-"  # before the name of a comparison: similarity minus that
COSINE = "cosine of last-layer weights"
MOST_LISTED = 200


def data(
    summary: xr.Dataset, selection: Selection, tree: Clustering, rows: Sequence[ClassRow]
) -> dict:
    """Find groups of classes that the network decides on by the same channels, beside other views.

    All matrices stand in the order of the average-linkage tree of 1 - similarity, whose cut makes
    the numbered clusters; a tree is drawn for any data, so that a cluster is a finding only where
    its colours are strong and stay when trials are drawn again.

    Parameters
    ----------
    tree : Clustering
        From `classes.clustering`.
    rows : sequence of ClassRow
        What is told of each class, in the order of the run.

    Returns
    -------
    dict
        `order` (places in the run), `leaves`, `merges` (two branches, height; a leaf is its place
        in the order), `fields` of metadata, `matrices` with their limits, `blank` (output indices).
    """
    order = tree.order.tolist()
    place = np.argsort(tree.order[: len(tree.linkage) + 1])
    n = len(place)
    branches = tree.linkage[:, :2].astype(int)
    branches = np.where(branches < n, place[np.minimum(branches, n - 1)], branches)
    heights = tree.linkage[:, 2].tolist()
    return {
        "regime": regime_for(summary, selection, IMPORTANCE),
        "order": order,
        "leaves": len(order) - len(tree.left_out),
        "merges": [
            [*pair, height] for pair, height in zip(branches.tolist(), heights, strict=True)
        ],
        "fields": _fields([rows[i] for i in order]),
        "matrices": {name: _about(summary, selection, name) for name in _names(summary)},
        "blank": summary.target.values[tree.left_out].tolist(),
    }


def matrix(
    summary: xr.Dataset, selection: Selection, name: str, order: NDArray[np.int64]
) -> Matrix:
    """Return a comparison, or the similarity minus one, in the order of the tree.

    *Choice:* a dot product is divided by both norms before it is taken from a similarity, so that
    both go from -1 to 1.

    Raises
    ------
    RunNotFound
        When the run has no such comparison.
    """
    if name not in _names(summary):
        raise RunNotFound(f"This run has no comparison '{name}'.")
    shown = _values(summary, selection, name)[np.ix_(order, order)]
    ids = tuple(summary.target.values[order].tolist())
    names = tuple(str(label) for label in summary.target_name.values[order])
    return Matrix(shown, _limit(summary, selection, name), names, names, ids, ids)


def brushed(summary: xr.Dataset, selection: Selection, second: str, box: Sequence[float]) -> dict:
    """Hold two comparisons of the same pairs of classes against each other, a point for each pair.

    Points far from the others are alike in one view only; labels that hardly vary, and dot products
    of classes with large weights, put points far out for no other reason.

    Parameters
    ----------
    second : str
        Comparison beside the similarity.
    box : sequence of 4 floats
        From and to in the similarity, from and to in the second; ends included.

    Returns
    -------
    dict
        `n` pairs inside, and the first `pairs` (two output indices, two values), by falling
        similarity.
    """
    if second not in classes.available(summary) or second == "similarity":
        raise RunNotFound(f"This run has no comparison '{second}'.")
    i, j = np.triu_indices(summary.sizes["target"], 1)
    a, b = (classes.values(summary, selection, name)[i, j] for name in ("similarity", second))
    inside = np.flatnonzero((a >= box[0]) & (a <= box[1]) & (b >= box[2]) & (b <= box[3]))
    first = inside[np.argsort(-a[inside], kind="stable")][:MOST_LISTED]
    targets = summary.target.values
    columns = (targets[i[first]], targets[j[first]], a[first], b[first])
    return {"n": len(inside), "pairs": list(zip(*(c.tolist() for c in columns), strict=True))}


def _names(summary: xr.Dataset) -> list[str]:
    """Return the comparisons of a run and their differences from the similarity."""
    known = classes.available(summary)
    return known + [DIFFERENCE + name for name in known if name != "similarity"]


def _values(summary: xr.Dataset, selection: Selection, name: str) -> NDArray[np.float64]:
    """Return the values (target, other_target) in the order of the run."""
    if not name.startswith(DIFFERENCE):
        return classes.values(summary, selection, name)
    second = classes.values(summary, selection, name.removeprefix(DIFFERENCE))
    if name == f"{DIFFERENCE}last_layer":
        norms = np.sqrt(np.diag(second))
        second = second / np.where(norms > 0, norms, np.nan)[:, None] / norms
    return classes.values(summary, selection, "similarity") - second


def _limit(summary: xr.Dataset, selection: Selection, name: str) -> float:
    """Return the value of the strongest colour."""
    if name.startswith(DIFFERENCE):
        return 1.0
    return classes.limit(summary, selection, name)


def _about(summary: xr.Dataset, selection: Selection, name: str) -> dict:
    """Return title, short name, what a value is, and the limit of a matrix."""
    known = classes.COMPARISONS[name.removeprefix(DIFFERENCE)]
    told = {"title": known.title, "short": known.short, "value": known.value}
    if name.startswith(DIFFERENCE):
        value = "cosine" if known.value == "dot product" else known.value
        title = f"Similarity minus {COSINE if value == 'cosine' else known.title.lower()}"
        told = {"title": title, "short": f"A minus {value}", "value": f"A − {value}"}
    return told | {"limit": _limit(summary, selection, name)}


def _fields(rows: Sequence[ClassRow]) -> list[dict]:
    """Return the columns of metadata that tell classes apart: what is said, and where."""
    found = []
    for name in FIELDS:
        told = [getattr(row, name) for row in rows]
        said = sorted(set(told) - {""}, key=lambda value: (-told.count(value), value))
        if len(set(told)) > 1:
            places = {value: at for at, value in enumerate(said)}
            found.append({"name": name, "said": said, "of": [places.get(one, -1) for one in told]})
    return found
