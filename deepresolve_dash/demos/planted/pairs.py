"""How well each measure tells interacting pairs of motifs from pairs that only add up."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.core.statistics.ofiv import largest_importance
from deepresolve_dash.demos.planted.rankings import MODES, PAPER, Ranked
from deepresolve_dash.demos.planted.scores import motif_values

_OF_SIGNS = {MODES: "modes", PAPER: "paper"}


@dataclass(frozen=True)
class ScoredPair:
    """A pair of motifs that share a class, and what each measure says of it.

    Attributes
    ----------
    network : str
    target : int
    motifs : tuple of str
    shape : str or None
        How they interact; None when they only add up.
    scores : dict of str to float
        By measure; larger speaks for an interaction. NaN where a motif has no channel.
    """

    network: str
    target: int
    motifs: tuple[str, str]
    shape: str | None
    scores: dict[str, float]


def score_pairs(network: str, ranked: Ranked, truth: Mapping) -> list[ScoredPair]:
    """Score the pairs of motifs that share a class.

    A motif's value is the mean over its channels. The measures: the size of the product of two
    importances, for every ranking; in the regimes with several optima, the smaller of the two
    shares of the weight in which the signs are opposite in one order and in the other (`both
    orders`), the larger of them (`opposite signs`), and the smaller inconsistency level.

    Choice: importances in units of the class's largest. The logits of a class that is decided by
    chance are smaller, which would pass for a lack of interaction.
    """
    names = [one["name"] for one in truth["classes"]]
    values = {title: motif_values(_scaled(v), truth) for title, v in ranked.importance.items()}
    found = []
    for pair in truth["pairs"]:
        target, (a, b) = names.index(pair["class"]), pair["motifs"]
        scores = {
            f"product, {title}": abs(_at(v, a, target) * _at(v, b, target))
            for title, v in values.items()
        }
        for regime, title in _OF_SIGNS.items():
            one = ranked.regimes[regime].isel(target=target)
            first, second = sign_orders(one, truth, a, b)
            scores[f"opposite signs, {title}"] = max(first, second)
            scores[f"opposite signs in both orders, {title}"] = min(first, second)
            scores[f"smaller sqrt(IL), {title}"] = _smaller_level(one, truth, a, b)
        found.append(ScoredPair(network, target, (a, b), pair["shape"], scores))
    return found


def sign_orders(one: xr.Dataset, truth: Mapping, a: str, b: str) -> tuple[float, float]:
    """Return the shares of the weight with a > 0 > b and with a < 0 < b; NaN without channels."""
    phi = motif_values(one["fiv"].values, truth)
    if a not in phi or b not in phi:
        return float("nan"), float("nan")
    weight = one["weight"].values
    first, second = (float(weight[(phi[x] > 0) & (phi[y] < 0)].sum()) for x, y in ((a, b), (b, a)))
    return first, second


def guard_ratio(one: xr.Dataset) -> float:
    """Return what the guard is held against: sqrt(max IL) / max mean |FIV| of a class."""
    largest = largest_importance(one["fiv"].values, one["weight"].values)
    return float(np.sqrt(one["inconsistency"].values.max()) / largest)


def flagged(one: xr.Dataset, *, guard: float) -> bool:
    """Tell whether a class has more than one component that a guard lets pass."""
    return bool(one["n_components"] > 1) and guard_ratio(one) >= guard


def _scaled(importance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return importances (target, channel) in units of each class's largest."""
    largest = np.abs(importance).max(axis=1, keepdims=True)
    return np.divide(importance, largest, out=np.zeros_like(importance), where=largest > 0)


def _smaller_level(one: xr.Dataset, truth: Mapping, a: str, b: str) -> float:
    """Return the smaller sqrt(IL) of two motifs, in units of the class's largest mean |FIV|."""
    levels = motif_values(np.sqrt(one["inconsistency"].values), truth)
    largest = largest_importance(one["fiv"].values, one["weight"].values)
    if a not in levels or b not in levels or not largest > 0:
        return float("nan")
    return float(min(levels[a], levels[b]) / largest)


def _at(values: Mapping[str, NDArray], motif: str, target: int) -> float:
    return float(values[motif][target]) if motif in values else float("nan")
