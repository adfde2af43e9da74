"""What stands beside a number to qualify it, in plain words."""

import json
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import xarray as xr

from deepresolve_dash.core.statistics.optima import distinct_optima
from deepresolve_dash.views.channels import kept
from deepresolve_dash.views.inconsistency import FLOOR, Levels, component_name, reach_words
from deepresolve_dash.views.ofiv import Ranking, agreement
from deepresolve_dash.views.palette import COMPONENT_MARKS, KIND_MARKS, KIND_NAMES
from deepresolve_dash.views.selection import (
    IMPORTANCE,
    MODES,
    REGIME_WORDS,
    Selection,
    of_class,
    regime_for,
)

FEW_TRIALS = 5
WHY_KIND = (
    "In the mixture component with the lowest IL, or below its mean.",
    "Varies over the restarts, but keeps its sign: OFIV is the mean over all trials.",
    "Changes its sign over the restarts: OFIV is the mean over the positive trials only.",
)


class Note(NamedTuple):
    """A short fact, one sentence why, how to take it, the mark it explains, channels it names."""

    text: str
    why: str
    tone: Literal["plain", "good", "warn"] = "plain"
    mark: str = ""
    mark_class: str = ""
    channels: tuple[int, ...] = ()


def state(ensemble: xr.Dataset, summary: xr.Dataset, selection: Selection) -> Note | None:
    """Return what makes a whole class unreadable, or None."""
    raw, mine = of_class(ensemble, selection, MODES), of_class(summary, selection, MODES)
    if not kept(raw).any():
        return Note(
            "No result: every trial diverged",
            "Nothing is shown for this class; run it again with a larger l2 or a smaller step.",
            "warn",
        )
    if not np.abs(mine.ofiv.values).max(initial=0.0) > 0 and not raw.fiv.values.any():
        return Note(
            "Dead class: no channel changes its score",
            "The gradient is 0 from every start, as in a tail whose units never switch on.",
            "warn",
        )
    return None


def regime_note(summary: xr.Dataset, selection: Selection) -> Note:
    """Return which regime the numbers come from and what it is for."""
    headline = regime_for(summary, selection, IMPORTANCE)
    modes = regime_for(summary, selection, MODES)
    if headline == modes:
        return Note(f"{modes}: {REGIME_WORDS.get(modes, 'all numbers from one ascent')}", "")
    return Note(
        f"OFIV from {headline}, IL from {modes}",
        f"OFIV and similarity are from {headline}: {REGIME_WORDS[headline]}. IL and kinds are from "
        f"{modes}: {REGIME_WORDS[modes]}.",
    )


def ensemble_notes(ensemble: xr.Dataset, selection: Selection) -> list[Note]:
    """Return the qualifiers of the FIV ensemble: convergence, optima, number of trials."""
    raw = of_class(ensemble, selection, MODES)
    keep = kept(raw)
    n, total = int(keep.sum()), len(keep)
    converged = int((raw.converged.values.astype(bool) & keep).sum())
    notes = [
        Note(
            f"{converged} of {total} trials converged",
            "A trial has converged when full-size steps gain less than 1e-4 of its objective.",
            "good" if converged == total else "warn",
        )
    ]
    if converged < n:
        notes.append(Note("not converged", "Such a row may still be on its way.", "warn", "*"))
    if n < total:
        notes.append(Note(f"{total - n} diverged", "They carry no weight.", "warn"))
    if 0 < n < FEW_TRIALS:
        notes.append(
            Note(
                f"Only {n} trial{'s' if n != 1 else ''}",
                "With fewer than five trials intervals, IL and kinds mean little; with two, a "
                "negative score gives the worse trial weight 0.",
                "warn",
            )
        )
    return notes + [optima_note(raw.fiv.values[keep])] if n else notes


def precision_notes(ensemble: xr.Dataset, selection: Selection) -> list[Note]:
    """Return that a run is a preview, and how far its numbers are from those in float32."""
    settings = json.loads(ensemble.attrs.get("spec", "{}")).get("settings", {})
    if settings.get("precision", "float32") == "float32":
        return []
    measured = "not measured how well its FIVs agree with float32"
    if "precision_agreement" in ensemble:
        told = ensemble.precision_agreement.values.astype(float)
        if np.isfinite(told).any():
            worst = float(np.nanmin(told))
            agreed = "> 0.999" if worst >= 0.9995 else f"= {worst:.3f}"
            measured = f"FIVs agree with float32 to r {agreed}"
    why = (
        "Products of the tail were rounded to bfloat16 numbers, which is quicker; r is the "
        "correlation of mean FIVs over the first classes, the lowest over the regimes. Run it in "
        "float32 before you rely on it."
    )
    return [Note(f"Preview in {settings['precision']}: {measured}", why, "warn")]


def opposed_notes(pairs: Sequence[tuple[int, int]]) -> list[Note]:
    """Return the first pair of channels that is opposed in both orders, and all of them."""
    if not pairs:
        return []
    why = (
        "+ and − in some trials, − and + in others, each with more than 5% of the weight: "
        "XOR-like. A click marks both."
    )
    (a, b), n = pairs[0], len(pairs)
    first = Note(f"ch {a} and ch {b} opposed in both orders", why, mark="⊓", channels=(a, b))
    every = tuple(sorted({channel for pair in pairs for channel in pair}))
    others = f"{len(every)} channels in {n} pairs; the brackets join the first three."
    return [first] if n == 1 else [first, Note(f"{n} such pairs", others, channels=every)]


