"""Classes compared: similarity, the last layer's weights, labels, all in one order."""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.core.statistics.classes import Clustering, cluster, correlation, difference
from deepresolve_dash.views.matrix import Matrix, largest
from deepresolve_dash.views.palette import number
from deepresolve_dash.views.selection import IMPORTANCE, Selection, of_class, regime_for


@dataclass(frozen=True)
class Comparison:
    """One way to compare classes: its title, what a value is, and its fixed limit (or None)."""

    title: str
    short: str
    value: str
    limit: float | None


COMPARISONS = {
    "similarity": Comparison("Similarity of positive OFIVs", "similarity", "A", 1.0),
    "last_layer": Comparison("Last-layer dot products", "last layer", "dot product", None),
    "label_correlation": Comparison("Label correlation", "labels", "label r", 1.0),
    "signed": Comparison("Correlation of signed OFIVs", "signed OFIV", "signed r", 1.0),
}


def available(summary: xr.Dataset) -> list[str]:
    """Return the comparisons that this run has; none with a single class."""
    if summary.sizes["target"] < 2:
        return []
    return [name for name in COMPARISONS if name == "signed" or name in summary]


def values(summary: xr.Dataset, selection: Selection, name: str) -> NDArray[np.float64]:
    """Return a comparison (target, other_target) in the order of the file.

    Raises
    ------
    KeyError
        When the run has no such comparison.
    """
    regime = regime_for(summary, selection, IMPORTANCE)
    if name == "signed":
        return correlation(summary.ofiv.sel(regime=regime).values)
    matrix = summary[name]
    return (matrix.sel(regime=regime) if "regime" in matrix.dims else matrix).values


def clustering(summary: xr.Dataset, selection: Selection) -> Clustering:
    """Return the hierarchy of the similarity, which orders all comparisons."""
    return cluster(values(summary, selection, "similarity"))


def data(summary: xr.Dataset, selection: Selection, name: str, order: NDArray[np.int64]) -> Matrix:
    """Place classes that use the same channels close together, beside the last layer's own view.

    Similarity looks at positive importance only, in the order of its average-linkage clustering; a
    class without a positive channel is blank, and shared channels are no proof of shared biology.

    Parameters
    ----------
    name : str
        A key of `COMPARISONS`.
    order : int array (target,)
        Positions of the classes from `clustering`.
    """
    shown = values(summary, selection, name)[np.ix_(order, order)]
    ids = tuple(int(target) for target in summary.target.values[order])
    names = tuple(str(label) for label in summary.target_name.values[order])
    labels = tuple(f"{target} {label}" for target, label in zip(ids, names, strict=True))
    return Matrix(shown, limit(summary, selection, name), labels, labels, ids, ids)


def limit(summary: xr.Dataset, selection: Selection, name: str) -> float:
    """Return the value of the strongest colour of a comparison, the same on every page.

    *Choice:* the colours of dot products end at the largest of two different classes; that of a
    class with itself says only how large its weights are.
    """
    known = COMPARISONS[name].limit
    if known is not None:
        return known
    apart = np.array(values(summary, selection, name), np.float64)
    np.fill_diagonal(apart, 0)
    return largest(apart)


def dendrogram(clustering: Clustering) -> str:
    """Return the tree as an SVG path: root at x 0, leaves at x 1, one unit of y per class."""
    n = len(clustering.linkage) + 1
    if n < 2:
        return ""
    spot = dict(enumerate(np.argsort(clustering.order[:n]) + 0.5))
    height = dict.fromkeys(range(n), 0.0)
    top = float(clustering.linkage[:, 2].max()) or 1.0
    path = []
    for i, (a, b, distance, _) in enumerate(clustering.linkage):
        x = 1 - distance / top
        path.append(
            f"M{1 - height[int(a)]:.4f} {spot[int(a)]:.3f}H{x:.4f}"
            f"V{spot[int(b)]:.3f}H{1 - height[int(b)]:.4f}"
        )
        spot[n + i] = (spot[int(a)] + spot[int(b)]) / 2
        height[n + i] = distance / top
    return "".join(path)


def pair_words(summary: xr.Dataset, selection: Selection) -> str:
    """Return what is known of the compared pair, or why a class has no similarity, else nothing."""
    if selection.other is None:
        return _blank_words(summary, selection)
    targets = summary.target.values.tolist()
    i, j = targets.index(selection.target), targets.index(selection.other)
    found = {name: float(values(summary, selection, name)[i, j]) for name in available(summary)}
    known = [f"{COMPARISONS[name].value} {number(r, sign=True)}" for name, r in found.items()]
    mine = of_class(summary, selection, IMPORTANCE)
    other = of_class(summary, selection, IMPORTANCE, target=selection.other)
    gap = difference(mine.ofiv.values, other.ofiv.values)
    strongest = np.argsort(-np.nan_to_num(np.abs(gap)), kind="stable")[:3]
    names = " and ".join(str(summary.target_name.values[place]) for place in (i, j))
    apart = ", ".join(
        f"channel {mine.channel.values[k]} ({number(float(gap[k]), sign=True)})" for k in strongest
    )
    return f"{names}: {' · '.join(known)}. OFIV differs most in {apart}."


def _blank_words(summary: xr.Dataset, selection: Selection) -> str:
    """Return why the row of a class is blank; empty when it is not."""
    place = summary.target.values.tolist().index(selection.target)
    if not available(summary) or np.isfinite(
        values(summary, selection, "similarity")[place, place]
    ):
        return ""
    return "This class has no similarity: the positive part of its OFIV is constant or unknown."
