"""Routes of the file that opens without the dashboard: of a run, and of a story."""

import re
from collections.abc import Iterator, Sequence
from threading import Lock

from flask import Blueprint, Flask, Response, current_app, request

from deepresolve_dash.errors import DeepResolveError, RunNotFound, SettingsError
from deepresolve_dash.pages.context import context, open_run
from deepresolve_dash.pages.offline import offline_page
from deepresolve_dash.pages.offline_asks import run_of
from deepresolve_dash.pages.who import me

routes = Blueprint("offline", __name__)
_ONE = Lock()  # it takes a minute of a processor
_BUSY = "Another offline page is being made. Try again in a minute."


@routes.get("/data/<run_id>/offline.html")
def of_run(run_id: str) -> Response:
    """Return the views of a run, of the classes that are asked for or of all."""
    try:
        open_run(run_id)  # as whoever asks
        classes = _classes(request.args.get("classes", ""))
        return _file(offline_page(_server(), run_id, classes=classes), f"{run_id}-offline")
    except DeepResolveError as error:
        return Response(str(error), status=404, mimetype="text/plain")


@routes.get("/data/stories/<story_id>/offline.html")
def of_story(story_id: str) -> Response:
    """Return the views of the steps of a story, of their classes alone unless all are wanted."""
    try:
        story = context().stories.open(story_id)
        runs = filter(None, (run_of(step.address) for step in story.steps))
        if not me().sees_story(story_id) or not all(map(me().sees, runs)):
            raise RunNotFound("This link does not show that story.")
        words = re.sub(r"[^a-z0-9]+", "-", story.title.lower()).strip("-")[:60] or story_id
        classes = None if request.args.get("classes") == "all" else ()
        return _file(offline_page(_server(), story=story_id, classes=classes), f"story-{words}")
    except DeepResolveError as error:
        return Response(str(error), status=404, mimetype="text/plain")


def _server() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined]


def _classes(text: str) -> Sequence[int] | None:
    """Return the classes that are asked for, None for all.

    Raises
    ------
    SettingsError
        When the text is no list of them.
    """
    if text and not re.fullmatch(r"\d{1,9}(,\d{1,9}){0,9999}", text):
        raise SettingsError(f"'{text[:80]}' is no list of classes.", "Write their indices: 3,7,12.")
    return list(map(int, text.split(","))) if text else None


def _file(pieces: Iterator[bytes], name: str) -> Response:
    """Return pieces as a file, one of them at a time; its last words tell that it is whole."""
    if _ONE.locked():
        return Response(_BUSY, status=429, mimetype="text/plain")

    def one_by_one() -> Iterator[bytes]:
        with _ONE:
            yield from pieces

    made = Response(one_by_one(), mimetype="text/html")
    made.headers["Content-Disposition"] = f'attachment; filename="{name}.html"'
    made.headers["Cache-Control"] = "no-store"
    return made