def optima_note(fiv: np.ndarray) -> Note:
    """Return how many different best patterns the trials found."""
    shares = np.bincount(distinct_optima(fiv)) / len(fiv)
    if len(shares) == 1:
        return Note(
            f"one best pattern found in {len(fiv)} trials",
            "That is not the same as additive: AND, OR and veto have one best pattern too.",
        )
    listed = ", ".join(f"{share:.0%}" for share in shares[:4]) + (" …" if len(shares) > 4 else "")
    return Note(
        f"{len(shares)} distinct optima ({listed})",
        "Clusters of FIVs closer than 5% of their norm; several alone do not mean XOR-like.",
    )


def level_notes(summary: xr.Dataset, selection: Selection) -> list[Note]:
    """Return the qualifiers of the component count."""
    mine = of_class(summary, selection, MODES)
    n = int(np.nan_to_num(mine.n_components.values))
    if n == 0:
        return [Note("no components", "The class has no result.", "warn")]
    bic = [f"{value:,.0f}".replace("-", "−") for value in mine.bic.values if value == value]
    told = " | ".join(f"{text} ✓" if i + 1 == n else text for i, text in enumerate(bic))
    notes = [
        Note(
            f"{n} component{'s' if n > 1 else ''}" + (f": BIC {told}" if told else ""),
            "BIC of one, two and three components; the lowest wins, the paper's rule."
            if told
            else "Too few different levels to fit more than one.",
        )
    ]
    if not mine.inconsistency.values.max() > 1e-12:
        notes.append(
            Note("IL is 0 everywhere", "All trials ended at the same place: nothing to split.")
        )
    elif mine.inconsistency.values.max() < FLOOR:
        notes.append(
            Note(
                "below the mixture's floor",
                f"No component can be narrower than {FLOOR:g}, which is wider than all levels "
                "here: its line lies flat at 0.",
            )
        )
    if bool(mine.guarded.values):
        notes.append(
            Note(
                "guarded: all channels read additive",
                "The trials agree to within a tenth of the largest importance, so the mixture "
                "would only split rounding error.",
                "warn",
            )
        )
    return notes + _trust(mine, n)


def _trust(mine: xr.Dataset, n: int) -> list[Note]:
    """Return scale guard, null rate and leftover where they are known."""
    notes = []
    rescaled = float(mine.n_components_rescaled.values)
    if rescaled == rescaled:
        same = int(rescaled) == n
        why = "The mixture has a floor of 1e-6 in absolute units; the count " + (
            "does not depend" if same else "depends"
        )
        text = "same when rescaled" if same else f"{int(rescaled)} when rescaled"
        tone = "plain" if same else "warn"
        notes.append(Note(text, f"{why} on the scale of this feature map.", tone))
    null = float(mine.null_rate.values)
    if null == null:
        notes.append(
            Note(
                f"null rate {null:.0%}",
                "Share of pure-noise classes of this size and scale with more than one component.",
                "warn" if n > 1 and null > 0.05 else "plain",
            )
        )
    share = float(mine.residual_share.values)
    if share == share:
        notes.append(
            Note(
                f"leftover {share:.0%}",
                "Estimated share of IL that is left of the initial maps, from the ascent's "
                "recursion on the linear problem.",
                "warn" if share > 0.2 else "plain",
            )
        )
    return notes


def component_legend(data: Levels) -> list[Note]:
    """Return what the marks of the components and the shaded band mean."""
    if data.mixture is None:
        return []
    components = [
        Note(
            component_name(data.mixture, component),
            f"{reach_words(data.mixture, component).capitalize()}; the curve is what it expects.",
            mark=COMPONENT_MARKS[component],
            mark_class=f"component-{component}",
        )
        for component in range(data.mixture.n_components)
    ]
    why = (
        f"Shaded: no component can have a standard deviation below {FLOOR:g}, in absolute units, "
        "so a class whose levels lie inside has one component whatever they do."
    )
    return [*components, Note(f"floor ±{FLOOR:g}", why, mark="▒")]


def kind_legend(data: Ranking) -> list[Note]:
    """Return what the colours of the bars mean."""
    kinds = [
        Note(KIND_NAMES[kind], WHY_KIND[kind], mark="■", mark_class=f"kind-{kind}")
        for kind in range(3)
        if (data.kind[np.isfinite(data.ofiv)] == kind).any()
    ]
    second = Note(data.second_name, "OFIV of the compared class.", mark="○")
    return kinds if data.second is None else [*kinds, second]


def kind_marks() -> list[Note]:
    """Return what the marks of kinds mean."""
    return [
        Note(name, WHY_KIND[kind], mark=KIND_MARKS[kind], mark_class=f"kind-{kind}")
        for kind, name in enumerate(KIND_NAMES)
    ]


def importance_notes(summary: xr.Dataset, selection: Selection, data: Ranking) -> list[Note]:
    """Return the qualifiers of the ranking."""
    notes = []
    stable = float(of_class(summary, selection, IMPORTANCE).rank_stability.values)
    if stable == stable:
        notes.append(
            Note(
                f"rank stability {stable:.2f}",
                "Rank correlation of half of the trials with all of them; 1 means that more "
                "trials would change nothing.",
                "warn" if stable < 0.9 else "plain",
            )
        )
    for name, value in agreement(data).items():
        notes.append(Note(f"{name} r {value:.2f}", f"Rank correlation of OFIV with the {name}."))
    return notes
