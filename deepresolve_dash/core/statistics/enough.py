"""Enough trials? How stable the leading channels are as trials are added."""

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepresolve_dash.core.statistics.ofiv import SMALL
from deepresolve_dash.core.statistics.weights import trial_weights

N_TOP = 10  # channels that lead
N_DRAWS = 20  # random orders of the trials
MOST_SIZES = 30  # numbers of trials that a curve has, at most
ENOUGH, FEW = (0.9, 0.95), (0.75, 0.8)  # top and rank stability: from, below
LEAST_TRIALS = 5

Light = Literal["enough", "more", "few", "unknown"]


def n_leading(n_channels: int) -> int:
    """Return how many channels count as leading.

    *Choice:* ten, as a list shows them; half of the channels where there are fewer than twenty,
    since ten of sixteen chosen blindly would hold six of the ten.
    """
    return max(1, min(N_TOP, n_channels // 2))


def sizes(n_trials: int) -> NDArray[np.int64]:
    """Return the numbers of trials that a curve has: 2 to T, every one of them up to T = 31."""
    if n_trials < 2:
        return np.zeros(0, np.int64)
    n = min(n_trials - 1, MOST_SIZES)
    return np.unique(np.linspace(2, n_trials, n).round().astype(np.int64))


def top_shares(fiv: ArrayLike, score: ArrayLike) -> NDArray[np.float64]:
    """Return how many of the leading channels are found with fewer trials.

    Parameters
    ----------
    fiv : float array (trial, channel)
        Kept trials, feature-map units.
    score : float array (trial,)
        Logits.

    Returns
    -------
    float64 array (size,), 0 to 1, for each of `sizes`; the last is 1, NaN in a dead class
    """
    return np.array([_share(fiv, score, int(n)) for n in sizes(len(np.asarray(score)))])


def top_stability(fiv: ArrayLike, score: ArrayLike) -> float:
    """Return the share of the leading channels that half of the trials find.

    *Choice:* the channels with the largest |weighted mean FIV| of a random half of the trials,
    compared with those of all, averaged over 20 random orders of the trials; channels below 1e-3 of
    the largest are not asked for, since their order is rounding. NaN with fewer than two trials or
    channels, and in a dead class.
    """
    n_trials = len(np.asarray(score))
    return _share(fiv, score, (n_trials + 1) // 2) if n_trials > 1 else math.nan


def _share(fiv: ArrayLike, score: ArrayLike, n: int) -> float:
    """Return the mean share of the leading channels that `n` trials find."""
    phi, s = np.asarray(fiv, np.float64), np.asarray(score, np.float64)
    whole = np.abs(trial_weights(s) @ phi)
    if phi.shape[1] < 2 or not whole.max() > 0:
        return math.nan
    n_top = n_leading(phi.shape[1])
    wanted = _leading(whole, n_top)
    wanted = wanted[whole[wanted] >= SMALL * whole.max()]
    generator = np.random.default_rng(0)
    parts = [generator.permutation(len(s))[:n] for _ in range(N_DRAWS)]
    found = (_leading(np.abs(trial_weights(s[part]) @ phi[part]), n_top) for part in parts)
    return float(np.mean([np.isin(wanted, one).mean() for one in found]))


def _leading(importance: NDArray[np.float64], n_top: int) -> NDArray[np.int64]:
    """Return the channels with the largest importance; of equal ones the first."""
    return np.argsort(-importance, kind="stable")[:n_top]


def light(top: float, ranks: float, n_trials: int) -> Light:
    """Say whether the trials are enough for the leading channels.

    *Choice:* `enough` when half of the trials find nine in ten of the leading channels and rank all
    as the whole does (0.95); `few` when they find less than three quarters or rank below 0.8;
    `more` between them, and with fewer than five trials whatever they say.

    Measured (`bench/enough.py`) on 40 of the published models and the first class of the three
    demos: how many of the leading channels of 100 trials of another seed a block of trials finds.
    In the regime modes, with 5 to 100 trials, 97% where it says `enough` (415 blocks, the worst
    60%), 85% at `more` (12) and 97% at `few` (3); with two trials 96% at `more` (119) and 83% at
    `few` (10). In the regime importance five trials were always enough (430 blocks, 99%).

    Parameters
    ----------
    top : float
        `top_stability`.
    ranks : float
        `rank_stability`.
    n_trials : int
        Kept trials.

    Returns
    -------
    {"enough", "more", "few", "unknown"}
        `unknown` with one trial, one channel, or in a dead class.
    """
    if math.isnan(top) or math.isnan(ranks):
        return "unknown"
    if top < FEW[0] or ranks < FEW[1]:
        return "few"
    stable = top >= ENOUGH[0] and ranks >= ENOUGH[1] and n_trials >= LEAST_TRIALS
    return "enough" if stable else "more"
