"""Pairs of classes on which two comparisons disagree."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

SAME = 1e-9  # of the largest value: below it two values are one


@dataclass(frozen=True)
class Pairs:
    """All pairs of different classes that both comparisons know.

    Attributes
    ----------
    first, second : int arrays (pair,)
        Places of the two classes, the smaller first.
    rank, other_rank : float arrays (pair,)
        Rank in either comparison, from 0 (the least alike) to 1 (the most alike); ties share
        their mean.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    rank: NDArray[np.float64]
    other_rank: NDArray[np.float64]

    @property
    def gap(self) -> NDArray[np.float64]:
        """How much higher a pair stands in the first comparison, from -1 to 1."""
        return self.rank - self.other_rank


def rank_pairs(matrix: ArrayLike, other: ArrayLike) -> Pairs:
    """Rank all pairs of classes in two comparisons.

    *Choice:* the two have other units and other distributions, so they are compared by rank: the
    gap is the difference of the two ranks over all off-diagonal pairs, as a share of their number.
    Pairs that either does not know (NaN) have no rank. Values that differ by less than a billionth
    of the largest are ties, or else classes that exclude each other, which all have one correlation
    of labels, would be ranked by rounding.

    Parameters
    ----------
    matrix, other : float arrays (target, other_target), symmetric
    """
    a, b = np.asarray(matrix, np.float64), np.asarray(other, np.float64)
    first, second = np.triu_indices(len(a), 1)
    known = np.isfinite(a[first, second]) & np.isfinite(b[first, second])
    first, second = first[known], second[known]
    return Pairs(first, second, _share(a[first, second]), _share(b[first, second]))


def most_apart(pairs: Pairs, *, reverse: bool = False) -> NDArray[np.int64]:
    """Return the pairs by falling gap, or by rising gap, ties in the order of the classes."""
    return np.argsort(pairs.gap if reverse else -pairs.gap, kind="stable")


def _share(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ranks scaled to 0 to 1; a single value stands in the middle."""
    n = len(values)
    if n < 2:
        return np.full(n, 0.5)
    step = SAME * np.abs(values).max() or 1.0
    return (rankdata(np.rint(values / step)) - 1) / (n - 1)
