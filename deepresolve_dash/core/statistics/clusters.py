"""Clusters of classes: where the tree is cut, what members share, how stable they are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from deepresolve_dash.core.statistics.classes import Clustering, similarity
from deepresolve_dash.core.statistics.ofiv import Kind

NO_CLUSTER = -1
MOST_RESAMPLES, FEWEST_RESAMPLES = 100, 10
_WORK = 4e9  # multiplications over all resamples; about two seconds
IMPORTANT, MOST = 0.2, 0.5  # of the largest |OFIV| of a class; of the members, which more must pass


def cut(tree: Clustering, distance: float) -> NDArray[np.int64]:
    """Return the cluster of each class when the tree is cut at a distance.

    Parameters
    ----------
    tree : Clustering
    distance : float
        Classes that join at this distance or below are together.

    Returns
    -------
    int array (target,)
        0, 1, ... in the order of the leaves, single classes included; -1 for a class left out.
    """
    n = len(tree.linkage) + 1
    flat = fcluster(tree.linkage, distance, "distance") if n > 1 else np.ones(n, int)
    return _in_order(flat, tree)


def _in_order(flat: NDArray, tree: Clustering) -> NDArray[np.int64]:
    """Return the number of each cluster, by its first leaf in the order of the tree."""
    found = np.full(len(tree.order), NO_CLUSTER)
    n_leaves = len(tree.order) - len(tree.left_out)
    if not n_leaves:
        return found
    leaves = np.sort(tree.order[:n_leaves])
    by_class = dict(zip(leaves, flat, strict=True))
    numbers: dict[int, int] = {}
    for place in tree.order[:n_leaves]:
        found[place] = numbers.setdefault(int(by_class[place]), len(numbers))
    return found


def scaled_importance(ofiv: ArrayLike) -> NDArray[np.float64]:
    """Return OFIVs in units of the largest |OFIV| of their class; 0 stays 0, one NaN makes all NaN.

    *Choice:* OFIVs of two classes have different scales, so that they are compared as shares.
    """
    values = np.asarray(ofiv, np.float64)
    largest = np.abs(values).max(axis=1, keepdims=True)
    return np.divide(values, largest, out=values.copy(), where=largest != 0)


@dataclass(frozen=True)
class SharedFeature:
    """A channel that most classes of a group find important, and with which sign.

    Attributes
    ----------
    channel : int
        Place of the channel.
    sign : int
        1 speaks for the classes, -1 against them.
    n : int
        Members that find it important with this sign.
    mean : float
        Mean over all members of its OFIV in units of each one's largest |OFIV|.
    """

    channel: int
    sign: int
    n: int
    mean: float


def shared_features(
    scaled: ArrayLike, *, share: float = IMPORTANT, most: float = MOST
) -> list[SharedFeature]:
    """Return the channels that most members of a group find important.

    *Choice:* important is |OFIV| of at least 20% of the class's largest, as in the lists of a
    class; most is more than half of the members, with one sign.

    Parameters
    ----------
    scaled : float array (member, channel)
        As `scaled_importance` returns it.

    Returns
    -------
    list of SharedFeature, the largest |mean| first
    """
    x = np.asarray(scaled, np.float64)
    if not len(x):
        return []
    mean = x.mean(axis=0)
    found = []
    for sign in (1, -1):
        n = (sign * x >= share).sum(axis=0)
        found += [
            SharedFeature(int(k), sign, int(n[k]), float(mean[k]))
            for k in np.flatnonzero(n > most * len(x))
        ]
    return sorted(found, key=lambda one: -abs(one.mean))


@dataclass(frozen=True)
class Resampled:
    """The tree over classes when their trials are drawn again.

    Attributes
    ----------
    leaves : int array (leaf,)
        Places of the classes in the trees, ascending.
    trees : float array (resample, leaf - 1, 4)
        SciPy's linkage of each resample; only of those in which every leaf has a similarity.
    """

    leaves: NDArray[np.int64]
    trees: NDArray[np.float64]


def n_resamples(n_targets: int, n_channels: int, n_trials: int) -> int:
    """Return how many resamples fit into about two seconds: 100 for small runs, at least 10."""
    one = n_targets * n_channels * (n_targets + n_trials)
    return int(np.clip(_WORK // max(one, 1), FEWEST_RESAMPLES, MOST_RESAMPLES))


def resample_trees(
    fiv: ArrayLike, weight: ArrayLike, kind: ArrayLike, leaves: ArrayLike, *, seed: int = 0
) -> Resampled:
    """Draw the trials of each class again and grow the tree anew.

    *Choice:* as for the intervals of the OFIV: trials with replacement among those that count
    (weight above 0), each class by itself, kinds held fixed, weights renormalised. The number of
    resamples is that of `n_resamples`; the leaf order does not matter and is not optimised.

    Parameters
    ----------
    fiv : float array (target, trial, channel)
    weight : float array (target, trial)
    kind : int array (target, channel)
    leaves : int array
        Places of the classes that have a similarity.

    Returns
    -------
    Resampled
    """
    places = np.sort(np.asarray(leaves, np.int64))
    kept = np.asarray(weight, np.float64)[places]
    phi = np.where(kept[..., None] > 0, np.asarray(fiv, np.float32)[places], 0)
    kinds = np.asarray(kind)[places]
    n, n_trials, n_channels = phi.shape
    generator = np.random.default_rng(seed)
    trees = []
    for _ in range(n_resamples(n, n_channels, n_trials) if n > 1 else 0):
        a = similarity(_drawn_importance(generator, phi, kept, kinds))
        if np.isfinite(a).all():
            distance = np.clip(1 - a[np.triu_indices(n, 1)], 0, 2)
            trees.append(linkage(distance, "average"))
    return Resampled(places, np.array(trees).reshape(len(trees), max(n - 1, 0), 4))


def _drawn_importance(
    generator: np.random.Generator, phi: NDArray, weight: NDArray, kind: NDArray
) -> NDArray[np.float64]:
    """Return the OFIVs (target, channel) of trials drawn with replacement among the kept ones."""
    there = weight > 0
    chances = there / there.sum(axis=1, keepdims=True)
    counts = generator.multinomial(there.sum(axis=1), chances)
    mass = (counts * weight).astype(np.float32)
    mass /= mass.sum(axis=1, keepdims=True)
    ofiv = np.matmul(mass[:, None], phi)[:, 0].astype(np.float64)
    masked, channel = np.nonzero(kind == Kind.INCONSISTENT)
    part, w = phi[masked, :, channel], mass[masked]
    positive = w * (part > 0)
    total = positive.sum(axis=1)
    mean = np.divide(
        (positive * part).sum(axis=1), total, out=np.zeros_like(total), where=total > 0
    )
    ofiv[masked, channel] = mean
    return ofiv


@dataclass(frozen=True)
class Stability:
    """How well a clustering comes back when trials are drawn again.

    Attributes
    ----------
    jaccard : float array (cluster,)
        Mean over resamples of the Jaccard index with the cluster that fits best.
    rand : float
        Mean adjusted Rand index of the whole partition; NaN without resamples.
    n : int
        Resamples.
    """

    jaccard: NDArray[np.float64]
    rand: float
    n: int


def stability(flat: ArrayLike, resampled: Resampled) -> Stability:
    """Compare clusters with those of resampled trees that are cut into as many.

    *Choice:* the number of clusters is held fixed, not the distance, because resampled trials
    make all distances a little larger.

    Parameters
    ----------
    flat : int array (target,)
        As `cut` returns it.
    """
    mine = np.asarray(flat)[resampled.leaves]
    n_clusters = int(mine.max(initial=-1)) + 1
    if not len(resampled.trees):
        return Stability(np.full(n_clusters, np.nan), float("nan"), 0)
    jaccard, rand = [], []
    for tree in resampled.trees:
        theirs = fcluster(tree, n_clusters, "maxclust") - 1
        table = contingency(mine, theirs)
        union = table.sum(1, keepdims=True) + table.sum(0, keepdims=True) - table
        jaccard.append((table / union).max(axis=1))
        rand.append(adjusted_rand(table))
    return Stability(np.mean(jaccard, axis=0), float(np.mean(rand)), len(jaccard))


def contingency(first: ArrayLike, second: ArrayLike) -> NDArray[np.int64]:
    """Count members of each pair of clusters: two partitions -> (cluster, other cluster)."""
    a, b = np.asarray(first), np.asarray(second)
    table = np.zeros((int(a.max()) + 1, int(b.max()) + 1), int)
    np.add.at(table, (a, b), 1)
    return table


def adjusted_rand(table: ArrayLike) -> float:
    """Return the Rand index of two partitions, corrected for chance: 1 is the same partition."""
    t = np.asarray(table, np.float64)

    def pairs(n: NDArray) -> float:
        return float((n * (n - 1)).sum() / 2)

    both, first, second = pairs(t), pairs(t.sum(1)), pairs(t.sum(0))
    everything = pairs(t.sum(keepdims=True))
    chance = first * second / everything if everything else 0.0
    largest = (first + second) / 2
    return (both - chance) / (largest - chance) if largest != chance else 1.0
