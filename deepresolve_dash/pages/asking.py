"""What is asked of the queue in the name of whoever sends the request."""

from collections.abc import Sequence

from deepresolve_dash.errors import RunRefused
from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.gate import note
from deepresolve_dash.pages.who import me
from deepresolve_dash.people.roles import Need
from deepresolve_dash.runs.entry import Entry
from deepresolve_dash.runs.request import RunRequest
from deepresolve_dash.runs.requests import Request
from deepresolve_dash.runs.sweep import Sweep


def submit(request: Request) -> Entry:
    """Queue what is asked for, as `Service.submit` does.

    Raises
    ------
    DeepResolveError
        When it cannot be taken on.
    """
    entry = context().service.submit(request, me().name)
    note(run=entry.id, title=entry.name)
    return entry


def submit_all(requests: Sequence[RunRequest]) -> list[Entry]:
    """Queue one run or several, all of them or none.

    Raises
    ------
    DeepResolveError
        When they cannot be taken on.
    """
    entries = context().service.submit_all(requests, me().name)
    note(run=[entry.id for entry in entries] if len(entries) > 1 else entries[0].id)
    note(title=entries[0].name)
    return entries


def keep_sweep(name: str, requests: Sequence[RunRequest]) -> Sweep:
    """Remember runs that were started at once."""
    sweep = context().sweeps.keep(name, requests, me().name)
    note(sweep=sweep.id)
    return sweep


def cancel(run_id: str) -> Entry:
    """Leave a run; an admin who has no part in it stops it for everybody.

    Raises
    ------
    RunNotFound
        When there is no such run.
    RunRefused
        When it is over, or is somebody else's.
    """
    service, found = context().service, me()
    entry = service.ledger.get(run_id)
    if found.name in entry.users or not found.may(Need.ADMINISTER):
        return service.cancel(run_id, found.name)
    note(of=entry.users)
    for user in entry.users:
        entry = service.cancel(run_id, user)
    return entry


def prioritise(run_id: str, priority: int) -> Entry:
    """Let a run that waits go before or after others of its users; an admin anybody's.

    Raises
    ------
    RunNotFound
        When there is no such run.
    RunRefused
        When it does not wait, or is somebody else's.
    """
    service, found = context().service, me()
    users = service.ledger.get(run_id).users
    if not users:
        raise RunRefused("Nobody waits for this run any more.")
    other = found.name not in users and found.may(Need.ADMINISTER)
    return service.prioritise(run_id, priority, users[0] if other else found.name)
