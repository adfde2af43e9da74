"""Whether a run on the panel finds the two classes that share features and no label."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepresolve_dash.core.statistics.classes import similarity
from deepresolve_dash.core.statistics.clusters import IMPORTANT, scaled_importance
from deepresolve_dash.core.statistics.disagreement import most_apart, rank_pairs


@dataclass(frozen=True)
class HiddenPair:
    """The hidden pair in the list of pairs that are alike in features and not in labels.

    Attributes
    ----------
    similarity, labels : float
        A, and the correlation of labels.
    rank, n : int
        Place in the list from 1, and pairs in it; rank 0 where the pair has no similarity.
    shared : tuple of int
        Places of the channels that are important for both classes.
    motifs : mapping
        For each motif of the pair the number of shared channels that match it.
    unmatched : int
        Shared channels that match neither.
    """

    similarity: float
    labels: float
    rank: int
    n: int
    shared: tuple[int, ...]
    motifs: Mapping[str, int]
    unmatched: int


def find_hidden_pair(
    ofiv: ArrayLike,
    labels: ArrayLike,
    pair: tuple[int, int],
    motifs: Sequence[str],
    own: Mapping[str, NDArray[np.bool_]],
) -> HiddenPair:
    """Look the hidden pair up in the disagreement list, and its shared channels among the motifs.

    *Choice:* shared is an OFIV of at least 20% of the largest |OFIV| in both classes.

    Parameters
    ----------
    ofiv : float array (target, channel)
    labels : float array (target, other_target)
        Correlation of labels.
    pair : (int, int)
        Places of the two classes.
    motifs : sequence of str
        The motifs of their rules.
    own : mapping of motif to bool array (channel,)
        Channels that match each motif.
    """
    a, low, high = similarity(ofiv), min(pair), max(pair)
    pairs = rank_pairs(a, labels)
    order = most_apart(pairs)
    found = np.flatnonzero((pairs.first[order] == low) & (pairs.second[order] == high))
    shared = np.flatnonzero((scaled_importance(ofiv)[[low, high]] >= IMPORTANT).all(axis=0))
    matched = np.any([own[motif][shared] for motif in motifs], axis=0)
    return HiddenPair(
        similarity=float(a[low, high]),
        labels=float(np.asarray(labels)[low, high]),
        rank=int(found[0]) + 1 if len(found) else 0,
        n=len(order),
        shared=tuple(shared.tolist()),
        motifs={motif: int(own[motif][shared].sum()) for motif in motifs},
        unmatched=int((~matched).sum()),
    )
