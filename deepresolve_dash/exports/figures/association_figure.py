"""The figure of some classes against some others, and of the index of the rows."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from deepresolve_dash.exports.figures import placed
from deepresolve_dash.exports.figures.marks import says, short
from deepresolve_dash.exports.figures.named_maps import NamedMap
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.parts import ALONE, amount, lone, titled
from deepresolve_dash.exports.figures.placed import Box
from deepresolve_dash.exports.figures.style import INK, NEGATIVE, POSITIVE, QUIET
from deepresolve_dash.exports.figures.text import SMALL, fitted, width_of
from deepresolve_dash.exports.known import known_of
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import (
    association,
)
from deepresolve_dash.views.selection import Selection

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def _association(run: Run, selection: Selection, asked: Asked) -> tuple[dict, Any]:
    rows = known_of(run).classes
    first = association.first_choice(rows)
    chosen = str(asked.get("rows") or first[0]), str(asked.get("columns") or first[1])
    shape = association.rectangle(run.summary, selection, rows, chosen)
    quantiles = amount(asked, "low", 15, 0, 100), amount(asked, "high", 85, 0, 100)
    told = association.data(run.summary, selection, rows, shape, chosen, quantiles=quantiles)
    return told, shape


def draw_association(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw the index of the chosen rows on one line, and the rectangle it is counted from."""
    if lone(run):
        return says(figure, ALONE)
    told, shape = _association(run, selection, asked)
    if told["empty"]:
        return says(figure, told["empty"])
    shown = association.matrix_of(run.summary, selection, shape)
    rows, columns = (one.replace("=", " ") for one in told["chosen"])
    caption = (
        f"rows: {rows}, columns: {columns}; index: similarities above {short(told['above'])} "
        f"({told['quantiles'][1]:g}% of all pairs are below) minus those below "
        f"{short(told['below'])} ({told['quantiles'][0]:g}%) · {told['regime']} · run {run.id}"
    )
    box = placed.page(figure, titled(run, "Association index"), caption)
    line = Box(box.left + 8, box.top + 16, box.wide - 16, 4)
    _index_line(figure, line, told)
    top = line.foot + 8
    made = NamedMap(shown.rows, shown.columns, 1.0)
    bars = 16.0
    rest = Box(box.left, top, box.wide - bars, box.foot - top)
    _, where = made.draw(
        figure, rest, shown.values, 1.0, label="similarity A", across="class, in clustered order",
        down="class, in clustered order",
    )  # fmt: skip
    counts = placed.axes_in(
        figure, Box(where.right + made.bar + 2, where.top, bars - 4, where.tall)
    )
    at = np.arange(len(told["index"]))
    positive, negative = (
        np.array([one[name] for one in told["index"]]) for name in ("positive", "negative")
    )
    counts.barh(at, positive, color=POSITIVE, height=0.8)
    counts.barh(at, -negative, color=NEGATIVE, height=0.8)
    counts.axvline(0, color=QUIET, linewidth=0.5)
    counts.set_ylim(len(at) - 0.5, -0.5)
    most = max(int(positive.max(initial=0)), int(negative.max(initial=0)), 1)
    counts.set_xlim(-most, most)
    counts.set_yticks([])
    counts.set_xticks([-most, 0, most], [f"−{most}", "0", f"+{most}"])
    counts.spines["left"].set_visible(False)
    counts.set_xlabel("strong", labelpad=1)
    return None


def _index_line(figure: "Figure", where: Box, told: dict) -> None:
    """Draw each row class at its index, with names above where they have room."""
    axes = placed.axes_in(figure, where)
    index = np.array([one["positive"] - one["negative"] for one in told["index"]])
    low, high = min(0, int(index.min())), max(1, int(index.max()))
    axes.set_xlim(low - 0.03 * (high - low), high + 0.03 * (high - low))
    axes.set_ylim(-1, 1)
    colours = np.where(index < 0, NEGATIVE, np.where(index > 0, POSITIVE, QUIET))
    axes.scatter(index, np.zeros(len(index)), s=7, c=colours, zorder=3, linewidths=0, clip_on=False)
    axes.axhline(0, color=QUIET, linewidth=0.5)
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])
    words = f"index: strong positive minus strong negative similarities (of {told['nColumns']})"
    axes.set_xlabel(fitted(words, where.wide + 14, 7))
    x0, x1 = axes.get_xlim()
    lanes: list[float] = [where.left - 8] * 5
    order = sorted(range(len(index)), key=lambda i: (index[i], told["index"][i]["name"]))
    claims = sorted(order, key=lambda i: -abs(int(index[i])))[: 5 * int(where.wide // 12)]
    for i in [one for one in order if one in claims]:
        name = fitted(told["index"][i]["name"], 28, SMALL)
        long = width_of(name, SMALL)
        x = where.left + (index[i] - x0) / (x1 - x0) * where.wide
        left = min(max(x - long / 2, where.left - 7), where.right + 7 - long)
        for lane, taken in enumerate(lanes):
            if left > taken + 1:
                lanes[lane] = left + long
                top = where.top - 2.6 - 2.6 * lane
                placed.write(figure, left, top, name, size=SMALL, color=INK)
                break


def tall_association(width: float, run: Run, selection: Selection, asked: Asked) -> float:
    """Return the height of the line and of the rectangle."""
    if lone(run):
        return 30
    told, shape = _association(run, selection, asked)
    if told["empty"]:
        return 30
    shown = association.matrix_of(run.summary, selection, shape)
    return placed.around(width) + 4 + 28 + NamedMap(shown.rows, shown.columns, 1.0).wanted()


def association_rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return the counts of each row class and its similarity to each column class."""
    nothing = pd.DataFrame({"class_index": [], "class_name": []})
    if lone(run):
        return nothing
    told, shape = _association(run, selection, asked)
    if told["empty"]:
        return nothing
    shown = association.matrix_of(run.summary, selection, shape)
    counted = pd.DataFrame(
        {
            "class_index": [one["target"] for one in told["index"]],
            "class_name": [str(one["name"]) for one in told["index"]],
            "index": [one["positive"] - one["negative"] for one in told["index"]],
            "strong_positive": [one["positive"] for one in told["index"]],
            "strong_negative": [one["negative"] for one in told["index"]],
        }
    )
    names = [f"A with class {target}" for target in shown.column_ids]
    return pd.concat([counted, pd.DataFrame(shown.values, columns=names)], axis=1)


PANELS = (
    Panel(
        "association", "Association index", "classes", draw_association, association_rows,
        asks=("rows", "columns", "low", "high"), tall=tall_association,
    ),
)  # fmt: skip
