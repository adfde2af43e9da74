"""A table for print whose cells hold lines of words and logos, as the page of several runs has."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.errors import SettingsError
from deepresolve_dash.exports.figures.compare_parts import Compared
from deepresolve_dash.exports.figures.logo_parts import in_bits
from deepresolve_dash.exports.figures.marks import says
from deepresolve_dash.exports.figures.placed import wrapped
from deepresolve_dash.exports.figures.sheet import columns, lines, put, sheet, small_logo
from deepresolve_dash.exports.figures.style import (
    EDGE,
    FOOT,
    FURTHER,
    HEAD,
    LINE,
    QUIET,
    framed,
)
from deepresolve_dash.exports.figures.text import MM, SMALL, TICK, plain, width_of
from deepresolve_dash.views.compare import LETTERS
from deepresolve_dash.views.measures import count

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STEP, PICTURE, PAD, GAP = 2.7, 4.0, 1.2, 2.0  # mm: a line, a line of logos, around a row, columns
NARROWEST = 11.0  # mm of a column
PAGE = 240.0  # mm that a table takes at most where nobody asks for a height
_AROUND = HEAD + FOOT + 2 * FURTHER + 2 * PAD
_MOST = 3  # lines that words are broken into
_TOLD = 0.04  # bits of a position that is drawn at the end of a logo


class Logo(NamedTuple):
    """A logo with the words in front of it; no heights where it is not known."""

    words: str
    heights: NDArray[np.float64] | None


class Cell(NamedTuple):
    """Lines of words, the first one in ink, and logos below them."""

    lines: tuple[str, ...] = ()
    logos: tuple[Logo, ...] = ()


class Grid(NamedTuple):
    """A table: heads (words, quiet words), rows of cells, widths of columns, mm of a logo.

    Widths are shares of the figure, and mm where together they are wider than it.
    """

    heads: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[Cell]]
    widths: Sequence[float]
    slot: float = 26.0


class _Laid(NamedTuple):
    """Where columns begin, the words of cells as lines, heights of rows, room before a logo."""

    at: list[float]
    heads: list[tuple[list[str], list[str]]]
    head: float
    cells: list[list[list[tuple[int, str]]]]
    high: list[float]
    words: float


def run_heads(told: Compared, quiet: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Return the heads of a column for each run."""
    names = [f"{LETTERS[at]}  {run.info.get('name') or run.id}" for at, run in enumerate(told.runs)]
    return list(zip(names, quiet or [""] * len(names), strict=True))


def seen(told: Compared, at: int, channel: int) -> NDArray[np.float64] | None:
    """Return the heights of the letters of what a channel of a run sees, without blank ends."""
    motifs = told.motifs[at] if at < len(told.motifs) else None
    if motifs is None:
        return None
    place = int(np.flatnonzero(told.runs[at].summary.channel.values == channel)[0])
    heights = in_bits(motifs[place])
    told_at = np.flatnonzero(heights.sum(axis=1) > _TOLD)
    return heights[told_at[0] : told_at[-1] + 1] if len(told_at) else None


def draw_grid(figure: "Figure", grid: Grid, title: str, words: str, empty: str) -> None:
    """Draw as many rows as there is room for, and say how many are left out.

    Parameters
    ----------
    words : str
        The caption.
    empty : str
        What is said where there are no rows.

    Raises
    ------
    SettingsError
        When the figure is too narrow for its columns.
    """
    if not grid.rows:
        framed(figure, title, words)
        return says(figure, empty)
    laid = _laid(grid, figure.get_figwidth() * MM)
    room = figure.get_figheight() * MM - _AROUND - laid.head
    n = max(1, int((np.cumsum(laid.high) <= room).sum()))
    more = f"and {count(len(grid.rows) - n, 'row')} more · " if n < len(grid.rows) else ""
    framed(figure, title, more + words)
    axes, top = sheet(figure), HEAD + PAD
    for left, room, (name, quiet) in _columns(laid, laid.heads):
        _write(axes, left, top, room, [(0, one) for one in name] + [(1, one) for one in quiet])
    top += laid.head
    for row, cells, high in zip(grid.rows[:n], laid.cells, laid.high, strict=False):
        lines(axes, [[(EDGE, top), (laid.at[-1], top)]], color=LINE, linewidth=0.3)
        for left, room, (cell, said) in _columns(laid, list(zip(row, cells, strict=True))):
            _write(axes, left, top + PAD / 2, room, said)
            _draw_logos(
                axes, (left, top + PAD / 2 + STEP * len(said), room), cell, grid.slot, laid.words
            )
        top += high
    return None


