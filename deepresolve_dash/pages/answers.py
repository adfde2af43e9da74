"""How the routes of the screens answer the browser: JSON, or the sentence that says why not."""

from collections.abc import Callable
from functools import wraps

import orjson
from flask import Response, current_app, request

from deepresolve_dash.errors import DeepResolveError, SettingsError

OWN_HEADER = "X-DeepResolve"  # no form of another site can send it
_LARGEST_BODY = 4 * 2**20  # bytes of what is not a file


def answer(values: object) -> Response:
    """Return values as JSON that nobody keeps."""
    made = Response(orjson.dumps(values), mimetype="application/json")
    made.headers["Cache-Control"] = "no-store"
    return made


def action(act: Callable[..., dict]) -> Callable[..., Response]:
    """Make a route that changes something out of a function that returns what became of it.

    Requests of other sites are turned away. *Choice:* a mistake of the user is an answer, not a
    failure of the request: `{"refused": sentence}` with status 200.
    """

    @wraps(act)
    def route(**values: object) -> Response:
        if OWN_HEADER not in request.headers:
            return Response("This request did not come from the dashboard.", status=403)
        try:
            return answer(act(**values))
        except DeepResolveError as error:
            return answer({"refused": str(error)})
        except OSError as error:
            current_app.logger.exception("A request failed", exc_info=error)
            why = error.strerror or "a file could not be read or written"
            return answer({"refused": f"The server could not do this: {why}. Nothing was changed."})

    return route


def body() -> dict:
    """Return the values that the browser sent along.

    Raises
    ------
    SettingsError
        When they are not a JSON object, or too many.
    """
    text = request.stream.read(_LARGEST_BODY + 1)
    if len(text) > _LARGEST_BODY:
        raise SettingsError("This is too large.", f"At most {_LARGEST_BODY >> 20} MB can be sent.")
    try:
        values = orjson.loads(text or b"{}")
    except orjson.JSONDecodeError:
        values = None
    if not isinstance(values, dict):
        raise SettingsError("The request cannot be read.", "Load the page again.")
    return values
