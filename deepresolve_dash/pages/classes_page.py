"""The page of all classes: which share features, which only share labels, and why."""

from collections.abc import Callable

import orjson
from dash import dcc, html

from deepresolve_dash.pages.called import called
from deepresolve_dash.pages.class_page import channels_link, partial, regime_select
from deepresolve_dash.pages.classes_more_panels import classes_more_panels
from deepresolve_dash.pages.classes_panels import matrices_panel, pair_panel, scatter_panel
from deepresolve_dash.pages.gate import may
from deepresolve_dash.pages.labels_routes import said
from deepresolve_dash.pages.panel import data, named
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import classes
from deepresolve_dash.views.selection import address

# The panels below the first screen, in their order: each entry makes some of them for a run. Their
# scripts listen for the event `drd-cohort`, which tells the selection and the run on screen.
BELOW: tuple[Callable[[Run], list[html.Section]], ...] = (classes_more_panels,)


def page(run: Run) -> html.Div:
    """Return the panels of a run, still without numbers."""
    available = classes.available(run.summary)
    return html.Div(
        [context_bar(run), *([*_still(run), *_panels(run, available)] if available else [alone()])],
        className="class-page classes-page",
        **data(cohort=orjson.dumps(description(run)).decode()),
    )


def description(run: Run) -> dict:
    """Return what the browser must know of a run before it asks."""
    return {  # without the ensemble, which takes long to read
        "id": run.id,
        "name": run.info.get("name", run.id),
        "targets": run.summary.target.values.tolist(),
        "names": [str(name) for name in run.summary.target_name.values],
        "stamp": run.info.get("partial", {}).get("classes_done", "whole"),
        "regimes": [str(name) for name in run.summary.regime.values],
        "channels": run.summary.channel.values.tolist(),
        "called": called(run),
        "offsets": run.offsets,
        "matrices": classes.available(run.summary),
        "labels": said(run) | {"may": may(f"/act/runs/{run.id}/labels/add")},
    }


def context_bar(run: Run) -> html.Div:
    """Return the bar that says which run this is, with the search."""
    first, name = int(run.summary.target.values[0]), str(run.summary.target_name.values[0])
    regimes = [str(regime) for regime in run.summary.regime.values]
    return html.Div(
        [
            html.Span(run.info.get("name", run.id), className="run-name", title=f"run {run.id}"),
            html.H1("Classes compared"),
            regime_select(regimes),
            html.Span(className="classes-search"),  # filled by the browser
            html.Div(className="fill"),
            html.Div(id="classes-notes", className="notes"),
            dcc.Link(
                "One class",
                href=address(run.id, first, name),
                className="button",
                title="The page of a class: why the network says yes to it",
            ),
            channels_link(run),
        ],
        className="context",
    )


def alone() -> html.P:
    """Return what is said of a run with one class."""
    return html.P(
        "This run has one class: there is nothing to compare it with. Resolve more classes of the "
        "network in a new run to see which of them share features.",
        className="empty lead",
    )


def _still(run: Run) -> list[html.P]:
    """Return the line that says that a run still computes."""
    told = partial(run)
    words = "The others are missing here; load the page again to see those done since."
    return [html.P([html.Strong(told["says"]), " ", words], className="partial")] if told else []


def _panels(run: Run, available: list[str]) -> list[html.Div]:
    """Return the panels of the first screen and those below."""
    first = [matrices_panel(available), scatter_panel(), pair_panel()]
    more = [section for make in BELOW for section in make(run)]
    return [
        html.Div(first, className="classes-grid"),
        html.Div(more, className="more", hidden=not more, **named("More about the classes")),
    ]
