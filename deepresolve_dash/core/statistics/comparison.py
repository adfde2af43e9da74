"""The same class in two or more runs: do its channels rank alike, and which are found again."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from deepresolve_dash.core.statistics.ofiv import (
    important_channels,
    overall_importance,
    resampled_weights,
)
from deepresolve_dash.core.statistics.pairs import Trials

LEAST_SHARED = 0.5  # of the channels of two groups, from which they are the same group


def ranks(ofiv: ArrayLike) -> NDArray[np.float64]:
    """Return the place of each channel by falling OFIV, from 1; NaN where it has no OFIV.

    Parameters
    ----------
    ofiv : float array (channel,)
    """
    values = np.asarray(ofiv, np.float64)
    found = np.full(len(values), np.nan)
    known = np.flatnonzero(np.isfinite(values))
    found[known[np.argsort(-values[known], kind="stable")]] = np.arange(1, len(known) + 1)
    return found


def rank_agreement(first: ArrayLike, second: ArrayLike) -> float:
    """Return the rank correlation of two OFIVs of the same channels.

    Channels without a number in either count for nothing; NaN with fewer than three left, and
    where one of the two is constant.
    """
    x, y = np.asarray(first, np.float64), np.asarray(second, np.float64)
    known = np.isfinite(x) & np.isfinite(y)
    if known.sum() < 3:
        return np.nan
    return float(_rank_correlation(x[None, known], y[None, known])[0])


def agreement_interval(
    trials: tuple[Trials, Trials], places: tuple[ArrayLike, ArrayLike], *, seed: int = 0
) -> tuple[float, float, int]:
    """Return the 95% percentile interval of the rank correlation over resampled trials.

    *Choice:* as for the similarity: 1,000 resamples of the trials of either run, drawn apart from
    each other, weights renormalised, kinds held fixed; resamples without a correlation do not
    count. Each resample adds noise of its own, so that the interval may lie below the value.

    Parameters
    ----------
    trials : two of Trials
    places : two of int array (row,)
        Channels that stand for each other.

    Returns
    -------
    low, high : float
        NaN where no resample has a correlation.
    n : int
        Resamples that have one.
    """
    generator = np.random.default_rng(seed)
    if len(np.asarray(places[0])) < 3:
        return np.nan, np.nan, 0
    drawn = [
        overall_importance(one.fiv, resampled_weights(one.weight, generator), one.kind)[:, at]
        for one, at in zip(trials, map(np.asarray, places), strict=True)
    ]
    r = _rank_correlation(*drawn)
    r = r[np.isfinite(r)]
    if not len(r):
        return np.nan, np.nan, 0
    low, high = np.percentile(r, [2.5, 97.5])
    return float(low), float(high), len(r)


def found(ofiv: ArrayLike, *, top: int | None = None) -> NDArray[np.bool_]:
    """Return which channels a run finds for a class.

    *Choice:* the important ones, |OFIV| of at least a fifth of the largest, or the `top` channels
    with the largest |OFIV|.

    Parameters
    ----------
    ofiv : float array (channel,)
    top : int, optional
        Number of channels; without it, the important ones.
    """
    size = np.abs(np.nan_to_num(np.asarray(ofiv, np.float64)))
    told = np.zeros(len(size), bool)
    if top is None:
        told[important_channels(size)] = True
    else:
        told[np.argsort(-size, kind="stable")[:top]] = True
    return told & (size > 0)


def times_found(ofiv: ArrayLike, told: ArrayLike) -> NDArray[np.int64]:
    """Count in how many runs a channel is found with one sign, whichever is found more often.

    Parameters
    ----------
    ofiv : float array (row, run)
    told : bool array (row, run)
        As `found` says it.
    """
    values, told = np.asarray(ofiv, np.float64), np.asarray(told, bool)
    return np.maximum((told & (values > 0)).sum(axis=1), (told & (values < 0)).sum(axis=1))


def common(first: ArrayLike, second: ArrayLike) -> tuple[int, float]:
    """Count the channels found in both of two runs, and how many chance would give.

    Parameters
    ----------
    first, second : bool array (row,)
        What either finds among the channels that stand for each other.

    Returns
    -------
    n : int
    expected : float
        Of two blind choices of as many of these channels.
    """
    a, b = np.asarray(first, bool), np.asarray(second, bool)
    return int((a & b).sum()), float(a.sum() * b.sum() / max(1, len(a)))


def rank_spread(rank: ArrayLike) -> NDArray[np.float64]:
    """Return the largest less the smallest rank of each row (row, run); NaN with fewer than two."""
    values = np.asarray(rank, np.float64)
    several = np.isfinite(values).sum(axis=1) > 1
    high = np.max(values, axis=1, initial=-np.inf, where=np.isfinite(values))
    low = np.min(values, axis=1, initial=np.inf, where=np.isfinite(values))
    return np.where(several, high - low, np.nan)


def same_group(first: Sequence[int], second: Sequence[int]) -> bool:
    """Tell whether two groups of rows are the same group.

    *Choice:* when they share at least half of all the rows that are in either.
    """
    a, b = set(first), set(second)
    return bool(a | b) and len(a & b) >= LEAST_SHARED * len(a | b)


def recurring(
    pairs: Sequence[Sequence[tuple[Sequence[int], Sequence[int]]]],
) -> list[list[int | None]]:
    """Gather the pairs of groups that several runs call.

    Parameters
    ----------
    pairs : sequence (run,) of sequences of (group, group)
        Called pairs of each run; a group is a list of rows.

    Returns
    -------
    list of lists (run,)
        For each pair of groups, its place in the list of each run; None where that has it not.
    """
    gathered: list[tuple[tuple[Sequence[int], Sequence[int]], list[int | None]]] = []
    for at, called in enumerate(pairs):
        for place, one in enumerate(called):
            for known, places in gathered:
                if places[at] is None and _same_pair(known, one):
                    places[at] = place
                    break
            else:
                new: list[int | None] = [None] * len(pairs)
                new[at] = place
                gathered.append((one, new))
    return [places for _, places in gathered]


def _same_pair(
    first: tuple[Sequence[int], Sequence[int]], second: tuple[Sequence[int], Sequence[int]]
) -> bool:
    """Tell whether two pairs are of the same groups, in either order."""
    return any(
        same_group(first[0], a) and same_group(first[1], b) for a, b in (second, second[::-1])
    )


def _rank_correlation(x: NDArray, y: NDArray) -> NDArray[np.float64]:
    """Return the rank correlation of each row of x with that of y; NaN where one is constant."""
    a, b = (rankdata(one, axis=1) for one in (x, y))
    a, b = (one - one.mean(axis=1, keepdims=True) for one in (a, b))
    norm = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    return np.clip((a * b).sum(axis=1) / np.where(norm > 0, norm, np.nan), -1, 1)
