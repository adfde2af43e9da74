"""Gaussian mixtures in one dimension, number for number those of scikit-learn.

scikit-learn's own fit spends nine tenths of its time on what does not arise here (array libraries,
shapes, parameters), and a summary needs thousands of fits. The steps are the same: k-means++ and
Lloyd's k-means from one seed, then expectation and maximisation until the mean log-likelihood rises
by less than 1e-3, at most 100 times.

Notation: x (n,) values, k components, arrays of the components (k,), of both (k, n).
"""

import math
import warnings
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

_SEED = 0
_TOLERANCE, _MOST_STEPS = 1e-3, 100  # expectation and maximisation
_SHIFT, _MOST_ROUNDS = 1e-4, 300  # k-means, in variances of the values
_NO_ZERO = 10 * np.finfo(np.float64).eps

Floats = NDArray[np.float64]


class Gaussians(NamedTuple):
    """A mixture: weights, means and variances of its components, and its BIC."""

    weights: Floats
    means: Floats
    variances: Floats
    bic: float

    def most_likely(self, x: Floats) -> NDArray[np.int64]:
        """Return the component that each value most likely came from."""
        return _joint(x, self.weights, self.means, self.variances).argmax(axis=0)


def fit_gaussians(x: Floats, n_components: int, *, floor: float) -> Gaussians:
    """Fit a mixture to values.

    Parameters
    ----------
    x : float64 array (n,)
        At least as many distinct values as components.
    floor : float
        Added to each variance.
    """
    n, square = len(x), x * x
    share = np.eye(n_components)[:, _clusters(x, n_components)]
    mass, means, variances = _maximise(x, square, share, floor)
    weights, before = mass / n, -math.inf
    for _ in range(_MOST_STEPS):
        joint = _joint(x, weights, means, variances)
        likelihood = _log_sum(joint)
        mass, means, variances = _maximise(x, square, np.exp(joint - likelihood), floor)
        weights, now = mass / mass.sum(), float(likelihood.mean())
        if abs(now - before) < _TOLERANCE:
            break
        before = now
    fitted = float(_log_sum(_joint(x, weights, means, variances)).mean())
    bic = -2 * fitted * n + (3 * n_components - 1) * math.log(n)
    return Gaussians(weights, means, variances, bic)


def _joint(x: Floats, weights: Floats, means: Floats, variances: Floats) -> Floats:
    """Return the logarithm of density times weight (k, n)."""
    root = 1 / np.sqrt(variances)
    precision = root**2
    squares = (means**2 * precision)[:, None] - 2 * np.outer(means * precision, x)
    squares += np.outer(precision, x * x)
    return -0.5 * (math.log(2 * math.pi) + squares) + (np.log(root) + np.log(weights))[:, None]


def _log_sum(joint: Floats) -> Floats:
    """Return the logarithm of the sum over components (n,)."""
    most = joint.max(axis=0)
    largest = joint == most
    n_largest = largest.sum(axis=0)
    others = np.where(largest, 0.0, np.exp(joint - most)).sum(axis=0)
    return np.log1p(others / n_largest) + np.log(n_largest) + most


def _maximise(x: Floats, square: Floats, share: Floats, floor: float) -> tuple[Floats, ...]:
    """Return mass, mean and variance of the components with these shares (k, n) of the values."""
    mass = share.sum(axis=1) + _NO_ZERO
    means = share @ x / mass
    variances = share @ square / mass - means**2 + floor
    return mass, means, np.where(variances > 0, variances, floor)  # large values round it away


def _clusters(x: Floats, k: int) -> NDArray[np.int64]:
    """Return the cluster of each value by k-means."""
    if k == 1:
        return np.zeros(len(x), np.int64)
    y = x - x.mean()
    centres = _seeds(y, k)
    enough = _SHIFT * x.var()
    label = np.full(len(y), -1)
    for _ in range(_MOST_ROUNDS):
        before, label = label, _nearest(y, centres)
        sizes = np.bincount(label, minlength=k)
        if not sizes.all():  # values so equal that a cluster ran out of them
            return _clusters_of_equals(x, k)
        moved = np.bincount(label, y, minlength=k) / sizes
        shift, centres = ((moved - centres) ** 2).sum(), moved
        if (label == before).all():
            return label
        if shift <= enough:
            break
    return _nearest(y, centres)


def _clusters_of_equals(x: Floats, k: int) -> NDArray[np.int64]:
    """Return the cluster of each value as scikit-learn finds it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer clusters than asked for
        means = KMeans(k, n_init=1, random_state=_SEED)  # pyright: ignore[reportArgumentType]
        return np.asarray(means.fit_predict(x[:, None]), np.int64)


def _nearest(y: Floats, centres: Floats) -> NDArray[np.int64]:
    return (centres[:, None] ** 2 - 2 * np.outer(centres, y)).argmin(axis=0)


def _seeds(y: Floats, k: int) -> Floats:
    """Return first centres by k-means++: far from each other, drawn a few times, the best kept."""
    n, n_draws = len(y), 2 + int(math.log(k))
    first, *others = _draws(1 + (k - 1) * n_draws)
    chances = np.cumsum(np.full(n, 1 / n))
    centres = [y[np.searchsorted(chances / chances[-1], first, side="right")]]
    distance = _squared_distance(y, np.array(centres))[0]
    for drawn in np.reshape(others, (k - 1, n_draws)):
        reach = np.cumsum(distance)
        candidates = np.searchsorted(reach, drawn * distance.sum()).clip(max=n - 1)
        nearer = np.minimum(distance, _squared_distance(y, y[candidates]))
        best = int(nearer.sum(axis=1).argmin())
        distance = nearer[best]
        centres.append(y[candidates[best]])
    return np.array(centres)


@lru_cache
def _draws(n: int) -> tuple[float, ...]:
    """Return the first numbers of the generator, each in [0, 1)."""
    return tuple(np.random.RandomState(_SEED).random_sample(n).tolist())


def _squared_distance(y: Floats, centres: Floats) -> Floats:
    return np.maximum(-2 * np.outer(centres, y) + (centres**2)[:, None] + y * y, 0)
