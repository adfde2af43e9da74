"""The parts that panels are made of."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from deepresolve_dash.exports.figures.registry import PANELS
from deepresolve_dash.views.words import Note

GRAPH_CONFIG: Any = {
    "displayModeBar": False,
    "displaylogo": False,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "responsive": True,
    "scrollZoom": False,
}
_OPENS_DIALOG: dict[str, Any] = {"aria-haspopup": "dialog"}


def named(label: str) -> dict[str, Any]:
    """Return the attribute that names an element for those who cannot see it."""
    return {"aria-label": label}


def panel(
    name: str,
    title: str,
    body: list,
    *,
    describe: Callable,
    actions: Sequence[Component] = (),
    notes: Sequence[Component] = (),
) -> html.Section:
    """Return a titled panel: caption below the title, help from the view's own docstring."""
    return html.Section(
        [
            html.Div(
                [
                    html.H2(title),
                    html.Span(id=f"{name}-regime", className="regime"),
                    html.Div(className="fill"),
                    *actions,
                    enlarge(name, title),
                    help_button(title, describe),
                ],
                className="panel-head",
            ),
            html.Div(list(notes), id=f"{name}-notes", className="notes"),
            html.Div(body, className="panel-body"),
        ],
        id=f"{name}-panel",
        className=f"panel {name}",
        **named(title),
    )


def enlarge(name: str, title: str) -> html.Button:
    """Return the button that fills the screen with a panel."""
    return html.Button(
        className="button round enlarge",
        title="Full screen (p)",
        **data(present=name),
        **named(f"Full screen: {title}"),
    )


def help_button(title: str, describe: Callable) -> html.Details:
    """Return the button that shows what a view is and what would fool its reader."""
    button = html.Summary("?", className="button round", **named(f"Help: {title}"))
    return html.Details([button, html.P(help_text(describe))], className="help")


def help_text(describe: Callable) -> str:
    """Return the first two sentences of a view: its summary and the paragraph after it."""
    paragraphs = (describe.__doc__ or "").strip().split("\n\n")[:2]
    return " ".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _pressed(value: bool) -> dict[str, Any]:
    return {"aria-pressed": str(value).lower()}


def data(**values: str) -> dict[str, Any]:
    """Return attributes for the scripts in `assets`."""
    return {f"data-{key}": value for key, value in values.items()}


def switch(key: str, choices: Sequence[tuple[str, str]], label: str) -> html.Div:
    """Return buttons of which one is pressed; the browser writes the choice to the address.

    Parameters
    ----------
    key : str
        Name in the address.
    choices : sequence of (value, text)
    label : str
        What is chosen, for those who cannot see it.
    """
    buttons = [html.Button(text, **data(value=value), **_pressed(False)) for value, text in choices]
    return html.Div(buttons, className="switch", role="group", **data(key=key), **named(label))


def chooser(key: str, choices: Sequence[tuple[str, str]], label: str) -> html.Label:
    """Return a list to choose one of, its label in front; the choice goes to the address."""
    options = [html.Option(text, value=value) for value, text in choices]
    return html.Label([label, html.Select(options, **data(key=key))], className="chooser-line")


def download(
    name: str, *others: str, label: str = "SVG", what: str = "this picture"
) -> html.Button:
    """Return the button that takes a picture away: by a dialog, drawn by the server for print.

    What the server cannot draw the browser saves as it is on the screen.

    Parameters
    ----------
    name, *others : str
        Pictures of one panel.
    """
    drawn = [one for one in (name, *others) if one in PANELS]
    if drawn:
        rows = [PANELS[one].rows is not None for one in drawn]
        return take_button({one: PANELS[one].title for one in drawn}, rows)
    return html.Button(
        label,
        className="button",
        title=f"Download {what} as SVG",
        **data(download=name),
    )


def take_button(titles: dict[str, str], rows: Sequence[bool], **more: Any) -> html.Button:
    """Return the button that opens the dialog of taking away.

    Parameters
    ----------
    titles : dict
        Of each picture, by its name.
    rows : sequence of bool
        Whether there are rows behind each.
    **more
        Further attributes.
    """
    return html.Button(
        html.Span("Take away", className="take-word"),
        className="button take-button",
        title="Take away: a figure for print (SVG, PDF, PNG), or the rows behind it",
        **data(
            take=",".join(titles), titles=json.dumps([*titles.values()]), rows=json.dumps([*rows])
        ),
        **_OPENS_DIALOG,
        **more,
    )


def graph(name: str, label: str) -> html.Figure:
    """Return the place of a chart, with a name for those who cannot see it."""
    chart = html.Div(id=name, className="graph")
    return html.Figure(chart, role="img", **named(label), className="chart")


def canvas(name: str, label: str) -> html.Div:
    """Return the place of a matrix."""
    return html.Div(
        id=name,
        className="matrix",
        tabIndex=0,
        role="application",
        **named(f"{label}. Arrow keys move, Enter selects."),
    )


def chips(notes: Sequence[Note]) -> list[Component]:
    """Return notes as chips; the reason shows on hover and focus, a click marks the channels."""
    return [chip(note) for note in notes]


def chip(note: Note) -> Component:
    """Return a note as a chip, a button when it names channels."""
    words = [html.Span(note.mark, className=f"mark {note.mark_class}"), note.text]
    if note.channels:
        about = data(channels=",".join(map(str, note.channels)))
        return html.Button(words, title=note.why, className=f"chip {note.tone} pick", **about)
    return html.Span(words, title=note.why, className=f"chip {note.tone}", tabIndex=0)
