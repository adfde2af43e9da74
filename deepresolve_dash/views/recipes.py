"""The recipes of a class: in how many ways it can be on, and by which channels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.core.statistics.ofiv import Kind
from deepresolve_dash.core.statistics.optima import both_orders
from deepresolve_dash.core.statistics.recipes import (
    ALONE,
    FEW_CHANNELS,
    LEAST,
    Recipes,
    find_recipes,
    signed_channels,
)
from deepresolve_dash.views.channels import kept
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.selection import MODES, Selection, of_class, regime_for
from deepresolve_dash.views.words import FEW_TRIALS, Note, state

UNSURE = 0.6  # stability below which a recipe is called unsure
ONE_WAY = (
    "One way does not mean additive: AND, OR and veto have one best pattern too, and ways that "
    "share half of their pattern are counted as one."
)


@dataclass(frozen=True)
class Trials:
    """The trials of a class that a recipe can be read from.

    Attributes
    ----------
    place : int array (used,)
        Their places in the ensemble.
    total : int
        Trials of the class.
    converged : bool
        Whether the used ones have converged; False when none of the class has.
    """

    place: NDArray[np.int64]
    total: int
    converged: bool


def data(ensemble: xr.Dataset, summary: xr.Dataset, selection: Selection) -> dict:
    """Show the ways in which the class can be on: restarts that found one pattern are one recipe.

    Recipes that differ by restarts which stopped early, or that two restarts found, may be chance;
    one recipe does not mean additive, as AND, OR and veto have one best pattern too.

    Returns
    -------
    dict
        `title` and `why` in words, `notes`, `recipes` (the most frequent first), the `common`
        channels of several recipes, and `regime`.
    """
    raw, mine = of_class(ensemble, selection, MODES), of_class(summary, selection, MODES)
    told = {"regime": regime_for(summary, selection, MODES), "recipes": [], "common": []}
    unreadable = state(ensemble, summary, selection)
    if unreadable:
        return told | {"title": unreadable.text, "why": unreadable.why, "notes": []}
    used = counted(raw, mine)
    fiv = raw.fiv.values[used.place].astype(np.float64)
    found = find_recipes(fiv)
    if found.scattered:
        return told | {
            "title": f"No two of {len(fiv)} trials found the same pattern",
            "why": "Either the ascent has not converged, or there is no pattern: no way to be on "
            "can be named.",
            "notes": notes(used, found, mine),
        }
    patterns = [signed_channels(fiv[medoid]) for medoid in found.medoid]
    common = shared(fiv[found.medoid], patterns)
    cards = [
        _card(recipe, found, used, (raw, mine), patterns[recipe], common)
        for recipe in range(len(patterns))
    ]
    return told | {
        "title": _title(len(cards)),
        "why": ONE_WAY if len(cards) == 1 else _exchange(raw, mine),
        "notes": notes(used, found, mine),
        "recipes": cards,
        "common": [int(raw.channel.values[k]) for k in common],
    }


def counted(raw: xr.Dataset, mine: xr.Dataset) -> Trials:
    """Return the trials with weight that converged; where none did, all with weight.

    *Choice:* a trial that stopped on its way shows its start, and one without weight counts nowhere
    else either.
    """
    weighs = kept(raw) & (mine.weight.values > 0)
    both = weighs & raw.converged.values.astype(bool)
    chosen = both if both.any() else weighs
    return Trials(np.flatnonzero(chosen), len(weighs), bool(both.any()))


def shared(medoids: NDArray[np.float64], patterns: Sequence[NDArray[np.int64]]) -> list[int]:
    """Return the channels that every one of several patterns holds with the same sign."""
    if len(patterns) < 2:
        return []
    everywhere = set(patterns[0].tolist()).intersection(*(p.tolist() for p in patterns[1:]))
    signs = np.sign(medoids)
    return [int(k) for k in patterns[0] if k in everywhere and len(set(signs[:, k])) == 1]


def notes(used: Trials, found: Recipes, mine: xr.Dataset) -> list[Note]:
    """Return what qualifies the recipes, the gravest first."""
    n, alone = len(used.place), int((found.label == ALONE).sum())
    told = []
    if not used.converged:
        why = "Restarts that stopped on their way differ by where they started."
        told.append(Note("unreliable: no trial has converged", why, "warn"))
    if n < FEW_TRIALS:
        why = f"A recipe needs {LEAST} trials that found it; run the class again with more trials."
        told.append(Note(f"only {count(n, 'trial')}", why, "warn"))
    if bool(mine.guarded.values) and len(found.medoid) > 1:
        why = (
            "The trials agree to within a tenth of the largest importance: the recipes differ by "
            "less than what the guard believes."
        )
        told.append(Note("unreliable: guarded", why, "warn"))
    if mine.sizes["channel"] < FEW_CHANNELS and len(found.medoid) > 1:
        why = f"With fewer than {FEW_CHANNELS} channels noise alone can fall into groups."
        told.append(Note("few channels", why, "warn"))
    if used.converged and n < used.total:
        why = "The others have not converged, have diverged, or carry no weight."
        told.append(Note(f"{n} of {used.total} trials count", why))
    if alone:
        why = f"A pattern counts when {LEAST} trials found it."
        told.append(Note(f"{count(alone, 'pattern')} found only once", why))
    if found.same_number == found.same_number and not found.scattered:
        why = "Share of 100 resamples of the trials that give the same number of recipes."
        ways = count(len(found.medoid), "way")
        text = f"{ways} in {found.same_number:.0%} of resamples"
        told.append(Note(text, why, "warn" if found.same_number < UNSURE else "plain"))
    return told


def _card(
    recipe: int,
    found: Recipes,
    used: Trials,
    of: tuple[xr.Dataset, xr.Dataset],
    pattern: NDArray[np.int64],
    common: list[int],
) -> dict:
    """Return one recipe: its trials, their numbers, and the channels of its medoid."""
    raw, mine = of
    members = used.place[found.label == recipe]
    medoid = int(used.place[found.medoid[recipe]])
    fiv, channel = raw.fiv.values[medoid].astype(float), raw.channel.values
    stability = float(found.stability[recipe])
    return {
        "trials": members.tolist(),
        "medoid": medoid,
        "share": len(members) / len(used.place),
        "of": len(used.place),
        "weight": float(mine.weight.values[members].mean()),
        "score": float(raw.score.values[members].max()),
        "stability": stability,
        "unsure": stability < UNSURE,
        "channels": [
            {"channel": int(channel[k]), "fiv": fiv[k], "common": int(k) in common} for k in pattern
        ],
    }


def _title(n: int) -> str:
    return "One way to be on was found" if n == 1 else f"This class has {n} ways to be on"


def _exchange(raw: xr.Dataset, mine: xr.Dataset) -> str:
    """Return whether the recipes swap the signs of channel pairs, which is XOR-like."""
    keep, varied = kept(raw), np.flatnonzero(mine.kind.values == Kind.INCONSISTENT)
    pairs = 0
    if len(varied) > 1:
        fiv = raw.fiv.values[np.ix_(keep, varied)]
        pairs = int(both_orders(fiv, mine.weight.values[keep]).sum()) // 2
    if not pairs:
        return (
            "No pair of channels swaps its signs between the trials, so this is not XOR-like: the "
            "ways use different channels, or one of them is a lesser optimum."
        )
    return (
        f"{count(pairs, 'pair')} of channels with swapped signs: one is up where the other is "
        "down, in both orders. That is XOR-like: one or the other, not both."
    )
