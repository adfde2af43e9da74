"""In how many runs of the same layer a channel of the class page is found."""

import orjson
from flask import Blueprint, Response, request

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.pages.answers import answer
from deepresolve_dash.pages.compare_open import answer_of
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
        answers = [answer_of(other, one.target) for other in runs]
        key = ("again", one.target, one.regime, [tag(other) for other in runs], answers)
        body = derived(run, *key, make=lambda: _told(runs, answers, one))
    except (DeepResolveError, IndexError) as error:
        return Response(str(error), status=404, mimetype="text/plain")
    made = Response(body, mimetype=JSON)
    made.headers["Cache-Control"] = "private, no-cache"
    made.set_etag(tag(run, *key))
    made.make_conditional(request)
    return made


def _runs(run: Run, one: Selection) -> list[Run]:
    """Return the run and those that ask the same in another way; itself while it computes.

    The others are read once and not kept in memory, where they would take the room of this one.
    """
    if run.info.get("partial"):
        return [run]
    seen = (other for other in context().store.runs() if me().sees(other.id))
    return [run, *compare_again.others(run, seen, one.target)]


def _told(runs: list[Run], answers: list[dict | None], one: Selection) -> bytes:
    told = compare_again.data(runs, one.target, answers, regime=one.regime)
    return orjson.dumps(told | {"runs": [run.id for run in runs]})
