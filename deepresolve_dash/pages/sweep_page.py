"""The page of a sweep: runs that were started at once, as one group; the browser fills it."""

from datetime import UTC, datetime

import orjson
from dash import html

from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.panel import data
from deepresolve_dash.pages.sweep_routes import line
from deepresolve_dash.runs.entry import ANONYMOUS


def page(sweep_id: str) -> html.Div:
    """Return the frame of a sweep.

    Raises
    ------
    SweepNotFound
        When there is none of this id.
    """
    sweep = context().sweeps.open(sweep_id)
    by = "" if sweep.user == ANONYMOUS else f" by {sweep.user}"
    when = f"{datetime.fromtimestamp(sweep.made, UTC):%Y-%m-%d %H:%M} UTC"
    return html.Div(
        [
            html.Div(
                [
                    html.H1(sweep.name),
                    html.Div(className="fill"),
                    html.Div(className="actions sweep-actions"),
                ],
                className="page-head",
            ),
            html.P(
                f"Started together{by}, {when}. Runs that are done can be opened, and two to eight "
                "of them compared, while the others go on.",
                className="lead",
            ),
            html.Div(className="sweep-all", role="status"),
            html.Div(className="sweep-runs"),
        ],
        className="list-page broad sweep-page",
        **data(sweep=orjson.dumps(line(sweep)).decode()),
    )
