"""The frame of a page that is one file: header, scripts and styles, and what it holds."""

import gzip
import re
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path

import orjson
from dash import html
from dash.development.base_component import Component

from deepresolve_dash import __version__
from deepresolve_dash.pages import shell
from deepresolve_dash.pages.bundle import bundled
from deepresolve_dash.pages.panel import data, named
from deepresolve_dash.pages.plain_html import as_html

_ASSETS = Path(__file__).parents[2] / "assets"
_PLOTLY = _ASSETS / "plotly-cartesian.min.js"
_ENDS_SCRIPT = re.compile(rb"<(?=/script|!--)", re.IGNORECASE)
_KEYS = ("/", "j", "]", "p", "←", "Escape", "arrows,", "t", "?")  # first words of those that work
_PAGES = ("g, then c l", "classes of this run, channels and their logos")
_CONFIG = (
    b'<script id="_dash-config" type="application/json">{"requests_pathname_prefix":"#/"}</script>'
)
_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data: blob:; "
    "font-src data:; connect-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'"
)


@cache
def script() -> bytes:
    """Return the scripts of the app between those that stand in for server and address bar."""
    before, after = (
        (_ASSETS / "offline" / f"{name}.js").read_bytes() for name in ("before", "after")
    )
    whole = b"(() => {\n" + before + bundled(_ASSETS, "js").whole + b"\n" + after + b"})();\n"
    return _ENDS_SCRIPT.sub(rb"\\x3c", whole)


@cache
def plotly() -> bytes:
    """Return the element that holds the script of interactive charts, packed."""
    packed = b64encode(gzip.compress(_PLOTLY.read_bytes(), 9, mtime=0))
    return b'<script type="text/plain" id="offline-plotly">' + packed + b"</script>\n"


@cache
def _policy() -> str:
    """Return what the file may do: run its own scripts, and ask nobody for anything."""
    texts = script(), _PLOTLY.read_bytes()
    hashes = [b64encode(sha256(text).digest()).decode() for text in texts]
    return _POLICY.format(scripts=" ".join(f"'sha256-{one}'" for one in hashes))


def head(title: str, link: tuple[str, str] | None) -> bytes:
    """Return the beginning of the file.

    Parameters
    ----------
    title : str
    link : (str, str) or None
        Words and address of the story that the file shows.
    """
    styles = bundled(_ASSETS, "css").whole + (_ASSETS / "offline" / "offline.css").read_bytes()
    meta = f"""<!DOCTYPE html>
<html lang="en" data-can=""><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="DeepResolve Dash {__version__}">
<link rel="icon" href="data:,"><title>{escape(title)} · DeepResolve Dash</title>
<style>"""
    return (
        meta.encode() + styles + b"</style></head><body>" + as_html(_frame(link)).encode() + b"\n"
    )


def _frame(link: tuple[str, str] | None) -> list:
    """Return what stands around every page."""
    story = (
        html.A(link[0], href=link[1], className="story-link", **data(visit="")) if link else None
    )
    light = html.Button("Light / dark", id=shell.THEME_BUTTON, className="button", title="t")
    opens = data(dialog=shell.HELP)
    keys = html.Button("Keys ?", id=shell.HELP_BUTTON, className="button", title="?", **opens)
    about: dict = {"aria-haspopup": "dialog", **data(dialog="about")}
    return [
        html.Header(
            [
                html.Strong("DeepResolve Dash", className="brand"),
                story,
                html.Div(className="fill"),
                html.Button("In this file", className="button", **about),
                html.Button(["Find", html.Kbd("/")], id=shell.FIND, className="button find-open"),
                keys,
                light,
            ],
            className="header",
        ),
        html.Main("Scripts are switched off here; this page needs them.", id=shell.PAGE),
        html.Section(id=shell.STORY_BAR, hidden=True, **named("Story")),
        html.Div(id=shell.NOTICE, role="alert"),
        html.Div(id="toasts", role="status", **named("Notices")),
        html.Div(id="spoken", className="unseen", role="status"),
        html.Div(id="pointer", hidden=True),
        _dialog(shell.HELP, "Keys", _keys()),
    ]


def _keys() -> html.Table:
    rows = [
        html.Tr([html.Th(html.Kbd(key), scope="row"), html.Td(what)])
        for key, what in [*shell.KEYS, _PAGES]
        if (key, what) == _PAGES or key.split()[0] in _KEYS
    ]
    return html.Table(html.Tbody(rows), className="keys")


def _dialog(name: str, title: str, inside: Component) -> html.Dialog:
    close = html.Button("Close", className="button main", **data(close=""))
    actions = html.Div(close, className="actions")
    return html.Dialog(
        [html.H2(title), inside, actions], id=name, className="file-dialog", **named(title)
    )


def template(name: str, inside: str) -> bytes:
    """Return a page as it stands ready before it is shown."""
    return f'<template id="{escape(name)}">{inside}</template>\n'.encode()


def tail(index: dict, says: Sequence[tuple[str, str, str]]) -> bytes:
    """Return the end of the file: what it holds, in words and for the scripts, and these.

    Parameters
    ----------
    index : dict
        For `before.js`.
    says : sequence of (address, name, words)
        Of each run.
    """
    made = f"Made by DeepResolve Dash {__version__}. It opens without a network and asks nobody."
    rows = [
        html.Li([html.A(name, href=f"#{at}", **data(visit="")), f": {words}"])
        for at, name, words in says
    ]
    about = _dialog("about", "In this file", html.Div([html.Ul(rows), html.P(made)]))
    told = orjson.dumps(index).replace(b"<", b"\\u003c")
    listed = b'<script type="application/json" id="offline-index">' + told + b"</script>\n"
    run = b"<script>" + script() + b"</script>\n"
    return as_html(about).encode() + _CONFIG + listed + run + b"</body></html>\n"
