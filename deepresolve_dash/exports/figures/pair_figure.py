"""The figure of two classes: which channels make them similar, and which set them apart."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.exports.figures import placed
from deepresolve_dash.exports.figures.logo_parts import small_logo
from deepresolve_dash.exports.figures.marks import says
from deepresolve_dash.exports.figures.names import named
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.parts import ALONE
from deepresolve_dash.exports.figures.placed import Box
from deepresolve_dash.exports.figures.style import LINE, NEGATIVE, POSITIVE, QUIET
from deepresolve_dash.exports.figures.text import SMALL, fitted, plain
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import classes, logos, pair
from deepresolve_dash.views.palette import UNITS, number
from deepresolve_dash.views.selection import Selection

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 8  # channels with a bar of their own
_LABELLED = 8  # channels named in the plot
_LINE = 4.2  # mm
_PLOT = 62.0  # mm
_TABLE = 6 + _LINE * (SHOWN + 3) + 8


def _told(run: Run, selection: Selection) -> dict:
    return pair.data(run.ensemble, run.summary, selection)


def _why_not(run: Run, selection: Selection) -> str:
    """Return why there is no pair to show; empty when there is one."""
    if not classes.available(run.summary):
        return ALONE
    try:
        return _told(run, selection)["empty"]
    except RunNotFound as error:
        return str(error)


def draw_pair(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw the shares that add up to the similarity, and both OFIVs against each other."""
    why_not = _why_not(run, selection)
    if why_not:
        return says(figure, why_not)
    told = _told(run, selection)
    first, second = (
        f"{target} {plain(name)}" for target, name in zip(told["ids"], told["names"], strict=True)
    )
    interval = told["interval"]
    between = (
        f", 95% interval {number(interval['low'], sign=True)} to "
        f"{number(interval['high'], sign=True)} over {interval['says']}"
        if interval["low"] is not None
        else ""
    )
    values = " · ".join(f"{value} {number(r, sign=True)}" for value, r in told["values"])
    caption = f"{values}{between} · {told['regime']} · run {run.id}"
    box = placed.page(figure, f"Why similar: {first} and {second}", caption)
    beside = box.wide >= 120
    wide = 0.6 * box.wide if beside else box.wide
    _draw_shares(figure, Box(box.left, box.top, wide, _TABLE), run, told)
    if beside:
        left = box.left + wide + 16
        size = min(box.right - left, box.tall - 17)
        where = Box(left, box.top + 5, size, size)
    else:
        size = min(box.wide - 16, box.tall - _TABLE - 14)
        where = Box(box.left + 15, box.top + _TABLE + 2, max(size, 5.0), max(size, 5.0))
    _draw_points(figure, run, where, told, first, second)
    return None


def _ordered(told: dict) -> tuple[list[int], list[int]]:
    """Return places of the channels that are shown, by falling share, and of the others."""
    share = np.nan_to_num(np.array(told["share"], float))
    largest = np.argsort(-np.abs(share), kind="stable").tolist()
    return sorted(largest[:SHOWN], key=lambda k: -share[k]), largest[SHOWN:]


def _letters(run: Run) -> NDArray[np.float64] | None:
    """Return the heights of the letters of all filters in bits, None without filters."""
    if not run.offsets:
        return None
    return logos.heights(run.ensemble["filter"].values, "bits")


