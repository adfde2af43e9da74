"""Recipes: the different ways in which a class can be switched on."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

APART = 0.8  # cosine distance from which patterns are different ways
CLEAR = 0.5  # mean silhouette below which a split is not believed
LEAST = 2  # trials that must have found a recipe
LISTED = 0.3  # of the largest |FIV| of a pattern: channels it is made of
N_RESAMPLES = 200
FEW_CHANNELS = 16  # below it noise alone falls into groups; from here on 0 of 600 draws did
ALONE = -1  # label of a trial whose pattern nobody else found


@dataclass(frozen=True)
class Recipes:
    """How the trials of a class split into recipes.

    Attributes
    ----------
    label : int array (trial,)
        Recipe of each trial, 0 holds the most trials; `ALONE` for one that found its own pattern.
    medoid : int array (recipe,)
        The trial that is closest to the others of its recipe.
    stability : float array (recipe,)
        Mean Jaccard index with the most similar recipe of resampled trials, in [0, 1]; NaN with
        one trial or scattered ones.
    same_number : float
        Share of the resamples that gave as many recipes; NaN likewise.
    scattered : bool
        No two trials found the same pattern, so the one recipe of all trials means nothing.
    """

    label: NDArray[np.int64]
    medoid: NDArray[np.int64]
    stability: NDArray[np.float64]
    same_number: float
    scattered: bool


def find_recipes(fiv: ArrayLike, *, seed: int = 0) -> Recipes:
    """Cluster the FIVs of a class into recipes.

    *Choice:* average linkage on the cosine distance, cut at 0.8: two patterns are different ways
    when on average they have next to nothing in common or oppose each other. A recipe needs two
    trials. Several are believed only when their mean silhouette is 0.5 or more, else all trials are
    one. The length of a FIV plays no part. `bench/recipes.py` measures these three numbers:
    XOR and one-of-three are counted right where two trials found each way, linear, AND, OR, veto
    and noise are one, and ways that share half of their pattern count as one.

    *Choice:* stability is the mean over 200 resamples of the trials (with replacement, each trial
    that was drawn counted once) of the largest Jaccard index between a recipe and a recipe of the
    resample, 0 where none of its trials was drawn: a recipe that two of ten trials found cannot be
    stable.

    Parameters
    ----------
    fiv : float array (trial, channel)
        Finite FIVs of the trials that count; at least one.
    seed : int
        Of the resamples.

    Returns
    -------
    Recipes
    """
    distance = cosine_distance(fiv)
    label, scattered = _label(distance)
    n = int(label.max()) + 1
    medoid = np.array([_medoid(distance, np.flatnonzero(label == recipe)) for recipe in range(n)])
    if scattered or len(label) < LEAST:
        return Recipes(label, medoid, np.full(n, math.nan), math.nan, scattered)
    stability, same_number = _resampled(distance, label, np.random.default_rng(seed))
    return Recipes(label, medoid, stability, same_number, scattered)


def cosine_distance(fiv: ArrayLike) -> NDArray[np.float64]:
    """Return 1 - cosine of all pairs of rows, in [0, 2]; a zero row is 1 from all but another one.

    Parameters
    ----------
    fiv : float array (trial, channel)

    Returns
    -------
    float64 array (trial, other trial), symmetric, diagonal 0
    """
    phi = np.asarray(fiv, np.float64)
    norm = np.linalg.norm(phi, axis=1, keepdims=True)
    unit = np.divide(phi, norm, out=np.zeros_like(phi), where=norm > 0)
    zero = norm[:, 0] == 0
    distance = np.clip(1 - unit @ unit.T, 0, 2)
    distance[np.ix_(zero, zero)] = 0
    np.fill_diagonal(distance, 0)
    return (distance + distance.T) / 2


def signed_channels(pattern: ArrayLike, *, share: float = LISTED) -> NDArray[np.int64]:
    """Return the places of the channels that make a pattern, the largest |FIV| first.

    Parameters
    ----------
    pattern : float array (channel,)
    share : float
        Of the largest |FIV|.
    """
    size = np.abs(np.asarray(pattern, np.float64))
    ranked = np.argsort(-size, kind="stable")
    return ranked[(size[ranked] >= share * size.max(initial=0.0)) & (size[ranked] > 0)]


def _label(distance: NDArray[np.float64]) -> tuple[NDArray[np.int64], bool]:
    """Return the recipe of each trial, and whether all trials differ."""
    n_trials = len(distance)
    whole = np.zeros(n_trials, int)
    if n_trials < LEAST:
        return whole, False
    tree = linkage(squareform(distance, checks=False), "average")
    cluster = fcluster(tree, APART, "distance") - 1
    size = np.bincount(cluster)
    found = np.flatnonzero(size >= LEAST)
    if not len(found):
        return whole, True
    label = np.full(n_trials, ALONE)
    for recipe, one in enumerate(found[np.argsort(-size[found], kind="stable")]):
        label[cluster == one] = recipe
    if len(found) > 1 and _silhouette(distance, label) < CLEAR:
        return whole, False
    return label, False


def _silhouette(distance: NDArray[np.float64], label: NDArray[np.int64]) -> float:
    """Return the mean silhouette of the trials in recipes: 1 apart, 0 no better than chance."""
    inside = label != ALONE
    d, mine = distance[np.ix_(inside, inside)], label[inside]
    size = np.bincount(mine)
    total = np.stack([d[:, mine == recipe].sum(1) for recipe in range(len(size))], axis=1)
    own = mine[:, None] == np.arange(len(size))
    within = total[own] / (size[mine] - 1)
    nearest = np.where(own, np.inf, total / size).min(1)
    larger = np.maximum(within, nearest)
    gap = nearest - within
    return float(np.divide(gap, larger, out=np.zeros_like(gap), where=larger > 0).mean())


def _medoid(distance: NDArray[np.float64], members: NDArray[np.int64]) -> int:
    """Return the member with the smallest distance to the others."""
    return int(members[distance[np.ix_(members, members)].sum(1).argmin()])


def _resampled(
    distance: NDArray[np.float64], label: NDArray[np.int64], generator: np.random.Generator
) -> tuple[NDArray[np.float64], float]:
    """Return how well each recipe is found again, and how often as many are found."""
    n_trials, n = len(label), int(label.max()) + 1
    if distance.max() <= APART:  # so are any of the trials
        return np.ones(1), 1.0
    jaccard, same = np.zeros(n), 0
    for _ in range(N_RESAMPLES):
        drawn = np.unique(generator.integers(0, n_trials, n_trials))
        again, _ = _label(distance[np.ix_(drawn, drawn)])
        n_again = int(again.max()) + 1
        same += n_again == n
        old = label[drawn] == np.arange(n)[:, None]
        new = again == np.arange(n_again)[:, None]
        both = (old[:, None] & new).sum(2)
        either = (old[:, None] | new).sum(2)
        jaccard += np.divide(both, either, out=np.zeros(both.shape), where=either > 0).max(1)
    return jaccard / N_RESAMPLES, same / N_RESAMPLES
