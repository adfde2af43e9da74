"""The figure of one factor in several cells."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from deepresolve_dash.exports.figures import placed
from deepresolve_dash.exports.figures.marks import says
from deepresolve_dash.exports.figures.named_maps import SHARE, TITLE_ROOM, NamedMap
from deepresolve_dash.exports.figures.names import named
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.parts import ALONE, lone, titled
from deepresolve_dash.exports.figures.style import INK
from deepresolve_dash.exports.figures.text import plain
from deepresolve_dash.exports.known import known_of
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import (
    cell_types,
)
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.selection import Selection

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def _cells(run: Run, selection: Selection, asked: Asked) -> dict:
    rows = known_of(run).classes
    return cell_types.data(run.summary, selection, rows, factor=str(asked.get("factor") or ""))


def _cell_groups(told: dict) -> list[tuple[str, dict]]:
    """Return which cells have a feature, and the feature, in the order they are drawn."""
    found = [("all cells", one) for one in told["common"]]
    for cell, listed in zip(told["cells"], told["particular"], strict=True):
        found += [(f"{cell['cell']} alone", one) for one in listed]
    return found + [("several cells", one) for one in told["some"]]


def _cell_columns(told: dict) -> list[str]:
    return [
        f"{cell['cell']} ({count(len(cell['classes']), 'class', 'classes')})"
        for cell in told["cells"]
    ]


def draw_cells(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw the features of one factor over cells: common to all, of one alone, of several."""
    if lone(run):
        return says(figure, ALONE)
    told = _cells(run, selection, asked)
    if told["empty"]:
        return says(figure, told["empty"])
    groups = _cell_groups(told)
    if not groups:
        return says(figure, "No feature is important in any of these cells.")
    caption = (
        "important: |OFIV| at least 20% of the largest in more than half of the classes of the "
        f"cell, with one sign · {told['regime']} · run {run.id}"
    )
    title = titled(run, f"{plain(told['factor'])} in {count(len(told['cells']), 'cell')}")
    box = placed.page(figure, title, caption)
    under = NamedMap([], _cell_columns(told), 1.0).tall_names + TITLE_ROOM + 2
    most = max(1, int((box.tall - under) // placed.READABLE))
    rows = [f"{named(run, one['channel'])} · {group}" for group, one in groups[:most]]
    values = np.array([one["values"] for _, one in groups[:most]])
    axes, _ = NamedMap(rows, _cell_columns(told), 1.0).draw(
        figure, box, values, 1.0, label=SHARE, across="cell", down="channel"
    )
    kinds = [group for group, _ in groups[:most]]
    for y in range(1, len(kinds)):
        if kinds[y] != kinds[y - 1]:
            axes.axhline(y - 0.5, color=INK, linewidth=0.6)
    return None


def tall_cells(width: float, run: Run, selection: Selection, asked: Asked) -> float:
    """Return the height of the features."""
    if lone(run):
        return 30
    told = _cells(run, selection, asked)
    if told["empty"]:
        return 30
    rows = [""] * max(4, len(_cell_groups(told)))
    return placed.around(width) + 5 + NamedMap(rows, _cell_columns(told), 1.0).wanted()


def cells_rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return a row for each feature, with the mean over the classes of each cell."""
    if lone(run):
        return pd.DataFrame({"channel": []})
    told = _cells(run, selection, asked)
    if told["empty"]:
        return pd.DataFrame({"channel": []})
    groups = _cell_groups(told)
    head = {
        "channel": [one["channel"] for _, one in groups],
        "important in": [str(group) for group, _ in groups],
    }
    names = [f"{str(cell['cell'])}, mean OFIV / largest" for cell in told["cells"]]
    values = np.array([one["values"] for _, one in groups]).reshape(len(groups), len(names))
    return pd.concat([pd.DataFrame(head), pd.DataFrame(values, columns=names)], axis=1)


PANELS = (
    Panel(
        "cells", "One factor in several cells", "classes", draw_cells, cells_rows,
        asks=("factor",), tall=tall_cells,
    ),
)  # fmt: skip
