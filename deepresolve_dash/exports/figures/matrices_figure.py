"""The figure of the similarity of classes in the order of its tree, and a matrix beside it."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from deepresolve_dash.core.statistics.classes import Clustering
from deepresolve_dash.exports.figures import placed, trees
from deepresolve_dash.exports.figures.marks import says
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.parts import ALONE, TREE, cut_of, second_of
from deepresolve_dash.exports.figures.placed import EDGE, Box
from deepresolve_dash.exports.known import known_of
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import class_matrices, classes, clusters
from deepresolve_dash.views.matrix import Matrix
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.selection import Selection

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BAND = 4.6  # mm of the brackets of clusters
_LONGEST = 34.0  # mm of a name
_BELOW = 7.5  # mm for indices and the title of the axis
_ABOVE = 4.5  # mm for the heading of a matrix


class _Shown(NamedTuple):
    """What is drawn of all classes."""

    told: dict
    tree: Clustering
    names: list[str]
    first: int
    last: int
    left: Matrix
    right: Matrix
    second: str

    @property
    def n(self) -> int:
        """Rows of a matrix."""
        return self.last - self.first + 1


def places(asked: Asked, n: int) -> tuple[int, int]:
    """Return the first and the last place that is zoomed to; all of them without a zoom."""
    try:
        first, last = (int(part) for part in str(asked.get("zoom") or "").split(","))
    except ValueError:
        return 0, n - 1
    return (first, last) if 0 <= first < last < n else (0, n - 1)


def _shown(run: Run, selection: Selection, asked: Asked) -> _Shown:
    tree = classes.clustering(run.summary, selection)
    told = class_matrices.data(run.summary, selection, tree, known_of(run).classes)
    second = second_of(run, asked)
    right = f"{class_matrices.DIFFERENCE}{second}" if asked.get("as") == "difference" else second
    first, last = places(asked, len(tree.order))
    left, other = (
        class_matrices.matrix(run.summary, selection, name, tree.order)
        for name in ("similarity", right)
    )
    names = [f"{target} {name}" for target, name in zip(left.row_ids, left.rows, strict=True)]
    return _Shown(told, tree, names, first, last, left, other, right)


class _Room(NamedTuple):
    """How the parts are laid out."""

    beside: bool
    named: bool
    size: float  # mm of a matrix

    def left(self, n_fields: int, names: float) -> float:
        """Return the mm ahead of the first matrix."""
        strips = n_fields * trees.STRIP + (1 if n_fields else 0)
        return TREE + _BAND + strips + (names + 1.5 if self.named else 1.0)


def _room(wide: float, tall: float, shown: _Shown, names: float) -> _Room:
    """Return the layout whose matrices are largest, one with names before one without."""
    fields, bars = len(shown.told["fields"]), _bars(shown)
    found = []
    for beside in (True, False):
        for named in (True, False):
            left = _Room(beside, named, 0).left(fields, names)
            if beside:
                size = min((wide - left - sum(bars) - 2) / 2, tall - _ABOVE - _BELOW)
            else:
                size = min(wide - left - max(bars), (tall - 2 * _ABOVE - _BELOW) / 2 - 1)
            if not named or placed.readable(size / shown.n):
                found.append(_Room(beside, named, max(size, 3.0)))
    return max(found, key=lambda one: (one.named, one.size))


def _bars(shown: _Shown) -> list[float]:
    return [placed.bar_room(matrix.limit) for matrix in (shown.left, shown.right)]


def _legend(shown: _Shown) -> float:
    """Return the mm of what the colours of the metadata mean."""
    return 2.7 * len(shown.told["fields"]) + (2 if shown.told["fields"] else 0)


def tall_matrices(width: float, run: Run, selection: Selection, asked: Asked) -> float:
    """Return the height of the matrices: names where they can have room, else as wide as goes."""
    if not classes.available(run.summary):
        return 30
    shown = _shown(run, selection, asked)
    _, names = _names(shown)
    around = placed.around(width) + 0.5 + _legend(shown)
    wide = width - 2 * EDGE
    line = 1.04 * placed.READABLE
    high = 2 * shown.n * line + 2 * _ABOVE + _BELOW + 3
    beside, stacked = (_room(wide, tall, shown, names) for tall in (wide, high))
    if stacked.named and not (beside.beside and beside.named):
        return around + high
    bars, left = _bars(shown), beside.left(len(shown.told["fields"]), names)
    if width >= 120 or (beside.beside and beside.named):
        size = (wide - left - sum(bars) - 2) / 2
        return around + _ABOVE + size + _BELOW
    size = wide - left - max(bars)
    return around + 2 * (_ABOVE + size + 1) + _BELOW


def _names(shown: _Shown) -> tuple[list[str], float]:
    return placed.short_names(shown.names[shown.first : shown.last + 1], _LONGEST)


def draw_matrices(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw the similarity in the order of its tree and the matrix beside it."""
    if not classes.available(run.summary):
        return says(figure, ALONE)
    shown, cut = _shown(run, selection, asked), cut_of(asked)
    part = f"{shown.n} of " if shown.n < len(shown.names) else ""
    caption = (
        f"{part}{count(len(shown.names), 'class', 'classes')} in the order of the average-linkage "
        f"tree of 1 − A, cut at {cut:g} · {shown.told['regime']} · run {run.id}"
    )
    if len(shown.tree.left_out):
        caption += f" · {len(shown.tree.left_out)} without a similarity in grey, last"
    box = placed.page(figure, f"Similarity of classes, {run.info.get('name', run.id)}", caption)
    fields, legend = shown.told["fields"], _legend(shown)
    names, room = _names(shown)
    one = _room(box.wide, box.tall - legend, shown, room)
    left = box.left + one.left(len(fields), room)
    first = Box(left, box.top + _ABOVE, one.size, one.size)
    _draw_beside(figure, first, shown, cut, fields, box.wide)
    if one.beside:
        second = Box(first.right + _bars(shown)[0] + 2, first.top, one.size, one.size)
    else:
        second = Box(left, first.foot + 1 + _ABOVE, one.size, one.size)
    for where, matrix, name in (
        (first, shown.left, "similarity"), (second, shown.right, shown.second)
    ):  # fmt: skip
        _draw_matrix(figure, where, shown, matrix, name, names if one.named else [], one, selection)
    placed.write(
        figure, (first.left + (second.right if one.beside else first.right)) / 2,
        max(first.foot, second.foot) + (4.2 if placed.readable(one.size / shown.n) else 1.2),
        "class, in the order of the tree", ha="center", size=7,
    )  # fmt: skip
    below = max(first.foot, second.foot) + _BELOW
    trees.strip_legend(figure, Box(box.left, below, box.wide, legend), fields)
    return None


