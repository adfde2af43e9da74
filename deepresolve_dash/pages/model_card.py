"""The card of a model: what it is, what is odd, where to cut, and what its classes are called."""

import orjson
from dash import dcc, html
from dash.development.base_component import Component
from flask import has_request_context

from deepresolve_dash.networks.card_version import CARD_VERSION
from deepresolve_dash.pages.acting import act, go
from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.gate import may
from deepresolve_dash.pages.panel import data, help_button
from deepresolve_dash.runs.class_table import INDEX
from deepresolve_dash.runs.models import Model
from deepresolve_dash.views import models, network_graph
from deepresolve_dash.views.layer_details import run_cost
from deepresolve_dash.views.measures import size
from deepresolve_dash.views.selection import query

ALPHABETS = ("ACGT", "AGCT", "ATCG", "ATGC", "TGCA")
_LAYER_HEADS = ("layer", "kind", "channels × width", "a position sees", "cut here")


def page(model: Model) -> html.Div:
    """Return the card of a model."""
    return html.Div(
        [
            head(model),
            html.Div(
                [about(model), findings(model)],
                className="columns",
            ),
            network(model),
            layers(model),
            classes(model),
        ],
        className="list-page",
    )


def head(model: Model) -> html.Div:
    """Return name and buttons."""
    here = f"/act/models/{model.id}"
    return html.Div(
        [
            html.H1(model.name),
            act("Rename", f"{here}/rename", field="name", value=model.name),
            html.Div(className="fill"),
            act(
                "Delete",
                f"{here}/delete",
                said=f"{model.name} is deleted.",
                undo=f"{here}/restore",
                then="/models",
                title="Delete this model; its runs stay",
            ),
            go("Probe a sequence", f"/models/{model.id}/probe"),
            go("New run", f"/new?model={model.id}", main=True),
        ],
        className="page-head",
    )


def about(model: Model) -> html.Section:
    """Return what the network is and where it came from."""
    rows = [
        *models.facts(model.card),
        *cost(model),
        ("added", model.added.replace("T", " ")[:16]),
        ("network", html.Code(model.card["hash"][:16], title=model.card["hash"])),
    ]
    files = [
        html.Div(
            [file["name"], html.Span(f" {size(file['bytes'])}", className="muted")],
            title=f"sha256 {file['sha256']}",
        )
        for file in model.files
    ]
    if files:
        rows.append(("read from", files))
    pairs = [part for key, value in rows for part in (html.Dt(key), html.Dd(value))]
    return html.Section([html.H2("What it is"), html.Dl(pairs)], className="panel")


def cost(model: Model) -> list[tuple[str, Component]]:
    """Return how long a run of all classes takes at the advised layer, if there is one."""
    costs = context().service.costs(model.card)
    found = costs.layers.get(model.card["advised_layer"] or "")
    if found is None:
        return []
    time, meaning = run_cost(costs, found)
    return [("time of a run", html.Span([time, html.Div(meaning, className="muted")]))]


def findings(model: Model) -> html.Section:
    """Return what the reader noticed, each with its evidence and fix, and the corrections."""
    here = f"/act/models/{model.id}/correct"
    found = [
        html.Li(
            [
                html.Strong(one["what"]),
                html.Div(one["evidence"], className="muted"),
                html.Div(one["fix"]),
                *([choice(here, asked)] if (asked := models.choice(model.card, one)) else []),
            ]
        )
        for one in model.card["findings"]
    ]
    named = models.suggested(model.card)
    offered = dict.fromkeys((*named, *ALPHABETS))
    others = [name for name in offered if name != model.card["input"]["alphabet"]]
    buttons: list[Component] = [
        act("Flip kernels", here, send={"flip_kernels": True}, title="Read all kernels backwards")
    ]
    buttons += [
        act(name, here, send={"alphabet": name}, title=f"Rows of the input are {', '.join(name)}")
        for name in others
    ]
    return html.Section(
        [
            html.H2("What was noticed"),
            *outdated(model),
            html.Ul(found, className="findings") if found else html.P("Nothing odd."),
            html.Details(
                [
                    html.Summary("Correct how it is read"),
                    html.P(
                        "A correction makes another model beside this one. Flip the kernels when "
                        "logos read backwards; set the order of the bases when letters are swapped."
                    ),
                    html.Div(buttons, className="actions"),
                ],
                open=bool(named),
            ),
        ],
        className="panel",
    )


