"""Classes compared with each other."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import squareform


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
    if len(leaves) < 2:
        return Clustering(np.r_[leaves, left_out], np.zeros((0, 4)), left_out)
    distance = np.clip(1 - a[np.ix_(leaves, leaves)], 0, 2)
    np.fill_diagonal(distance, 0)
    condensed = squareform((distance + distance.T) / 2, checks=False)
    tree = optimal_leaf_ordering(linkage(condensed, "average"), condensed)
    return Clustering(np.r_[leaves[leaves_list(tree)], left_out], tree, left_out)
