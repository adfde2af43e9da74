"""What stands beside a number to say how far it can be trusted."""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2, rankdata

from deepresolve_dash.core.statistics.mixture import fit_mixture
from deepresolve_dash.core.statistics.weights import inconsistency, trial_weights

N_NULL = 40  # noise draws behind a null rate
N_HALVES = 20  # random halves behind a rank stability


def rescaled_components(levels: ArrayLike) -> int:
    """Scale guard: the component count after IL is divided by its mean.

    *Choice:* the mixture's variance floor is absolute, so the count depends on the units of the
    feature map; with a mean of 1 the floor plays no part. Another answer than the raw count means
    that the count is a matter of units.
    """
    x = np.asarray(levels, np.float64)
    return fit_mixture(x / x.mean()).n_components if x.mean() > 0 else 1


def null_rate(levels: ArrayLike, *, n_trials: int) -> float:
    """Return the share of pure-noise classes in which the BIC rule finds more than one component.

    *Choice:* 40 draws of independent normal FIVs for this number of channels and trials, with the
    class's median IL (in steps of half a power of ten) and equal weights.

    Parameters
    ----------
    levels : float array (channel,)
        Inconsistency levels, feature-map units squared.
    n_trials : int
        Trials that were kept.
    """
    x = np.asarray(levels, np.float64)
    median = float(np.median(x))
    if n_trials < 2 or not median > 0:
        return 0.0
    return _null_rate(len(x), n_trials, round(2 * math.log10(median)))


@lru_cache(maxsize=4096)
def _null_rate(n_channels: int, n_trials: int, half_decade: int) -> float:
    """Null rate at a median IL of 10 ** (half_decade / 2)."""
    generator = np.random.default_rng(0)
    typical = chi2.median(n_trials - 1) / n_trials  # median population variance of unit noise
    sd = math.sqrt(10 ** (half_decade / 2) / typical)
    weight = np.full(n_trials, 1 / n_trials)
    noise = generator.normal(0, sd, (N_NULL, n_trials, n_channels))
    counts = [fit_mixture(inconsistency(fiv, weight)).n_components for fiv in noise]
    return float(np.mean(np.array(counts) > 1))


def rank_stability(fiv: ArrayLike, score: ArrayLike) -> float:
    """Return how well half of the trials rank the channels as all of them do.

    *Choice:* Spearman correlation between the weighted mean FIV of a random half and that of all
    trials, averaged over 20 halves; 1 when more trials would change nothing, NaN with fewer than
    two trials or channels.
    """
    phi, s = np.asarray(fiv, np.float64), np.asarray(score, np.float64)
    if min(phi.shape) < 2:
        return math.nan
    whole = trial_weights(s) @ phi
    generator = np.random.default_rng(0)
    halves = [generator.permutation(len(s))[: (len(s) + 1) // 2] for _ in range(N_HALVES)]
    ranks = rankdata([trial_weights(s[h]) @ phi[h] for h in halves], axis=1)
    of_all = rankdata(whole)
    return float(np.mean([_correlation(half, of_all) for half in ranks]))


def _correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Correlation of ranks; 1 for equal constants, 0 where one side alone is constant."""
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return float(np.ptp(x) == np.ptp(y))
    return float(np.corrcoef(x, y)[0, 1])


def leftover(rates: Sequence[float], *, momentum: float) -> NDArray[np.float64]:
    """Return how much of the initial map is left after each number of steps.

    The ascent's recursion on the linear problem, where the error e follows `m <- momentum m - e`,
    `e <- e + rate m`, from e = 1.

    Parameters
    ----------
    rates : sequence of float
        Step sizes in units of 1 / (2 l2).
    momentum : float
        0 for plain steps.

    Returns
    -------
    float64 array (len(rates) + 1,), entry n after n steps
    """
    error, velocity, left = 1.0, 0.0, [1.0]
    for rate in rates:
        velocity = momentum * velocity - error
        error = error + rate * velocity
        left.append(error)
    return np.array(left)


def residual_share(levels: ArrayLike, *, left: ArrayLike, start_sd: float, width: int) -> float:
    """Return the estimated share of the median IL that is leftover of the initial maps.

    An initial map with standard deviation `start_sd` at each of W positions has an FIV variance of
    start_sd^2 / W, of which the square of the leftover remains.

    Parameters
    ----------
    levels : float array (channel,)
        Inconsistency levels.
    left : float array (trial,)
        Leftover of each trial at its last step.
    start_sd : float
        Feature-map units.
    width : int
        Positions W.

    Returns
    -------
    float in [0, 1]; NaN when the leftover is not known
    """
    variance = start_sd**2 / width * float(np.mean(np.asarray(left) ** 2))
    median = float(np.median(np.asarray(levels, np.float64)))
    if math.isnan(variance):
        return math.nan
    return min(1.0, variance / median) if median > 0 else float(variance > 0)
