"""From letters and from what an ascent arrives at to motif matrices, and how these are moved."""

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.motifs.filters import filter_pwm, information_bits, reverse_complement

ASCENT_THRESHOLD = 0.25  # of the largest value
TRIM_BITS = 0.25  # below which a flank is left out of matching and files
SMALLEST_SHARE = 0.1  # of the starts, below which a facet is not shown
UNKNOWN = 4  # letter of an unknown base; 0 to 3 are A C G T


def frequencies(letters: NDArray) -> NDArray[np.float64]:
    """Return the share of each base at each position: letters (fragment, offset).

    A letter that is unknown, or lies beyond the end of its sequence, counts as a quarter of each
    base; without fragments every position is 0.25 each.
    """
    quarters = np.vstack([np.eye(4), np.full((1, 4), 0.25)])
    if not len(letters):
        return np.full((letters.shape[1], 4), 0.25)
    return quarters[letters].mean(axis=0)


def ascent_pwm(deviation: NDArray, *, threshold: float = ASCENT_THRESHOLD) -> NDArray[np.float64]:
    """Turn what an ascent arrived at into probabilities.

    *Source:* the paper: thresholded, each position divided by its sum. *Choice:* values below a
    quarter of the largest one are 0; a position without any other is 0.25 each.

    Parameters
    ----------
    deviation : float array (offset, base)
        Deviation from 0.25.
    threshold : float
        Share of the largest value.
    """
    values = np.asarray(deviation, dtype=np.float64)
    return filter_pwm(np.where(values >= threshold * values.max(initial=0), values, 0))


def shifted(matrix: NDArray, shift: int, strand: int) -> NDArray[np.float64]:
    """Lay a motif on another: turn it if `strand` is -1, then move it by `shift` bp.

    Positions that come in from outside are 0.25 each.
    """
    turned = reverse_complement(matrix) if strand < 0 else matrix
    laid = np.full(turned.shape, 0.25)
    n = len(turned)
    low, high = max(0, shift), min(n, n + shift)
    if low < high:
        laid[low:high] = turned[low - shift : high - shift]
    return laid


def facet_matrix(
    deviation: NDArray,
    facet: NDArray,
    shift: NDArray,
    strand: NDArray,
    one: int,
    *,
    threshold: float = ASCENT_THRESHOLD,
) -> NDArray[np.float64]:
    """Return the mean of the starts of a facet, each laid on the first.

    Parameters
    ----------
    deviation : float array (start, offset, base)
        What the ascents of a channel arrived at.
    facet, shift, strand : int array (start,)
    one : int
        The facet.
    threshold : float
        Of `ascent_pwm`.
    """
    laid = [
        shifted(ascent_pwm(deviation[m], threshold=threshold), int(shift[m]), int(strand[m]))
        for m in np.flatnonzero(facet == one)
    ]
    return np.mean(laid, axis=0) if laid else np.full(deviation.shape[1:], 0.25)


def trimmed(matrix: NDArray, *, bits: float = TRIM_BITS) -> tuple[int, int]:
    """Return where the informative part of a motif begins and ends.

    *Choice:* flanks below a quarter of a bit are left out; a motif without any such position is
    kept whole.

    Returns
    -------
    start, stop : int
    """
    told = np.flatnonzero(information_bits(matrix) >= bits)
    return (int(told[0]), int(told[-1]) + 1) if len(told) else (0, len(matrix))