def _draw_beside(
    figure: "Figure", first: Box, shown: _Shown, cut: float, fields: list[dict], room: float
) -> None:
    """Draw tree, clusters and metadata left of the first matrix."""
    rows = shown.first, shown.last
    tree = Box(EDGE, first.top, TREE, first.tall)
    trees.draw_tree(figure, tree, shown.told["merges"], shown.told["leaves"], shown=rows, cut=cut)
    made = clusters.cut_at(shown.tree, cut)
    flat = made.flat[shown.tree.order]
    ends = [
        (int(number) + 1, *np.flatnonzero(flat == number)[[0, -1]].tolist())
        for number in made.several
    ]
    band = Box(tree.right, first.top, _BAND, first.tall)
    trees.draw_clusters(figure, band, ends, shown=rows)
    if fields:
        strips = Box(band.right, first.top, trees.STRIP * len(fields), first.tall)
        trees.draw_strips(figure, strips, fields, shown=rows, room=room)


def _draw_matrix(
    figure: "Figure",
    where: Box,
    shown: _Shown,
    matrix: Matrix,
    name: str,
    names: list[str],
    one: _Room,
    selection: Selection,
) -> None:
    about = shown.told["matrices"][name]
    rows = slice(shown.first, shown.last + 1)
    second = matrix is shown.right
    indices = [str(target) for target in matrix.column_ids[rows]]
    fits = placed.readable(where.wide / shown.n)
    image = placed.named_map(
        figure,
        where,
        matrix.values[rows, rows],
        matrix.limit,
        rows=names if not (second and one.beside) else (),
        columns=indices if fits and (second or one.beside) else (),
    )
    room = where._replace(wide=where.wide + placed.bar_room(matrix.limit))
    placed.heading(figure, room, about["title"], about["value"])
    tall = min(where.tall, 40.0)
    bar = Box(where.right + 1.2, where.top, placed.BAR, tall)
    placed.bar_beside(figure, image, bar, about["value"], matrix.limit)
    ids = matrix.row_ids[rows]
    if selection.pair is not None and all(target in ids for target in selection.pair):
        i, j = (ids.index(target) for target in selection.pair)
        for x, y in ((i, j), (j, i)):
            placed.frame(image.axes, x, y)


def matrices_rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return both matrices in the drawn order, a row for each class and comparison."""
    if not classes.available(run.summary):
        return pd.DataFrame({"comparison": [], "class_index": [], "class_name": []})
    shown = _shown(run, selection, asked)
    flat = clusters.cut_at(shown.tree, cut_of(asked)).flat[shown.tree.order]
    rows = slice(shown.first, shown.last + 1)
    frames = []
    for matrix, name in ((shown.left, "similarity"), (shown.right, shown.second)):
        columns = [f"class {target}" for target in matrix.column_ids[rows]]
        values = pd.DataFrame(matrix.values[rows, rows], columns=columns)
        head = {
            "comparison": shown.told["matrices"][name]["value"],
            "class_index": matrix.row_ids[rows],
            "class_name": [str(one) for one in matrix.rows[rows]],
            "cluster": flat[rows] + 1,
        }
        frames.append(pd.concat([pd.DataFrame(head), values], axis=1))
    return pd.concat(frames, ignore_index=True)


PANELS = (
    Panel(
        "matrices", "Similarity of classes", "classes", draw_matrices, matrices_rows,
        asks=("second", "as", "cut", "zoom"), tall=tall_matrices,
    ),
)  # fmt: skip
