"""Orders of rows and columns that put what is alike side by side."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepresolve_dash.core.statistics.classes import cluster


def clustered_order(vectors: ArrayLike) -> NDArray[np.int64]:
    """Return positions of vectors such that similar ones are neighbours.

    *Choice:* cosine distance, average linkage, optimal leaf order. The cosine, not the correlation,
    because 0 has a meaning in a FIV (the base map): a channel that is always on and one that is
    always off are opposites, where a correlation over trials would see noise only. Vectors of
    zeros or with NaN come last; of the two directions the one with the earlier first leaf wins.

    Parameters
    ----------
    vectors : float array (vector, dimension)

    Returns
    -------
    int array (vector,)
    """
    x = np.asarray(vectors, np.float64)
    known = np.isfinite(x).all(1) & x.any(1)
    largest = np.abs(x[known]).max(1, keepdims=True, initial=0)
    scaled = x[known] / largest  # else tiny ones lose their squares
    unit = scaled / np.linalg.norm(scaled, axis=1, keepdims=True)
    similarity = np.full((len(x), len(x)), np.nan)
    similarity[np.ix_(known, known)] = unit @ unit.T
    order = cluster(similarity).order
    n = int(known.sum())
    return np.r_[order[:n][::-1], order[n:]] if n and order[0] > order[n - 1] else order
