"""Routes that change models: upload, rename, delete, correct, and the table of classes."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from flask import Blueprint, Response, request

from deepresolve_dash.errors import DeepResolveError, ModelFileError, SettingsError
from deepresolve_dash.networks.class_names import SIDECARS
from deepresolve_dash.networks.formats.lengths import LengthNeeded
from deepresolve_dash.networks.formats.snippet import SNIPPET
from deepresolve_dash.networks.formats.state_dict.stack import ArchitectureNeeded
from deepresolve_dash.networks.intake import asked_corrections
from deepresolve_dash.pages.answers import action, answer, body
from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.quota import bring, room_for
from deepresolve_dash.pages.uploads import Received, arriving
from deepresolve_dash.pages.wiring import example_text, wiring
from deepresolve_dash.people.owners import MODEL
from deepresolve_dash.runs import class_table
from deepresolve_dash.runs.class_table import ClassRow
from deepresolve_dash.runs.models import Model
from deepresolve_dash.runs.place import size_of
from deepresolve_dash.views import network_graph

routes = Blueprint("models", __name__)
_WIRING = "This file holds weights, and not how they are wired. Say it below."
_LONGEST = 10_000_000  # bp
SNIPPET_FILE = "export_model.py"
_EXPORT = re.compile("`python -m deepresolve_dash export-snippet` prints [^.]*")
_TOGETHER = "Choose the architecture (JSON) and the weights (HDF5) together."


@routes.post("/upload/model")
@action
def upload() -> dict:
    """Take in the files of the request's body as one model."""
    with arriving(context().settings) as received:
        known = context().models.names()
        try:
            model = _take_in(received, request.args.get("name", ""))
        except LengthNeeded as error:
            return {"refused": error.message, "length": True}
        except ArchitectureNeeded as error:
            return {"refused": error.message, "weights": error.weights}
        except ModelFileError as error:
            hint, n_found = _EXPORT.subn(f"{SNIPPET_FILE} does so, ten lines of Python", error.hint)
            if not n_found:
                raise
            refused = str(ModelFileError(error.message, hint))
            return {"refused": refused, "file": SNIPPET_FILE, "href": f"/data/{SNIPPET_FILE}"}
        if model.id not in known:
            bring(MODEL, model.id, sum(file.bytes for file in received))
    return {"id": model.id, "name": model.name, "href": f"/models/{model.id}"}


def _take_in(received: Sequence[Received], name: str) -> Model:
    """Give the files to the reader's process, and its refusal back in the user's words."""
    folder = received[0].path.parent
    path = received[0].path if len(received) == 1 else folder
    called = " ".join(name.split())[:120] or _stem([file.path for file in received])
    try:
        return context().models.add(
            path, called, length=_length(), files=[file.origin for file in received]
        )
    except LengthNeeded as error:
        raise LengthNeeded(f"{error.message} Say it below.") from None
    except ArchitectureNeeded as error:
        raise ArchitectureNeeded(_WIRING, "", error.weights) from None
    except ModelFileError as error:
        message = error.message.replace(f"{folder}/", "").replace(str(folder), "The upload")
        hint = _TOGETHER if "--" in error.hint else error.hint
        raise ModelFileError(message, hint) from None


def _stem(paths: Sequence[Path]) -> str:
    """Return the name of the file that a model is called by: the last one that holds some of it."""
    of_model = [path for path in paths if path.name not in SIDECARS]
    programs = [path for path in of_model if path.suffix == ".onnx"]
    return (programs or of_model or paths)[-1].stem


def _length() -> int | None:
    """Return the length of the sequences that the address tells, None when it tells none."""
    told = request.args.get("length", "")
    return int(told) if told.isascii() and told.isdecimal() and 0 < int(told) <= _LONGEST else None


@routes.post("/act/wiring")
@action
def wire() -> dict:
    """Say what a wiring of weights gives, layer by layer; guess one where none is sent."""
    return wiring(body())


