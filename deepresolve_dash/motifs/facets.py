"""Facets of a channel: the starts of its ascent that arrived at one motif."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.motifs.align import align, clusters
from deepresolve_dash.motifs.matrices import ascent_pwm

LEAST_ALIKE = 0.5  # mean similarity within a facet


class Facets(NamedTuple):
    """Facets of the starts of one channel; each array is (start,).

    Attributes
    ----------
    facet : int64 array
        0 the largest; -1 where there is no start.
    motif : int64 array
        Facets that are one motif on either strand have the same number; -1 where there is no start.
    shift, strand : int64 array
        How a start lies on the first one of its facet.
    """

    facet: NDArray[np.int64]
    motif: NDArray[np.int64]
    shift: NDArray[np.int64]
    strand: NDArray[np.int64]


def find_facets(deviation: NDArray) -> Facets:
    """Cluster what the ascents from several starts arrived at.

    *Choice:* average linkage on 1 - similarity of the best alignment, at any offset and on either
    strand, cut at 0.5: each cluster is a motif. Where a channel reads a motif on both strands,
    each strand is a facet of its own.

    Parameters
    ----------
    deviation : float array (start, offset, base)
        From 0.25; NaN where there is no start.
    """
    n = len(deviation)
    facet, motif = np.full(n, -1), np.full(n, -1)
    shift, strand = np.zeros(n, np.int64), np.ones(n, np.int64)
    there = np.flatnonzero(np.isfinite(deviation).all(axis=(1, 2)))
    if not len(there):
        return Facets(facet, motif, shift, strand)
    found = align(np.stack([ascent_pwm(one) for one in deviation[there]]), parts=False)
    motif[there] = clusters(found.similarity, least=LEAST_ALIKE)
    facet[there] = _split(motif[there], found.strand)
    for one in range(int(facet.max()) + 1):
        members = np.flatnonzero(facet[there] == one)
        shift[there[members]] = found.shift[members[0], members]
        strand[there[members]] = found.strand[members[0], members]
    return Facets(facet, motif, shift, strand)


def _split(motif: NDArray, strand: NDArray) -> NDArray[np.int64]:
    """Split motifs by the strand they are read on; facets by size, then by their first member."""
    first = np.array([np.flatnonzero(motif == one)[0] for one in motif])
    sign = strand[first, np.arange(len(motif))]
    pairs = list(zip(motif.tolist(), sign.tolist(), strict=True))
    order = sorted(set(pairs), key=lambda pair: (-pairs.count(pair), pairs.index(pair)))
    return np.array([order.index(pair) for pair in pairs])
