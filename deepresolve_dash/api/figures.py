"""The panels of the dashboard as figures for print, and the rows behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from deepresolve_dash.api.opening import Class, selection
from deepresolve_dash.errors import RunNotFound, SettingsError
from deepresolve_dash.exports.figures.panel import Panel
from deepresolve_dash.exports.figures.registry import PANELS, figure_bytes, find_panel, height_of
from deepresolve_dash.exports.figures.style import Size
from deepresolve_dash.runs.store import Run
from deepresolve_dash.runs.whole_file import write_whole
from deepresolve_dash.views.selection import Selection


def panels() -> pd.DataFrame:
    """List the figures: `title`, the `page` they are on, and the choices that they `ask` for."""
    told = [(one.name, one.title, one.page, ", ".join(one.asks)) for one in PANELS.values()]
    return pd.DataFrame(told, columns=["panel", "title", "page", "asks"]).set_index("panel")


@dataclass(frozen=True)
class Figure:
    """A figure for print; a notebook shows it.

    Attributes
    ----------
    run : Run
    panel : Panel
    selection : Selection
    asked : dict
        Choices, as in the address of its page.
    size : Size
        Width and height in mm, dots per inch.
    """

    run: Run
    panel: Panel
    selection: Selection
    asked: Mapping[str, str]
    size: Size

    def __repr__(self) -> str:
        """Say what it shows and how large it is."""
        return f"Figure {self.panel.name!r}, {self.size.width:g} x {self.size.height:g} mm"

    def save(self, path: str | Path) -> Path:
        """Write it as `.svg`, `.pdf` or `.png`; the file appears whole or not at all.

        Raises
        ------
        SettingsError
            When the ending is another one, or the figure does not fit into its size.
        """
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, self.to_bytes(path.suffix.removeprefix(".").lower()))
        return path

    def to_bytes(self, file_format: str) -> bytes:
        """Return the contents of its file."""
        return figure_bytes(
            self.panel, self.run, self.selection, self.asked, file_format, self.size
        )

    def _repr_svg_(self) -> str:
        return self.to_bytes("svg").decode()


def figure(
    run: Run,
    panel: str,
    target: Class = 0,
    *,
    width: float = 85,
    height: float | None = None,
    dpi: int = 300,
    regime: str | None = None,
    pair: tuple[int, int] | None = None,
    **asked: Any,
) -> Figure:
    """Draw a panel of the dashboard for print.

    Parameters
    ----------
    run : Run
    panel : str
        A name from `panels()`.
    target : int or str
        Class of the figure.
    width, height : float, mm
        The height suits the width when it is not given.
    dpi : int
        Of what is made of dots.
    regime, pair
        As on its page: the regime of all numbers, two classes that are compared.
    **asked
        Its further choices, such as `bars=20` or `levels="rank"`.

    Raises
    ------
    RunNotFound
        When there is no such panel or class.
    SettingsError
        When it does not know one of the choices.
    """
    found, one, told = _asked(run, panel, target, regime, pair, asked)
    high = height or height_of(found, width, run, one, told)
    return Figure(run, found, one, told, Size(width, high, dpi))


def rows(
    run: Run,
    panel: str,
    target: Class = 0,
    *,
    regime: str | None = None,
    pair: tuple[int, int] | None = None,
    **asked: Any,
) -> pd.DataFrame:
    """Return the numbers behind a panel; parameters as those of `figure`.

    Raises
    ------
    RunNotFound
        When there are none.
    """
    found, one, told = _asked(run, panel, target, regime, pair, asked)
    if found.rows is None:
        raise RunNotFound(f"There are no rows behind '{panel}'.", "Take the figure.")
    return found.rows(run, one, told)


def _asked(
    run: Run,
    panel: str,
    target: Class,
    regime: str | None,
    pair: tuple[int, int] | None,
    asked: Mapping[str, Any],
) -> tuple[Panel, Selection, dict[str, str]]:
    """Return a panel, its selection and its choices.

    Raises
    ------
    SettingsError
        When it does not know a choice.
    """
    found = find_panel(panel)
    unknown = sorted(set(asked) - set(found.asks))
    if unknown:
        known = ", ".join(found.asks) or "none"
        raise SettingsError(f"The panel '{panel}' asks for no '{unknown[0]}'.", f"Known: {known}.")
    one = replace(selection(run, target), regime=regime, pair=pair)
    return found, one, {key: str(value) for key, value in asked.items()}
