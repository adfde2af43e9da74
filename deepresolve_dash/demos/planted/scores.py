"""How well a ranking recovers what was planted: areas under the ROC curve, with intervals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from deepresolve_dash.core.statistics.classes import similarity
from deepresolve_dash.demos.planted.truth import channels_of

N_RESAMPLES = 1000
ROLES = "positive", "negative", "either"


@dataclass(frozen=True)
class Interval:
    """A mean with the 95% bootstrap interval around it, and over how many values."""

    mean: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        if not self.n:
            return "-"
        return f"{self.mean:.3f} ({self.low:.2f}-{self.high:.2f})"


def area(score: ArrayLike, wanted: ArrayLike) -> float:
    """Return the area under the ROC curve, ties counted half; NaN unless both kinds are there."""
    wanted = np.asarray(wanted, bool)
    n_wanted, n_others = wanted.sum(), (~wanted).sum()
    if not n_wanted or not n_others:
        return float("nan")
    ranks = rankdata(np.asarray(score, np.float64))[wanted].sum()
    return float((ranks - n_wanted * (n_wanted + 1) / 2) / (n_wanted * n_others))


def channel_areas(importance: ArrayLike, truth: Mapping) -> dict[str, list[float]]:
    """Score how each class ranks the channels of its motifs above those of other motifs.

    Only channels that stand for one motif count; what the others should be is not known.

    Parameters
    ----------
    importance : float array (target, channel)
    truth : mapping
        Contents of `truth.json`.

    Returns
    -------
    dict of str to list of float, one value a class, NaN where the class has no such channel
        `positive`: channels that raise the class, by the value itself; `negative`: those that lower
        it, by minus the value; `either`: those of XOR, by the size; `relevant`: all three, by the
        size; `top`: 1 when the highest channel is one that raises the class, else 0.
    """
    own = channels_of(truth)
    known = np.any(list(own.values()), axis=0)
    found: dict[str, list[float]] = {name: [] for name in (*ROLES, "relevant", "top")}
    for one, values in zip(truth["classes"], np.asarray(importance, np.float64), strict=True):
        v = values[known]
        members = {role: _any(own, one[role], known) for role in ROLES}
        for role, score in (("positive", v), ("negative", -v), ("either", np.abs(v))):
            found[role].append(area(score, members[role]))
        found["relevant"].append(area(np.abs(v), np.any(list(members.values()), axis=0)))
        hit = float(members["positive"][np.argmax(v)]) if len(v) else float("nan")
        found["top"].append(hit if members["positive"].any() else float("nan"))
    return found


def class_area(importance: ArrayLike, truth: Mapping) -> float:
    """Score how the similarity of classes ranks the pairs that share motifs above the others.

    Parameters
    ----------
    importance : float array (target, channel)
    truth : mapping
        Contents of `truth.json`.
    """
    matrix, shares = _class_pairs(importance, truth)
    return _pair_area(matrix, shares, np.arange(len(matrix)))


def interval(values: ArrayLike, *, seed: int = 0) -> Interval:
    """Return the mean of values, NaN left out, with a bootstrap over them."""
    kept = np.asarray(values, np.float64).ravel()
    kept = kept[~np.isnan(kept)]
    if not len(kept):
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    draws = np.random.default_rng(seed).integers(0, len(kept), (N_RESAMPLES, len(kept)))
    low, high = np.percentile(kept[draws].mean(axis=1), [2.5, 97.5])
    return Interval(float(kept.mean()), float(low), float(high), len(kept))


def class_interval(
    importances: Sequence[ArrayLike], truths: Sequence[Mapping], *, seed: int = 0
) -> Interval:
    """Return the mean over networks of `class_area`, with a bootstrap over classes."""
    known = [_class_pairs(v, t) for v, t in zip(importances, truths, strict=True)]
    n_classes = len(known[0][0])
    generator = np.random.default_rng(seed)

    def mean(chosen: NDArray[np.int_]) -> float:
        return float(np.mean([_pair_area(*one, chosen) for one in known]))

    draws = [mean(generator.integers(0, n_classes, n_classes)) for _ in range(N_RESAMPLES // 5)]
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return Interval(mean(np.arange(n_classes)), float(low), float(high), len(truths))


def two_sample_interval(wanted: ArrayLike, others: ArrayLike, *, seed: int = 0) -> Interval:
    """Return the area that tells wanted scores from others, with a bootstrap over both."""
    a, b = (np.asarray(part, np.float64).ravel() for part in (wanted, others))
    if not len(a) or not len(b):
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    above = (a[:, None] > b) + 0.5 * (a[:, None] == b)
    generator = np.random.default_rng(seed)
    counts_a, counts_b = (
        generator.multinomial(n, np.full(n, 1 / n), size=N_RESAMPLES) / n for n in (len(a), len(b))
    )
    low, high = np.percentile(((counts_a @ above) * counts_b).sum(axis=1), [2.5, 97.5])
    return Interval(float(above.mean()), float(low), float(high), len(a) + len(b))


def motif_values(
    values: ArrayLike, truth: Mapping, reduce: Callable = np.mean
) -> dict[str, NDArray[np.float64]]:
    """Reduce the last axis, channels, to one value of each motif that has a channel."""
    v = np.asarray(values, np.float64)
    own = channels_of(truth)
    return {name: reduce(v[..., mask], axis=-1) for name, mask in own.items() if mask.any()}


def _any(
    own: Mapping[str, NDArray[np.bool_]], motifs: Sequence[str], known: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return which of the known channels stand for any of some motifs."""
    mask = np.zeros(len(known), bool)
    for motif in motifs:
        mask |= own[motif]
    return mask[known]


def _class_pairs(
    importance: ArrayLike, truth: Mapping
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the similarity of the classes, and which of them share motifs."""
    names = [one["name"] for one in truth["classes"]]
    shares = np.zeros((len(names), len(names)), bool)
    for a, b in truth["classes_sharing_motifs"]:
        i, j = names.index(a), names.index(b)
        shares[i, j] = shares[j, i] = True
    return np.nan_to_num(similarity(importance), nan=0.0), shares


def _pair_area(
    matrix: NDArray[np.float64], shares: NDArray[np.bool_], chosen: NDArray[np.int_]
) -> float:
    """Return the area over the pairs of some classes, which may repeat."""
    i, j = (chosen[part] for part in np.triu_indices(len(chosen), 1))
    i, j = i[i != j], j[i != j]
    return area(matrix[i, j], shares[i, j])
