"""The page that starts a run: what is resolved, how, and what it will cost."""

from dash import dcc, html

from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.pages import missing
from deepresolve_dash.pages import new_run_form as form
from deepresolve_dash.pages.acting import go
from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.new_run_fields import (
    ABOUT,
    STARTED,
    cost,
    how,
    what,
    which,
)
from deepresolve_dash.pages.new_run_files import files
from deepresolve_dash.pages.new_run_several import fold
from deepresolve_dash.pages.panel import data
from deepresolve_dash.pages.who import me
from deepresolve_dash.people.roles import Need
from deepresolve_dash.runs.models import ID_LENGTH, Model, ModelNotFound
from deepresolve_dash.runs.offer import offer_of_card
from deepresolve_dash.runs.request import RunRequest
from deepresolve_dash.runs.requests import read_request
from deepresolve_dash.runs.spec import spec_from_dict


def page(key: dict) -> html.Div:
    """Return the form, its fields as the address asks for, or the page that says whom it is for.

    Raises
    ------
    DeepResolveError
        When the model, output or run of the address does not exist.
    """
    if not me().may(Need.CHANGE):
        return missing.page(
            "A viewer looks and starts no runs.",
            "An admin of this dashboard can make you a member.",
            title="Not for you",
        )
    models = context().models.models()
    before = repeated(key["from"]) if key.get("from") else None
    wanted = before.model if before else key.get("model")
    if not models and not wanted:
        return without_model()
    model = find_model(wanted) if wanted else max(models, key=lambda one: one.added)
    output = before.spec.output if before else key.get("output")
    offer = offer_of_card(model.card, output)
    start = form.start_values(model, output, before)
    if any(layer.name == key.get("layer") for layer in offer.layers):
        start["layer"] = key["layer"]
    about = {"model": model.id, "output": offer.output, "from": key.get("from")}
    about["head"] = offer.output or model.card["outputs"][0]["name"]
    return html.Div(
        [
            dcc.Store(id=ABOUT, data=about),
            dcc.Store(id=STARTED),
            html.H1("New run"),
            html.Div(
                [
                    html.Div(
                        [
                            what(models, model, offer, start),
                            which(model, offer, start),
                            how(start, fold(offer, start)),
                            files(start, model),
                        ],
                        className="form",
                        **data(model=model.id, output=offer.output or ""),
                    ),
                    cost(start, model),
                ],
                className="form-page",
            ),
        ],
        className="list-page",
    )


def repeated(run_id: str) -> RunRequest:
    """Return what was asked for in a run that is repeated; its queue or its folder knows.

    Raises
    ------
    RunNotFound
        When there is none of this id.
    """
    ledger = context().service.ledger
    try:
        if ledger.path.is_file():
            request = read_request(ledger.get(run_id).request)
            if isinstance(request, RunRequest):
                return request
    except RunNotFound:
        pass  # it was computed on the command line
    info = context().store.open(run_id).info
    try:
        spec = spec_from_dict(info["spec"])
    except (KeyError, TypeError) as error:
        raise RunNotFound(f"The settings of run '{run_id}' cannot be read: {error}.") from error
    return RunRequest(str(info.get("name", "")), spec.network[:ID_LENGTH], spec)


def find_model(model_id: str) -> Model:
    """Return a model, or say how to get it."""
    try:
        return context().models.open(model_id)
    except ModelNotFound as error:
        raise ModelNotFound(
            f"The model '{model_id}' is not here.", "Upload its files on the models page."
        ) from error


def without_model() -> html.Div:
    """Return what to do when there is nothing to resolve."""
    return html.Div(
        [
            html.H1("New run"),
            html.P("A run needs a model, and there is none here yet."),
            go("Upload a model", "/models", main=True),
        ],
        className="list-page empty",
    )
