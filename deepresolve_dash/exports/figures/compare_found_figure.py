"""All channels in all runs for print: how much each counts, and where it is found."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deepresolve_dash.exports.figures.compare_grid import run_heads, seen
from deepresolve_dash.exports.figures.compare_parts import (
    Compared,
    ComparedPanel,
    caption,
    class_name,
    row_words,
)
from deepresolve_dash.exports.figures.marks import says
from deepresolve_dash.exports.figures.placed import (
    BAR,
    Box,
    axes_in,
    bar_beside,
    bar_room,
    bare,
    named_map,
)
from deepresolve_dash.exports.figures.sheet import columns, lines, put, sheet, small_logo
from deepresolve_dash.exports.figures.style import (
    EDGE,
    FOOT,
    FURTHER,
    HEAD,
    INK,
    LINE,
    QUIET,
    framed,
)
from deepresolve_dash.exports.figures.text import MM, SMALL
from deepresolve_dash.views import compare_class
from deepresolve_dash.views.compare_rows import INDEX
from deepresolve_dash.views.measures import count

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 40  # channels that are drawn where nobody asks for a height
_ROW, _TITLES = 3.9, 8.0  # mm
_TIMES, _WIDEST = 11.5, 18.0  # mm of the column that counts, of that of a run at most
_AROUND = HEAD + _TITLES + FOOT + 2 * FURTHER + 3


def _data(told: Compared) -> dict:
    return compare_class.data(told.runs, told.lined, told.targets, regime=told.regime, top=told.top)


def shown_rows(told: Compared, data: dict) -> list[int]:
    """Return the rows that the page's table shows, in its order."""
    find, least, sort = told.listed
    words = find.lower().split()
    ch = " ch " if told.lined.how == INDEX else " "
    kept = [
        row
        for row, times in enumerate(data["times"])
        if times >= least and all(word in f"{ch}{row_words(told, row).lower()}" for word in words)
    ]
    value = _value_of(sort.removeprefix("-"), data)
    if value is None:
        size = np.abs(np.nan_to_num(data["ofiv"])).max(axis=0)
        return sorted(kept, key=lambda row: (-data["times"][row], -size[row]))
    ranks = np.array([[np.inf if k is None else k for k in run] for run in data["rank"]])
    turn = 1 if sort.startswith("-") else -1
    return sorted(kept, key=lambda row: (turn * value[row], ranks[:, row].min()))


def _value_of(name: str, data: dict) -> NDArray[np.float64] | None:
    """Return what a column is sorted by, the best highest; None where there is no such column."""
    n = len(data["times"])
    if name in ("number", "times", "spread"):
        return {"number": -np.arange(n), "times": data["times"], "spread": _last(data["spread"])}[
            name
        ]
    at = compare_class.LETTERS.lower().find(name[-1:] or "?")
    column = {"ofiv": "ofiv", "rank": "rank", "il": "level"}.get(name[:-1])
    if column is None or not 0 <= at < len(data["ofiv"]):
        return None
    values = np.array(data[column][at], np.float64)
    return _last(-values if column == "rank" else values)


def _last(values: NDArray) -> NDArray[np.float64]:
    return np.nan_to_num(np.asarray(values, np.float64), nan=-np.inf)


