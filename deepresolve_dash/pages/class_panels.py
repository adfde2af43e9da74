"""The panels of the class page, still without a class."""

from dash import html

from deepresolve_dash.pages.marks import marks
from deepresolve_dash.pages.panel import (
    canvas,
    chips,
    chooser,
    data,
    download,
    graph,
    named,
    panel,
    switch,
)
from deepresolve_dash.views import channels, classes, fiv, inconsistency, logos, ofiv
from deepresolve_dash.views.words import kind_marks

FIV, LEVELS, OFIV, LIST, CARD = "fiv", "il", "ofiv", "channels", "card"
FIM = "fim"
SIMILARITY, COMPARED, PAIR = "similarity", "compared", "pair"
SET = "set-bar"


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


def ofiv_panel(n_channels: int) -> html.Section:
    """Return the panel of the ranking."""
    return panel(
        OFIV,
        "Overall importance (OFIV)",
        [graph(OFIV, "Channels ranked by overall importance")],
        describe=ofiv.data,
        actions=[chooser("bars", ofiv.choices(n_channels), "bars"), download(OFIV)],
    )


def card_panel(has_logos: bool) -> html.Section:
    """Return the panel of the selected channel."""
    forms = switch("logo", [(form, form) for form in logos.FORMS], "Logo as")
    pictures = switch("card", [("logo", "logo"), ("map", "map")], "Picture of the channel")
    return panel(
        CARD,
        "Channel",
        [
            canvas(FIM, "Map of the channel, trials by positions"),
            html.P(id=f"{FIM}-missing", className="empty", hidden=True),
            html.Div(id=CARD, className="channel-card"),
            marks("channel"),
        ],
        describe=logos.heights,
        actions=[pictures, *([forms] if has_logos else []), download(CARD)],
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
        actions=[set_bar(), download(LIST)],
        notes=chips(kind_marks()),
    )


def set_bar() -> html.Div:
    """Return what can be done with the marked channels, hidden while there are none."""
    only = "Show the marked channels only"
    table = "Copy the marked channels as a table (tab-separated)"
    clear = "Mark none (Escape in the list)"
    return html.Div(
        [
            html.Span(className="count", role="status"),
            html.Button("only these", className="button", title=only, **data(set="only")),
            html.Button("copy", className="button", title=table, **data(set="copy")),
            html.Button("clear", className="button", title=clear, **data(set="clear")),
        ],
        id=SET,
        className="set-bar",
        hidden=True,
    )


def similarity_panel(available: list[str]) -> html.Section:
    """Return the panel that compares classes."""
    if not available:
        body = [html.P("One class only: there is nothing to compare it with.", className="empty")]
        return panel(SIMILARITY, "Class similarity", body, describe=classes.data)
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
            marks("pair"),
            second,
            download(SIMILARITY, COMPARED),
        ],
    )
