"""The class page: why the network says yes to this class."""

from collections.abc import Sequence
from typing import Any

import orjson
from dash import dcc, html

from deepresolve_dash.pages.called import called
from deepresolve_dash.pages.class_panels import (
    card_panel,
    fiv_panel,
    level_panel,
    list_panel,
    ofiv_panel,
    similarity_panel,
)
from deepresolve_dash.pages.marks import marks
from deepresolve_dash.pages.more_panels import more_panels
from deepresolve_dash.pages.panel import data, named, switch
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import classes, fim
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.palette import KIND_MARKS, KIND_NAMES
from deepresolve_dash.views.selection import REGIME_WORDS

HEAD, PARTIAL, CLASS_SELECT = "head-notes", "partial", "class-select"
ALL = "All classes compared: which share features (g c)"
CHANNELS = "All channels: what each of them sees (g l)"
PROBE = "Paste a sequence: its scores, its channels, which bases matter (g x)"
REPEAT = "Start this run again with changes"
AWAY = "Take this result away: tables, matrix for scanpy, netCDF, tree, offline page"
_OPENS_DIALOG: dict[str, Any] = {"aria-haspopup": "dialog"}
EACH = "each"  # regime choice: every number from the regime it is read in


def page(run: Run) -> html.Div:
    """Return the five linked views of a run, still without a class."""
    summary = run.summary
    return html.Div(
        [
            context_bar(run),
            partial_bar(run),
            html.Div(
                [
                    fiv_panel(),
                    level_panel(),
                    ofiv_panel(summary.sizes["channel"]),
                    card_panel("filter" in run.ensemble),
                    list_panel(),
                    similarity_panel(classes.available(summary)),
                ],
                className="grid",
            ),
            html.Div(more_panels(), className="more"),
        ],
        className="class-page",
        **data(run=orjson.dumps(description(run)).decode()),
    )


def panel_titles() -> dict[str, str]:
    """Return the title of each panel by its name, in the order of the page."""
    first = [fiv_panel(), level_panel(), ofiv_panel(0), card_panel(False), list_panel()]
    return titles_of([*first, similarity_panel([]), *more_panels()])


def titles_of(panels: Sequence[html.Section]) -> dict[str, str]:
    """Return the title of each panel by its name."""
    told = [one.to_plotly_json()["props"] for one in panels]
    return {one["id"].removesuffix("-panel"): one["aria-label"] for one in told}


def description(run: Run) -> dict:
    """Return what the browser must know of a run."""
    filters = run.ensemble.get("filter")
    names = [str(name) for name in run.summary.target_name.values]
    targets = run.summary.target.values.tolist()
    return {
        "id": run.id,
        "name": run.info.get("name", run.id),
        "targets": targets,
        "names": names,
        "partial": partial(run),
        "stamp": run.info.get("partial", {}).get("classes_done", "whole"),
        "regimes": [str(name) for name in run.summary.regime.values],
        "offsets": 0 if filters is None else int(filters.sizes["offset"]),
        "noMap": fim.missing(run.ensemble),
        "channels": run.ensemble.channel.values.tolist(),
        "called": called(run),
        "matrices": classes.available(run.summary),
        "kinds": list(KIND_NAMES),
        "marks": list(KIND_MARKS),
    }


def partial(run: Run) -> dict | None:
    """Return how far a run is that still computes, None for a finished one."""
    told = run.info.get("partial")
    if not told:
        return None
    n, total = told["classes_done"], told["classes"]
    return {"done": n, "says": f"{n:,} of {count(total, 'class', 'classes')} done"}


def partial_bar(run: Run) -> html.Div:
    """Return the line that says that the rest still computes; hidden when nothing does."""
    told = partial(run)
    return html.Div(
        [
            html.Strong(told["says"] if told else "", className="done"),
            html.Span("The others appear as they are done.", className="wait muted"),
            html.Span(className="left muted"),
            dcc.Link("Queue", href=f"/runs?run={run.id}"),
        ],
        id=PARTIAL,
        className="partial",
        role="status",
        hidden=told is None,
    )


def context_bar(run: Run) -> html.Div:
    """Return the bar that says what is looked at and how far to trust it."""
    about = description(run)
    return html.Div(
        [
            html.Span(about["name"], className="run-name", title=f"run {run.id}"),
            step_button("class-before", "‹", -1, "Previous class ([)"),
            html.Button(
                id=CLASS_SELECT,
                className="button class-select",
                title="Choose a class",
                **_OPENS_DIALOG,
            ),
            step_button("class-after", "›", 1, "Next class (])"),
            marks("class"),
            regime_select(about["regimes"]),
            html.Div(id=HEAD, className="notes"),
            trials(),
            dcc.Link("Classes", href=f"/runs/{run.id}/classes", className="button", title=ALL),
            channels_link(run),
            probe_link(run),
            away_button(),
            dcc.Link("Repeat", href=f"/new?from={run.id}", className="button", title=REPEAT),
        ],
        className="context",
    )


def away_button() -> html.Button:
    """Return the button that takes the whole run away; the browser asks as which file."""
    told = data(away="") | named("Take this result away")
    return html.Button("⤓", className="button", title=AWAY, **told, **_OPENS_DIALOG)


def channels_link(run: Run) -> html.A:
    """Return the link to the table of channels; the browser adds the class that is on screen."""
    told = data(visit="", link="channels")
    return html.A(
        "Channels", href=f"/runs/{run.id}/channels", className="button", title=CHANNELS, **told
    )


def probe_link(run: Run) -> html.A:
    """Return the link to the page that shows a sequence to the network of a run."""
    told = data(visit="", link="probe")
    return html.A("Probe", href=f"/runs/{run.id}/probe", className="button", title=PROBE, **told)


def trials() -> html.Div:
    """Return the light that says whether trials are enough, and the place of the button for more.

    Both are filled by the browser; the light leads to the panel that shows why.
    """
    light = html.Button(className="chip light", hidden=True, **data(jump="traces"))
    return html.Div([light, html.Span(className="more-trials")], id="trials", className="trials")


def step_button(name: str, sign: str, by: int, title: str) -> html.Button:
    """Return the button to a neighbouring class."""
    return html.Button(sign, id=name, className="button", title=title, **data(step=str(by)))


def regime_select(regimes: list[str]) -> html.Div:
    """Return the switch between regimes; a run with one regime has nothing to switch."""
    choices = [(EACH, "headline"), *((name, name) for name in regimes)]
    return html.Div(
        switch("regime", choices, "Regime"),
        id="regime-select",
        hidden=len(regimes) < 2,
        title="headline: each number from the regime it is read in. "
        + ". ".join(f"{name}: {REGIME_WORDS.get(name, name)}" for name in regimes),
    )
