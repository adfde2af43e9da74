"""What can be found by typing: runs, models and stories; in a run its classes and channels."""

from dataclasses import asdict

import orjson
from flask import Blueprint, Response

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.pages.answers import answer
from deepresolve_dash.pages.called import called, called_key
from deepresolve_dash.pages.context import class_rows, context, derived, open_run
from deepresolve_dash.pages.story_routes import line, shown
from deepresolve_dash.pages.who import me
from deepresolve_dash.runs.class_table import METADATA
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import search
from deepresolve_dash.views.selection import address

routes = Blueprint("search", __name__)
_TOLD = [name for name in METADATA if name != "colour"]


@routes.get("/data/search.json")
def everywhere() -> Response:
    """Return what can be opened from any page."""
    names = {} if me().is_guest else context().models.names()
    models = sorted(names.items(), key=lambda one: one[1].lower())
    return answer(
        {
            "runs": [place(run) for run in context().store.runs() if me().sees(run.id)],
            "models": [{"name": name, "href": f"/models/{key}"} for key, name in models],
            "stories": [line(story) for story in shown()],
        }
    )


@routes.get("/data/<run_id>/search.json")
def in_run(run_id: str) -> Response:
    """Return the classes and channels of a run, with the words they are known by."""
    try:
        run = open_run(run_id)
        body = derived(run, "search", called_key(run), make=lambda: found_in(run))
    except DeepResolveError as error:
        return Response(str(error), status=404, mimetype="text/plain")
    made = Response(body, mimetype="application/json")
    made.headers["Cache-Control"] = "no-store"
    return made


def found_in(run: Run) -> bytes:
    """Return what the classes and channels of a run are found by."""
    return orjson.dumps(search.data(run, described(run), called(run)))


def place(run: Run) -> dict:
    """Return name and address of a run, from its description alone: there may be hundreds."""
    first = (run.info["spec"].get("classes") or [0])[0]
    about = run.info["spec"].get("layer", ""), run.info.get("network", {}).get("name", "")
    name = str(run.info.get("name") or run.id)
    words = ", ".join(str(part) for part in about if part)
    return {"id": run.id, "name": name, "words": words, "href": address(run.id, int(first), "")}


def described(run: Run) -> list[list[str]]:
    """Return what is told of each class beside its name, in the order of the run."""
    return [[told for name in _TOLD if (told := asdict(row)[name])] for row in class_rows(run)]