def tall_grid(width: float, grid: Grid) -> float:
    """Return the height in mm that suits a table, at most that of a page."""
    if not grid.rows:
        return 30
    laid = _laid(grid, width)
    return min(PAGE, _AROUND + laid.head + sum(laid.high) + PAD)


def _laid(grid: Grid, width: float) -> _Laid:
    """Break words into lines and measure the rows."""
    at = columns(width, _fair(grid.widths, width - 2 * EDGE))
    rooms = [right - left - GAP for left, right in zip(at, at[1:], strict=False)]
    if min(rooms) < NARROWEST - GAP:
        raise SettingsError(
            f"This table does not fit into a width of {width:.0f} mm.", "Make it wider."
        )
    heads = [
        (wrapped(name, room, TICK, most=2), wrapped(quiet, room, SMALL, most=_MOST))
        for (name, quiet), room in zip(grid.heads, rooms, strict=True)
    ]
    cells = [
        [_broken(cell, room) for cell, room in zip(row, rooms, strict=True)] for row in grid.rows
    ]
    high = [
        PAD
        + max(
            STEP * len(said) + PICTURE * -(-len(cell.logos) // _across(room, grid.slot))
            for cell, said, room in zip(row, words, rooms, strict=True)
        )
        for row, words in zip(grid.rows, cells, strict=True)
    ]
    tallest = max(len(name) + len(quiet) for name, quiet in heads)
    named = [width_of(plain(one.words)) for row in grid.rows for cell in row for one in cell.logos]
    return _Laid(at, heads, PAD / 2 + STEP * tallest, cells, high, max(named, default=0.0) + 1.5)


def _fair(widths: Sequence[float], room: float) -> Sequence[float]:
    """Cut the widest columns to one width where together they would be wider than the room."""
    for i, widest in enumerate(sorted(widths, reverse=True)):
        others = sum(sorted(widths)[: len(widths) - i])
        if others + i * widest <= room:  # the columns cut so far can be this wide at least
            most = (room - others) / i if i else widest
            return [min(one, most) for one in widths]
    return [1.0] * len(widths)


def _broken(cell: Cell, room: float) -> list[tuple[int, str]]:
    """Return the lines of a cell, each with the place of the words it is of."""
    return [
        (i, line)
        for i, words in enumerate(cell.lines)
        for line in wrapped(words, room, SMALL if i else TICK, most=_MOST)
    ]


def _columns(laid: _Laid, parts: Sequence) -> list[tuple]:
    """Return for each column where it begins, its room, and its part."""
    return [
        (left, right - left - GAP, part)
        for left, right, part in zip(laid.at, laid.at[1:], parts, strict=False)
    ]


def _across(room: float, slot: float) -> int:
    """Return how many logos stand beside each other."""
    return max(1, int(room / slot))


def _write(
    axes: "Axes", left: float, top: float, room: float, said: Sequence[tuple[int, str]]
) -> None:
    """Write lines below each other, the first words in ink."""
    for i, (place, line) in enumerate(said):
        look = {"size": SMALL, "colour": QUIET} if place else {}
        put(axes, (left, top + STEP * (i + 0.5)), line, room, **look)


def _draw_logos(
    axes: "Axes", at: tuple[float, float, float], cell: Cell, slot: float, words: float
) -> None:
    """Draw the logos of a cell in line, as many beside each other as fit."""
    left, top, room = at
    n = _across(room, slot)
    wide = room / n
    words = min(words, 0.5 * wide)
    for i, one in enumerate(cell.logos):
        x, middle = left + wide * (i % n), top + PICTURE * (i // n + 0.5)
        put(axes, (x, middle), one.words, (wide if one.heights is None else words) - 1)
        box = (x + words, middle - 0.44 * PICTURE, wide - words - 1.5, 0.88 * PICTURE)
        small_logo(axes, one.heights, box, "bits")
