"""How the ascent of a class went, for print."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from deepresolve_dash.exports.figures.class_figures import caption
from deepresolve_dash.exports.figures.marks import says
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.style import (
    ACCENT,
    COMPONENTS,
    INK,
    KINDS,
    QUIET,
    framed,
    legend,
    y_title,
)
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import traces
from deepresolve_dash.views.palette import number
from deepresolve_dash.views.selection import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LOOKS = {  # of a curve: colour, line, width, what it means
    "best": (ACCENT, "-", 1.4, "best objective"),
    "converged": (QUIET, "-", 0.6, "converged"),
    "stopped": (COMPONENTS[1], (0, (4, 2)), 0.8, "not converged"),
    "diverged": (KINDS[2], (0, (1, 1.5)), 0.8, "diverged"),
}
_MARKS = ("o", "s")


def draw(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw the objective of each trial by step, and how the leading channels settle."""
    told = traces.data(run.ensemble, run.summary, selection)
    more = f"l2 {number(told['l2'])} logits per squared feature-map unit"
    framed(figure, "Ascent", caption(run, selection, told["regime"], more))
    curves = [(one, np.array(one["curve"], float)) for one in told["trials"] if len(one["curve"])]
    if not any(np.isfinite(curve).any() for _, curve in curves) and not told["enough"]:
        return says(figure, "This run kept no objectives by step.")
    axes = figure.subplots(1, 2, width_ratios=(3, 2)) if told["enough"] else [figure.subplots()]
    looks = sorted({_look(one) for one, _ in curves}, key=list(_LOOKS).index)
    legend(figure, _handles(looks))
    for one, curve in reversed(curves):
        colour, line, width, _ = _LOOKS[_look(one)]
        axes[0].plot(told["step"], curve, color=colour, linestyle=line, linewidth=width)
    axes[0].set_xlabel("step of the ascent")
    y_title(axes[0], "objective (logit minus penalty)")
    _limit(axes[0], [curve for _, curve in curves])
    axes[0].set_xlim(left=0)
    if told["enough"]:
        _settle(axes[1], told["enough"])
    return None


def _look(one: dict) -> str:
    """Return which of the looks a trial has."""
    if one["diverged"]:
        return "diverged"
    if one["best"]:
        return "best"
    return "converged" if one["converged"] else "stopped"


def _handles(looks: list[str]) -> list:
    from matplotlib.lines import Line2D

    return [
        Line2D([], [], color=colour, linestyle=line, linewidth=width, label=words)
        for colour, line, width, words in (_LOOKS[look] for look in looks)
    ]


def _limit(axes: "Axes", curves: list[np.ndarray]) -> None:
    """Leave the first steps below the axis, where the curves come to rest is what counts."""
    ends = [curve[np.isfinite(curve)][-1] for curve in curves if np.isfinite(curve).any()]
    highest = [np.nanmax(curve) for curve in curves if np.isfinite(curve).any()]
    if not ends:
        return
    low, high = float(min(ends)), float(max(highest))
    below = [np.nanquantile(curve, 0.1) for curve in curves if np.isfinite(curve).any()]
    low = min(low, float(min(below)))
    room = 0.06 * (high - low) or 0.5
    axes.set_ylim(low - room, high + room)


def _settle(axes: "Axes", curves: list[dict]) -> None:
    """Draw how many of the leading channels fewer trials find."""
    last = max(max(one["sizes"]) for one in curves)
    for i, one in enumerate(curves):
        axes.plot(
            one["sizes"],
            100 * np.asarray(one["shares"]),
            color=COMPONENTS[i],
            marker=_MARKS[i % 2] if len(one["sizes"]) <= 31 else None,
            markersize=2.5,
            label=one["regime"],
        )
    axes.axvline((last + 1) // 2, color=INK, linewidth=0.5, linestyle=":")
    axes.set_ylim(0, 104)
    axes.set_xlim(left=0.5)
    axes.legend(loc="lower right")
    axes.set_xlabel("trials (number)")
    y_title(axes, f"{curves[0]['leading']} leading channels: found (%)")


def rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return a row per trial: how it ended, and its objective at each stored step."""
    told = traces.data(run.ensemble, run.summary, selection)
    steps = told["step"]
    found = [
        {
            "trial": one["trial"],
            "steps": one["steps"],
            "ended": _LOOKS[_look(one)][3].replace("best objective", "converged, best")
            if one["converged"]
            else _LOOKS[_look(one)][3],
            "objective (logits)": one["objective"],
            "score (logits)": one["score"],
            "gradient norm (logits per feature-map unit)": one["gradient"],
            **{
                f"objective at step {step} (logits)": value
                for step, value in zip(steps, one["curve"], strict=False)
            },
        }
        for one in told["trials"]
    ]
    return pd.DataFrame(found)


def _tall(width: float, run: Run, selection: Selection, asked: Asked) -> float:
    return 40 + 0.22 * width


PANELS = (Panel("traces", "Ascent: objective and convergence", "class", draw, rows, tall=_tall),)
