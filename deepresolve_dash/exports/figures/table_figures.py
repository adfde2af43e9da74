"""The lists of channels of a class page, for print: names, logos, bars beside each other."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from deepresolve_dash.exports.figures.class_figures import caption, ofiv_rows
from deepresolve_dash.exports.figures.lists import (
    Listed,
    listed_channels,
    listed_important,
    listed_varying,
)
from deepresolve_dash.exports.figures.marks import says, short
from deepresolve_dash.exports.figures.names import named
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.sheet import (
    columns,
    head,
    heights_of,
    kind_handles,
    kind_mark,
    lines,
    put,
    sheet,
    small_logo,
)
from deepresolve_dash.exports.figures.style import (
    BARS,
    FOOT,
    FURTHER,
    HEAD,
    INK,
    LEGEND,
    LINE,
    QUIET,
    framed,
    legend,
)
from deepresolve_dash.exports.figures.text import MM, SMALL
from deepresolve_dash.exports.known import known_of
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.palette import KIND_NAMES, UNITS, number
from deepresolve_dash.views.selection import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 20  # rows that a figure has when its height is free
ROW, TITLES, AXIS = 4.6, 4.5, 6  # mm: a row, titles of columns, the axis below the bars


def _drawn(list_of: Callable[[Run, Selection, Asked], Listed]) -> Callable[..., None]:
    """Return what draws a list."""

    def draw(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
        listed = list_of(run, selection, asked)
        room = figure.get_figheight() * MM - HEAD - LEGEND - TITLES - AXIS - FOOT - 2 * FURTHER
        places = listed.places[: max(1, int(room / ROW))]
        left_out = len(listed.places) - len(places)
        more = f"and {count(left_out, 'channel')} more" if left_out else ""
        words = " · ".join(part for part in (listed.rule, more) if part)
        framed(figure, listed.title, caption(run, selection, listed.regime, words))
        if not places:
            return says(figure, listed.empty)
        kinds = sorted({int(listed.told["kind"][place]) for place in places})
        legend(figure, kind_handles(kinds))
        return _table(sheet(figure), run, asked, listed, places)

    return draw


def _table(axes: "Axes", run: Run, asked: Asked, listed: Listed, places: Sequence[int]) -> None:
    """Write and draw the rows."""
    form = "weights" if asked.get("logo") == "weights" else "bits"
    tall, told = heights_of(run, form), listed.told
    shares = (0.23, 0.24 if tall else 0, 0.33, 0.13, 0.07)
    name, picture, bar, level, kind, end = columns(axes.get_xlim()[1], shares)
    top = HEAD + LEGEND + 1
    head(axes, top + TITLES / 2, [
        (name, "channel", picture - name, "left"),
        *([(picture, "filter" + (" (bits)" if form == "bits" else " (weights)"),
            bar - picture, "left")] if tall else []),
        ((bar + level) / 2, listed.unit, level - bar, "center"),
        (kind - 1, "IL (units²)", kind - level, "right"),
        ((kind + end) / 2, "kind", end - kind, "center"),
    ])  # fmt: skip
    scale = _scale(listed, places, bar + 1.5, level - 1.5)
    foot = top + TITLES + ROW * len(places)
    zero = scale(0.0)
    lines(axes, [[(zero, top + TITLES), (zero, foot)]])
    for i, place in enumerate(places):
        middle = top + TITLES + (i + 0.5) * ROW
        channel = int(told["channel"][place])
        lines(
            axes, [[(name, middle + ROW / 2), (end, middle + ROW / 2)]], color=LINE, linewidth=0.3
        )
        put(axes, (name, middle), named(run, channel), picture - name - 2)
        box = (picture, middle - 0.44 * ROW, bar - picture - 1.5, 0.86 * ROW)
        small_logo(axes, tall.get(channel), box, form)
        _bar(axes, listed, place, middle, scale)
        put(axes, (kind - 1, middle), number(told["level"][place]), kind - level, align="right")
        kind_mark(axes, ((kind + end) / 2, middle), int(told["kind"][place]))
    _axis(axes, listed, places, foot, scale)


def _scale(
    listed: Listed, places: Sequence[int], left: float, right: float
) -> Callable[[float], float]:
    """Return what places a value of the bars between two ends."""
    low, high = _ends(listed, places)
    return lambda value: left + (right - left) * (value - low) / (high - low)


def _ends(listed: Listed, places: Sequence[int]) -> tuple[float, float]:
    """Return the lowest and the highest value, 0 among them."""
    values = [
        one[list(places)] for one in (listed.bars, listed.low, listed.high) if one is not None
    ]
    low, high = (float(find(np.r_[0.0, np.nan_to_num(values).ravel()])) for find in (min, max))
    return (low, high) if high > low else (0.0, 1.0)


def _bar(
    axes: "Axes", listed: Listed, place: int, middle: float, scale: Callable[[float], float]
) -> None:
    """Draw the bar of a row, and its interval."""
    from matplotlib.patches import Rectangle

    value = float(listed.bars[place])
    if value != value:
        return
    x, zero = scale(value), scale(0.0)
    axes.add_patch(
        Rectangle((min(x, zero), middle - 1.3), abs(x - zero), 2.6, facecolor=BARS, linewidth=0)
    )
    if listed.low is None or listed.high is None:
        return
    ends = scale(float(listed.low[place])), scale(float(listed.high[place]))
    if np.isfinite(ends).all():
        lines(axes, [[(ends[0], middle), (ends[1], middle)]], color=INK, linewidth=0.7)
        ticks = [[(end, middle - 0.6), (end, middle + 0.6)] for end in ends]
        lines(axes, ticks, color=INK, linewidth=0.5)


def _axis(
    axes: "Axes",
    listed: Listed,
    places: Sequence[int],
    foot: float,
    scale: Callable[[float], float],
) -> None:
    """Draw the axis of the bars below them."""
    low, high = _ends(listed, places)
    lines(axes, [[(scale(low), foot + 0.5), (scale(high), foot + 0.5)]])
    ends = [end for end in sorted({low, 0.0, high}) if end == 0 or abs(end) > 0.3 * (high - low)]
    for end in ends:
        x = scale(end)
        lines(axes, [[(x, foot + 0.5), (x, foot + 1.3)]])
        put(axes, (x, foot + 2.8), short(end), 12, size=SMALL, align="center", colour=QUIET)


def channel_rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return the list of channels, all or the marked ones alone."""
    places = listed_channels(run, selection, asked).places
    return ofiv_rows(run, selection, asked).iloc[places].reset_index(drop=True)


