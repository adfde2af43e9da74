"""Why two classes are similar: what each channel adds to their similarity, and how sure it is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepresolve_dash.core.statistics.ofiv import overall_importance, resampled_weights

_ROUNDING = 1e-12  # of the whole variance: what is left when a vector has become constant


def shares(first: ArrayLike, second: ArrayLike) -> NDArray[np.float64]:
    """Return what each channel adds to the similarity of two classes; the sum is the similarity.

    *Source:* the paper's class similarity, taken apart: with z the standardised non-negative parts
    of the OFIVs, r = sum over k of z_ik z_jk / K.

    Parameters
    ----------
    first, second : float arrays (channel,)
        OFIVs.

    Returns
    -------
    float64 array (channel,); NaN where a non-negative part is constant
    """
    x, y = (_standardised(ofiv) for ofiv in (first, second))
    return x * y / len(x)


def without_each(first: ArrayLike, second: ArrayLike) -> NDArray[np.float64]:
    """Return the similarity of two classes with one channel left out, for each of them.

    Parameters
    ----------
    first, second : float arrays (channel,)
        OFIVs.

    Returns
    -------
    float64 array (channel,); NaN where what is left of a class is constant
    """
    x, y = (_standardised(ofiv) for ofiv in (first, second))
    n = len(x)
    # sums over the others of centred vectors: their means have moved by -x / (n - 1)
    both = (x * y).sum() - x * y * n / (n - 1)
    mine, other = ((z**2).sum() - z**2 * n / (n - 1) for z in (x, y))
    left = (mine > _ROUNDING * n) & (other > _ROUNDING * n)
    scale = np.sqrt(np.where(left, mine * other, np.nan))
    return np.clip(both / scale, -1, 1)


@dataclass(frozen=True)
class Trials:
    """The kept trials of one class.

    Attributes
    ----------
    fiv : float array (trial, channel)
    weight : float array (trial,)
    kind : int array (channel,)
        All 0 where the sign rule is off.
    """

    fiv: NDArray
    weight: NDArray
    kind: NDArray


def similarity_interval(
    first: Trials, second: Trials, *, seed: int = 0
) -> tuple[float, float, int]:
    """Return the 95% percentile interval of the similarity over resampled trials.

    *Choice:* as for the OFIV: 1,000 resamples of the trials of either class, drawn apart from each
    other, weights renormalised, kinds held fixed. Resamples without a similarity do not count. It
    tells how much the restarts of the ascent matter, not what another network would say.

    Returns
    -------
    low, high : float
        NaN where no resample has a similarity.
    n : int
        Resamples that have one.
    """
    generator = np.random.default_rng(seed)
    parts = []
    for one in (first, second):
        drawn = overall_importance(one.fiv, resampled_weights(one.weight, generator), one.kind)
        parts.append(_standardised(drawn))
    r = (parts[0] * parts[1]).mean(axis=1)
    r = r[np.isfinite(r)]
    if not len(r):
        return np.nan, np.nan, 0
    low, high = np.percentile(np.clip(r, -1, 1), [2.5, 97.5])
    return float(low), float(high), len(r)


def _standardised(ofiv: ArrayLike) -> NDArray[np.float64]:
    """Return non-negative parts with mean 0 and variance 1 along the last axis, NaN if constant."""
    x = np.maximum(np.asarray(ofiv, np.float64), 0)
    spread = x.std(axis=-1, keepdims=True)
    constant = np.ptp(x, axis=-1, keepdims=True) == 0
    return (x - x.mean(axis=-1, keepdims=True)) / np.where(constant, np.nan, spread)
