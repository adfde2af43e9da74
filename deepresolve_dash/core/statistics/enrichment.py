"""Which values of metadata occur in a cluster more often than by chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import false_discovery_control, hypergeom

SMALLEST = 2  # members of a cluster, and classes with a value, for a test


@dataclass(frozen=True)
class Enriched:
    """One value of metadata in one cluster.

    Attributes
    ----------
    cluster : int
    column, value : str
    n : int
        Members with this value.
    size : int
        Members of which the column tells something.
    total : int
        Classes with this value.
    universe : int
        Clustered classes of which the column tells something.
    p, q : float
        Upper tail of the hypergeometric distribution, and Benjamini-Hochberg over all tests.
    """

    cluster: int
    column: str
    value: str
    n: int
    size: int
    total: int
    universe: int
    p: float
    q: float

    @property
    def fold(self) -> float:
        """Share in the cluster over share among all."""
        return (self.n / self.size) / (self.total / self.universe)


def enrichment(flat: ArrayLike, metadata: Mapping[str, Sequence[str]]) -> list[Enriched]:
    """Test each value of each column in each cluster.

    *Choice:* P(N >= n) when the members are drawn without replacement from the clustered classes of
    which the column tells something; clusters with a single class and values of a single class are
    not tested, nor columns with one value only. Benjamini-Hochberg runs over all cluster x value
    tests of all columns, those without a member included, so that a cut is paid for as a whole.

    Parameters
    ----------
    flat : int array (target,)
        Cluster of each class; negative for none.
    metadata : mapping of column to one str per class
        Empty where nothing is told.

    Returns
    -------
    list of Enriched, those with a member only, the smallest p first
    """
    clusters = np.asarray(flat)
    sizes = np.bincount(clusters[clusters >= 0], minlength=1)
    tests = []
    for column, told in metadata.items():
        known = (clusters >= 0) & np.array([bool(value) for value in told], bool)
        values, place = np.unique(np.array(told, object)[known].astype(str), return_inverse=True)
        if len(values) < 2:
            continue
        table = np.zeros((len(sizes), len(values)), int)
        np.add.at(table, (clusters[known], place), 1)
        large = np.flatnonzero((table.sum(1) >= SMALLEST) & (sizes >= SMALLEST))
        common = np.flatnonzero(table.sum(0) >= SMALLEST)
        if len(large) and len(common):
            tests.append((column, values, table, large, common))
    if not tests:
        return []
    p = [_upper_tail(table)[np.ix_(large, common)] for _, _, table, large, common in tests]
    q = false_discovery_control(np.concatenate([one.ravel() for one in p]))
    found, start = [], 0
    for (column, values, table, large, common), mine in zip(tests, p, strict=True):
        corrected = q[start : start + mine.size].reshape(mine.shape)
        start += mine.size
        for i, j in zip(*np.nonzero(table[np.ix_(large, common)]), strict=True):
            c, v = int(large[i]), int(common[j])
            found.append(
                Enriched(
                    cluster=c,
                    column=column,
                    value=str(values[v]),
                    n=int(table[c, v]),
                    size=int(table[c].sum()),
                    total=int(table[:, v].sum()),
                    universe=int(table.sum()),
                    p=float(mine[i, j]),
                    q=float(corrected[i, j]),
                )
            )
    return sorted(found, key=lambda one: (one.p, one.cluster, one.column, one.value))


def _upper_tail(table: np.ndarray) -> np.ndarray:
    """Return P(N >= n) for each cell of a table (cluster, value) with its margins fixed."""
    drawn, marked = table.sum(1, keepdims=True), table.sum(0, keepdims=True)
    return np.clip(hypergeom.sf(table - 1, table.sum(), marked, drawn), 0, 1)