def _feature_rows(list_of: Callable[[Run, Selection, Asked], Listed], share: str) -> Callable:
    """Return what makes the rows of a list of features."""

    def rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
        listed = list_of(run, selection, asked)
        told, known = listed.told, known_of(run)
        columns = {
            "channel": told["channel"],
            "motif": [known.called.get(int(k), "") for k in told["channel"]],
            f"OFIV ({UNITS})": told["ofiv"],
            f"OFIV low, 2.5% ({UNITS})": told["low"],
            f"OFIV high, 97.5% ({UNITS})": told["high"],
            share: told["share"],
            f"IL (squared {UNITS})": told["level"],
            "kind": [KIND_NAMES[kind] for kind in told["kind"]],
            "component": told["component"] + 1,
            "trials positive": told["up"],
            "trials negative": told["down"],
        }
        if told["gradient"] is not None:
            columns[f"gradient at base (logits per {UNITS})"] = told["gradient"]
        if told["swing"] is not None:
            columns["clamp swing (logits)"] = told["swing"]
        return pd.DataFrame(columns).iloc[listed.places].reset_index(drop=True)

    return rows


def _tall(list_of: Callable[[Run, Selection, Asked], Listed]) -> Callable[..., float]:
    """Return what gives the height of a list of at most 20 rows."""

    def tall(width: float, run: Run, selection: Selection, asked: Asked) -> float:
        n = max(3, min(MOST, len(list_of(run, selection, asked).places)))
        return HEAD + LEGEND + TITLES + AXIS + FOOT + 2 * FURTHER + 1 + ROW * n

    return tall


def _panel(
    name: str,
    title: str,
    list_of: Callable[[Run, Selection, Asked], Listed],
    rows: Callable[[Run, Selection, Asked], pd.DataFrame],
    asks: tuple[str, ...],
) -> Panel:
    draw, tall = _drawn(list_of), _tall(list_of)
    return Panel(name, title, "class", draw, rows, asks=("logo", *asks), tall=tall)


PANELS = (
    _panel("channels", "Channels", listed_channels, channel_rows, ("set", "only")),
    _panel(
        "important",
        "Important features",
        listed_important,
        _feature_rows(listed_important, "share of the largest |OFIV| (%)"),
        ("important", "important-by"),
    ),
    _panel(
        "varying",
        "Non-additive features",
        listed_varying,
        _feature_rows(listed_varying, "spread, share of the largest mean |FIV| (%)"),
        ("varying", "varying-by"),
    ),
)
