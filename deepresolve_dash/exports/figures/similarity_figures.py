"""The comparisons of classes on a class page, for print."""

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from deepresolve_dash.exports.figures.class_figures import caption
from deepresolve_dash.exports.figures.marks import colour_bar, heat, says
from deepresolve_dash.exports.figures.names import counted
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.style import INK, QUIET, UPRIGHT, framed
from deepresolve_dash.exports.figures.text import MM, POINT, SMALL, TICK, fitted
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import classes
from deepresolve_dash.views.matrix import Matrix
from deepresolve_dash.views.selection import IMPORTANCE, Selection, of_class, regime_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ONE = "One class only: there is nothing to compare it with."
NAMED = 60  # classes up to which each may be named
BY_RANK = "names by rank: in the rows of this figure (TSV)"


def draw_similarity(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw the similarity of classes with its tree."""
    _draw(figure, run, selection, "similarity")


def draw_compared(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw the comparison beside the similarity, in the same order."""
    _draw(figure, run, selection, second(run, asked))


def second(run: Run, asked: Asked) -> str:
    """Return the comparison that is asked for, else the first beside the similarity."""
    others = [name for name in classes.available(run.summary) if name != "similarity"]
    wanted = asked.get("second", "")
    return wanted if wanted in others else next(iter(others), "")


def _draw(figure: "Figure", run: Run, selection: Selection, name: str) -> None:
    """Draw a comparison of classes as a square map."""
    of_class(run.summary, selection, IMPORTANCE)
    regime = regime_for(run.summary, selection, IMPORTANCE)
    if not name or not classes.available(run.summary):
        framed(figure, "Class similarity", caption(run, selection, regime))
        return says(figure, ONE)
    told = classes.COMPARISONS[name]
    tree = classes.clustering(run.summary, selection)
    shown = classes.data(run.summary, selection, name, tree.order)
    more = "average linkage of A" + ("" if _named(figure, shown) else f" · {BY_RANK}")
    framed(figure, told.title, caption(run, selection, regime, more))
    axes = figure.subplots()
    image = heat(axes, shown.values, shown.limit)
    axes.set_box_aspect(1)
    if name == "similarity":
        _tree(axes, classes.dendrogram(tree), len(tree.order) - len(tree.left_out))
    _names(figure, axes, shown, selection)
    bar = axes.inset_axes((1.03, 0, 0.035, 1))
    colour_bar(figure, image, axes, told.value, shown.limit, bar=bar)
    return None


def _each(figure: "Figure", n: int) -> float:
    """Return the room of one of n classes beside the map, in mm."""
    return figure.get_figwidth() * MM * 0.55 / n


def _named(figure: "Figure", shown: Matrix) -> bool:
    """Tell whether the name of each class has room."""
    n = len(shown.rows)
    return n <= NAMED and _each(figure, n) > 0.95 * SMALL * POINT


def _names(figure: "Figure", axes: "Axes", shown: Matrix, selection: Selection) -> None:
    """Name classes while there is room, and outline those that are looked at."""
    n = len(shown.rows)
    if _named(figure, shown):
        each = _each(figure, n)
        axes.set_xlabel("class, in clustered order")
        room = 0.24 * figure.get_figwidth() * MM
        size = min(TICK, each / POINT)
        axes.set_yticks(range(n), [fitted(name, room, size) for name in shown.rows], size=size)
        axes.set_xticks(range(n), [str(one) for one in shown.row_ids], size=size, **UPRIGHT)
        axes.tick_params(length=0)
    else:
        counted(axes, n)
        counted(axes, n, upright=False)
        axes.set_xlabel(f"rank of class in the tree (1 to {n})")
        axes.set_ylabel("rank of class in the tree")
    look: dict[str, Any] = {"color": INK, "linewidth": 0.5}
    for place in [shown.row_ids.index(one) for one in {selection.target, *(selection.pair or ())}
                  if one in shown.row_ids]:  # fmt: skip
        ends = (-0.5, n - 0.5)
        for edge in (place - 0.5, place + 0.5):
            axes.plot(ends, (edge, edge), **look)
            axes.plot((edge, edge), ends, **look)
    axes.set_xlim(-0.5, n - 0.5)
    axes.set_ylim(n - 0.5, -0.5)


def _tree(axes: "Axes", path: str, leaves: int) -> None:
    """Draw the tree of the classes above their map; its path has one unit per class across."""
    from matplotlib.collections import LineCollection

    parts = [
        [(float(y) - 0.5, 1 - float(x)) for x, y in ((a, b), (c, b), (c, d), (e, d))]
        for a, b, c, d, e in re.findall(
            r"M([\d.]+) ([\d.]+)H([\d.]+)V([\d.]+)H([\d.]+)", path.replace("-0.0000", "0.0000")
        )
    ]
    above = axes.inset_axes((0, 1.01, 1, 0.14))
    above.add_collection(LineCollection(parts, colors=QUIET, linewidths=0.4))
    above.set_xlim(-0.5, axes.get_xlim()[1])
    above.set_ylim(0, 1.02)
    above.set_axis_off()


def rows_similarity(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return the similarity of all classes in the order drawn."""
    return _rows(run, selection, "similarity")


def rows_compared(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return the comparison beside the similarity in the order drawn."""
    return _rows(run, selection, second(run, asked))


def _rows(run: Run, selection: Selection, name: str) -> pd.DataFrame:
    """Return a row and a column per class."""
    if not name or not classes.available(run.summary):
        return pd.DataFrame({"rank in tree": [], "class": [], "name": []})
    order = classes.clustering(run.summary, selection).order
    shown = classes.data(run.summary, selection, name, order)
    value = classes.COMPARISONS[name].value
    names = run.summary.target_name.values[order].astype(str)
    ranks = range(1, len(order) + 1)
    told = pd.DataFrame({"rank in tree": ranks, "class": shown.row_ids, "name": names})
    heads = [f"{value} with class {one}" for one in shown.columns]
    return pd.concat([told, pd.DataFrame(shown.values, columns=heads)], axis=1)


PANELS = (
    Panel("similarity", "Class similarity", "class", draw_similarity, rows_similarity, tall=0.82),
    Panel(
        "compared",
        "The comparison beside it",
        "class",
        draw_compared,
        rows_compared,
        asks=("second",),
        tall=0.78,
    ),
)
