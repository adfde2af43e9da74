"""The lower panels of the page of all classes, each filled when it comes on screen."""

from collections.abc import Callable
from typing import NamedTuple

from dash import html

from deepresolve_dash.pages.panel import data, download, panel
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import association, cell_types, clusters, disagreement, ofiv_map


class _Below(NamedTuple):
    """Name, title, function behind the numbers, and what the copy button copies."""

    name: str
    title: str
    describe: Callable
    rows: str


PANELS = (
    _Below("clusters", "Clusters", clusters.data, "the clusters"),
    _Below("disagreement", "Disagreement", disagreement.data, "the listed pairs"),
    _Below("association", "Association index", association.data, "the counts of the rows"),
    _Below("ofiv-map", "OFIV of all classes", ofiv_map.data, ""),
    _Below("cells", "One factor in several cells", cell_types.data, "the features"),
)


def classes_more_panels(_: Run | None = None) -> list[html.Section]:
    """Return the panels, still empty."""
    return [
        panel(
            one.name,
            one.title,
            [html.Div(className="more-body below-body", **data(below=one.name))],
            describe=one.describe,
            actions=_actions(one),
        )
        for one in PANELS
    ]


def _actions(one: _Below) -> list:
    """Return the place of the controls that the browser fills, and the buttons of the head."""
    controls = html.Span(className="below-controls", **data(controls=one.name))
    found: list = [controls, download(one.name)]
    if one.rows:
        found.append(
            html.Button(
                "Copy as TSV",
                className="button",
                title=f"Copy {one.rows}, to paste into a spreadsheet",
                **data(tsv=one.name),
            )
        )
    return found
