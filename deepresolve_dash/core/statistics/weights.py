"""Weights of the trials of one class."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def trial_weights(score: ArrayLike) -> NDArray[np.float64]:
    """Weight trials by their class score.

    *Source:* the paper's section 3, "an offset such that all weights are non-negative". *Choice:*
    the offset is the lowest score where that is negative, else 0; weights are uniform when the
    spread of scores is below 1e-6 of the largest |score| (rounding, not preference) or when all
    weights are 0.

    Parameters
    ----------
    score : float array (trial,)
        Class score S of each trial, logits; finite.

    Returns
    -------
    float64 array (trial,), not negative, sum 1
    """
    s = np.asarray(score, np.float64)
    uniform = np.full(len(s), 1 / len(s))
    if np.ptp(s) < 1e-6 * max(np.abs(s).max(), np.finfo(float).tiny):
        return uniform
    w = s - min(0.0, s.min())
    return w / w.sum() if w.sum() > 0 else uniform


def inconsistency(fiv: ArrayLike, weight: ArrayLike) -> NDArray[np.float64]:
    """Inconsistency level: the weighted population variance of each channel over trials.

    *Source:* the paper's IL, `IL^k = sum_t w^t (phi^{k,t} - mean_w phi^k)^2`.

    Parameters
    ----------
    fiv : float array (trial, channel)
        Feature importance vectors, feature-map units.
    weight : float array (trial,)
        Sum 1.

    Returns
    -------
    float64 array (channel,), feature-map units squared
    """
    phi, w = np.asarray(fiv, np.float64), np.asarray(weight, np.float64)
    return w @ (phi - w @ phi) ** 2
