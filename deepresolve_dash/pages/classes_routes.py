"""What the page of all classes shows, as bytes and JSON."""

import re

import numpy as np
import orjson
from flask import Blueprint, Response, request

from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.pages.class_views import clustering_of
from deepresolve_dash.pages.context import class_rows
from deepresolve_dash.pages.data import BYTES, JSON, derived_answer
from deepresolve_dash.pages.prefix import whole
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import class_matrices, pair
from deepresolve_dash.views.matrix import Matrix, encode, exact_row
from deepresolve_dash.views.selection import Selection, query

routes = Blueprint("classes", __name__, url_prefix="/data/<run_id>/classes")


def matrix_of(run: Run, one: Selection, name: str) -> Matrix:
    """Return one matrix in the order of the hierarchy."""
    return class_matrices.matrix(run.summary, one, name, clustering_of(run, one).order)


@routes.after_app_request
def ask_ahead(answer: Response) -> Response:
    """Let the browser of the page ask for tree and similarity before it has read a script."""
    found = re.fullmatch(r"/runs/([0-9a-f]+)/classes/?", request.path)
    if found:
        asked = query(regime=request.args.get("regime"))
        for name in ("all.json", "similarity.u8"):
            link = f"<{whole(f'/data/{found[1]}/classes/{name}{asked}')}>"
            answer.headers.add("Link", f"{link}; rel=preload; as=fetch; crossorigin=anonymous")
    return answer


@routes.get("/all.json")
def all_data(run_id: str) -> Response:
    """Return order, tree and metadata of all classes."""

    def make(run: Run, one: Selection) -> bytes:
        told = class_matrices.data(run.summary, one, clustering_of(run, one), class_rows(run))
        return _json(told)

    return derived_answer(run_id, "all-classes", make, JSON)


@routes.get("/<name>.u8")
def matrix_bytes(run_id: str, name: str) -> Response:
    """Return a byte per cell of a matrix, without its lower half; none for a single class."""

    def make(run: Run, one: Selection) -> bytes:
        if run.summary.sizes["target"] < 2:  # asked for before the browser knows the run
            return b""
        return encode(matrix_of(run, one, name), half=True)

    return derived_answer(run_id, f"all-{name}", make, BYTES)


@routes.get("/<name>.f32")
def matrix_row(run_id: str, name: str) -> Response:
    """Return one row of a matrix, exact."""
    row = request.args.get("row", type=int, default=-1)

    def make(run: Run, one: Selection) -> bytes:
        return exact_row(matrix_of(run, one, name), row)

    return derived_answer(run_id, f"all-{name}-{row}", make, BYTES)


@routes.get("/brushed.json")
def brushed_data(run_id: str) -> Response:
    """Return the pairs inside a rectangle of the scatter plot."""
    second, box = request.args.get("second", ""), request.args.get("box", "")

    def make(run: Run, one: Selection) -> bytes:
        return _json(class_matrices.brushed(run.summary, one, second, read_box(box)))

    return derived_answer(run_id, f"brushed-{second}-{box}", make, JSON)


@routes.get("/pair.json")
def pair_data(run_id: str) -> Response:
    """Return why two classes are similar."""

    def make(run: Run, one: Selection) -> bytes:
        return _json(pair.data(run.ensemble, run.summary, one))

    return derived_answer(run_id, "pair-of-classes", make, JSON)


def read_box(text: str) -> list[float]:
    """Return four numbers, two from and to.

    Raises
    ------
    RunNotFound
        When they are not that.
    """
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        found = []
    if len(found) != 4 or not np.isfinite(found).all():
        raise RunNotFound(f"'{text[:80]}' is no rectangle.", "Drag one over the points.")
    return found


def _json(values: dict) -> bytes:
    """Return numbers and words as JSON; what is not finite becomes null."""
    return orjson.dumps(values, default=list, option=orjson.OPT_SERIALIZE_NUMPY)
