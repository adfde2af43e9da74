"""The button that adds trials to a run: what it can do, and how far it is."""

from flask import Blueprint, Response

from deepresolve_dash.errors import DeepResolveError, RunNotFound, RunRefused
from deepresolve_dash.pages.answers import action, answer
from deepresolve_dash.pages.asking import submit
from deepresolve_dash.pages.context import context, open_run
from deepresolve_dash.pages.new_run import repeated
from deepresolve_dash.pages.new_run_form import MOST_TRIALS
from deepresolve_dash.runs.entry import Entry
from deepresolve_dash.runs.known import n_trials
from deepresolve_dash.runs.longer import check_inputs, longer
from deepresolve_dash.runs.request import RunRequest
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views.measures import duration
from deepresolve_dash.views.queue import ACTIVE, left, says, share

routes = Blueprint("trials", __name__)
TIMES = 2  # as many trials as before


@routes.get("/data/<run_id>/trials.json")
def trials_data(run_id: str) -> Response:
    """Return whether trials can be added to a run, are being added, or have been."""
    try:
        return answer(button_of(open_run(run_id)))
    except DeepResolveError as error:
        return Response(str(error), status=404, mimetype="text/plain")


@routes.post("/act/runs/<run_id>/trials")
@action
def more_trials(run_id: str) -> dict:
    """Queue the same run with twice the trials."""
    here, asked = context(), ask(open_run(run_id))
    check_inputs(asked, here.models, here.inputs)
    return {"id": submit(asked).id}


def ask(run: Run) -> RunRequest:
    """Return what asks for twice the trials of a run.

    Raises
    ------
    RunRefused
        When it still computes, or has the most trials already.
    """
    if run.info.get("partial"):
        raise RunRefused("This run still computes.", "Trials can be added when it is done.")
    n = n_trials(run)
    if n >= MOST_TRIALS:
        raise RunRefused(f"This run has {n:,} trials, the most that can be asked for here.")
    return longer(repeated(run.id), min(TIMES * n, MOST_TRIALS))


def button_of(run: Run) -> dict:
    """Return what the button shows.

    Returns
    -------
    dict
        `stage`: `impossible` (`why`), `ready` (`why` the last attempt failed, how many trials are
        `known`, how much `time` the others take), `busy` (`says`, `share`, `left`) or `done`; with
        `trials`, `more` and the `id` of the longer run.
    """
    here, told = context(), {"trials": n_trials(run), "why": ""}
    try:
        asked = ask(run)
    except DeepResolveError as error:
        return told | {"stage": "impossible", "why": str(error)}
    told |= {"more": asked.spec.settings.n_trials, "id": asked.id}
    entry = _entry(asked.id)
    if entry is not None and entry.state in ACTIVE:
        how_far = {"says": says(entry), "share": share(entry), "left": left(entry)}
        return told | {"stage": "busy"} | how_far
    if here.store.has(asked.id):
        return told | {"stage": "done"}
    try:
        check_inputs(asked, here.models, here.inputs)
    except DeepResolveError as error:
        return told | {"stage": "impossible", "why": str(error)}
    failed = entry is not None and entry.state == "failed" and not entry.deleted
    cost = here.service.estimate(asked)
    told |= {"known": cost.n_known, "time": duration(cost.seconds)}
    return told | {"stage": "ready", "why": f"It {says(entry)}" if entry and failed else ""}


def _entry(run_id: str) -> Entry | None:
    """Return what the queue knows of a run."""
    ledger = context().service.ledger
    try:
        return ledger.get(run_id) if ledger.path.is_file() else None
    except RunNotFound:
        return None
