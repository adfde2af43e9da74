"""Routes of the machines that compute beside this one: who is there, and letting them end."""

from flask import Blueprint, Response

from deepresolve_dash.pages.answers import action, answer
from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.queue_routes import may_steer
from deepresolve_dash.runs.remote.tickets import engine_told
from deepresolve_dash.views import machines

routes = Blueprint("machines", __name__)


@routes.get("/data/machines.json")
def there() -> Response:
    """Return the machines, and how the engine stands that starts them."""
    ledger, settings = context().service.ledger, context().settings
    found = ledger.machines() if ledger.path.is_file() else []
    told = engine_told(settings.state) if settings.engine != "local" else None
    shown = machines.data(found, told, ledger.clock(), here=bool(settings.coordinator))
    way = settings.coordinator_url or f"http://{settings.coordinator}"
    return answer(shown | {"steers": may_steer(), "way": way if settings.engine == "local" else ""})


@routes.post("/act/machines/<owner>/drain")
@action
def drain(owner: str) -> dict:
    """Let a worker end when it has done what it computes."""
    context().service.ledger.drain_machine(owner)
    return {"owner": owner}


@routes.post("/act/machines/<owner>/keep")
@action
def keep(owner: str) -> dict:
    """Take that back."""
    context().service.ledger.drain_machine(owner, draining=False)
    return {"owner": owner}