@routes.get("/data/wiring/<name>.toml")
def example(name: str) -> Response:
    """Return the architecture file of a well-known network."""
    text = example_text(name)
    if text is None:
        return Response("There is no such example.", status=404, mimetype="text/plain")
    made = Response(text, mimetype="application/toml")
    made.headers["Content-Disposition"] = f"attachment; filename={name}.toml"
    return made


@routes.get(f"/data/{SNIPPET_FILE}")
def export_lines() -> Response:
    """Return the lines of Python that export a network where it was made."""
    made = Response(SNIPPET, mimetype="text/x-python")
    made.headers["Content-Disposition"] = f"attachment; filename={SNIPPET_FILE}"
    return made


@routes.post("/act/models/<model_id>/rename")
@action
def rename(model_id: str) -> dict:
    """Change what a model is called."""
    return {"name": context().models.rename(model_id, str(body().get("name", ""))).name}


@routes.post("/act/models/<model_id>/delete")
@action
def delete(model_id: str) -> dict:
    """Move a model to the bin."""
    context().models.delete(model_id)
    return {"id": model_id}


@routes.post("/act/models/<model_id>/restore")
@action
def restore(model_id: str) -> dict:
    """Take a model back out of the bin."""
    return {"id": context().models.restore(model_id).id}


@routes.post("/act/models/<model_id>/correct")
@action
def correct(model_id: str) -> dict:
    """Make the corrected network, which is another model."""
    known = context().models.names()
    n_bytes = size_of(context().models.open(model_id).folder)
    with room_for(n_bytes):  # it is a copy
        model = context().models.correct(model_id, asked_corrections(body()))
        if model.id not in known:
            bring(MODEL, model.id, n_bytes)
    return {"id": model.id, "href": f"/models/{model.id}"}


@routes.post("/act/models/<model_id>/again")
@action
def describe_again(model_id: str) -> dict:
    """Make the card anew."""
    return {"id": context().models.describe_again(model_id).id}


@routes.post("/act/models/<model_id>/class")
@action
def change_class(model_id: str) -> dict:
    """Change one field of one class."""
    given = body()
    index, field = given.get("index"), str(given.get("field"))

    def change(rows: Sequence[ClassRow]) -> list[ClassRow]:
        if not isinstance(index, int) or not 0 <= index < len(rows):
            raise SettingsError(f"This model has no class {index}.")
        changed = list(rows)
        changed[index] = class_table.change(rows[index], field, str(given.get("value", "")))
        return changed

    return _table(context().models.change_classes(model_id, change))


@routes.post("/act/models/<model_id>/classes")
@action
def change_classes(model_id: str) -> dict:
    """Change the classes as a table in TSV says."""
    text = str(body().get("text", ""))
    read = partial(class_table.parse_table, text)
    return _table(context().models.change_classes(model_id, read))


@routes.get("/data/models/<model_id>/classes.json")
def classes(model_id: str) -> Response:
    """Return what is known of all classes."""
    try:
        return answer(_table(context().models.open(model_id)))
    except DeepResolveError as error:
        return Response(str(error), status=404, mimetype="text/plain")


@routes.get("/data/models/<model_id>/network.json")
def network(model_id: str) -> Response:
    """Return the drawing of a model's layers, each with what a run costs there."""
    here = context()
    try:
        card = here.models.open(model_id).card
        whole = request.args.get("drawn") == "whole"
        return answer(network_graph.data(card, here.service.costs(card), whole=whole))
    except ModelFileError as error:
        return answer({"refused": str(error)})
    except DeepResolveError as error:
        return Response(str(error), status=404, mimetype="text/plain")


@routes.get("/data/models/<model_id>/classes.tsv")
def classes_file(model_id: str) -> Response:
    """Return the table of classes as a file."""
    try:
        model = context().models.open(model_id)
    except DeepResolveError as error:
        return Response(str(error), status=404, mimetype="text/plain")
    made = Response(class_table.format_table(model.classes), mimetype="text/tab-separated-values")
    made.headers["Content-Disposition"] = f'attachment; filename="{model.id}-classes.tsv"'
    return made


def _table(model: Model) -> dict:
    """Return the classes of a model for the browser."""
    return {"fields": class_table.FIELDS, "rows": [asdict(row) for row in model.classes]}
