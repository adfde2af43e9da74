"""Every picture that can be taken away, by the name of its panel."""

from collections.abc import Sequence

from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.exports.figures import (
    ascent_figures,
    card_figures,
    channel_figures,
    channels_figures,
    class_figures,
    classes_figures,
    interaction_figures,
    level_figures,
    more_figures,
    similarity_figures,
    table_figures,
)
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.style import HIGHEST, LOWEST, Size, as_bytes, checked
from deepresolve_dash.exports.tables import tsv_text
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views.selection import Selection

_FAMILIES: Sequence[Sequence[Panel]] = (
    class_figures.PANELS,
    level_figures.PANELS,
    card_figures.PANELS,
    similarity_figures.PANELS,
    table_figures.PANELS,
    more_figures.PANELS,
    ascent_figures.PANELS,
    classes_figures.PANELS,
    channels_figures.PANELS,
    channel_figures.PANELS,
    interaction_figures.PANELS,
)
PANELS: dict[str, Panel] = {one.name: one for family in _FAMILIES for one in family}


def find_panel(name: str) -> Panel:
    """Return a picture by its name.

    Raises
    ------
    RunNotFound
        When there is none.
    """
    if name not in PANELS:
        raise RunNotFound(f"There is no figure '{name[:40]}'.", f"There are {', '.join(PANELS)}.")
    return PANELS[name]


def height_of(panel: Panel, width: float, run: Run, selection: Selection, asked: Asked) -> float:
    """Return the height in mm that suits a picture of a width."""
    tall = panel.tall
    high = tall(width, run, selection, asked) if callable(tall) else tall * width
    return float(round(min(HIGHEST, max(LOWEST, high))))


def figure_bytes(
    panel: Panel,
    run: Run,
    selection: Selection,
    asked: Asked,
    file_format: str,
    size: Size,
) -> bytes:
    """Return the file of a picture.

    Raises
    ------
    SettingsError
        When there is no such format, or the size cannot be drawn.
    """
    size = checked(size)
    return as_bytes(lambda figure: panel.draw(figure, run, selection, asked), file_format, size)


def rows_text(panel: Panel, run: Run, selection: Selection, asked: Asked) -> str:
    """Return the numbers behind a picture, tab-separated.

    Raises
    ------
    RunNotFound
        When it has none.
    """
    if panel.rows is None:
        raise RunNotFound(f"There are no rows behind '{panel.name}'.", "Take the figure.")
    return tsv_text(panel.rows(run, selection, asked))
