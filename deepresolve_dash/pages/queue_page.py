"""The queue: runs that wait and compute, and those that have ended; the browser fills it."""

from dash import html

from deepresolve_dash.pages.acting import go
from deepresolve_dash.pages.panel import data
from deepresolve_dash.runs.entry import Entry
from deepresolve_dash.views.queue import ACTIVE, says


def page() -> html.Div:
    """Return the frame of the queue."""
    return html.Div(
        [
            html.Div(
                [
                    html.H1("Queue"),
                    html.Div(className="fill"),
                    go("New run", "/new", main=True),
                ],
                className="page-head",
            ),
            html.P(
                "Runs go on when this page is closed, and when the server is started again. "
                "Classes that are done can be opened while the rest runs.",
                className="lead",
            ),
            html.Div(id="queue-mode", role="status"),
            html.Div(id="sweeps"),
            html.Div(id="queue"),
            html.Section(id="machines"),
        ],
        className="list-page broad",
    )


def waiting(entry: Entry) -> html.Div:
    """Return the page of a run without a finished class; it opens by itself when there is one."""
    active = entry.state in ACTIVE
    what = "No class is done yet. This page shows the first one when it is."
    ended = "It ended without a finished class. The queue has its log and takes it up again."
    return html.Div(
        [
            html.H1(entry.name),
            html.P(says(entry), className="state", role="status"),
            html.P(what if active else ended),
            go("Queue", f"/runs?run={entry.id}"),
        ],
        className="list-page",
        **data(wait=entry.id, state=entry.state),
    )
