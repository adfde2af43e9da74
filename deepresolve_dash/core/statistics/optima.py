"""Distinct optima: how many different best patterns the trials of a class found."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from deepresolve_dash.core.statistics.ofiv import SMALL

SAME = 0.05  # of the larger norm: two FIVs closer than this are one optimum


def distinct_optima(fiv: ArrayLike) -> NDArray[np.int64]:
    """Cluster the FIVs of a class.

    *Choice:* complete linkage on |difference| / larger norm, cut at 0.05. One cluster reads "one
    best pattern found", not "additive".

    Parameters
    ----------
    fiv : float array (trial, channel)

    Returns
    -------
    int array (trial,)
        Optimum of each trial; 0 holds the most trials.
    """
    phi = np.asarray(fiv, np.float64)
    if len(phi) < 2:
        return np.zeros(len(phi), int)
    norm = np.linalg.norm(phi, axis=1)
    gap = np.linalg.norm(phi[:, None] - phi[None], axis=2)
    larger = np.maximum(norm[:, None], norm[None])
    distance = np.divide(gap, larger, out=np.zeros_like(gap), where=larger > 0)
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform(distance, checks=False), "complete")
    label = fcluster(tree, SAME, "distance") - 1
    by_size = np.argsort(-np.bincount(label), kind="stable")
    return np.argsort(by_size)[label]


def both_orders(fiv: ArrayLike, weight: ArrayLike, *, share: float = 0.05) -> NDArray[np.bool_]:
    """Return the channel pairs whose signs are opposite in both orders.

    a+ b- in some trials and a- b+ in others, each with more than `share` of the weight, means
    XOR-like. One order alone only says that one channel raises the class and the other lowers it.

    Returns
    -------
    bool array (channel, channel), symmetric
    """
    phi, w = np.asarray(fiv, np.float64), np.asarray(weight, np.float64)
    small = SMALL * np.abs(phi).max(initial=0.0)
    up, down = (phi > small).astype(float), (phi < -small).astype(float)
    first = (w[:, None] * up).T @ down
    return np.minimum(first, first.T) > share
