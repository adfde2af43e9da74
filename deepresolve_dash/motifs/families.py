"""Channels that see one motif between them, and what they weigh together."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.motifs.align import align, clusters
from deepresolve_dash.motifs.faces import RELATIONS
from deepresolve_dash.motifs.filters import information_bits

LEAST_ALIKE = 0.6  # mean similarity within a family
_PART = 0.85  # similarity over a part of a motif, from which it is recognised
_WHOLE = 0.85  # similarity with what hangs over, below which a motif is a part


class Families(NamedTuple):
    """Families of channels; each array is (channel,).

    Attributes
    ----------
    family : int64 array
        The family's smallest channel; every channel is in one, perhaps alone.
    relation : int64 array
        Place in `RELATIONS`: how the channel's motif is related to that of the head, the member
        with the most information.
    shift : int64 array
        Where the channel's motif lies on the head's, bp.
    strand : int64 array
        1, or -1 when it is the reverse complement.
    """

    family: NDArray[np.int64]
    relation: NDArray[np.int64]
    shift: NDArray[np.int64]
    strand: NDArray[np.int64]


def find_families(matrices: NDArray, *, alone: NDArray[np.bool_] | None = None) -> Families:
    """Gather channels with the same motif: reverse complements, shifted copies, halves.

    *Choice:* average linkage on the similarity of the best alignment, 0.6 within a family. A motif
    that agrees to 0.85 with a part of another counts as that similar, so that a half joins its
    whole.

    Parameters
    ----------
    matrices : float array (channel, offset, base), rows sum to 1
    alone : bool array (channel,), optional
        Channels that join no family, such as dead ones.
    """
    n = len(matrices)
    found = align(matrices)
    alike = np.where(found.contained >= _PART, found.contained, found.similarity)
    lonely = np.zeros(n, bool) if alone is None else np.asarray(alone, bool)
    lonely = lonely | (information_bits(matrices.reshape(-1, 4)).reshape(n, -1).max(axis=1) < 0.05)
    alike[lonely], alike[:, lonely] = -1, -1
    labels = clusters(alike, least=LEAST_ALIKE)
    family, relation = np.arange(n), np.zeros(n, np.int64)
    shift, strand = np.zeros(n, np.int64), np.ones(n, np.int64)
    bits = information_bits(matrices.reshape(-1, 4)).reshape(n, -1).sum(axis=1)
    for label in set(labels.tolist()):
        members = np.flatnonzero(labels == label)
        family[members] = members[0]
        head = members[np.argmax(bits[members])]
        for one in members[members != head]:
            shift[one], strand[one] = found.shift[head, one], found.strand[head, one]
            relation[one] = _relation(
                float(found.similarity[head, one]),
                float(found.contained[head, one]),
                int(shift[one]),
                int(strand[one]),
            )
    return Families(family, relation, shift, strand)


def family_ofiv(ofiv: NDArray, family: NDArray) -> NDArray[np.float64]:
    """Add up the OFIV of the channels of a family, so that twins do not share out importance.

    *Choice:* the plain sum: what the feature would have if one channel carried it.

    Parameters
    ----------
    ofiv : float array (..., channel)
        Feature-map units, from the summary.
    family : int array (channel,)

    Returns
    -------
    float64 array (..., channel)
        For each channel, the sum over its family.
    """
    same = np.equal.outer(np.asarray(family), np.asarray(family))
    return np.asarray(ofiv, dtype=np.float64) @ same.astype(np.float64)


def _relation(similarity: float, contained: float, shift: int, strand: int) -> int:
    """Return how a motif is related to the head of its family."""
    if similarity < _WHOLE and contained >= _PART:
        return RELATIONS.index("half")
    if strand < 0:
        return RELATIONS.index("reverse complement")
    return RELATIONS.index("shifted" if shift else "same motif")