def network(model: Model) -> html.Section:
    """Return the place of the drawing of the network; the browser fills it."""
    zooms = [
        html.Button(text, className="button", title=title, **data(zoom=by))
        for by, text, title in (
            ("out", "−", "Smaller (- in the drawing)"),
            ("in", "+", "Larger (+ in the drawing)"),
            ("fit", "Fit", "All of it (0 in the drawing)"),
        )
    ]
    return html.Section(
        [
            html.Div(
                [
                    html.H2("The network"),
                    html.Span(className="regime"),
                    html.Div(className="fill"),
                    html.Button("Every layer", className="button", hidden=True, **data(whole="")),
                    *zooms,
                    help_button("The network", network_graph.data),
                ],
                className="panel-head",
            ),
            html.P(className="refused", role="status", hidden=True),
            html.Div(
                [html.Div(className="network-scroll"), html.Div(className="network-details")],
                className="network-parts",
            ),
        ],
        id="network",
        className="panel",
        **data(network=model.id),
    )


def outdated(model: Model) -> list[Component]:
    """Return what is said of a card that an earlier version of the program made."""
    if model.card.get("card_version", 1) >= CARD_VERSION:
        return []
    says = "An earlier version of this program made this card; it may say less than it could."
    again = act("Make it anew", f"/act/models/{model.id}/again", said="The card is made anew.")
    return [html.Div([html.Span(says, className="muted"), again], className="actions outdated")]


def choice(path: str, asked: models.Choice) -> html.Div:
    """Return the place of a form for what can be chosen; the browser draws it."""
    return html.Div(
        className="choice", **data(choice=orjson.dumps(asked._asdict()).decode(), path=path)
    )


def layers(model: Model) -> html.Section:
    """Return the layers, with a way to cut at each that can be cut."""
    rows = [layer_row(model, layer) for layer in models.layers(model.card)]
    return html.Section(
        [
            html.H2("Layers"),
            html.Table(
                [
                    html.Thead(html.Tr([html.Th(name, scope="col") for name in _LAYER_HEADS])),
                    html.Tbody(rows),
                ],
                className="table",
                id="layers",
            ),
        ],
        className="panel",
    )


def layer_row(model: Model, layer: models.Layer) -> html.Tr:
    """Return one layer."""
    cut: list = [html.Span(layer.why_not, className="muted")]
    if layer.can_cut:
        cut = [
            dcc.Link("New run at this layer", href=f"/new{query(model=model.id, layer=layer.name)}")
        ]
    if layer.advised:
        cut.append(
            html.Span(
                "advised",
                className="chip good",
                title="With one convolution its pooled output, with more the input of the last.",
            )
        )
    return html.Tr(
        [
            html.Th(layer.name, scope="row"),
            html.Td(layer.kind),
            html.Td(layer.size),
            html.Td(layer.sees),
            html.Td(html.Div(cut, className="actions")),
        ],
        className="chosen" if layer.advised else None,
    )


def classes(model: Model) -> html.Section:
    """Return the place of the class table; the browser fills it."""
    fixed = has_request_context() and not may(f"/act/models/{model.id}/class")
    return html.Section(
        [
            html.Div(
                [
                    html.H2("Classes"),
                    html.Span(f"{len(model.classes):,}", className="regime"),
                    html.Div(className="fill"),
                    None if fixed else html.Button("Read TSV", className="button", **data(pick="")),
                    html.A(
                        "Save TSV",
                        href=f"/data/models/{model.id}/classes.tsv",
                        className="button",
                        download="",
                    ),
                ],
                className="panel-head",
            ),
            html.P(
                [
                    "Names are labels: change them here, or read a table whose first line holds ",
                    html.Code(INDEX),
                    " and any of the columns below. Cell|Target|Treatment is taken apart.",
                ],
                className="muted",
            ),
            html.P(className="refused", role="alert", hidden=True),
            html.Div(className="class-rows"),
        ],
        id="classes",
        className="panel drop-table",
        **data(classes=model.id, **({"fixed": "yes"} if fixed else {})),
    )