def _draw_shares(figure: "Figure", box: Box, run: Run, told: dict) -> None:
    """Draw a line for each channel: name, logo, both OFIVs, its share as a bar, A without it."""
    shown, rest = _ordered(told)
    letters = _letters(run)
    share = np.array(told["share"], float)
    r = dict(told["values"])["A"]
    narrow = box.wide < 90
    logo_wide = 0 if letters is None else 14.0
    name_wide = 15.0 if narrow else 21.0
    columns = [box.left + name_wide + logo_wide + 13 * (i + 1) - 2 for i in range(2)]
    bars = Box(columns[-1] + 3, box.top + 5.5, 0, 0)
    right = box.right - 12
    wide = max(right - bars.left - 9, 5)
    axes = placed.bare(
        placed.axes_in(figure, Box(bars.left, box.top + 6, wide, _LINE * (len(shown) + 2)))
    )
    values = [*share[shown], float(np.nansum(share[rest])) if rest else 0.0, r]
    most = max(abs(value) for value in values) or 1.0
    lowest = min(0.0, *values)
    axes.set_xlim(lowest - 0.02 * most, most)
    axes.set_ylim(len(values) - 0.5, -0.5)
    colours = [POSITIVE if value >= 0 else NEGATIVE for value in values]
    axes.barh(range(len(values)), values, height=0.62, color=colours)
    axes.axvline(0, color=QUIET, linewidth=0.5)
    heads = (
        (box.left, "channel", "left"), (columns[0], "OFIV first", "right"),
        (columns[1], "second", "right"), (bars.left, "share of A", "left"),
        (box.right, "A without", "right"),
    )  # fmt: skip
    for x, words, side in heads:
        placed.write(figure, x, box.top + 1.5, words, size=SMALL, ha=side, color=QUIET)

    def line(y: int, name: str, cells: list[tuple[float, str]], **how: str) -> None:
        middle = box.top + 6 + (y + 0.5) * _LINE
        placed.write(figure, box.left, middle, fitted(name, name_wide), va="center", **how)
        for x, words in cells:
            placed.write(figure, x, middle, words, va="center", ha="right", **how)

    for y, k in enumerate(shown):
        without = told["without"][k]
        line(
            y,
            named(run, told["channel"][k]),
            [
                (columns[0], number(told["first"][k], sign=True)),
                (columns[1], number(told["second"][k], sign=True)),
                (right, number(share[k], sign=True)),
                (box.right, "–" if without is None else number(without, sign=True)),
            ],
        )
        if letters is not None:
            at = run.summary.channel.values.tolist().index(told["channel"][k])
            place = Box(box.left + name_wide, box.top + 6 + y * _LINE + 0.3, logo_wide - 1, 3.4)
            small_logo(figure, place, letters[at])
    if rest:
        line(len(shown), f"{len(rest)} others", [(right, number(values[-2], sign=True))])
    line(len(shown) + 1, "A", [(right, number(r, sign=True))], weight="bold")


def _draw_points(
    figure: "Figure", run: Run, where: Box, told: dict, first: str, second: str
) -> None:
    """Draw both OFIVs of each channel against each other."""
    x, y = (np.array(told[name], float) for name in ("first", "second"))
    axes = placed.axes_in(figure, where)
    axes.axhline(0, color=LINE, linewidth=0.6, zorder=0)
    axes.axvline(0, color=LINE, linewidth=0.6, zorder=0)
    axes.scatter(x, y, s=6, color="#3f5470", linewidths=0, alpha=0.8)
    axes.set_xlabel(f"{fitted(f'OFIV of {first}', where.wide + 8, 7)}\n({UNITS})")
    axes.set_ylabel(f"{fitted(f'OFIV of {second}', where.tall + 4, 7)}\n({UNITS})")
    strongest = np.argsort(-np.nan_to_num(np.maximum(np.abs(x), np.abs(y))), kind="stable")
    placed.label_points(
        axes,
        [(float(x[k]), float(y[k]), named(run, told["channel"][k])) for k in strongest[:_LABELLED]],
    )


def tall_pair(width: float, run: Run, selection: Selection, asked: Asked) -> float:
    """Return the height of the list and of the plot."""
    if _why_not(run, selection):
        return 30
    rest = 0 if width >= 123 else min(width - 3 - 16, _PLOT) + 14
    return placed.around(width) + 3 + _TABLE + rest


def pair_rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return a row for each channel: both OFIVs, their difference, its share of A, A without it."""
    if _why_not(run, selection):
        return pd.DataFrame({"channel": []})
    told = _told(run, selection)
    i, j = told["ids"]
    return pd.DataFrame(
        {
            "channel": told["channel"],
            f"OFIV of class {i} ({UNITS})": told["first"],
            f"OFIV of class {j} ({UNITS})": told["second"],
            f"difference ({UNITS})": told["gap"],
            "share of A": told["share"],
            "A without": told["without"],
        }
    )


PANELS = (Panel("why", "Why similar", "classes", draw_pair, pair_rows, tall=tall_pair),)
