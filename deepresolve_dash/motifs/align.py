"""How alike motifs are when they are laid on each other in the best way, on either strand."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

FURTHEST = 0.7  # of the width, that one motif may be moved along another
_TELLING = 0.1  # squared deviation from 0.25, from which a position counts as part of a motif
_FEWEST = 5  # such positions that a part of a motif must have


class Alignment(NamedTuple):
    """All motifs against all; each array is (motif, other).

    Attributes
    ----------
    similarity : float64 array
        Cosine of the deviations from 0.25, where whatever hangs over the end faces 0.25.
    shift : int64 array
        The other motif, turned if `strand` is -1, begins this many bp after the first.
    strand : int64 array
        1 or -1.
    contained : float64 array
        The same cosine over the positions that one of the two says something at: high when it is
        a part of the other. 0 for parts of fewer than five positions.
    """

    similarity: NDArray[np.float64]
    shift: NDArray[np.int64]
    strand: NDArray[np.int64]
    contained: NDArray[np.float64]


def align(
    matrices: NDArray,
    others: NDArray | None = None,
    *,
    furthest: float = FURTHEST,
    strands: tuple[int, ...] = (1, -1),
    parts: bool = True,
) -> Alignment:
    """Lay every motif on every other one.

    *Choice:* similarity is the cosine of the deviations from 0.25, so that uninformative positions
    count for nothing. A motif without information is like nothing.

    Parameters
    ----------
    matrices : float array (motif, offset, base), rows sum to 1
    others : float array (other, offset, base), optional
        Of the same width; the motifs themselves without it.
    furthest : float
        Share of the width that one may be moved along the other.
    strands : tuple of int
        1, -1 or both, on which the other may lie.
    parts : bool
        Work out `contained`, which takes longer than the rest; 0 otherwise.
    """
    first = np.asarray(matrices, dtype=np.float64) - 0.25
    second = first if others is None else np.asarray(others, dtype=np.float64) - 0.25
    width = first.shape[1]
    most = int(furthest * width)
    norms = _divisor(_norms(first)[:, None] * _norms(second)[None])
    best = np.full(norms.shape, -np.inf)
    shift, strand = np.zeros(norms.shape, np.int64), np.ones(norms.shape, np.int64)
    contained = np.zeros(norms.shape)
    for sign in strands:
        laid = second if sign > 0 else second[:, ::-1, ::-1]
        for step in sorted(range(-most, most + 1), key=abs):
            here = first[:, max(0, step) : width + min(0, step)]
            there = laid[:, max(0, -step) : width - max(0, step)]
            product = here.reshape(len(first), -1) @ there.reshape(len(second), -1).T
            better = product / norms > best + 1e-9
            if better.any():
                best[better] = (product / norms)[better]
                shift[better], strand[better] = step, sign
                if parts:
                    contained[better] = _contained(first, second, here, there, product)[better]
    return Alignment(best, shift, strand, contained)


def clusters(similarity: NDArray, *, least: float) -> NDArray[np.int64]:
    """Cluster by average linkage on 1 - similarity, cut at a similarity; 0 is the largest cluster.

    Parameters
    ----------
    similarity : float array (motif, motif)
    least : float
        Mean similarity of what is joined.

    Returns
    -------
    int64 array (motif,)
        Clusters by size, then by their first member.
    """
    n = len(similarity)
    if n < 2:
        return np.zeros(n, dtype=np.int64)
    distance = 1 - (similarity + similarity.T) / 2
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform(np.clip(distance, 0, None), checks=False), "average")
    raw = fcluster(tree, 1 - least, "distance")
    labels = sorted(
        set(raw), key=lambda one: (-int((raw == one).sum()), int((raw == one).argmax()))
    )
    return np.array([labels.index(one) for one in raw], dtype=np.int64)


def _contained(
    first: NDArray, second: NDArray, here: NDArray, there: NDArray, product: NDArray
) -> NDArray[np.float64]:
    """Return how well either motif of each pair is a part of the other, as they lie."""
    energy, other = (here**2).sum(axis=2), (there**2).sum(axis=2)
    told, other_told = energy >= _TELLING, other >= _TELLING
    facing = np.sqrt(energy @ other_told.astype(float).T)  # of the first, where the second tells
    other_facing = np.sqrt(told.astype(float) @ other.T)
    one = product / _divisor(_norms(second)[None] * facing)
    two = product / _divisor(_norms(first)[:, None] * other_facing)
    one = np.where(other_told.sum(axis=1)[None] >= _FEWEST, one, 0)
    two = np.where(told.sum(axis=1)[:, None] >= _FEWEST, two, 0)
    return np.maximum(one, two)


def _norms(deviations: NDArray) -> NDArray[np.float64]:
    return np.sqrt((deviations**2).sum(axis=(1, 2)))


def _divisor(values: NDArray) -> NDArray[np.float64]:
    """Return values to divide by; a motif without information has nothing in common."""
    return np.where(values > 1e-9, values, np.inf)
