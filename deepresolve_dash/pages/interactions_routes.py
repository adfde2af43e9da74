"""The panel of interactions: what is known of a class, and the button that asks."""

import orjson
from flask import Blueprint, Response, request

from deepresolve_dash.errors import DeepResolveError, SequenceError, SettingsError
from deepresolve_dash.pages.answers import action, body
from deepresolve_dash.pages.asking import submit
from deepresolve_dash.pages.context import context, open_run
from deepresolve_dash.pages.under_way import entry_of, how_far
from deepresolve_dash.runs.interaction_request import make_interaction_request
from deepresolve_dash.runs.question import ask
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import interactions
from deepresolve_dash.views.queue import ACTIVE
from deepresolve_dash.views.selection import MODES, Selection, from_page, of_class

routes = Blueprint("interactions", __name__)
_REGIME = "on the network itself"


@routes.get("/data/<run_id>/interactions.json")
def interactions_data(run_id: str) -> Response:
    """Return what is known of the interactions of a class, or how far the test is."""
    try:
        told = panel_of(run_id, dict(request.args))
    except (DeepResolveError, IndexError) as error:
        return Response(str(error), status=404, mimetype="text/plain")
    made = Response(orjson.dumps(told, default=list), mimetype="application/json")
    made.headers["Cache-Control"] = "private, no-cache"
    made.add_etag()
    made.make_conditional(request)
    return made


@routes.post("/act/runs/<run_id>/interactions")
@action
def test_interactions(run_id: str) -> dict:
    """Queue the test of a class."""
    values = body()
    run, one = _open({**values, "run": run_id})
    question = ask(run, one.target, pairs=read_pairs(values.get("tested", "")))
    place = run.summary.target.values.tolist().index(one.target)
    name = run.summary.target_name.values[place]
    title = f"{run.info.get('name', run.id)}: interactions of {name}"
    asked = make_interaction_request(
        question, title=title, run=run.id, models=context().models, inputs=context().inputs
    )
    return {"id": submit(asked).id}


def panel_of(run_id: str, values: dict) -> dict:
    """Return what the panel shows.

    Returns
    -------
    dict
        `stage`: `impossible`, `empty`, `busy`, or `done`; with `why` and `id`, `says`, `share`,
        `left` of a test under way, or the view's data.

    Raises
    ------
    RunNotFound
        When there is no such run or class.
    """
    run, one = _open({"target": 0, **values, "run": run_id})
    told = {"regime": _REGIME, "target": one.target, "notes": []}
    try:
        question = ask(run, one.target, pairs=read_pairs(values.get("tested", "")))
    except SequenceError as error:
        return told | {"stage": "impossible", "why": str(error), "again": f"/new?from={run.id}"}
    except SettingsError as error:
        return told | {"stage": "impossible", "why": str(error), "again": ""}
    known = context().service.answers.read(question.id)
    if known is not None:
        shown = interactions.data(run.ensemble, run.summary, one, known)
        return told | {"stage": "done"} | shown
    entry = entry_of(question.id)
    if entry is None or entry.state in ("done", "cancelled"):  # the answer is gone
        return told | {"stage": "empty", "why": ""}
    if entry.state == "failed":
        return told | {"stage": "empty", "why": f"The test failed: {entry.message}"}
    stage = "busy" if entry.state in ACTIVE else "empty"
    return told | {"stage": stage, "why": "", **how_far(entry)}


def _open(values: dict) -> tuple[Run, Selection]:
    """Return the run and the class that are meant."""
    one = from_page(values)
    run = open_run(one.run)
    of_class(run.summary, one, MODES)
    return run, one


def read_pairs(text: object) -> list[tuple[int, int]]:
    """Turn `3,7,4,9` into pairs of channels; what cannot be read asks for nothing.

    Raises
    ------
    SettingsError
        When it is not an even number of channels.
    """
    parts = [part for part in str(text or "").split(",") if part]
    if len(parts) % 2 or not all(part.isdecimal() for part in parts):
        raise SettingsError(f"'{text}' is no list of channel pairs.", "Give two channels each.")
    numbers = list(map(int, parts))
    return list(zip(numbers[::2], numbers[1::2], strict=True))
