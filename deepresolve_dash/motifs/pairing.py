"""Channels of several layers side by side: those that see the same motif are one row."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from deepresolve_dash.motifs.align import align
from deepresolve_dash.motifs.families import LEAST_ALIKE


class Pairs(NamedTuple):
    """Motifs of two sets, one to one; each array is (pair,).

    Attributes
    ----------
    first, second : int64 array
        Places in either set.
    similarity : float64 array
        Of the best alignment, see `motifs.align`.
    strand : int64 array
        -1 where the second is the reverse complement.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    similarity: NDArray[np.float64]
    strand: NDArray[np.int64]


class Rows(NamedTuple):
    """Channels of several layers that stand for each other; each array is (row, layer).

    Attributes
    ----------
    place : int64 array
        Place of the channel in its layer; -1 where the layer has none.
    distance : float64 array
        1 - similarity to the row's first channel, 0 for that one, NaN where there is none.
    strand : int64 array
        -1 where the channel sees the reverse complement of what the first one sees.
    """

    place: NDArray[np.int64]
    distance: NDArray[np.float64]
    strand: NDArray[np.int64]


def same_width(sets: Sequence[NDArray]) -> list[NDArray[np.float64]]:
    """Pad motifs (motif, offset, base) on both sides with 0.25 to the width of the widest set."""
    widest = max(one.shape[1] for one in sets)
    padded = []
    for one in sets:
        before = (widest - one.shape[1]) // 2
        room = ((0, 0), (before, widest - one.shape[1] - before), (0, 0))
        padded.append(np.pad(np.asarray(one, np.float64), room, constant_values=0.25))
    return padded


def pair_motifs(first: NDArray, second: NDArray, *, least: float = LEAST_ALIKE) -> Pairs:
    """Pair motifs of two sets one to one, on either strand, so that they are most alike in sum.

    *Choice:* the Hungarian assignment of what similarity goes beyond 0.6, the similarity within a
    family. A motif that is like none of the other set stays alone, and forces nothing on others.

    Parameters
    ----------
    first, second : float arrays (motif, offset, base), rows sum to 1
    least : float
        Similarity from which two motifs may be a pair.
    """
    if not len(first) or not len(second):
        none = np.zeros(0, np.int64)
        return Pairs(none, none, np.zeros(0), none)
    found = align(*same_width([first, second]), parts=False)
    gain = np.maximum(found.similarity - least, 0)
    mine, other = linear_sum_assignment(gain, maximize=True)
    kept = gain[mine, other] > 0
    mine, other = mine[kept], other[kept]
    similarity = found.similarity[mine, other]
    return Pairs(mine, other, similarity, found.strand[mine, other])


def rows_by_place(n_channels: int, n_layers: int) -> Rows:
    """Return rows of channels of the same number, for runs of one network and layer."""
    place = np.repeat(np.arange(n_channels)[:, None], n_layers, axis=1)
    return Rows(place, np.zeros(place.shape), np.ones(place.shape, np.int64))


def rows_by_motif(sets: Sequence[NDArray], *, least: float = LEAST_ALIKE) -> Rows:
    """Return rows of channels that see the same motif, for runs of different networks or layers.

    *Choice:* one set after the other is paired with the rows there are, each row standing for the
    motif of its first channel; what finds no row begins one. The first set so decides the order.

    Parameters
    ----------
    sets : sequence of float arrays (channel, offset, base), rows sum to 1
        Motifs of the channels of each layer.
    """
    wide = same_width(sets)
    motifs = np.zeros((0, *wide[0].shape[1:]))
    place = np.zeros((0, len(sets)), np.int64)
    distance, strand = np.zeros(place.shape), np.zeros(place.shape, np.int64)
    for at, own in enumerate(wide):
        pairs = pair_motifs(motifs, own, least=least)
        place[pairs.first, at], strand[pairs.first, at] = pairs.second, pairs.strand
        distance[pairs.first, at] = np.clip(1 - pairs.similarity, 0, None)
        alone = np.setdiff1d(np.arange(len(own)), pairs.second)
        shape = len(alone), len(sets)
        begun = Rows(np.full(shape, -1), np.full(shape, np.nan), np.ones(shape, np.int64))
        begun.place[:, at], begun.distance[:, at] = alone, 0.0
        place = np.concatenate([place, begun.place])
        distance = np.concatenate([distance, begun.distance])
        strand = np.concatenate([strand, begun.strand])
        motifs = np.concatenate([motifs, own[alone]])
    return Rows(place, distance, strand)
