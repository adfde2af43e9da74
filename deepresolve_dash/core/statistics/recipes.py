"""Recipes: the different ways in which a class can be switched on."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

APART = 0.9  # cosine distance from which patterns have next to nothing in common
ALIKE = 0.5  # cosine distance up to which two trials found the same pattern, at the least
SAME = 0.05  # cosine distance below which patterns are never different
CLEAR = 0.5  # mean silhouette below which a split is not believed
LEAST = 2  # trials that must have found a recipe
LISTED = 0.3  # of the largest |FIV| of a pattern: channels it is made of
N_RESAMPLES = 100
FEW_CHANNELS = 16  # below it noise alone falls into groups; from here on 0 of 480 draws did
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
        No two trials found patterns with a cosine distance of 0.5 or less, so the one recipe of
        all trials means nothing.
    """

    label: NDArray[np.int64]
    medoid: NDArray[np.int64]
    stability: NDArray[np.float64]
    same_number: float
    scattered: bool


def find_recipes(fiv: ArrayLike, *, seed: int = 0) -> Recipes:
    """Cluster the FIVs of a class into recipes.

    *Choice:* average linkage on the cosine distance, so that the length of a FIV plays no part. A
    recipe needs two trials. Two recipes are different ways when on average they have next to
    nothing in common (cosine distance above 0.9), or when a channel that both are made of (0.3 of
    the largest |FIV| of each) has opposite signs. Of all cuts of the tree at which every pair of
    recipes is different, the one with the largest mean silhouette is taken; below 0.5, or where
    there is none, the class has one recipe. `bench/recipes.py` measures these numbers: XOR and
    one-of-three are counted right where two trials found each way, linear, AND, OR, veto and noise
    are one, and ways that share half of their pattern without a swap of signs count as one.

    *Choice:* stability is the mean over 100 resamples of the trials (with replacement, each trial
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
    phi = np.asarray(fiv, np.float64)
    distance, unit = cosine_distance(phi), _unit(phi)
    label, scattered = _label(distance, unit)
    n = int(label.max()) + 1
    medoid = np.array([_medoid(distance, np.flatnonzero(label == recipe)) for recipe in range(n)])
    if scattered or len(label) < LEAST:
        return Recipes(label, medoid, np.full(n, math.nan), math.nan, scattered)
    stability, same_number = _resampled(distance, unit, label, np.random.default_rng(seed))
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
    unit = _unit(np.asarray(fiv, np.float64))
    zero = ~unit.any(1)
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


def _unit(phi: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return rows of length 1; zero rows stay."""
    norm = np.linalg.norm(phi, axis=1, keepdims=True)
    return np.divide(phi, norm, out=np.zeros_like(phi), where=norm > 0)


def _label(
    distance: NDArray[np.float64], unit: NDArray[np.float64]
) -> tuple[NDArray[np.int64], bool]:
    """Return the recipe of each trial, and whether all trials differ."""
    n_trials = len(distance)
    whole = np.zeros(n_trials, int)
    if n_trials < LEAST:
        return whole, False
    tree = linkage(squareform(distance, checks=False), "average")
    best, clearest = None, CLEAR
    for height in _heights(tree):
        label = _cut(tree, height)
        if label.max() > 0 and _different(unit, label):
            clear = _silhouette(distance, label)
            best, clearest = (label, clear) if clear >= clearest else (best, clearest)
    if best is not None:
        return best, False
    if _cut(tree, ALIKE).max() < 0:
        return whole, True
    label = _cut(tree, APART)
    return (label if label.max() == 0 else whole), False


def _heights(tree: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the heights to cut at: below the last merge, and where several recipes can be left."""
    merges = tree[-(len(tree) + 1) // LEAST :, 2]
    return (
        np.unique(np.maximum(merges[merges < merges[-1]], SAME))
        if merges[-1] > SAME
        else merges[:0]
    )


def _cut(tree: NDArray[np.float64], height: float) -> NDArray[np.int64]:
    """Return the cluster of each trial, the largest first, `ALONE` for those that are too small."""
    cluster = fcluster(tree, height, "distance") - 1
    size = np.bincount(cluster)
    label = np.full(len(cluster), ALONE)
    found = np.flatnonzero(size >= LEAST)
    for recipe, one in enumerate(found[np.argsort(-size[found], kind="stable")]):
        label[cluster == one] = recipe
    return label


def _different(unit: NDArray[np.float64], label: NDArray[np.int64]) -> bool:
    """Tell whether every pair of recipes is a pair of different ways."""
    members = label == np.arange(label.max() + 1)[:, None]
    mean = (members @ unit) / members.sum(1, keepdims=True)
    made_of = np.abs(mean) >= LISTED * np.abs(mean).max(1, keepdims=True)
    up, down = made_of & (mean > 0), made_of & (mean < 0)
    opposed = up.astype(int) @ down.T.astype(int)
    apart = 1 - mean @ mean.T > APART  # the mean distance between members of the two
    return bool((apart | (opposed + opposed.T > 0) | np.eye(len(mean), dtype=bool)).all())


def _silhouette(distance: NDArray[np.float64], label: NDArray[np.int64]) -> float:
    """Return the mean silhouette of the trials: 1 apart, 0 no better than chance, or alone."""
    inside = label != ALONE
    d, mine = distance[np.ix_(inside, inside)], label[inside]
    size = np.bincount(mine)
    total = np.stack([d[:, mine == recipe].sum(1) for recipe in range(len(size))], axis=1)
    own = mine[:, None] == np.arange(len(size))
    within = total[own] / (size[mine] - 1)
    nearest = np.where(own, np.inf, total / size).min(1)
    larger = np.maximum(within, nearest)
    gap = nearest - within
    clear = np.divide(gap, larger, out=np.zeros_like(gap), where=larger > 0)
    return float(clear.sum() / len(label))


def _medoid(distance: NDArray[np.float64], members: NDArray[np.int64]) -> int:
    """Return the member with the smallest distance to the others."""
    return int(members[distance[np.ix_(members, members)].sum(1).argmin()])


def _resampled(
    distance: NDArray[np.float64],
    unit: NDArray[np.float64],
    label: NDArray[np.int64],
    generator: np.random.Generator,
) -> tuple[NDArray[np.float64], float]:
    """Return how well each recipe is found again, and how often as many are found."""
    n_trials, n = len(label), int(label.max()) + 1
    if distance.max() <= SAME:  # any of the trials are one recipe
        return np.ones(n), 1.0
    jaccard, same = np.zeros(n), 0
    for _ in range(N_RESAMPLES):
        drawn = np.unique(generator.integers(0, n_trials, n_trials))
        again, _ = _label(distance[np.ix_(drawn, drawn)], unit[drawn])
        n_again = int(again.max()) + 1
        same += n_again == n
        old = label[drawn] == np.arange(n)[:, None]
        new = again == np.arange(n_again)[:, None]
        both = (old[:, None] & new).sum(2)
        either = (old[:, None] | new).sum(2)
        jaccard += np.divide(both, either, out=np.zeros(both.shape), where=either > 0).max(1)
    return jaccard / N_RESAMPLES, same / N_RESAMPLES
