"""Classes compared with each other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import pdist, squareform

from deepresolve_dash.core.statistics.leaf_order import in_order


def similarity(ofiv: ArrayLike) -> NDArray[np.float64]:
    """Class similarity matrix A: Pearson correlation of the non-negative parts of two OFIVs.

    *Source:* the paper's class similarity, `A_ij = Pearson(max(OFIV_i, 0), max(OFIV_j, 0))`.
    *Choice:* NaN for a class whose non-negative part is constant; it has no correlation.

    Parameters
    ----------
    ofiv : float array (target, channel)

    Returns
    -------
    float64 array (target, other_target), symmetric, in [-1, 1], diagonal 1
    """
    return correlation(np.maximum(np.asarray(ofiv, np.float64), 0))


def correlation(rows: ArrayLike) -> NDArray[np.float64]:
    """Pearson correlation of all pairs of rows; NaN where a row is constant or not finite."""
    y = np.asarray(rows, np.float64)
    x = y - y.mean(axis=1, keepdims=True)
    norm = np.sqrt((x**2).sum(axis=1))
    norm = np.where(np.isfinite(norm) & (np.ptp(y, axis=1) > 0), norm, np.nan)
    r = np.clip((x @ x.T) / norm[:, None] / norm[None], -1, 1)
    np.fill_diagonal(r, np.where(np.isnan(norm), np.nan, 1.0))
    return r


def difference(ofiv_i: ArrayLike, ofiv_j: ArrayLike) -> NDArray[np.float64]:
    """Class difference map: channels that favour class i (positive) or class j (negative).

    *Source:* the paper's class difference map, `D_ij = OFIV_i - OFIV_j`.
    """
    return np.asarray(ofiv_i, np.float64) - np.asarray(ofiv_j, np.float64)


def last_layer_similarity(weight: ArrayLike) -> NDArray[np.float64]:
    """Dot products of the last layer's weights: (target, unit) -> (target, other_target).

    *Source:* the paper's comparison of A with the weights of the last layer.
    """
    w = np.asarray(weight, np.float64)
    return w @ w.T


@dataclass(frozen=True)
class Clustering:
    """Hierarchy over the classes that have a similarity.

    Attributes
    ----------
    order : int array (target,)
        Positions in the matrix, leaves first, then the classes left out.
    linkage : float array (leaves - 1, 4)
        SciPy's linkage over the leaves, numbered in ascending position.
    left_out : int array
        Positions of classes without a similarity.
    """

    order: NDArray[np.int64]
    linkage: NDArray[np.float64]
    left_out: NDArray[np.int64]


def cluster(matrix: ArrayLike) -> Clustering:
    """Cluster classes hierarchically.

    *Source:* the paper's clustering of A. *Choice:* distance 1 - A, average linkage, optimal leaf
    order; a class whose similarity to itself is NaN is left out and put last.
    """
    a = np.asarray(matrix, np.float64)
    leaves = np.flatnonzero(~np.isnan(np.diag(a)))
    left_out = np.flatnonzero(np.isnan(np.diag(a)))
    distance = np.clip(1 - a[np.ix_(leaves, leaves)], 0, 2)
    np.fill_diagonal(distance, 0)
    condensed = np.asarray(squareform((distance + distance.T) / 2, checks=False), np.float64)
    return _grow(condensed, leaves, left_out)


def cluster_rectangle(
    matrix: ArrayLike, rows: Sequence[int], columns: Sequence[int]
) -> tuple[Clustering, Clustering]:
    """Cluster some classes by their similarity to some others, and these by the first.

    *Source:* the paper's bi-clustering of factors and DNase classes. *Choice:* Euclidean distance
    between rows, and between columns, of the rectangle; average linkage, optimal leaf order.

    Parameters
    ----------
    matrix : float array (target, other_target)
    rows, columns : sequence of int
        Positions of the classes in the matrix.

    Returns
    -------
    rows, columns : Clustering
        Positions count within `rows` and `columns`; a class whose similarity to itself is NaN is
        left out.
    """
    a = np.asarray(matrix, np.float64)
    known = ~np.isnan(np.diag(a))
    known_rows, known_columns = (known[np.asarray(part, np.int64)] for part in (rows, columns))
    rectangle = a[np.ix_(rows, columns)]
    if list(rows) == list(columns):  # a square has one order
        both = _cluster_profiles(rectangle[:, known_columns], known_rows)
        return both, both
    return (
        _cluster_profiles(rectangle[:, known_columns], known_rows),
        _cluster_profiles(rectangle[known_rows].T, known_columns),
    )


@dataclass(frozen=True)
class SimilarClasses:
    """How many classes of one kind each class of another resembles.

    Attributes
    ----------
    positive, negative : int array (row,)
        Strong positive and negative similarities.
    above, below : float
        The two thresholds.
    """

    positive: NDArray[np.int64]
    negative: NDArray[np.int64]
    above: float
    below: float


def count_similar(
    matrix: ArrayLike,
    rows: Sequence[int],
    columns: Sequence[int],
    *,
    quantiles: tuple[float, float] = (0.15, 0.85),
) -> SimilarClasses:
    """Collapse a rectangle of A to two counts per row.

    *Source:* the paper's index of a factor, its similarities with DNase classes above the 85%
    quantile and below the 15% quantile over all pairs of different classes. *Choice:* pairs without
    a similarity do not count; without any pair the thresholds are NaN and the counts 0.

    Parameters
    ----------
    matrix : float array (target, other_target)
    rows, columns : sequence of int
        Positions of the classes in the matrix; a class is not compared with itself.
    quantiles : (float, float)
    """
    a = np.triu(np.asarray(matrix, np.float64), 1)
    a += a.T  # else rounding decides whether a pair at a threshold counts for one of its classes
    np.fill_diagonal(a, np.nan)
    pairs = a[np.triu_indices(len(a), 1)]
    pairs = pairs[~np.isnan(pairs)]
    below, above = np.quantile(pairs, quantiles) if len(pairs) else (np.nan, np.nan)
    rectangle = a[np.ix_(rows, columns)]
    return SimilarClasses(
        (rectangle > above).sum(axis=1), (rectangle < below).sum(axis=1), float(above), float(below)
    )


def _cluster_profiles(profiles: NDArray[np.float64], known: NDArray[np.bool_]) -> Clustering:
    """Cluster rows by their values, but for those that are not known."""
    leaves, left_out = np.flatnonzero(known), np.flatnonzero(~known)
    return _grow(np.asarray(pdist(profiles[leaves]), np.float64), leaves, left_out)


def _grow(
    distance: NDArray[np.float64], leaves: NDArray[np.int64], left_out: NDArray[np.int64]
) -> Clustering:
    """Grow the tree over condensed distances between leaves."""
    if len(leaves) < 2:
        return Clustering(np.r_[leaves, left_out], np.zeros((0, 4)), left_out)
    tree = in_order(linkage(distance, "average"), distance)
    return Clustering(np.r_[leaves[leaves_list(tree)], left_out], tree, left_out)
