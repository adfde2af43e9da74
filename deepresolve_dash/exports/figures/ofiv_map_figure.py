"""The figure of the OFIV of all classes."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from deepresolve_dash.exports.figures import placed, trees
from deepresolve_dash.exports.figures.marks import says
from deepresolve_dash.exports.figures.named_maps import SHARE, NamedMap
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.parts import (
    ALONE,
    TREE,
    channel_names,
    columns_of,
    lone,
    titled,
)
from deepresolve_dash.exports.figures.placed import Box
from deepresolve_dash.exports.figures.style import INK
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import (
    classes,
    clusters,
    ofiv_map,
)
from deepresolve_dash.views.matrix import Matrix
from deepresolve_dash.views.selection import Selection

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def _ofivs(run: Run, selection: Selection) -> tuple[Matrix, Any]:
    tree = classes.clustering(run.summary, selection)
    return ofiv_map.data(run.summary, selection, tree.order, columns_of(run, selection)), tree


def draw_ofiv_map(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw what every channel does to every class, with the tree of the classes."""
    if lone(run):
        return says(figure, ALONE)
    shown, tree = _ofivs(run, selection)
    regime = clusters.regime_for(run.summary, selection, clusters.IMPORTANCE)
    caption = (
        f"{len(shown.rows):,} classes in the order of the tree of 1 − A, {len(shown.columns):,} "
        f"channels · each class in units of its largest |OFIV| · {regime} · run {run.id}"
    )
    box = placed.page(figure, titled(run, "OFIV of all classes"), caption)
    names = channel_names(run, shown.column_ids)
    made = NamedMap(shown.rows, names, shown.limit, left=TREE)
    axes, where = made.draw(
        figure, box, shown.values, shown.limit,
        label=SHARE, across="channel, clustered over the classes", down="class",
    )  # fmt: skip
    place = Box(box.left, where.top, TREE, where.tall)
    order = np.argsort(tree.order[: len(tree.linkage) + 1])
    n = len(order)
    merges = [
        [*(int(order[int(one)]) if one < n else int(one) for one in row[:2]), row[2]]
        for row in tree.linkage.tolist()
    ]
    trees.draw_tree(figure, place, merges, n, shown=(0, len(shown.rows) - 1))
    if asked.get("row") and str(asked["row"]).isdecimal() and int(asked["row"]) in shown.row_ids:
        at = shown.row_ids.index(int(asked["row"]))
        axes.axhspan(at - 0.5, at + 0.5, fill=False, edgecolor=INK, linewidth=0.7)
    return None


def tall_ofiv_map(width: float, run: Run, selection: Selection, asked: Asked) -> float:
    """Return the height of the map."""
    if lone(run):
        return 30
    shown, _ = _ofivs(run, selection)
    names = channel_names(run, shown.column_ids)
    return placed.around(width) + 3 + NamedMap(shown.rows, names, 1.0, left=TREE).wanted()


def ofiv_map_rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return a row for each class and a column for each channel, as they are drawn."""
    shown = _ofivs(run, selection)[0] if not lone(run) else None
    if shown is None:
        return pd.DataFrame({"class_index": [], "class_name": []})
    head = {
        "class_index": shown.row_ids,
        "class_name": [str(name) for name in run.summary.target_name.values[
            [run.summary.target.values.tolist().index(target) for target in shown.row_ids]]],
    }  # fmt: skip
    names = [f"channel {channel}, OFIV / largest" for channel in shown.column_ids]
    return pd.concat([pd.DataFrame(head), pd.DataFrame(shown.values, columns=names)], axis=1)


PANELS = (
    Panel(
        "ofiv-map", "OFIV of all classes", "classes", draw_ofiv_map, ofiv_map_rows,
        asks=("row",), tall=tall_ofiv_map,
    ),
)  # fmt: skip
