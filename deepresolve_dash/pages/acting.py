"""Parts that change something when used; the scripts in `assets` send what they say."""

import orjson
from dash import dcc, html
from flask import has_request_context

from deepresolve_dash.pages.gate import may
from deepresolve_dash.pages.panel import data, named


def act(
    label: str,
    path: str,
    *,
    ask: str = "",
    said: str = "",
    undo: str = "",
    then: str = "",
    send: dict | None = None,
    field: str = "",
    value: str = "",
    tone: str = "",
    title: str = "",
) -> html.Button | html.Span:
    """Return a button that changes something on the server; nothing for those who may not.

    Parameters
    ----------
    label : str
    path : str
        Route that is posted to.
    ask : str
        Question that must be answered first.
    said : str
        What is said when it is done.
    undo : str
        Route that takes it back, offered for a while.
    then : str
        Page to open afterwards; the page on show is made anew without one.
    send : dict
        Values to send along.
    field, value : str
        Name and start of a text that is asked for and sent along.
    tone : {"", "danger", "main"}
    title : str
        What it does, when the label is short.
    """
    if has_request_context() and not may(path):
        return html.Span(hidden=True)
    told = {"ask": ask, "said": said, "undo": undo, "then": then, "field": field}
    sent = {"send": orjson.dumps(send).decode()} if send else {}
    sent |= {"value": value} if field else {}
    return html.Button(
        label,
        className=f"button {tone}".strip(),
        title=title or None,
        **data(act=path, **{key: value for key, value in told.items() if value}, **sent),
    )


def go(label: str, href: str, *, main: bool = False) -> dcc.Link:
    """Return a link that looks like a button."""
    return dcc.Link(label, href=href, className="button main" if main else "button")


def under_way(label: str) -> html.Div:
    """Return what is shown while files are sent: words, a bar, a way to stop; hidden at first."""
    stop = html.Button("Cancel", className="button", **data(stop=""))
    return html.Div(
        [html.P(className="drop-says"), progress(label), stop], className="drop-busy", hidden=True
    )


def progress(label: str) -> html.Div:
    """Return an empty progress bar."""
    return html.Div(
        html.Div(className="bar"), className="progress", role="progressbar", **named(label)
    )