def draw_combined(figure: "Figure", told: Compared) -> None:
    """Draw a row for each channel: its logo, in how many runs it is found, its OFIV in each."""
    data = _data(told)
    rows = shown_rows(told, data)
    title = "All channels in all runs"
    room = figure.get_figheight() * MM - _AROUND
    n = max(1, int(room / _ROW))
    more = f"and {count(len(rows) - n, 'channel')} more" if len(rows) > n else ""
    words = "colour: OFIV as a share of the largest of the run, dot: found there"
    framed(
        figure, title, caption(told, range(len(told.runs)), " · ".join(filter(None, (more, words))))
    )
    if not rows:
        return says(figure, "No channel fits: clear the search, or ask for fewer runs.")
    rows = rows[:n]
    axes = sheet(figure)
    wide = axes.get_xlim()[1] - 2 * EDGE
    logos = any(one is not None for one in told.motifs)
    inner = wide - bar_room(1.0)
    shares = (0.33 * (inner - _TIMES), (0.19 if logos else 0) * (inner - _TIMES), _TIMES)
    name, picture, times, left, end = columns(inner + 2 * EDGE, (*shares, inner - sum(shares)))
    across = min(_WIDEST * len(told.runs), end - left)
    top = HEAD + _TITLES
    foot = top + _ROW * len(rows)
    put(axes, (name, top - 1.8), "channel", picture - name - 2, size=SMALL, colour=QUIET)
    put(axes, (times, top - 1.8), "found in", left - times - 1, size=SMALL, colour=QUIET)
    _heads(axes, told, (left, top, across / len(told.runs)))
    for i, row in enumerate(rows):
        middle = top + _ROW * (i + 0.5)
        under = middle + _ROW / 2
        lines(axes, [[(name, under), (left, under)]], color=LINE, linewidth=0.3)
        put(axes, (name, middle), row_words(told, row), picture - name - 2)
        box = (picture, middle - 0.42 * _ROW, times - picture - 2, 0.84 * _ROW)
        small_logo(axes, _logo(told, row), box, "bits")
        put(axes, (times, middle), f"{data['times'][row]} of {data['of']}", left - times - 1)
    share = data["ofiv"] / np.nan_to_num(np.abs(data["ofiv"])).max(axis=1, initial=1e-300)[:, None]
    place = Box(left, top, across, foot - top)
    image = named_map(figure, place, share[:, rows].T, 1.0)
    _dots(figure, place, data["found"][:, rows].T)
    bar = Box(place.right + 1.2, top, BAR, min(40.0, place.tall))
    bar_beside(figure, image, bar, "share of the largest", 1.0)
    return None


def _heads(axes, told: Compared, at: tuple[float, float, float]) -> None:  # noqa: ANN001
    """Write the letter and the name of each run above its column."""
    left, top, wide = at
    for i, (words, _) in enumerate(run_heads(told)):
        letter, _, name = words.partition("  ")
        middle = left + wide * (i + 0.5)
        put(axes, (middle, top - 4.8), letter, wide, align="center", weight="bold")
        put(axes, (middle, top - 1.8), name, wide - 0.6, size=SMALL, align="center", colour=QUIET)


def _logo(told: Compared, row: int) -> NDArray[np.float64] | None:
    """Return what the first channel of a row sees."""
    for at, place in enumerate(told.lined.rows.place[row]):
        if place >= 0:
            found = seen(told, at, int(told.runs[at].summary.channel.values[place]))
            if found is not None:
                return found
    return None


def _dots(figure: "Figure", box: Box, found: NDArray[np.bool_]) -> None:
    """Draw a dot in each cell of a map where a channel is found."""
    axes = bare(axes_in(figure, box))
    rows, columns = np.nonzero(found)
    axes.plot(columns, rows, "o", color=INK, markersize=1.8, markeredgewidth=0.5,
              markeredgecolor="#ffffff")  # fmt: skip
    axes.set_xlim(-0.5, found.shape[1] - 0.5)
    axes.set_ylim(len(found) - 0.5, -0.5)


def combined_rows(told: Compared) -> pd.DataFrame:
    """Return the rows of the page's table, in its order."""
    frame = compare_class.table(
        told.runs, told.lined, told.targets, regime=told.regime, top=told.top
    )
    names = [class_name(*each) for each in zip(told.runs, told.targets, strict=True)]
    frame.insert(0, "class", next(filter(None, names), ""))
    return frame.iloc[shown_rows(told, _data(told))].reset_index(drop=True)


def tall_combined(width: float, told: Compared) -> float:
    """Return the height of the leading channels."""
    return _AROUND + _ROW * max(3, min(SHOWN, len(shown_rows(told, _data(told)))))


PANELS = (
    ComparedPanel(
        "combined", "All channels in all runs", draw_combined, combined_rows, tall_combined,
        reads="motifs",
    ),
)  # fmt: skip
