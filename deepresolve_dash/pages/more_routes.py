"""What the panels below the first screen show of a class, as JSON."""

from collections.abc import Sequence

import orjson
from flask import Blueprint, Response

from deepresolve_dash.pages.context import context, model_id
from deepresolve_dash.pages.data import JSON, derived_answer
from deepresolve_dash.runs.class_table import METADATA, ClassRow
from deepresolve_dash.runs.models import ModelNotFound
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import elimination, features, recipes, traces
from deepresolve_dash.views.selection import Selection

routes = Blueprint("more", __name__, url_prefix="/data")
_VIEWS = {
    "recipes": recipes.data,
    "important": features.important,
    "varying": features.varying,
    "traces": traces.data,
}
_TOLD = [name for name in METADATA if name not in ("colour", "accession")]


def _json(values: dict) -> bytes:
    """Return numbers and words as JSON; what is not finite becomes null."""
    return orjson.dumps(values, default=list, option=orjson.OPT_SERIALIZE_NUMPY)  # notes are tuples


@routes.get("/<run_id>/<any(recipes, important, varying, traces):name>.json")
def view_data(run_id: str, name: str) -> Response:
    """Return what a panel shows of a class."""

    def make(run: Run, one: Selection) -> bytes:
        return _json(_VIEWS[name](run.ensemble, run.summary, one))

    return derived_answer(run_id, name, make, JSON)


@routes.get("/<run_id>/elimination.json")
def elimination_data(run_id: str) -> Response:
    """Return which classes favour what speaks against a class."""

    def make(run: Run, one: Selection) -> bytes:
        return _json(elimination.data(run.summary, one, _known(run)))

    return derived_answer(run_id, "elimination", make, JSON)


def _known(run: Run) -> Sequence[str]:
    """Return what the model's table tells of each class of a run; empty where it tells nothing."""
    try:
        rows = context().models.open(model_id(run)).classes
    except ModelNotFound:
        return ()
    targets = run.summary.target.values
    if run.info["spec"].get("output") or targets.max() >= len(rows):
        return ()
    return [_about(rows[target]) for target in targets]


def _about(row: ClassRow) -> str:
    """Return what is known of a class and not said by its name."""
    values = [getattr(row, name) for name in _TOLD]
    return " · ".join(value for value in values if value and value.lower() not in row.name.lower())
