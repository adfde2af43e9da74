"""Channels that are important and see nothing: the paper's artefact class."""

import numpy as np
from numpy.typing import NDArray

LARGEST_P = 0.5
QUARTER = 0.25


def artefacts(
    ofiv: NDArray, match_p: NDArray, activation: NDArray, *, largest_p: float = LARGEST_P
) -> NDArray[np.bool_]:
    """Flag channels of one class that look like artefacts of training.

    *Source:* the paper's discussion: in the top quarter by OFIV, without a motif match (p > 0.5)
    and with activation in positives in the bottom quarter. *Choice:* the paper matched each filter
    with the one motif of its factor; against a database, give the best p corrected for the number
    of targets, min(1, E). A channel that was not matched has NaN and counts as without a match.

    Parameters
    ----------
    ofiv : float array (channel,)
        Of the class.
    match_p : float array (channel,)
    activation : float array (channel,)
        Mean maximum over the positives of the class.
    largest_p : float
        p up to which a motif is matched.

    Returns
    -------
    bool array (channel,)
    """
    ofiv, activation = np.asarray(ofiv, float), np.asarray(activation, float)
    important = ofiv >= np.quantile(ofiv, 1 - QUARTER)
    quiet = activation <= np.quantile(activation, QUARTER)
    unmatched = ~(np.asarray(match_p, float) <= largest_p)
    return important & quiet & unmatched
