"""Routes that hand out arrays as bytes; the browser asks with an ETag and keeps what it has."""

from collections.abc import Callable

import numpy as np
import orjson
from flask import Blueprint, Response, abort, request

from deepresolve_dash.errors import DeepResolveError, RunNotFound
from deepresolve_dash.pages.context import context, derived, tag
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import classes, fiv, logos
from deepresolve_dash.views.matrix import Matrix, encode, exact_row
from deepresolve_dash.views.selection import Selection, from_page

routes = Blueprint("data", __name__, url_prefix="/data")


def matrix_of(run: Run, selection: Selection, name: str) -> Matrix:
    """Return the matrix of a view by its name.

    Raises
    ------
    RunNotFound
        When the run has no such matrix.
    """
    if name == "fiv":
        return fiv.data(run.ensemble, run.summary, selection)
    if name not in classes.available(run.summary):
        raise RunNotFound(f"This run has no matrix '{name}'.")
    return classes.data(run.summary, selection, name, class_order(run, selection))


def class_order(run: Run, selection: Selection) -> np.ndarray:
    """Return the clustered order of the classes, kept on disk."""
    return np.array(orjson.loads(tree_of(run, selection))["order"])


def tree_of(run: Run, selection: Selection) -> bytes:
    """Return order and dendrogram of the classes as JSON."""

    def make() -> bytes:
        found = classes.clustering(run.summary, selection)
        tree = {"order": found.order.tolist(), "path": classes.dendrogram(found)}
        return orjson.dumps({**tree, "leaves": len(found.order) - len(found.left_out)})

    return derived(run, "tree", selection.regime, make=make)


@routes.get("/<run_id>/<name>.u8")
def matrix_bytes(run_id: str, name: str) -> Response:
    """Return a byte per cell of a matrix."""
    return _answer(run_id, name, lambda run, one: encode(matrix_of(run, one, name)))


@routes.get("/<run_id>/<name>.f32")
def matrix_row(run_id: str, name: str) -> Response:
    """Return one row of a matrix, exact."""
    row = request.args.get("row", type=int, default=-1)
    return _answer(
        run_id, f"{name}-{row}", lambda run, one: exact_row(matrix_of(run, one, name), row)
    )


@routes.get("/<run_id>/logos-<form>.f32")
def logo_heights(run_id: str, form: str) -> Response:
    """Return the letter heights of all channels (channel, offset, base)."""

    def make(run: Run, _: Selection) -> bytes:
        return logos.heights(_filters(run, form), form).astype("<f4").tobytes()

    return _answer(run_id, f"logos-{form}", make)


@routes.get("/<run_id>/logo-<form>-<int:channel>.svg")
def logo_picture(run_id: str, form: str, channel: int) -> Response:
    """Return the logo of one channel as a file."""

    def make(run: Run, _: Selection) -> bytes:
        kernels = _filters(run, form)
        places = np.flatnonzero(run.ensemble.channel.values == channel)
        if not len(places):
            raise RunNotFound(f"This run has no channel {channel}.")
        tall = logos.heights(kernels[places], form)[0]
        name = f"{run.info.get('name', run.id)}, channel {channel}"
        return logos.logo_svg(tall, form=form, title=name).encode()

    answer = _answer(run_id, f"logo-{form}-{channel}", make)
    answer.mimetype = "image/svg+xml"
    name = f"{run_id}-channel-{channel}-{form}.svg"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _filters(run: Run, form: str) -> np.ndarray:
    """Return the kernels of the first layer."""
    if form not in logos.FORMS or "filter" not in run.ensemble:
        raise RunNotFound("This run has no such logos.")
    return run.ensemble["filter"].values


def _answer(run_id: str, what: str, make: Callable[[Run, Selection], bytes]) -> Response:
    """Return derived bytes, 304 when the browser has them, 404 when there are none."""
    try:
        run = context().store.open(run_id)
        one = from_page({"target": 0, **request.args, "run": run_id, "pair": None})
        key = (what, one.target, one.regime)
        etag = tag(run, *key)
        if etag in request.if_none_match:
            answer = Response(status=304)
        else:
            body = derived(run, *key, make=lambda: make(run, one))
            answer = Response(body, mimetype="application/octet-stream")
    except (DeepResolveError, IndexError) as error:
        abort(404, str(error))
    answer.set_etag(etag)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
