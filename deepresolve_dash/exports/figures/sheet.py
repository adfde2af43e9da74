"""A page in millimetres, for figures that are lists: text, small logos, bars beside each other."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.exports.figures.letters import logo
from deepresolve_dash.exports.figures.style import EDGE, INK, KINDS, QUIET
from deepresolve_dash.exports.figures.text import MM, SMALL, TICK, fitted
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import logos

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

KIND_SYMBOLS = ("o", "D", "^")


def sheet(figure: "Figure") -> "Axes":
    """Return axes over the whole figure, in mm from its upper left corner."""
    figure.set_layout_engine("none")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, figure.get_figwidth() * MM)
    axes.set_ylim(figure.get_figheight() * MM, 0)
    return axes


def put(
    axes: "Axes",
    at: tuple[float, float],
    words: object,
    room: float,
    *,
    size: float = TICK,
    colour: str = INK,
    align: str = "left",
    weight: str = "normal",
) -> None:
    """Write words on the middle line of a place, at most `room` mm wide."""
    text = fitted(words, room if weight == "normal" else room / 1.12, size)
    axes.text(*at, text, size=size, color=colour, ha=align, va="center", weight=weight)


def heights_of(run: Run, form: str) -> dict[int, NDArray[np.float64]]:
    """Return the letter heights (offset, base) of each channel; none without filters."""
    if "filter" not in run.ensemble:
        return {}
    tall = logos.heights(run.ensemble["filter"].values, form)
    return dict(zip(run.ensemble.channel.values.tolist(), tall, strict=True))


def small_logo(
    axes: "Axes",
    heights: NDArray[np.float64] | None,
    box: tuple[float, float, float, float],
    form: str,
) -> None:
    """Draw a logo into a box of a sheet: left, top, width, height."""
    if heights is None:
        return
    left, top, wide, tall = box
    low, high = logos.span(heights, form)
    up = tall / (high - low)
    wide = min(wide, 1.6 * tall * len(heights) / 2)
    logo(axes, heights, left=left, bottom=top + high * up, across=wide / len(heights), up=-up)


def lines(axes: "Axes", points: Sequence[Sequence[tuple[float, float]]], **look: Any) -> None:
    """Draw lines through points."""
    for one in points:
        x, y = zip(*one, strict=True)
        axes.plot(x, y, **{"color": QUIET, "linewidth": 0.5, "clip_on": False, **look})


def kind_mark(axes: "Axes", at: tuple[float, float], kind: int) -> None:
    """Draw the mark of a kind."""
    axes.plot(*at, KIND_SYMBOLS[kind], color=KINDS[kind], markersize=3, markeredgewidth=0)


def kind_handles(kinds: Sequence[int]) -> list:
    """Return the marks of kinds for a legend."""
    from matplotlib.lines import Line2D

    from deepresolve_dash.views.palette import KIND_NAMES

    look = {"linestyle": "none", "markersize": 3, "markeredgewidth": 0}
    return [
        Line2D([], [], marker=KIND_SYMBOLS[k], color=KINDS[k], label=KIND_NAMES[k], **look)
        for k in kinds
    ]


def columns(width: float, shares: Sequence[float]) -> list[float]:
    """Return where columns begin that share the width of a sheet, and where the last ends."""
    inner = width - 2 * EDGE
    return [EDGE + inner * part for part in np.r_[0, np.cumsum(shares)] / sum(shares)]


def head(axes: "Axes", top: float, titles: Sequence[tuple[float, str, float, str]]) -> None:
    """Write the titles of columns: place, words, room, alignment."""
    for x, words, room, align in titles:
        put(axes, (x, top), words, room, size=SMALL, colour=QUIET, align=align)
