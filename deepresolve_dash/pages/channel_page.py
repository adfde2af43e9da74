"""The page of one channel: its faces, the motifs they resemble, where it fires, its classes."""

import orjson
from dash import html

from deepresolve_dash.pages.channels_page import context_bar, description, exports, toggle
from deepresolve_dash.pages.channels_sources import sources
from deepresolve_dash.pages.panel import data, download, panel, switch
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import channel as view
from deepresolve_dash.views.channel import place_of

FACES, MATCHES, WHERE, FACETS, FOR, KIN = "faces", "motifs", "where", "facets", "speaks", "kin"
TITLES = {
    FACES: "What it sees",
    MATCHES: "Known motifs",
    WHERE: "Where it fires",
    FOR: "Classes it speaks for and against",
    KIN: "Relatives",
}
_FORMS = (("bits", "bits"), ("probability", "probability"), ("weights", "weights"))
_COLOURS = (("weblogo", "WebLogo"), ("meme", "MEME"), ("safe", "colour-blind safe"))


def page(run: Run, channel: int) -> html.Div:
    """Return the panels of a channel, still without numbers.

    Raises
    ------
    RunNotFound
        When the run has no such channel.
    """
    place_of(run, channel)
    return html.Div(
        [
            context_bar(run, f"Channel {channel}", many=False),
            html.Div(className="look-line", role="status", hidden=True),
            html.Div(
                [faces_panel(), matches_panel(run), where_panel(), classes_panel(), kin_panel()],
                className="channel-grid",
            ),
        ],
        className="class-page layer-page channel-page",
        **data(layer=orjson.dumps(description(run)).decode()),
    )


def faces_panel() -> html.Section:
    """Return the panel of all pictures of a channel."""
    tools = html.Div(
        [
            switch("form", _FORMS, "Height of letters"),
            switch("colours", _COLOURS, "Colours of bases"),
            toggle("turned", "reverse complement", "Read on the other strand"),
            toggle("trim", "trim", "Leave out the flanks below a quarter of a bit"),
            toggle("below", "avoided below", "What a filter avoids, below the line"),
        ],
        className="layer-tools",
    )
    return panel(
        FACES,
        TITLES[FACES],
        [tools, html.Div(className="faces-body")],
        describe=view.data,
        actions=[download(FACES), exports()],
    )


def matches_panel(run: Run) -> html.Section:
    """Return the panel of the known motifs that a picture resembles."""
    tools = [toggle("weak", "weak matches", "Show matches with q above 0.05 too"), *sources(run)]
    return panel(
        MATCHES,
        TITLES[MATCHES],
        [html.Div(tools, className="layer-tools"), html.Div(className="motifs-body")],
        describe=view.logos,
        actions=[download(MATCHES)],
    )


def where_panel() -> html.Section:
    """Return the panel of the places and fragments that turn the channel on."""
    return panel(
        WHERE,
        TITLES[WHERE],
        [html.Div(className="where-body")],
        describe=view.activation,
        actions=[download(WHERE)],
    )


def classes_panel() -> html.Section:
    """Return the panel of the classes that the channel speaks for and against."""
    return panel(
        FOR,
        TITLES[FOR],
        [html.Div(className="speaks-body")],
        describe=view.classes,
        actions=[download(FOR)],
    )


def kin_panel() -> html.Section:
    """Return the panel of the channels of one family."""
    return panel(
        KIN,
        TITLES[KIN],
        [html.Div(className="kin-body")],
        describe=view.relatives,
        actions=[download(KIN)],
    )
