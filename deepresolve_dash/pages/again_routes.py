"""In how many runs of the same layer a channel of the class page is found."""

import orjson
from flask import Blueprint, Response, request

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.pages.answers import answer
from deepresolve_dash.pages.context import context, derived, open_run, tag
from deepresolve_dash.pages.data import JSON
from deepresolve_dash.pages.who import me
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import compare_again
from deepresolve_dash.views.selection import IMPORTANCE, Selection, from_page, of_class

routes = Blueprint("again", __name__)


@routes.get("/data/<run_id>/again.json")
def again(run_id: str) -> Response:
    """Return what is found again of a class; `{}` where no other run asks for it."""
    try:
        one = from_page({"target": 0, **request.args, "run": run_id})
        run = open_run(one.run)
        of_class(run.summary, one, IMPORTANCE)
        runs = _runs(run, one)
        if len(runs) < 2:
            return answer({})
        key = ("again", one.target, one.regime, [tag(other) for other in runs])
        body = derived(run, *key, make=lambda: _told(runs, one))
    except (DeepResolveError, IndexError) as error:
        return Response(str(error), status=404, mimetype="text/plain")
    made = Response(body, mimetype=JSON)
    made.headers["Cache-Control"] = "private, no-cache"
    made.set_etag(tag(run, *key))
    made.make_conditional(request)
    return made


def _runs(run: Run, one: Selection) -> list[Run]:
    """Return the run and those that ask the same in another way; itself while it computes."""
    if run.info.get("partial"):
        return [run]
    seen = (other for other in context().store.runs() if me().sees(other.id))
    found = compare_again.others(run, seen, one.target)
    return [run, *(open_run(other.id) for other in found)]


def _told(runs: list[Run], one: Selection) -> bytes:
    told = compare_again.data(runs, one.target, regime=one.regime)
    return orjson.dumps(told | {"runs": [run.id for run in runs]})
