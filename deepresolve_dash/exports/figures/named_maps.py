"""Maps of names by names with their bar, that write the names which have room."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.exports.figures import placed
from deepresolve_dash.exports.figures.placed import Box

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHARE = "OFIV, share of largest"
_LONGEST = 34.0  # mm of the name of a row
_UNDER = 26.0  # mm of the name of a column
_WIDEST = 9.0  # mm of a column
TITLE_ROOM = 4.0  # mm of the title of an axis


class NamedMap:
    """Where a map of names by names stands with its bar, and how high it wants to be."""

    def __init__(
        self, rows: Sequence[str], columns: Sequence[str], limit: float, *, left: float = 0.0
    ) -> None:
        self.rows, self.wide_names = placed.short_names(rows, _LONGEST)
        self.columns, self.tall_names = placed.short_names(columns, _UNDER)
        self.bar = placed.bar_room(limit)
        self.left = left

    def wanted(self, most: float = 150.0) -> float:
        """Return the height in mm with names beside the rows, or of a map without them."""
        high = 1.04 * placed.READABLE * len(self.rows)
        return (high if high <= most else 90.0) + self.tall_names + TITLE_ROOM + 2

    def place(self, box: Box) -> tuple[Box, list[str], list[str]]:
        """Return where the cells are, and the names that have room."""
        below = TITLE_ROOM + 1
        columns: list[str] = []
        rows: list[str] = []
        tall = box.tall - below - self.tall_names - 1
        if placed.readable(tall / len(self.rows)):
            rows = self.rows
        left = box.left + self.left + (self.wide_names + 1.5 if rows else 3.5)
        wide = max(box.right - left - self.bar, 3.0)
        wide = min(wide, _WIDEST * len(self.columns))
        if placed.readable(wide / len(self.columns)):
            columns = self.columns
        else:
            tall = box.tall - below - 2.5
        return Box(left, box.top, wide, max(tall, 3.0)), rows, columns

    def draw(
        self,
        figure: "Figure",
        box: Box,
        values: NDArray[np.float64],
        limit: float,
        *,
        label: str,
        across: str,
        down: str,
    ) -> tuple[Any, Box]:
        """Draw the map with its bar and titles; return its axes and its place."""
        where, rows, columns = self.place(box)
        image = placed.named_map(figure, where, values, limit, rows=rows, columns=columns)
        bar = Box(where.right + 1.2, where.top, placed.BAR, min(where.tall, 40.0))
        placed.bar_beside(figure, image, bar, label, limit)
        foot = where.foot + (self.tall_names + 1 if columns else 1)
        middle = where.left + where.wide / 2
        words = across if columns else f"{across} ({len(self.columns):,})"
        placed.write(figure, middle, foot + 0.5, words, ha="center", size=7)
        if not rows:
            placed.write(
                figure, where.left - 1.2, where.top + where.tall / 2,
                f"{down} ({len(self.rows):,})", rotation=90,
                rotation_mode="anchor", ha="center", va="bottom", size=7,
            )  # fmt: skip
        return image.axes, where
