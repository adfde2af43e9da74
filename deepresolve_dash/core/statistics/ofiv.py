"""Kinds of channels and the overall feature importance vector."""

from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

SMALL = 1e-3  # of the largest |FIV| of a class: below it a sign means nothing
N_RESAMPLES = 1000


class Kind(IntEnum):
    """What the trials say of a channel, as stored in `kind`."""

    ADDITIVE = 0
    CONSISTENT = 1
    INCONSISTENT = 2


def kinds(fiv: ArrayLike, weight: ArrayLike, additive: ArrayLike) -> NDArray[np.int8]:
    """Tell additive, non-additive consistent and non-additive inconsistent channels apart.

    *Source:* the paper's section 3. *Choice:* a non-additive channel is consistent when its FIV has
    one sign over the trials with weight above 0 and |FIV| above 1e-3 of the class's largest.

    Parameters
    ----------
    fiv : float array (trial, channel)
    weight : float array (trial,)
    additive : bool array (channel,)

    Returns
    -------
    int8 array (channel,) of `Kind`
    """
    phi = np.asarray(fiv, np.float64)
    counts = (np.asarray(weight) > 0)[:, None] & (np.abs(phi) > SMALL * np.abs(phi).max())
    both_signs = (counts & (phi > 0)).any(0) & (counts & (phi < 0)).any(0)
    kind = np.where(both_signs, Kind.INCONSISTENT, Kind.CONSISTENT)
    return np.where(np.asarray(additive), Kind.ADDITIVE, kind).astype(np.int8)


def is_guarded(
    fiv: ArrayLike, weight: ArrayLike, inconsistency: ArrayLike, *, guard: float | None
) -> bool:
    """Return whether the trials agree so well that the mixture says nothing.

    *Choice:* sqrt(max IL) < guard x max over channels of the weighted mean |FIV|. On converged
    ascents IL is rounding error, and the mixture would split rounding error into kinds.
    """
    largest = largest_importance(fiv, weight)
    return guard is not None and bool(np.sqrt(np.max(inconsistency)) < guard * largest)


def largest_importance(fiv: ArrayLike, weight: ArrayLike) -> float:
    """Return the largest weighted mean |FIV| of a class; 0 is a dead class."""
    return float((np.asarray(weight) @ np.abs(np.asarray(fiv, np.float64))).max())


def overall_importance(fiv: ArrayLike, weight: ArrayLike, kind: ArrayLike) -> NDArray[np.float64]:
    """Overall feature importance vector (OFIV).

    *Source:* the paper's section 3: the weighted mean over trials; for inconsistent channels over
    the trials with a positive FIV only (0 where there is none).

    Parameters
    ----------
    fiv : float array (trial, channel)
    weight : float array (trial,), or (resample, trial)
    kind : int array (channel,)

    Returns
    -------
    float64 array (channel,), or (resample, channel), feature-map units
    """
    phi, w = np.asarray(fiv, np.float64), np.asarray(weight, np.float64)
    ofiv = w @ phi
    masked = np.flatnonzero(np.asarray(kind) == Kind.INCONSISTENT)
    positive = phi[:, masked] > 0
    mass, total = w @ positive, w @ (phi[:, masked] * positive)
    ofiv[..., masked] = np.divide(total, mass, out=np.zeros_like(mass), where=mass > 0)
    return ofiv


def bootstrap_interval(
    fiv: ArrayLike, weight: ArrayLike, kind: ArrayLike, *, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the 95% percentile interval of the OFIV over resampled trials, kinds held fixed.

    *Choice:* 1,000 resamples of trials with replacement, weights renormalised (uniform over a
    resample whose weights are all 0). With one trial the interval is the value itself.

    Returns
    -------
    low, high : float64 arrays (channel,), feature-map units
    """
    mass = resampled_weights(weight, np.random.default_rng(seed))
    low, high = np.percentile(overall_importance(fiv, mass, kind), [2.5, 97.5], axis=0)
    return low, high


def resampled_weights(
    weight: ArrayLike, generator: np.random.Generator, *, n: int = N_RESAMPLES
) -> NDArray[np.float64]:
    """Return weights of trials drawn with replacement: (trial,) -> (resample, trial), sums 1."""
    w = np.asarray(weight, np.float64)
    counts = generator.multinomial(len(w), np.full(len(w), 1 / len(w)), size=n)
    mass = counts * w
    total = mass.sum(1, keepdims=True)
    return np.where(total > 0, mass / np.where(total > 0, total, 1), counts / len(w))


def important_channels(ofiv: ArrayLike, *, share: float = 0.2) -> NDArray[np.int64]:
    """Return the channels with |OFIV| >= share x max |OFIV|, most positive first."""
    values = np.asarray(ofiv, np.float64)
    largest = np.abs(values).max(initial=0.0)
    if not largest > 0:
        return np.zeros(0, int)
    ranked = np.argsort(-values, kind="stable")
    return ranked[np.abs(values[ranked]) >= share * largest]
