"""The strip of runs on paper: columns of leading channels, joined where one recurs."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from deepresolve_dash.exports.figures.marks import short
from deepresolve_dash.exports.figures.style import NEGATIVE_MID, POSITIVE_MID, QUIET
from deepresolve_dash.exports.figures.text import MM, SMALL, TICK, fitted
from deepresolve_dash.views.compare import LETTERS
from deepresolve_dash.views.compare_strip import LEADING
from deepresolve_dash.views.palette import KIND_NAMES, UNITS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Words = Callable[[int], str]
_WIDE = 0.62  # of the distance of two columns
_FACTS = 4  # lines below the columns


def draw_strip(figure: "Figure", data: dict, words: Words) -> None:
    """Draw a column for each run, a bar for each leading channel by its share of the largest.

    Parameters
    ----------
    data : dict
        Of `views.compare_strip`.
    words : function
        What a row of channels is called.
    """
    from matplotlib.patches import Rectangle

    axes = figure.subplots()
    steps = data["steps"]
    room = figure.get_figwidth() * MM * 0.86 / len(steps) * _WIDE
    at = [{row: slot for slot, (row, _, _) in enumerate(_leading(step))} for step in steps]
    for i, step in enumerate(steps):
        most = max((abs(value) for _, _, value in _leading(step)), default=1.0)
        if step["empty"]:
            axes.text(i, 0.5, fitted(step["empty"], room), ha="center", va="center", size=TICK)
        for slot, (row, channel, value) in enumerate(_leading(step)):
            share = abs(value) / most * _WIDE
            colour, hatch = (NEGATIVE_MID, "////") if value < 0 else (POSITIVE_MID, "")
            left = i - _WIDE / 2
            axes.add_patch(
                Rectangle(
                    (left, slot + 0.26), share, 0.22, facecolor=colour, hatch=hatch, linewidth=0
                )
            )
            name = f"{channel}" if row is None else words(row)
            said = f"{name}  {short(value, sign=True)}"
            axes.text(left, slot + 0.2, fitted(said, room), va="bottom", size=SMALL)
            if row is not None and i + 1 < len(steps) and row in at[i + 1]:
                ends = [i + _WIDE / 2, i + 1 - _WIDE / 2], [slot + 0.2, at[i + 1][row] + 0.2]
                axes.plot(*ends, color=QUIET, linewidth=0.6)
        for line, fact in enumerate(_facts(step)):
            axes.text(
                i - _WIDE / 2,
                LEADING + 0.35 + 0.62 * line,
                fitted(fact, room),
                size=SMALL,
                va="top",
                color=QUIET,
            )
    axes.set_xlim(-0.55, len(steps) - 0.45)
    axes.set_ylim(LEADING + 0.35 + 0.62 * _FACTS, -0.4)
    axes.set_yticks(np.arange(LEADING) + 0.2, [str(k + 1) for k in range(LEADING)])
    axes.set_ylabel(f"rank by |OFIV| (bars: share of the largest, {UNITS})".replace(" (", "\n("))
    labels = [fitted(f"{LETTERS[step['run']]}  {step['label']}", room / _WIDE) for step in steps]
    axes.set_xticks(range(len(steps)), labels)
    axes.tick_params(axis="both", length=0)
    axes.xaxis.tick_top()
    axes.spines[:].set_visible(False)


def strip_rows(data: dict, words: Words) -> pd.DataFrame:
    """Return a row for each leading channel of a run, with what is told of the run."""
    rows = []
    for step in data["steps"]:
        told = {"run": LETTERS[step["run"]], "step": step["label"]}
        if step["empty"]:
            continue
        told |= {
            "l2": step["l2"],
            "objective (logits)": step["objective"],
            "class_score (logits)": step["score"],
            "optima": step["n_optima"],
            "components": step["n_components"],
            "converged_share": step["converged"],
        }
        told |= dict(zip((f"channels {kind}" for kind in KIND_NAMES), step["kinds"], strict=True))
        for slot, (row, channel, value) in enumerate(_leading(step)):
            name = str(channel) if row is None else words(row)
            own = {"place": slot + 1, "channel": channel, "called": name}
            rows.append(told | own | {f"ofiv ({UNITS})": value})
    return pd.DataFrame(rows)


def _leading(step: dict) -> list:
    return step.get("leading") or []


def _facts(step: dict) -> list[str]:
    """Return what is told below a column, at most four lines."""
    if step["empty"]:
        return []
    varying, every = sum(step["kinds"][1:]), sum(step["kinds"])
    optima = "–" if step["n_optima"] is None else step["n_optima"]
    return [
        f"l2 {short(step['l2'])}",
        f"objective {short(step['objective'])} logits",
        f"{optima} optima in {step['n_trials']} trials",
        f"{varying} of {every} non-additive",
    ]
