"""The page of all channels of a layer: what each sees, and what it says of a class."""

from typing import Any

import orjson
from dash import dcc, html
from dash.development.base_component import Component

from deepresolve_dash.pages.called import called
from deepresolve_dash.pages.channels_sources import sources
from deepresolve_dash.pages.class_page import probe_link, regime_select, step_button
from deepresolve_dash.pages.marks import marks
from deepresolve_dash.pages.motif_routes import look_key
from deepresolve_dash.pages.panel import data, download, help_button, named, panel, switch
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import channel_table
from deepresolve_dash.views.palette import KIND_MARKS, KIND_NAMES

_OPENS_DIALOG: dict[str, Any] = {"aria-haspopup": "dialog"}
TABLE, CHOSEN, ARTEFACTS = "channel-table", "chosen", "artefacts"
TITLES = {TABLE: "Channels", CHOSEN: "Channel", ARTEFACTS: "Artefacts"}
FACE_WORDS = {
    "filter": "What the filter likes: its positive weights",
    "activation": "Sequences that turn the channel on, counted base by base",
    "ascent": "What the network's own gradient asks the sequence to be",
}
_COLUMNS = (  # key in the address, words on screen, title
    ("channel", "channel", "Number in the layer"),
    ("", "logo", ""),
    ("match", "best motif", "Known motif that the shown face resembles most, by its q-value"),
    ("ofiv", "OFIV", "Overall importance for the class, feature-map units"),
    ("rank", "rank", "Place by OFIV, 1 speaks for the class most"),
    ("il", "IL", "Inconsistency level: does its sign change over trials"),
    ("kind", "kind", "● additive, ◆ non-additive, ▲ inconsistent"),
    ("max", "max", "Largest activation over the sequences, units of the channel"),
    ("family", "family", "Channels that see the same motif, named by the smallest"),
    ("flags", "flags", "dead, uniform logo, artefact"),
)


def page(run: Run) -> html.Div:
    """Return the panels of a run, still without numbers."""
    return html.Div(
        [
            context_bar(run, "Channels", many=True),
            html.Div(className="look-line", role="status", hidden=True),
            html.Div([table_panel(run), chosen_panel(), artefacts_panel()], className="layer-grid"),
        ],
        className="class-page layer-page channels-page",
        **data(layer=orjson.dumps(description(run)).decode()),
    )


def description(run: Run) -> dict:
    """Return what the browser must know of a run before it asks."""
    summary = run.summary
    return {
        "id": run.id,
        "name": run.info.get("name", run.id),
        "layer": run.info["spec"].get("layer", ""),
        "targets": summary.target.values.tolist(),
        "names": [str(name) for name in summary.target_name.values],
        "stamp": run.info.get("partial", {}).get("classes_done", "whole"),
        "regimes": [str(name) for name in summary.regime.values],
        "channels": summary.channel.values.tolist(),
        "called": called(run),
        "seen": look_key(run, {}),
        "offsets": run.offsets,
        "own": bool(run.info["spec"].get("sequences")),
        "kinds": list(KIND_NAMES),
        "marks": list(KIND_MARKS),
    }


def context_bar(run: Run, title: str, *, many: bool) -> html.Div:
    """Return the bar that says which run and class these channels are of."""
    regimes = [str(regime) for regime in run.summary.regime.values]
    link: dict[str, Any] = {
        "className": "button",
        "data-link": "class",
        "data-visit": "",
        "title": "The page of this class",
    }
    other = (
        [] if many else [dcc.Link("Channels", href=f"/runs/{run.id}/channels", className="button")]
    )
    return html.Div(
        [
            html.Span(run.info.get("name", run.id), className="run-name", title=f"run {run.id}"),
            html.H1(title),
            *([] if many else [marks("channel")]),
            html.Span("for", className="muted"),
            step_button("class-before", "‹", -1, "Previous class ([)"),
            html.Button(
                id="class-select",
                className="button class-select",
                title="Choose a class",
                **_OPENS_DIALOG,
            ),
            step_button("class-after", "›", 1, "Next class (])"),
            regime_select(regimes),
            html.Div(className="fill"),
            *other,
            html.A("Class", href=f"/runs/{run.id}", **link),
            probe_link(run),
            dcc.Link("Classes", href=f"/runs/{run.id}/classes", className="button"),
        ],
        className="context",
    )


def table_panel(run: Run) -> html.Section:
    """Return the panel of the table."""
    heads = [_head(*column) for column in _COLUMNS]
    return panel(
        TABLE,
        TITLES[TABLE],
        [
            html.Div(
                [
                    html.Span(className="channels-search"),  # filled by the browser
                    faces_switch(),
                    *sources(run),
                    toggle("weak", "weak matches", "Show matches with q above 0.05 too, in grey"),
                ],
                className="layer-tools",
            ),
            html.Div(heads, className="seen-heads", role="group", **named("Sort by")),
            html.Div(
                id="seen-rows",
                className="rows",
                tabIndex=0,
                role="grid",
                **named("Channels. Up and down choose, Enter opens."),
            ),
        ],
        describe=channel_table.data,
        actions=[download(TABLE), exports()],
    )


def chosen_panel() -> html.Section:
    """Return the panel of the channel that is chosen in the table."""
    return html.Section(
        [
            html.Div(
                [
                    html.H2("Channel"),
                    html.Span(id=f"{CHOSEN}-regime", className="regime"),
                    html.Div(className="fill"),
                    marks("channel"),
                    help_button("Channel", channel_table.logos),
                ],
                className="panel-head",
            ),
            html.Div(className="chosen-body"),
        ],
        id=f"{CHOSEN}-panel",
        className="panel chosen-channel",
        **named(TITLES[CHOSEN]),
    )


def toggle(key: str, words: str, title: str) -> html.Div:
    """Return a button that is pressed or not, as the address says."""
    pressed: dict = {"aria-pressed": "false"}
    button = html.Button(words, title=title, **data(flag=key), **pressed)
    return html.Div(button, className="switch")


def artefacts_panel() -> html.Section:
    """Return the panel that sets activation against the match with known motifs."""
    return panel(
        ARTEFACTS,
        TITLES[ARTEFACTS],
        [html.Div(className="artefacts-body")],
        describe=channel_table.activity,
        actions=[download(ARTEFACTS)],
    )


def faces_switch() -> html.Div:
    """Return the switch between faces; those that a run lacks are hidden by the browser."""
    made = switch("face", [(name, name) for name in FACE_WORDS], "Face")
    for button, words in zip(made.children, FACE_WORDS.values(), strict=True):  # type: ignore[arg-type]
        button.title = words
    return made


def exports() -> html.Details:
    """Return the list of files to take away; the browser fills in their addresses."""
    files = (
        ("meme", "MEME"),
        ("jaspar", "JASPAR"),
        ("transfac", "TRANSFAC"),
        ("homer", "HOMER"),
        ("tomtom", "matches as Tomtom TSV"),
        ("bed", "instances as BED"),
        ("tsv", "table as TSV"),
    )
    links = [html.A(words, href="#", download="", **data(export=key)) for key, words in files]
    return html.Details(
        [html.Summary("Export", className="button"), html.Div(links, className="export-list")],
        className="exports",
    )


def _head(key: str, words: str, title: str) -> Component:
    if not key:
        return html.Span(words)
    return html.Button(words, title=title, className=f"of-{key}", **data(sort=key))
