"""Trees of classes beside a map: branches, where they are cut, and what is told of the leaves."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from deepresolve_dash.exports.figures.placed import (
    SHADES,
    Box,
    axes_in,
    bare,
    lines_of,
    write,
)
from deepresolve_dash.exports.figures.style import ACCENT, BLANK, QUIET, UPRIGHT
from deepresolve_dash.exports.figures.text import MM, POINT, SMALL, TICK, fitted, width_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STRIP = 2.1  # mm, width of a column of metadata
_SWATCH, _APART = 1.7, 1.8  # mm


def spots(merges: Sequence[Sequence[float]], leaves: int) -> list[tuple[int, int, float]]:
    """Return first leaf, last leaf and middle of each branch; the leaves first.

    Parameters
    ----------
    merges : sequence of (branch, branch, height)
        A leaf is its place in the order, a branch its number after the leaves.
    """
    found = [(i, i, float(i)) for i in range(leaves)]
    for a, b, _ in merges:
        first, second = found[int(a)], found[int(b)]
        low, high = min(first[0], second[0]), max(first[1], second[1])
        found.append((low, high, (first[2] + second[2]) / 2))
    return found


def draw_tree(
    figure: "Figure",
    box: Box,
    merges: Sequence[Sequence[float]],
    leaves: int,
    *,
    shown: tuple[int, int],
    cut: float | None = None,
) -> None:
    """Draw the tree at the left of a map whose rows are its leaves.

    Parameters
    ----------
    shown : (int, int)
        First and last row of the map.
    cut : float, optional
        Where a broken line crosses it, in the unit of the heights.
    """
    axes = bare(axes_in(figure, box))
    placed = spots(merges, leaves)
    heights = [0.0] * leaves + [height for *_, height in merges]
    top = max(heights, default=0.0) or 1.0
    segments = []
    for (a, b, height), (first, last, _) in zip(merges, placed[leaves:], strict=True):
        if first < shown[0] or last > shown[1]:
            continue
        (y0, x0), (y1, x1) = ((placed[int(one)][2], heights[int(one)]) for one in (a, b))
        segments.append([(x0, y0), (height, y0), (height, y1), (x1, y1)])
    lines_of(axes, segments)
    axes.set_xlim(1.02 * top, -0.02 * top)
    axes.set_ylim(shown[1] + 0.5, shown[0] - 0.5)
    if cut is not None and cut <= top:
        axes.axvline(cut, color=ACCENT, linewidth=0.6, linestyle=(0, (3, 2)))
    axes.spines["bottom"].set_visible(True)
    axes.spines["bottom"].set_color(QUIET)
    axes.set_xticks([0, top], ["0", f"{top:.2g}"], fontsize=SMALL)
    axes.get_xticklabels()[1].set_horizontalalignment("left")
    axes.set_xlabel("1 − A", size=TICK, labelpad=0)


def draw_clusters(
    figure: "Figure", box: Box, ends: Sequence[tuple[int, int, int]], *, shown: tuple[int, int]
) -> None:
    """Draw a bracket for each cluster beside the rows, with its number where there is room.

    Parameters
    ----------
    ends : sequence of (number, first row, last row)
    """
    axes = bare(axes_in(figure, box))
    axes.set_ylim(shown[1] + 0.5, shown[0] - 0.5)
    axes.set_xlim(0, 1)
    each = box.tall / (shown[1] - shown[0] + 1)
    lines_of(
        axes,
        [[(0.85, first - 0.3), (0.85, last + 0.3)] for _, first, last in ends],
        colors=ACCENT,
        linewidths=1.1,
    )
    free = shown[0] - 0.5
    for number, first, last in ends:
        middle, half = (first + last) / 2, SMALL * POINT / each / 2
        if middle - half >= free and first >= shown[0] and last <= shown[1]:
            axes.text(0.6, middle, str(number), ha="right", va="center", size=SMALL, color=ACCENT)
            free = middle + half


def draw_strips(
    figure: "Figure", box: Box, fields: Sequence[dict], *, shown: tuple[int, int], room: float
) -> None:
    """Draw what is told of each class as columns of colours, with the name of the field below.

    Parameters
    ----------
    fields : sequence of dict
        `name`, `said` (values), `of` (place of the value of each row, -1 for none).
    room : float
        Width of the legend, mm: values that it cannot name are grey.
    """
    from matplotlib.colors import to_rgb

    rows = slice(shown[0], shown[1] + 1)
    columns = []
    for field in fields:
        known = [to_rgb(colour) for colour in SHADES[: len(_named(field, room))]]
        grey = to_rgb(BLANK)
        columns.append(
            [known[place] if 0 <= place < len(known) else grey for place in field["of"][rows]]
        )
    axes = bare(axes_in(figure, box))
    axes.imshow(np.array(columns).transpose(1, 0, 2), aspect="auto", interpolation="none")
    names = [fitted(field["name"], 16, SMALL) for field in fields]
    axes.tick_params(length=0)
    axes.set_xticks(range(len(fields)), names, fontsize=SMALL, **UPRIGHT)


def _head(field: dict) -> str:
    """Return the name of a field at the head of its line in the legend."""
    return fitted(f"{field['name']}:", 16, SMALL)


def _named(field: dict, room: float) -> list[str]:
    """Return the values of a field, by falling number, that a line of the legend can name."""
    x, found = width_of(_head(field), SMALL) + 1.2, []
    for place, value in enumerate(field["said"][: len(SHADES)]):
        name = fitted(value, 24, SMALL)
        x += _SWATCH + 0.5 + width_of(name, SMALL) + _APART
        others = 0 if place + 1 == len(field["said"]) else 14
        if x + others > room:
            break
        found.append(name)
    return found


def strip_legend(figure: "Figure", box: Box, fields: Sequence[dict]) -> None:
    """Say what the colours of the strips mean, a line for each field."""
    for i, field in enumerate(fields):
        top = box.top + 2.7 * i
        write(figure, box.left, top, _head(field), size=SMALL)
        x = box.left + width_of(_head(field), SMALL) + 1.2
        names = _named(field, box.wide)
        others = len(field["said"]) - len(names)
        told = [
            *zip(SHADES, names, strict=False),
            *([(BLANK, f"{others} others")] if others else []),
        ]
        for colour, name in told:
            _swatch(figure, x, top + 0.3, colour)
            write(figure, x + _SWATCH + 0.5, top, name, size=SMALL)
            x += _SWATCH + 0.5 + width_of(name, SMALL) + _APART


def _swatch(figure: "Figure", left: float, top: float, colour: str) -> None:
    """Draw a small square at a place in mm."""
    from matplotlib.patches import Rectangle

    wide, tall = (inches * MM for inches in figure.get_size_inches())
    place = left / wide, 1 - (top + _SWATCH) / tall
    figure.add_artist(
        Rectangle(
            place, _SWATCH / wide, _SWATCH / tall,
            facecolor=colour, transform=figure.transFigure, linewidth=0,
        )
    )  # fmt: skip
