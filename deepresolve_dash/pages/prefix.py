"""The dashboard below a path of another server: a proxy may pass that path on, or cut it off."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

Application = Callable[[dict[str, Any], Callable], Iterable[bytes]]


def below(prefix: str, application: Application) -> Application:
    """Return a WSGI application that is served below a path such as `/deepresolve`."""
    if not prefix:
        return application

    def cut_off(environ: dict[str, Any], start: Callable) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == prefix or path.startswith(f"{prefix}/"):
            environ = {**environ, "PATH_INFO": path[len(prefix) :] or "/"}
        return application({**environ, "SCRIPT_NAME": prefix}, start)

    return cut_off


def whole(address: str) -> str:
    """Return an address of ours as the browser must ask for it."""
    return request.root_path + address


def send_on(address: str) -> Response:
    """Return the answer that sends the browser to an address of ours."""
    return redirect(whole(address))
