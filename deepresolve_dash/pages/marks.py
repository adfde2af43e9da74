"""The places of stars and notes; the browser fills them for the thing that is on screen."""

from dash import html

from deepresolve_dash.pages.panel import data
from deepresolve_dash.runs.note import Kind


def marks(kind: Kind) -> html.Span:
    """Return the place of the star and of the notes of the class, channel or pair on screen."""
    return html.Span(className="marks", **data(marks=kind))
