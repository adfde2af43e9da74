"""The page for an address that leads nowhere."""

from dash import dcc, html


def page(message: str, hint: str = "", *, title: str = "Not found") -> html.Div:
    """Return a page that says what is missing, with a way back."""
    return html.Div(
        [
            html.H1(title),
            html.P(message),
            html.P(hint) if hint else None,
            dcc.Link("Back to the results", href="/", className="button"),
        ],
        className="empty missing",
    )
