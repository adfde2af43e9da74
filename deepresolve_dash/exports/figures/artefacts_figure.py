"""The figure of activation against the match with known motifs."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from deepresolve_dash.exports.figures import placed
from deepresolve_dash.exports.figures.marks import says
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.placed import Box
from deepresolve_dash.exports.figures.sheet_figure import class_words, table_of
from deepresolve_dash.exports.figures.style import LINE, PAPER, POSITIVE, QUIET
from deepresolve_dash.exports.figures.text import TICK, fitted
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views.palette import UNITS
from deepresolve_dash.views.selection import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LARGEST_P, QUARTER, LEAST = 0.5, 0.25, 1e-8  # as on the page


def draw_artefacts(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw activation against motif p, in positives and in negatives of the class."""
    told = table_of(run, selection, asked)
    active = told.get("activity")
    if not active:
        return says(
            figure, "Not known before a look at the channels with sequences that have labels."
        )
    n = sum(told["artefact"] or [])
    caption = (
        f"filled: the quarter of channels that speak most for the class, darker with more bits · "
        f"framed: important, quiet and like no known motif ({n} of {len(told['channel'])} channels)"
        f" · {told['database']} · run {run.id}"
    )
    title = f"Artefacts, {class_words(run, selection)}, {run.info.get('name', run.id)}"
    box = placed.page(figure, title, caption)
    each = (box.wide - 10) / 2
    most = float(max(active["positive"].max(), active["negative"].max(), 1e-9))
    for side, name in enumerate(("positive", "negative")):
        where = Box(box.left + 9 + side * (each + 1), box.top + 4, each - 2, box.tall - 13)
        axes = placed.axes_in(figure, where)
        placed.heading(figure, where, f"{name}s of the class")
        _draw_points(axes, told, active["p"], active[name])
        axes.set_ylim(-0.02 * most, 1.05 * most)
        axes.set_xlabel("motif p, corrected")
        if side:
            axes.set_yticklabels([])
        else:
            axes.set_ylabel(fitted("activation (channel's units)", where.tall + 4, 7))
        if name == "positive":
            quiet = float(np.quantile(active["positive"], QUARTER))
            _frame_quiet(axes, quiet, most)
        points = [
            (_p(active["p"][i]), active[name][i], str(told["channel"][i]))
            for i in np.flatnonzero(told["artefact"] or [])
        ]
        placed.label_points(axes, points)
    return None


def _p(value: float) -> float:
    """Return where a p lies along the axis, log10."""
    return float(np.log10(max(1.0 if value != value else value, LEAST)))


def _frame_quiet(axes: "Axes", quiet: float, most: float) -> None:
    from matplotlib.patches import Rectangle

    left = _p(LARGEST_P)
    axes.add_patch(
        Rectangle(
            (left, -0.02 * most), 0.35 - left, quiet + 0.02 * most,
            facecolor="#fdf0d8", edgecolor="#b25a00", linewidth=0.6, linestyle=(0, (3, 2)),
            zorder=0,
        )
    )  # fmt: skip


def _draw_points(axes: "Axes", told: dict, p: np.ndarray, values: np.ndarray) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    shades = LinearSegmentedColormap.from_list("more bits", ["#f6d9c6", POSITIVE])
    x = np.array([_p(value) for value in p])
    bits = np.array(told["bits"]) / max(max(told["bits"]), 1e-9)
    up = np.asarray(told["ofiv"]) >= np.quantile(told["ofiv"], 1 - QUARTER)
    colours = [shades(0.25 + 0.75 * one) for one in bits]
    axes.scatter(
        x[~up], values[~up], s=7, facecolors=PAPER, edgecolors=QUIET, linewidths=0.6, clip_on=False
    )
    axes.scatter(
        x[up], values[up], s=13, c=[colours[i] for i in np.flatnonzero(up)],
        edgecolors=POSITIVE, linewidths=0.5, clip_on=False,
    )  # fmt: skip
    axes.set_xlim(-8.3, 0.35)
    axes.set_xticks([-8, -6, -4, -2, 0], ["≤1e−8", "1e−6", "1e−4", "0.01", "1"], fontsize=TICK)
    axes.grid(axis="y", color=LINE, linewidth=0.4)


def artefacts_rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return activation and p of each channel."""
    told = table_of(run, selection, asked)
    active = told.get("activity")
    if not active:
        return pd.DataFrame({"channel": []})
    flagged = told["artefact"] or [None] * len(told["channel"])
    return pd.DataFrame(
        {
            "channel": told["channel"],
            "activation in positives (units of the channel)": active["positive"],
            "activation in negatives (units of the channel)": active["negative"],
            "motif p, corrected": active["p"],
            f"OFIV ({UNITS})": told["ofiv"],
            "information (bits)": told["bits"],
            "artefact": ["" if one is None else int(one) for one in flagged],
        }
    )


PANELS = (
    Panel(
        "artefacts", "Artefacts", "channels", draw_artefacts, artefacts_rows,
        asks=("source", "database"), tall=lambda width, *_: max(55.0, min(0.5 * width, 80.0)),
    ),
)  # fmt: skip
