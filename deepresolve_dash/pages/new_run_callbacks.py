"""What happens on the page of a new run: fields are checked as they change, and it starts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dash import Dash, Input, Output, State, no_update
from flask import Blueprint, Response, request

from deepresolve_dash.confined.ask import warm_up
from deepresolve_dash.errors import DeepResolveError, SettingsError
from deepresolve_dash.networks.genomes import find_genome
from deepresolve_dash.networks.intake import READER
from deepresolve_dash.networks.regions import is_bed
from deepresolve_dash.pages import new_run_fields as at
from deepresolve_dash.pages import new_run_form as form
from deepresolve_dash.pages.answers import action, answer
from deepresolve_dash.pages.asking import keep_sweep, submit_all
from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.new_run import repeated
from deepresolve_dash.pages.new_run_estimate import estimate
from deepresolve_dash.pages.new_run_files import file_options
from deepresolve_dash.pages.new_run_several import Several, check_all
from deepresolve_dash.pages.quota import bring
from deepresolve_dash.pages.uploads import arriving, refused_for_now
from deepresolve_dash.people.owners import INPUT
from deepresolve_dash.runs.class_table import values
from deepresolve_dash.runs.inputs import SEQUENCES, StoredInput
from deepresolve_dash.runs.labels import with_own_names
from deepresolve_dash.runs.offer import offer_of_card
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.selection import address

routes = Blueprint("inputs", __name__)


def connect(app: Dash) -> None:
    """Give an app the callbacks of this page."""
    fields = {name: (at.field(name), _property(name)) for name in form.FIELDS}
    app.callback(
        output={
            "errors": {name: Output(at.field(name), "error") for name in form.REFUSING},
            "chosen": Output(at.CHOSEN, "children"),
            "preset": Output("new-preset-says", "children"),
            "estimate": Output(at.ESTIMATE, "children"),
            "disabled": Output(at.START, "disabled"),
            "start": Output(at.START, "children"),
            "hide_picked": Output(at.field("picked"), "display"),
            "hide_by": Output("new-by-row", "display"),
        },
        inputs={
            "fields": {
                name: (State if name == "title" else Input)(*place)
                for name, place in fields.items()
            },
            "about": State(at.ABOUT, "data"),
        },
    )(show)
    app.callback(
        Output(at.field("wanted"), "data"),
        Input(at.field("by"), "value"),
        State(at.ABOUT, "data"),
    )(offer_values)
    app.callback(
        output={
            "started": Output(at.STARTED, "data"),
            "refused": Output(at.REFUSED, "children"),
            "labels": Output(at.field("labels"), "error", allow_duplicate=True),
        },
        inputs={
            "clicks": Input(at.START, "n_clicks"),
            "fields": {name: State(*place) for name, place in fields.items()},
            "about": State(at.ABOUT, "data"),
        },
        running=[(Output(at.START, "loading"), True, False)],
        prevent_initial_call=True,
    )(start)


def _property(name: str) -> str:
    return "checked" if name == "keep" else "value"


def checked(fields: dict, about: dict, *, thorough: bool = False) -> Several:
    """Check the fields against the model that the page is about."""
    here = context()
    before = repeated(about["from"]).spec if about.get("from") else None
    return check_all(
        fields,
        here.models.open(about["model"]),
        here.inputs,
        output=about["output"],
        repeated=before,
        thorough=thorough,
    )


def show(fields: dict[str, Any], about: dict) -> dict[str, Any]:
    """Return what is wrong with the fields, and what the run will cost."""
    found = checked(fields, about)
    said = found.errors
    return {
        "errors": {name: said.get(name) for name in form.REFUSING},
        "chosen": count(found.n_chosen, "class", "classes") if found.n_chosen else "no class yet",
        "preset": at.PRESETS.get(fields["preset"], ""),
        "estimate": estimate(found),
        "disabled": found.request is None,
        "start": f"Start {n} runs" if (n := len(found.requests)) > 1 else "Start",
        "hide_picked": None if fields["mode"] == form.PICK else "none",
        "hide_by": None if fields["mode"] == form.BY else "none",
    }


def offer_values(field: str | None, about: dict) -> list[str]:
    """Return the values of what is known of the classes."""
    model = context().models.open(about["model"])
    return values(form.class_rows(model, about["output"]), field) if field else []


def start(clicks: int | None, fields: dict[str, Any], about: dict) -> dict[str, Any]:
    """Submit the run; the browser then opens the queue, or the results if they are here."""
    stay = {"started": no_update, "refused": None, "labels": no_update}
    if not clicks:
        return stay
    try:
        found = checked(fields, about, thorough=True)
        if found.request is None:
            told = " ".join(found.errors.values())
            return stay | {"refused": told, "labels": found.errors.get("labels")}
        entry, *others = submit_all(found.requests)
        if others:
            name = fields["title"] or context().models.open(about["model"]).name
            sweep = keep_sweep(name, found.requests)
            return stay | {"started": {"href": f"/sweeps/{sweep.id}", "said": None}}
    except DeepResolveError as error:
        return stay | {"refused": str(error)}
    if entry.state == "done":
        href = address(entry.id, found.request.spec.classes[0], "")
        return stay | {"started": {"href": href, "said": "This run was here already."}}
    return stay | {"started": {"href": f"/runs?run={entry.id}", "said": None}}


def labelled(path: Path, names: Sequence[str]) -> list[int]:
    """Return the classes that have a column in a label file.

    Raises
    ------
    SettingsError
        When there is none.
    """
    with path.open("rb") as file:
        line = file.readline(2**20).decode(errors="replace")
    header = line.rstrip("\r\n").split("\t")
    found = [i for i, name in enumerate(names) if {name, str(i)} & set(header)]
    if not found:
        raise SettingsError(
            "This label file has no column for any class of the network.",
            "Its first line must hold class names or output indices, set apart by tabs.",
        )
    return found


def take_in(path: Path, name: str) -> StoredInput:
    """Keep the sequences of a file, or of its regions in the genome that this request names.

    Raises
    ------
    DeepResolveError
        When the file or the genome cannot be used, or the model is gone.
    """
    here, asked = context(), request.args
    if not is_bed(path, name):
        return here.inputs.add_sequences(path, name)
    genome = find_genome(here.settings.genomes, asked.get("genome", ""))
    called = f"{name} in {genome.stem}"
    model = asked.get("model")
    length = here.models.open(model).card["input"]["length"] if model else 0
    return here.inputs.add_regions(path, called, genome, at_least=length)


@routes.get("/upload/room")
def room() -> Response:
    """Say whether another upload is taken now; asked before the bytes are sent.

    The reader gets ready meanwhile.
    """
    warm_up(READER)
    return answer(refused_for_now())


@routes.post("/upload/<any(sequences, labels):kind>")
@action
def upload(kind: str) -> dict:
    """Keep a file of sequences or labels, and return all there are as choices."""
    here = context()
    with arriving(here.settings, kind) as received:
        path, name = received[0].path, received[0].name
        try:
            if kind == SEQUENCES:
                stored = take_in(path, name)
            else:
                model = here.models.open(request.args.get("model", ""))
                offer = offer_of_card(model.card, request.args.get("output") or None)
                names = offer.class_names
                if offer.output is None:  # names are given to the classes of the first output
                    text = path.read_bytes().decode("utf-8-sig", "surrogateescape")
                    text = with_own_names(text, names, model.card["classes"])
                    path.write_bytes(text.encode("utf-8", "surrogateescape"))
                stored = here.inputs.add_labels(path, name, names, labelled(path, names))
        except DeepResolveError as error:
            raise type(error)(error.message.replace(str(path), name), error.hint) from None
        bring(INPUT, stored.hash, received[0].bytes)
    return {"options": file_options(kind), "value": stored.hash}
