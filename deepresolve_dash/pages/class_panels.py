"""The panels of the class page, still without a class."""

from dash import html
from dash.development.base_component import Component

from deepresolve_dash.pages.panel import (
    canvas,
    chips,
    chooser,
    download,
    graph,
    named,
    panel,
    switch,
)
from deepresolve_dash.views import channels, classes, fiv, inconsistency, logos, ofiv
from deepresolve_dash.views.words import kind_marks

FIV, LEVELS, OFIV, LIST, CARD = "fiv", "il", "ofiv", "channels", "card"
SIMILARITY, COMPARED, PAIR = "similarity", "compared", "pair"


def fiv_panel() -> html.Section:
    """Return the panel of the ensemble."""
    return panel(
        FIV,
        "Feature importance vectors",
        [canvas(FIV, "Feature importance, trials by channels")],
        describe=fiv.data,
        actions=[
            chooser("rows", [("score", "score"), ("clustered", "clustered")], "trials by"),
            chooser(
                "columns",
                [("ofiv", "OFIV"), ("level", "IL"), ("clustered", "clustered")],
                "channels by",
            ),
            download(FIV),
        ],
    )


def level_panel() -> html.Section:
    """Return the panel of the inconsistency levels."""
    return panel(
        LEVELS,
        "Inconsistency level",
        [graph(LEVELS, "Inconsistency levels of the channels with the fitted mixture")],
        describe=inconsistency.data,
        actions=[
            switch("levels", [("histogram", "histogram"), ("rank", "ranks")], "Levels as"),
            download(LEVELS),
        ],
    )


def ofiv_panel() -> html.Section:
    """Return the panel of the ranking."""
    return panel(
        OFIV,
        "Overall importance (OFIV)",
        [graph(OFIV, "Channels ranked by overall importance")],
        describe=ofiv.data,
        actions=[download(OFIV)],
    )


def card_panel(has_logos: bool) -> html.Section:
    """Return the panel of the selected channel."""
    forms = switch("logo", [(form, form) for form in logos.FORMS], "Logo as")
    return panel(
        CARD,
        "Channel",
        [html.Div(id=CARD, className="channel-card")],
        describe=logos.heights,
        actions=[forms, download(CARD)] if has_logos else [],
    )


def list_panel() -> html.Section:
    """Return the panel that lists the channels."""
    heads = ("rank", "channel", "logo", "OFIV", "IL", "")
    rows = html.Div(id=LIST, className="rows", tabIndex=0, role="listbox", **named("Channels"))
    return panel(
        LIST,
        "Channels",
        [html.Div([html.Span(head) for head in heads], className="row heads"), rows],
        describe=channels.data,
        notes=chips(kind_marks()),
    )


def similarity_panel(available: list[str]) -> html.Section:
    """Return the panel that compares classes."""
    if not available:
        body = [html.P("One class only: there is nothing to compare it with.", className="empty")]
        return panel(
            SIMILARITY, "Class similarity", [*body, *hidden_matrices()], describe=classes.data
        )
    others = [name for name in available if name != "similarity"]
    second = switch(
        "second", [(name, classes.COMPARISONS[name].short) for name in others], "Compare with"
    )
    pair = [
        canvas(SIMILARITY, "Similarity of classes"),
        canvas(COMPARED, "The other comparison of classes"),
    ]
    return panel(
        SIMILARITY,
        "Class similarity",
        [html.Div(pair, className="twins"), html.Div(id=PAIR, className="pair")],
        describe=classes.data,
        actions=[
            second,
            download(SIMILARITY, label="SVG left", what="the similarity"),
            download(COMPARED, label="SVG right", what="the comparison beside it"),
        ],
    )


def hidden_matrices() -> list[Component]:
    """Return the places that callbacks write to when there is nothing to compare."""
    places = [html.Div(id=name) for name in (SIMILARITY, COMPARED, PAIR)]
    return [html.Div(places, hidden=True)]
