"""Routes of sweeps: which there are, and what can be done with one as a whole."""

from dataclasses import asdict

from flask import Blueprint, Response

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.pages import asking
from deepresolve_dash.pages.answers import action, answer
from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.who import me
from deepresolve_dash.people.roles import Need
from deepresolve_dash.runs.sweep import Sweep
from deepresolve_dash.runs.sweeps import SweepNotFound

routes = Blueprint("sweeps", __name__)


@routes.get("/data/sweeps.json")
def listed() -> Response:
    """Return all sweeps, the newest first."""
    return answer([line(sweep) for sweep in context().sweeps.sweeps()])


@routes.post("/act/sweeps/<sweep_id>/cancel")
@action
def cancel(sweep_id: str) -> dict:
    """Leave the runs of a sweep that wait or compute, as far as whoever asks has a part in them."""
    sweep, ledger, left = context().sweeps.open(sweep_id), context().service.ledger, 0
    for run in sweep.runs if ledger.path.is_file() else ():
        try:
            if ledger.get(run).state in ("queued", "running"):
                asking.cancel(run)
                left += 1
        except DeepResolveError:  # it is over or gone by now, or somebody else's
            continue
    return {"id": sweep.id, "cancelled": left}


@routes.post("/act/sweeps/<sweep_id>/forget")
@action
def forget(sweep_id: str) -> dict:
    """Take a sweep out of the list; its runs stay."""
    _own(context().sweeps.open(sweep_id))
    context().sweeps.forget(sweep_id)
    return {"id": sweep_id, "href": "/runs"}


@routes.post("/act/sweeps/<sweep_id>/restore")
@action
def restore(sweep_id: str) -> dict:
    """Put a sweep back into the list."""
    return {"id": context().sweeps.restore(sweep_id).id}


def line(sweep: Sweep) -> dict:
    """Return what the browser shows of a sweep."""
    return {
        "id": sweep.id,
        "name": sweep.name,
        "user": sweep.user,
        "made": sweep.made,
        "points": [asdict(point) for point in sweep.points],
        "own": is_own(sweep),
    }


def is_own(sweep: Sweep) -> bool:
    """Tell whether whoever asks may take a sweep out of the list: who started it, and admins."""
    found = me()
    return found.may(Need.ADMINISTER) or (found.may(Need.CHANGE) and found.name == sweep.user)


def _own(sweep: Sweep) -> None:
    """Refuse what is somebody else's.

    Raises
    ------
    SweepNotFound
    """
    if not is_own(sweep):
        raise SweepNotFound("This sweep is somebody else's; they or an admin can remove it.")
