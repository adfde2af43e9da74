"""The page of the probe: one pasted sequence through a network, base by base."""

from typing import Any

import orjson
from dash import dcc, html
from dash.development.base_component import Component

from deepresolve_dash.pages.panel import data, named, panel, switch, take_button
from deepresolve_dash.pages.probe_subject import Subject, has_labels, layers_of
from deepresolve_dash.views import probe as view

PASTE, SCORES, BASES, TRACKS = "paste", "scores", "bases", "tracks"
TITLES = {
    PASTE: "Sequence",
    SCORES: "Class scores",
    BASES: "What each base gives the class",
    TRACKS: "Channels along the sequence",
}
_EXAMPLES = (
    ("positive", "positive", "A labelled sequence of this class; press again for the next"),
    ("negative", "negative", "A labelled sequence that is not of this class"),
    ("random", "random", "All bases equally likely"),
)


def page(subject: Subject) -> html.Div:
    """Return the panels of a run or a model, still without a sequence."""
    return html.Div(
        [
            context_bar(subject),
            html.Div(
                [paste_panel(subject), scores_panel(), bases_panel(), tracks_panel(subject)],
                className="probe-grid",
            ),
        ],
        className="class-page probe-page",
        **data(probe=orjson.dumps(description(subject)).decode()),
    )


def description(subject: Subject) -> dict:
    """Return what the browser must know of a run or a model before it asks."""
    run = subject.run
    return {
        "id": run.id if run else subject.model.id,
        "run": run.id if run else None,
        "model": subject.model.id,
        "name": subject.title,
        "layer": subject.layer,
        "length": subject.length,
        "targets": list(range(len(subject.names))),
        "names": list(subject.names),
        "first": subject.target(None),
        "called": {},
        "ofRun": run.summary.target.values.tolist() if run else [],
    }


def context_bar(subject: Subject) -> html.Div:
    """Return the bar that says whose scores these are."""
    run = subject.run
    chosen: dict[str, Any] = {
        "className": "button class-select",
        "title": "Choose a class",
        "aria-haspopup": "dialog",
    }
    links: list[Component] = [
        dcc.Link("Model", href=f"/models/{subject.model.id}", className="button")
    ]
    if run is not None:
        links += [
            html.A("Class", href=f"/runs/{run.id}", className="button", **data(link="class")),
            html.A(
                "Channels",
                href=f"/runs/{run.id}/channels",
                className="button",
                **data(link="channels"),
            ),
            dcc.Link("Classes", href=f"/runs/{run.id}/classes", className="button"),
        ]
    title = f"run {run.id}" if run else f"model {subject.model.id}"
    return html.Div(
        [
            html.Span(subject.title, className="run-name", title=title),
            html.H1("Probe a sequence"),
            html.Span("for", className="muted"),
            html.Button(id="probe-class", **chosen),
            *layer_choice(subject),
            html.Div(className="fill"),
            *links,
        ],
        className="context",
    )


def layer_choice(subject: Subject) -> list[Component]:
    """Return the layer whose channels are shown: a run has its own, a model lets choose."""
    if subject.run is not None or subject.layer is None:
        said = f"channels of {subject.layer}" if subject.layer else "this network cannot be cut"
        return [html.Span(said, className="muted")]
    options = [html.Option(name, value=name) for name in layers_of(subject.offer)]
    select = html.Select(options, id="probe-layer")
    return [html.Label(["channels of", select], className="chooser-line")]


def paste_panel(subject: Subject) -> html.Section:
    """Return the panel where sequences are pasted."""
    kinds = _EXAMPLES if has_labels(subject) else _EXAMPLES[-1:]
    buttons = [
        html.Button(words, className="button", title=title, **data(example=kind))
        for kind, words, title in kinds
    ]
    return panel(
        PASTE,
        TITLES[PASTE],
        [
            _box("first", f"Letters or FASTA; the network reads {subject.length:,} bp"),
            html.Div(
                [
                    html.Button(
                        "Probe",
                        id="probe-go",
                        className="button main",
                        title="Ask the network (Ctrl-Enter)",
                    ),
                    html.Span("Example:", className="muted"),
                    *buttons,
                    html.Div(className="fill"),
                    html.Button(
                        "Second sequence",
                        id="probe-second-open",
                        className="button",
                        title="Set another one beside it",
                    ),
                    html.Button("Clear", id="probe-clear", className="button"),
                ],
                className="actions",
            ),
            html.Div(
                [
                    _box("second", "A second one, set beside the first"),
                    html.Button("Take it away", id="probe-second-close", className="button"),
                ],
                id="probe-beside",
                hidden=True,
            ),
            html.P(className="refused", role="alert", hidden=True),
            html.Div(className="probe-said muted", role="status"),
            html.Div(className="probe-busy", hidden=True),
        ],
        describe=view.given,
    )


def _box(name: str, hint: str) -> html.Div:
    label = "Sequence" if name == "first" else "Second sequence"
    told: dict[str, Any] = {"spellCheck": "false", **named(label)}
    return html.Div(
        html.Textarea(id=f"probe-{name}", className="probe-box", placeholder=hint, **told)
    )


def scores_panel() -> html.Section:
    """Return the panel of all class scores."""
    head = html.Div(className="layer-tools score-tools")
    return panel(
        SCORES,
        TITLES[SCORES],
        [head, html.Div(className="scores-body", tabIndex=0, role="region", **named("Scores"))],
        describe=view.scores,
        actions=[_file("scores.tsv", "TSV", "Scores of all classes")],
    )


def bases_panel() -> html.Section:
    """Return the panel of what each base gives the class."""
    tools = html.Div(
        [
            switch("zoom", (("fit", "fit"), ("wide", "wide letters")), "Width of letters"),
            html.Span(className="edits"),
        ],
        className="layer-tools",
    )
    return panel(
        BASES,
        TITLES[BASES],
        [tools, html.Div(className="bases-body")],
        describe=view.bases,
        actions=[
            _file("bases.tsv", "TSV", "Every mutation, and both contributions of each base"),
            take_button(
                {"track": "Bases and channels"}, [False], hidden=True, **data(probefile="track.svg")
            ),
        ],
    )


def tracks_panel(subject: Subject) -> html.Section:
    """Return the panel of the channels along the sequence."""
    orders = [("activation", "by activation")]
    if subject.run is not None:
        orders.append(("importance", "by |OFIV|"))
    tools = html.Div([switch("order", orders, "Order of the channels")], className="layer-tools")
    return panel(
        TRACKS,
        TITLES[TRACKS],
        [tools if subject.run else "", html.Div(className="tracks-body")],
        describe=view.channels,
        actions=[_file("channels.tsv", "TSV", "Largest activation of every channel, and where")],
    )


def _file(name: str, words: str, title: str) -> html.A:
    """Return the link to a file; the browser fills in whose it is."""
    return html.A(
        words, className="button", title=title, download="", hidden=True, **data(probefile=name)
    )
