"""Which facet each fragment of a channel is of, and where it lies on it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.motifs.align import align
from deepresolve_dash.motifs.facets import Facets
from deepresolve_dash.motifs.matrices import SMALLEST_SHARE, UNKNOWN, facet_matrix

_NEAR = 0.35  # of the frame, that a fragment may lie off its facet
_CLEARLY = 0.1  # by which the other strand must be better


class Laid(NamedTuple):
    """Fragments on facets; each array is (channel, site).

    Attributes
    ----------
    begin : int64 array
        First base of the frame.
    strand : int64 array
        -1 where the frame is read backwards.
    facet : int64 array
        The facet that a fragment is most like; 0 where there is one facet or none.
    """

    begin: NDArray[np.int64]
    strand: NDArray[np.int64]
    facet: NDArray[np.int64]


def lay(
    letters: NDArray,
    sequence: NDArray,
    begin: NDArray,
    ascent: NDArray,
    facets: tuple[Facets, ...],
    *,
    move: bool,
) -> Laid:
    """Give every fragment to a facet, and lay it there if fragments may be moved.

    *Choice:* facets of less than a tenth of the starts take no fragments, unless they are the
    largest. A fragment is turned only where the other strand is clearly better, since a facet for
    that strand is a better place.

    Parameters
    ----------
    letters : uint8 array (sequence, place)
    sequence, begin : int64 array (channel, site)
        Sequence of each fragment, -1 for none, and first base of its frame.
    ascent : float array (channel, start, offset, base)
    facets : tuple of Facets, one a channel
    move : bool
        Whether the frame was only guessed.
    """
    laid = Laid(begin.copy(), np.ones(begin.shape, np.int64), np.zeros(begin.shape, np.int64))
    quarters = np.vstack([np.eye(4), np.full((1, 4), 0.25)])
    for channel, one in enumerate(facets):
        shown = shown_facets(one.facet)
        there = np.flatnonzero(sequence[channel] >= 0)
        if not shown or not len(there) or (len(shown) == 1 and not move):
            continue
        patterns = np.stack(
            [facet_matrix(ascent[channel], one.facet, one.shift, one.strand, f) for f in shown]
        )
        places = begin[channel, there][:, None] + np.arange(ascent.shape[2])
        inside = (places >= 0) & (places < letters.shape[1])
        rows = sequence[channel, there][:, None]
        cut = letters[rows, np.clip(places, 0, letters.shape[1] - 1)]
        cut = quarters[np.where(inside, cut, UNKNOWN)]
        found = align(patterns, cut, furthest=_NEAR, strands=(1,), parts=False)
        like, shift = found.similarity.max(axis=0), found.shift
        best, each = found.similarity.argmax(axis=0), np.arange(len(there))
        strand = np.ones(len(there), np.int64)
        if move:
            turned = align(patterns, cut, furthest=_NEAR, strands=(-1,), parts=False)
            better = turned.similarity.max(axis=0) > like + _CLEARLY
            best = np.where(better, turned.similarity.argmax(axis=0), best)
            shift = np.where(better, turned.shift, shift)
            strand = np.where(better, -1, 1)
            laid.begin[channel, there] -= strand * shift[best, each]
            laid.strand[channel, there] = strand
        laid.facet[channel, there] = np.array(shown)[best]
    return laid


def shown_facets(facet: NDArray) -> list[int]:
    """Return the facets that are shown: the largest, and those of a tenth of the starts or more."""
    n = int((facet >= 0).sum())
    highest = int(facet.max(initial=-1))
    share = [int((facet == one).sum()) / n for one in range(highest + 1)]
    return [one for one in range(highest + 1) if one == 0 or share[one] >= SMALLEST_SHARE]
