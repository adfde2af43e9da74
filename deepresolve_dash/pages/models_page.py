"""The models page: the networks there are, and the place where another one is dropped."""

from dash import dcc, html
from dash.development.base_component import Component

from deepresolve_dash.pages.acting import act, go, under_way
from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.panel import data, named
from deepresolve_dash.pages.quota import in_words
from deepresolve_dash.runs.models import Model
from deepresolve_dash.views import models
from deepresolve_dash.views.measures import size

HEADS = ("model", "format", "input", "classes", "advised cut", "added", "")
SUFFIXES = (
    ".keras,.json,.h5,.hdf5,.hdf,.keras_weights,.pt2,.onnx,.data,.onnx_data,.safetensors,.pt,.pth,"
    ".ckpt,.toml"
)


def page() -> html.Div:
    """Return the list of models with the upload above it."""
    here = context()
    found = here.models.models()
    return html.Div(
        [
            html.H1("Models"),
            html.P(
                "A model is a trained network that was read and checked. Its card says what it is, "
                "what is odd about it, and where it can be cut.",
                className="lead",
            ),
            upload(here.settings.upload_mb * 2**20),
            table(found) if found else empty(),
        ],
        className="list-page",
    )


def upload(limit: int) -> html.Section:
    """Return the place where files are dropped; the browser sends them."""
    return html.Section(
        [
            html.Div(
                [
                    html.P(html.Strong("Drop a model here"), className="drop-title"),
                    html.P(
                        "Keras of any version: .keras, one whole .h5, or architecture (JSON) and "
                        "weights (HDF5) together. PyTorch: .pt2, or weights (.safetensors, .pt), "
                        "whose wiring is asked for. ONNX, with the file of its numbers if it has "
                        "one. Or a folder of the neutral form. "
                        f"{size(limit)} at most. Files are read as data, nothing in them is run. "
                        f"{in_words()}"
                    ),
                    html.Div(
                        [
                            html.Button("Choose files", className="button main", **data(pick="")),
                            html.Button(
                                "Choose a folder", className="button", **data(pick="folder")
                            ),
                        ],
                        className="actions",
                    ),
                ],
                className="drop-idle",
            ),
            under_way("Upload"),
            html.P(className="refused", role="alert", hidden=True),
        ],
        className="drop",
        tabIndex=-1,
        **data(upload="/upload/model", limit=str(limit), words=size(limit), accept=SUFFIXES),
        **named("Upload a model"),
    )


def table(found: list[Model]) -> html.Table:
    """Return a row per model."""
    return html.Table(
        [
            html.Thead(html.Tr([html.Th(head, scope="col") for head in HEADS])),
            html.Tbody([row(model) for model in found]),
        ],
        className="table",
        id="models",
    )


def row(model: Model) -> html.Tr:
    """Return the row of a model."""
    says = models.line(model.card)
    here = f"/act/models/{model.id}"
    actions: list[Component] = [
        go("New run", f"/new?model={model.id}"),
        act(
            "Delete",
            f"{here}/delete",
            said=f"{model.name} is deleted.",
            undo=f"{here}/restore",
            title=f"Delete {model.name}; its runs stay",
        ),
    ]
    return html.Tr(
        [
            html.Th(dcc.Link(model.name, href=f"/models/{model.id}"), scope="row"),
            html.Td(says["format"]),
            html.Td(says["input"]),
            html.Td(says["classes"]),
            html.Td([says["cut"], " ", html.Span(says["more"], className="muted")]),
            html.Td(html.Time(model.added[:10], title=model.added)),
            html.Td(html.Div(actions, className="actions")),
        ]
    )


def empty() -> html.Div:
    """Return what to do when there is no model."""
    return html.Div(
        [
            html.H2("No model here yet"),
            html.P(
                "Drop the files of a trained network above, or choose them. It is read within "
                "seconds, and its card opens."
            ),
        ],
        className="empty",
    )
