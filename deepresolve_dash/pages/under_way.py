"""What is computed in the background of a page: what the queue knows of it."""

from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.pages.context import context
from deepresolve_dash.runs.entry import Entry
from deepresolve_dash.views.queue import left, says, share


def entry_of(request_id: str) -> Entry | None:
    """Return what the queue knows of a request; None when it knows nothing."""
    ledger = context().service.ledger
    try:
        return ledger.get(request_id) if ledger.path.is_file() else None
    except RunNotFound:
        return None


def how_far(entry: Entry) -> dict:
    """Return how far it is: `id`, `says`, `share`, `left`, `cancelling`."""
    return {
        "id": entry.id,
        "says": says(entry),
        "share": share(entry),
        "left": left(entry),
        "cancelling": entry.cancelling,
    }
