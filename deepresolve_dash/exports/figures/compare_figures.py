"""The pictures of the page of several runs."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deepresolve_dash.exports.figures import (
    compare_found_figure,
    compare_lists,
    compare_seen,
)
from deepresolve_dash.exports.figures.compare_parts import (
    Compared,
    ComparedPanel,
    caption,
    row_words,
)
from deepresolve_dash.exports.figures.compare_strip_figure import draw_strip, strip_rows
from deepresolve_dash.exports.figures.marks import colour_bar, heat, says
from deepresolve_dash.exports.figures.style import (
    ACCENT,
    INK,
    KINDS,
    POSITIVE,
    QUIET,
    UPRIGHT,
    framed,
    height_of,
    legend,
    y_title,
)
from deepresolve_dash.exports.figures.text import MM, POINT, SMALL, fitted
from deepresolve_dash.views import classes, compare, compare_class, compare_more, compare_strip
from deepresolve_dash.views.compare import LETTERS
from deepresolve_dash.views.palette import UNITS, number
from deepresolve_dash.views.selection import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_NARROW = 120  # mm of a figure, below which titles of axes take two lines
_NAMED = 8  # channels that are named beside their points
_MOST_NAMES = 60  # classes up to which each is named
_LOOKS = {  # of points: label, symbol, size, colour
    "neither": ("found in neither", "o", 1.4, "#9aa4b2"),
    "first": ("in {a} alone", "s", 3.0, KINDS[1]),
    "second": ("in {b} alone", "^", 3.4, POSITIVE),
    "both": ("found in both", "o", 3.4, ACCENT),
}


def draw_agree(figure: "Figure", told: Compared) -> None:
    """Draw OFIV and ranks of two runs against each other, a point for each channel."""
    a, b = told.two
    agreed = compare_class.agreement(
        told.runs, told.lined, told.targets, told.two, regime=told.regime, top=told.top
    )
    title = f"Channels in {LETTERS[a]} and {LETTERS[b]}"
    if agreed["empty"]:
        framed(figure, title, caption(told, told.two))
        return says(figure, agreed["empty"])
    low, high = agreed["interval"]
    interval = "" if np.isnan(low) else f" [{number(low)}, {number(high)}]"
    words = f"rank correlation {number(agreed['r'])}{interval}"
    framed(figure, title, f"{caption(told, told.two, words)} · {agreed['says']}")
    frame = agree_rows(told)
    from matplotlib.ticker import MaxNLocator

    first, second = figure.subplots(1, 2)
    one_unit = compare.alike(told.runs)
    x, y = (frame[f"ofiv_{LETTERS[at]} ({UNITS})"].to_numpy() for at in told.two)
    reach = [
        np.abs(
            np.stack(
                [frame[f"{end}_{LETTERS[at]} ({UNITS})"].to_numpy() for end in ("low", "high")]
            )
            - value
        )
        for at, value in zip(told.two, (x, y), strict=True)
    ]
    xerr, yerr = (np.nan_to_num(one) for one in reach)
    first.errorbar(x, y, yerr=yerr, xerr=xerr, fmt="none", ecolor=QUIET, elinewidth=0.5)
    first.axhline(0, color=QUIET, linewidth=0.4)
    first.axvline(0, color=QUIET, linewidth=0.4)
    handles = _points(first, frame, x, y, told)
    ranks = [frame[f"rank_{LETTERS[at]}"].to_numpy(float, na_value=np.nan) for at in told.two]
    _points(second, frame, ranks[0], ranks[1], told)
    narrow = figure.get_figwidth() * MM < _NARROW
    for axes, words in ((first, f"OFIV in {{}} ({UNITS})"), (second, "rank by OFIV in {}")):
        across = words.format(LETTERS[a])
        axes.set_xlabel(across.replace(" (", "\n(") if narrow else across)
        y_title(axes, words.format(LETTERS[b]))
        if one_unit:
            axes.axline((0, 0), slope=1, color=QUIET, linewidth=0.5, linestyle=(0, (4, 3)))
    for axis in (first.xaxis, first.yaxis):
        axis.set_major_locator(MaxNLocator(4 if narrow else 6))
    for axis, values in zip((second.xaxis, second.yaxis), ranks, strict=True):
        most = int(np.nanmax(values))
        axis.set_ticks([1, *(k for k in MaxNLocator(4).tick_values(1, most) if 1 < k <= most)])
        axis.set_inverted(True)
    legend(figure, handles)
    return None


def _points(
    axes: "Axes", frame: pd.DataFrame, x: NDArray, y: NDArray, told: Compared
) -> list[object]:
    """Draw the points by where they are found, name the leading ones, return the legend."""
    a, b = (LETTERS[at] for at in told.two)
    found = [frame[f"found_{letter}"].to_numpy(bool) for letter in (a, b)]
    kinds = np.array(["neither", "first", "second", "both"])[found[0] + 2 * found[1]]
    handles = []
    for kind, (label, symbol, size, colour) in _LOOKS.items():
        mine = kinds == kind
        if mine.any():
            words = label.format(a=a, b=b)
            handles += axes.plot(x[mine], y[mine], symbol, markersize=size, color=colour,
                                 markeredgewidth=0, label=words)  # fmt: skip
    size = np.abs(frame[[f"ofiv_{letter} ({UNITS})" for letter in (a, b)]].to_numpy()).max(axis=1)
    leading = [i for i in np.argsort(-size, kind="stable") if kinds[i] != "neither"]
    spread = [float(np.ptp(values)) or 1.0 for values in (x, y)]
    line = 3 / (0.45 * height_of(axes))  # of the height of the axes, about
    kept: list[int] = []
    for i in leading:
        near = any(
            abs(x[i] - x[j]) < 0.35 * spread[0] and abs(y[i] - y[j]) < line * spread[1]
            for j in kept
        )
        if not near and len(kept) < _NAMED:
            kept.append(i)
            axes.annotate(
                fitted(frame["channel"].iloc[i], 16, SMALL), (x[i], y[i]), (-3, 2),
                textcoords="offset points", size=SMALL, ha="right", color=INK,
            )  # fmt: skip
    return handles


def agree_rows(told: Compared) -> pd.DataFrame:
    """Return channels that stand for each other in two runs: OFIV, interval, rank, found."""
    data = compare_class.data(told.runs, told.lined, told.targets, regime=told.regime, top=told.top)
    both = np.flatnonzero((told.lined.rows.place[:, told.two] >= 0).all(axis=1))
    frame: dict[str, object] = {"channel": [row_words(told, int(row)) for row in both]}
    for at in told.two:
        letter = LETTERS[at]
        frame |= {
            f"ofiv_{letter} ({UNITS})": data["ofiv"][at][both],
            f"low_{letter} ({UNITS})": data["low"][at][both],
            f"high_{letter} ({UNITS})": data["high"][at][both],
            f"rank_{letter}": pd.array([data["rank"][at][row] for row in both], dtype="Int64"),
            f"found_{letter}": data["found"][at][both],
        }
    return pd.DataFrame(frame)


def _strip_data(told: Compared) -> dict:
    return compare_strip.data(told.runs, told.lined, told.targets, regime=told.regime)


def draw_steps(figure: "Figure", told: Compared) -> None:
    """Draw the leading channels of all runs beside each other."""
    data = _strip_data(told)
    title = {"l2": "Along l2", "layer": "Along layers"}.get(
        data["along"], "Leading channels beside each other"
    )
    held = f"regime {data['regime']}" if data["regime"] and not told.regime else ""
    framed(figure, title, caption(told, range(len(told.runs)), held))
    draw_strip(figure, data, lambda row: row_words(told, row))


def steps_rows(told: Compared) -> pd.DataFrame:
    """Return the numbers behind the strip, a row for each leading channel of a run."""
    return strip_rows(_strip_data(told), lambda row: row_words(told, row))


def draw_difference(figure: "Figure", told: Compared) -> None:
    """Draw the similarity of classes in one run minus that in the other."""
    a, b = (LETTERS[at] for at in told.two)
    both = compare.shared(told.runs, told.two)
    named = caption(told._replace(targets=[None] * len(told.runs)), told.two)
    framed(figure, f"Similarity of classes in {a} minus in {b}", named)
    if len(both) < 2:
        return says(figure, "These two runs have fewer than two classes in common.")
    matrix = compare_more.similarity(told.runs, both, told.two, regime=told.regime)
    axes = figure.subplots()
    image = heat(axes, matrix.values, matrix.limit)
    n = len(matrix.rows)
    room = figure.get_figwidth() * MM * 0.6 / n
    if n <= _MOST_NAMES and room > 1.1 * SMALL * POINT:
        names = [fitted(name, 22, SMALL) for name in matrix.rows]
        axes.set_xticks(range(n), names, size=SMALL, **UPRIGHT)
        axes.set_yticks(range(n), names, size=SMALL)
    axes.set_xlabel(f"class, in the order of the tree of {a}")
    axes.set_ylabel("class")
    colour_bar(figure, image, axes, f"similarity in {a} − in {b}", matrix.limit)
    return None


def difference_rows(told: Compared) -> pd.DataFrame:
    """Return pairs of classes with their similarity in both runs and the difference."""
    both = compare.shared(told.runs, told.two)
    values = []
    for side, at in enumerate(told.two):
        run = told.runs[at]
        index = {target: i for i, target in enumerate(run.summary.target.values.tolist())}
        place = [index[one[1 + side]] for one in both]
        whole = classes.values(run.summary, Selection(run.id, 0, told.regime), "similarity")
        values.append(whole[np.ix_(place, place)])
    i, j = np.triu_indices(len(both), 1)
    a, b = (LETTERS[at] for at in told.two)
    return pd.DataFrame(
        {
            "class": [both[k][0] for k in i],
            "other_class": [both[k][0] for k in j],
            f"similarity_{a}": values[0][i, j],
            f"similarity_{b}": values[1][i, j],
            "difference": values[0][i, j] - values[1][i, j],
        }
    )


PANELS = {
    one.name: one
    for one in (
        ComparedPanel("agree", "Two runs on a class", draw_agree, agree_rows, 0.55),
        ComparedPanel("strip", "Runs beside each other", draw_steps, steps_rows, 0.62),
        ComparedPanel(
            "difference", "Difference of similarities", draw_difference, difference_rows, 0.85
        ),
        *compare_lists.PANELS,
        *compare_found_figure.PANELS,
        *compare_seen.PANELS,
    )
}
