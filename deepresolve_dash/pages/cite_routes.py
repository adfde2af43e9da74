"""A view as a bundle that can be cited and verified."""

from flask import Blueprint, Response, request

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.exports.bundle import View, bundle_bytes, bundle_name
from deepresolve_dash.exports.figures.registry import find_panel
from deepresolve_dash.exports.file_names import file_name
from deepresolve_dash.pages.context import context, open_run
from deepresolve_dash.pages.figure_routes import asked_of, size_of
from deepresolve_dash.pages.known import known_run
from deepresolve_dash.views.selection import from_page

routes = Blueprint("cite", __name__)


@routes.get("/data/<run_id>/cite/<name>.zip")
def bundle(run_id: str, name: str) -> Response:
    """Return the bundle of the view that an address names, as the route of its figure does."""
    try:
        panel, run = find_panel(name), open_run(run_id)
        one = from_page({"target": 0, **request.args, "run": run_id})
        view = View(
            panel,
            known_run(run, request.args),
            one,
            asked_of(panel, request.args),
            size_of(request.args),
            request.url_root,
        )
        made = bundle_bytes(view, context().settings.state)
    except (DeepResolveError, IndexError) as error:
        return Response(str(error), status=404, mimetype="text/plain")
    file = bundle_name(file_name(run, request.args, panel, "zip"), made)
    answer = Response(made, mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
