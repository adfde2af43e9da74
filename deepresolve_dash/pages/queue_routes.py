"""Routes of the queue: its changes as JSON, and what can be done with a run."""

from flask import Blueprint, Response, current_app, request

from deepresolve_dash.errors import DeepResolveError, RunRefused
from deepresolve_dash.pages import asking
from deepresolve_dash.pages.answers import action, answer
from deepresolve_dash.pages.bundle import VERSION
from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.who import me
from deepresolve_dash.people.roles import Need
from deepresolve_dash.runs.control import MODES
from deepresolve_dash.runs.entry import Entry
from deepresolve_dash.runs.requests import read_request
from deepresolve_dash.views.queue import line

routes = Blueprint("queue", __name__)


@routes.get("/feed")
def feed() -> Response:
    """Return the runs that have changed since a number that an earlier answer gave.

    Every page asks for this all the time, so that it tells which program answers as well.
    """
    since = max(0, request.args.get("since", type=int, default=0))
    changes = context().service.feed(since)
    names = context().models.names() if changes.entries else {}
    days = context().settings.keep_days
    shown = [entry for entry in changes.entries if me().sees(entry.id)]
    rows = [line(entry, names, days) | mine(entry) for entry in shown]
    if me().is_guest:  # whose it is, is nobody's business
        rows = [row | {"users": []} for row in rows]
    told = {"seq": changes.seq, "rows": rows, "mode": changes.mode, "steers": may_steer()}
    return answer(told | {"version": current_app.config[VERSION]})


def mine(entry: Entry) -> dict:
    """Return whether a run is `own`, so that it may be deleted, and whether one has a `part`."""
    found = me()
    admin, changes = found.may(Need.ADMINISTER), found.may(Need.CHANGE)
    return {
        "own": admin or (changes and entry.users == (found.name,)),
        "part": admin or (changes and found.name in entry.users),
    }


def may_steer() -> bool:
    """Tell whether whoever asks may pause and drain the queue."""
    return me().may(Need.ADMINISTER)


@routes.post("/act/queue/<mode>")
@action
def steer(mode: str) -> dict:
    """Open, pause or drain the queue."""
    if mode not in MODES:
        raise RunRefused(f"A queue cannot be {mode}.", f"It can be {', '.join(MODES)}.")
    context().service.set_mode(mode)
    return {"mode": mode}


@routes.post("/act/runs/<run_id>/priority/<int(signed=True):priority>")
@action
def prioritise(run_id: str, priority: int) -> dict:
    """Let a run that waits go before or after the other runs of its users."""
    return {"id": asking.prioritise(run_id, priority).id}


@routes.post("/act/runs/<run_id>/pin")
@action
def pin(run_id: str) -> dict:
    """Keep a run for good."""
    context().service.ledger.pin(run_id, pinned=True)
    return {"id": run_id}


@routes.post("/act/runs/<run_id>/unpin")
@action
def unpin(run_id: str) -> dict:
    """Let a run expire like others."""
    context().service.ledger.pin(run_id, pinned=False)
    return {"id": run_id}


@routes.post("/act/runs/<run_id>/cancel")
@action
def cancel(run_id: str) -> dict:
    """Cancel a run."""
    return {"id": asking.cancel(run_id).id}


@routes.post("/act/runs/<run_id>/again")
@action
def again(run_id: str) -> dict:
    """Queue a run that failed or was cancelled; it goes on from where it was."""
    entry = context().service.ledger.get(run_id)
    return {"id": asking.submit(read_request(entry.request)).id}


@routes.post("/act/runs/<run_id>/delete")
@action
def delete(run_id: str) -> dict:
    """Move a run and its results to the bin."""
    context().service.delete(run_id)
    return {"id": run_id}


@routes.post("/act/runs/<run_id>/restore")
@action
def restore(run_id: str) -> dict:
    """Take a run back out of the bin."""
    context().service.restore(run_id)
    return {"id": run_id}


@routes.get("/data/runs/<run_id>/log.txt")
def log(run_id: str) -> Response:
    """Return what a run wrote about itself."""
    try:
        return Response(context().service.log(run_id), mimetype="text/plain")
    except DeepResolveError as error:
        return Response(str(error), status=404, mimetype="text/plain")
