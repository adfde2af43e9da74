"""A picture that can be taken away, and the numbers behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from deepresolve_dash.runs.store import Run
from deepresolve_dash.views.selection import Selection

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Asked = Mapping[str, str]
"""What the address of the page asks for; what is left out is as on the page."""

Draw = Callable[["Figure", Run, Selection, Asked], None]
Rows = Callable[[Run, Selection, Asked], pd.DataFrame]
Tall = Callable[[float, Run, Selection, Asked], float]


@dataclass(frozen=True)
class Panel:
    """One picture.

    Attributes
    ----------
    name : str
        That of the panel on its page, unique among all pages.
    title : str
    page : str
        `class`, `classes`, `channels`, `channel`, `compare` or `probe`.
    draw : function (figure, run, selection, asked)
        Draws into an empty matplotlib Figure of the wanted size; `exports.known.known_of(run)` is
        what is known of the run beside its numbers.
    rows : function (run, selection, asked), optional
        Returns the exact numbers behind it; columns are called with their unit.
    asks : tuple of str
        Keys of the page's address that it reads from `asked`; no others arrive.
    tall : float or function (width, run, selection, asked)
        Height that suits a width in mm: a share of it, or the height in mm.
    """

    name: str
    title: str
    page: str
    draw: Draw
    rows: Rows | None = None
    asks: tuple[str, ...] = ()
    tall: float | Tall = 0.62
