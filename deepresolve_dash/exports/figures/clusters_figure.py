"""The figure of the clusters of classes."""

from typing import TYPE_CHECKING

import pandas as pd

from deepresolve_dash.exports.figures import placed
from deepresolve_dash.exports.figures.marks import says
from deepresolve_dash.exports.figures.named_maps import SHARE, NamedMap
from deepresolve_dash.exports.figures.names import named
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.parts import (
    ALONE,
    channel_names,
    columns_of,
    cut_of,
    lone,
    titled,
)
from deepresolve_dash.exports.figures.placed import EDGE
from deepresolve_dash.exports.figures.text import SMALL
from deepresolve_dash.exports.known import known_of
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import (
    classes,
    clusters,
)
from deepresolve_dash.views.matrix import Matrix
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.selection import Selection

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def _clusters(run: Run, selection: Selection, asked: Asked) -> tuple[dict, Matrix]:
    tree, cut = classes.clustering(run.summary, selection), cut_of(asked)
    told = clusters.data(run.summary, selection, known_of(run).classes, tree, distance=cut)
    columns = columns_of(run, selection)
    return told, clusters.heat(run.summary, selection, tree, columns, distance=cut)


def _members(one: dict) -> str:
    listed = ", ".join(member["name"] for member in one["members"])
    return listed + (f" and {one['n'] - len(one['members'])} more" if one["n"] > 60 else "")


def _features(run: Run, one: dict, *, called: bool = True) -> str:
    """Return the channels that most members share, with their signs."""
    listed = [
        ("+" if feature["sign"] > 0 else "−")
        + (named(run, feature["channel"]) if called else str(feature["channel"]))
        for feature in one["features"]
    ]
    return f"channels {', '.join(listed)}" if listed else "nothing"


def _cluster_words(run: Run, told: dict, room: float) -> list[tuple[str, list[str]]]:
    """Return number, and lines on members and shared features, of each cluster."""
    return [
        (
            str(one["number"]),
            placed.wrapped(
                f"{_members(one)} · shared: {_features(run, one)}", room, SMALL,
                most=2,
            ),
        )
        for one in told["clusters"][:30]
    ]  # fmt: skip


def draw_clusters(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw the mean OFIV of each cluster, and say who is in it and what most members share."""
    if lone(run):
        return says(figure, ALONE)
    told, shown = _clusters(run, selection, asked)
    if told["empty"]:
        return says(figure, told["empty"])
    caption = (
        f"{count(len(told['clusters']), 'cluster')} of two or more classes where the tree is cut "
        f"at 1 − A = {told['cut']:g}, {count(told['nSingles'], 'class', 'classes')} alone · shared:"
        f" |OFIV| at least 20% of the largest in more than half of the members, with one sign · "
        f"{told['regime']} · run {run.id}"
    )
    box = placed.page(figure, titled(run, "Clusters"), caption)
    words = _cluster_words(run, told, box.wide - 6)
    step = 1.3 * SMALL * 25.4 / 72
    listed = sum(len(lines) for _, lines in words) * step + 3
    made = NamedMap(shown.rows, channel_names(run, shown.column_ids), shown.limit)
    tall = max(box.tall - listed, min(box.tall, 35.0))
    made.draw(
        figure, box._replace(tall=tall), shown.values, shown.limit,
        label=SHARE, across="channel, clustered over the classes", down="cluster",
    )  # fmt: skip
    top = box.top + tall + 1
    for number, lines in words:
        if top + len(lines) * step > box.foot:
            break
        placed.write(figure, box.left, top, number, size=SMALL, weight="bold")
        for line in lines:
            placed.write(figure, box.left + 5, top, line, size=SMALL)
            top += step
    return None


def tall_clusters(width: float, run: Run, selection: Selection, asked: Asked) -> float:
    """Return the height of the map and of the lines below it."""
    if lone(run):
        return 30
    told, shown = _clusters(run, selection, asked)
    if told["empty"]:
        return 30
    words = _cluster_words(run, told, width - 2 * EDGE - 6)
    lines = sum(len(lines) for _, lines in words) * 1.3 * SMALL * 25.4 / 72
    made = NamedMap(shown.rows, channel_names(run, shown.column_ids), shown.limit)
    return placed.around(width) + 4 + max(made.wanted(), 34.0) + lines + 3


def clusters_rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return a row for each cluster: members, shared features, enriched values, mean OFIVs."""
    if lone(run):
        return pd.DataFrame({"cluster": []})
    told, shown = _clusters(run, selection, asked)
    frame = pd.DataFrame(
        {
            "cluster": [one["number"] for one in told["clusters"]],
            "n_classes": [one["n"] for one in told["clusters"]],
            "classes": [str(_members(one)) for one in told["clusters"]],
            "shared_features": [_features(run, one, called=False) for one in told["clusters"]],
            "enriched": [
                "; ".join(
                    f"{str(value['column'])} {str(value['value'])} {value['n']}/{value['size']}"
                    f" q {value['q']:.3g}"
                    for value in one["enriched"]
                )
                for one in told["clusters"]
            ],
        }
    )
    names = [f"channel {channel}, mean OFIV / largest" for channel in shown.column_ids]
    return pd.concat([frame, pd.DataFrame(shown.values, columns=names)], axis=1)


PANELS = (
    Panel(
        "clusters", "Clusters", "classes", draw_clusters, clusters_rows,
        asks=("cut",), tall=tall_clusters,
    ),
)  # fmt: skip
