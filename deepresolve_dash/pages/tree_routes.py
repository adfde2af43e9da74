"""The tree of the classes of a run as a file."""

from flask import Blueprint, Response

from deepresolve_dash.exports.newick import newick
from deepresolve_dash.pages.class_views import clustering_of
from deepresolve_dash.pages.data import derived_answer
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views.selection import Selection

routes = Blueprint("tree", __name__)


@routes.get("/data/<run_id>/tree.nwk")
def tree_file(run_id: str) -> Response:
    """Return the tree that orders the classes, in the Newick format."""

    def make(run: Run, one: Selection) -> bytes:
        tree = clustering_of(run, one) if run.summary.sizes["target"] > 1 else None
        return newick(run, one, tree=tree).encode()

    answer = derived_answer(run_id, "newick", make, "text/x-nh")
    if answer.status_code == 200:
        answer.headers["Content-Disposition"] = f'attachment; filename="{run_id}-classes.nwk"'
    return answer
