"""Routes that hand out arrays as bytes; the browser asks with an ETag and keeps what it has."""

from collections.abc import Callable

import numpy as np
import orjson
from flask import Blueprint, Response, request

from deepresolve_dash.errors import DeepResolveError, RunNotFound
from deepresolve_dash.pages.answers import answer
from deepresolve_dash.pages.class_page import description
from deepresolve_dash.pages.class_views import (
    LEVEL_FORMS,
    class_views,
    level_views,
    map_spec,
    ofiv_views,
    order_views,
    similarity_views,
    strongest_classes,
    tree_of,
)
from deepresolve_dash.pages.context import derived, open_run, tag
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import classes, fim, fiv, logos, ofiv
from deepresolve_dash.views.matrix import Matrix, encode, exact_row
from deepresolve_dash.views.selection import Selection, from_page

BYTES, JSON = "application/octet-stream", "application/json"
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
    if name.startswith("fim-") and name[4:].isdecimal():
        return fim.data(run.ensemble, run.summary, selection, int(name[4:]))
    if name not in classes.available(run.summary):
        raise RunNotFound(f"This run has no matrix '{name}'.")
    order = np.array(orjson.loads(tree_of(run, selection))["order"])
    return classes.data(run.summary, selection, name, order)


@routes.get("/<run_id>/run.json")
def run_data(run_id: str) -> Response:
    """Return what the browser must know of a run; more while it computes."""
    try:
        return answer(description(open_run(run_id)))
    except DeepResolveError as error:
        return Response(str(error), status=404, mimetype="text/plain")


@routes.get("/<run_id>/class.json")
def class_data(run_id: str) -> Response:
    """Return what the class page shows of a class."""
    return derived_answer(run_id, "class", class_views, JSON)


@routes.get("/<run_id>/strongest.json")
def strongest_data(run_id: str) -> Response:
    """Return for each channel the classes it speaks for most."""
    return derived_answer(run_id, "strongest", strongest_classes, JSON)


@routes.get("/<run_id>/orders.json")
def orders_data(run_id: str) -> Response:
    """Return the clustered orders of an ensemble."""
    return derived_answer(run_id, "orders", order_views, JSON)


@routes.get("/<run_id>/fim-<int:channel>.json")
def map_data(run_id: str, channel: int) -> Response:
    """Return what the canvas must know of the map of a channel."""
    return derived_answer(
        run_id, f"fim-spec-{channel}", lambda run, one: map_spec(run, one, channel), JSON
    )


@routes.get("/<run_id>/levels.json")
def levels_data(run_id: str) -> Response:
    """Return the chart of the inconsistency levels."""
    form = request.args.get("form", "histogram")

    def make(run: Run, one: Selection) -> bytes:
        if form not in LEVEL_FORMS:
            raise RunNotFound(f"There is no chart of levels called '{form}'.")
        return level_views(run, one, form)

    return derived_answer(run_id, f"levels-{form}", make, JSON)


@routes.get("/<run_id>/ofiv.json")
def ofiv_data(run_id: str) -> Response:
    """Return the chart of the ranking."""
    choice = request.args.get("bars", "few")

    def make(run: Run, one: Selection) -> bytes:
        if choice not in ofiv.CHOICES:
            raise RunNotFound(f"The ranking cannot show '{choice}' bars.")
        return ofiv_views(run, one, choice)

    return derived_answer(run_id, f"ofiv-{choice}", make, JSON)


@routes.get("/<run_id>/classes.json")
def classes_data(run_id: str) -> Response:
    """Return what the canvas must know to compare all classes."""
    second = request.args.get("second", "")

    def make(run: Run, one: Selection) -> bytes:
        if second not in classes.available(run.summary):
            raise RunNotFound(f"This run has no comparison '{second}'.")
        return similarity_views(run, one, second)

    return derived_answer(run_id, f"classes-{second}", make, JSON)


@routes.get("/<run_id>/<name>.u8")
def matrix_bytes(run_id: str, name: str) -> Response:
    """Return a byte per cell of a matrix, without the lower half of one that compares classes."""
    half = name in classes.COMPARISONS
    return derived_answer(
        run_id, name, lambda run, one: encode(matrix_of(run, one, name), half=half)
    )


@routes.get("/<run_id>/<name>.f32")
def matrix_row(run_id: str, name: str) -> Response:
    """Return one row of a matrix, exact."""
    row = request.args.get("row", type=int, default=-1)
    return derived_answer(
        run_id, f"{name}-{row}", lambda run, one: exact_row(matrix_of(run, one, name), row)
    )


@routes.get("/<run_id>/logos-<form>.f32")
def logo_heights(run_id: str, form: str) -> Response:
    """Return the letter heights of all channels (channel, offset, base)."""

    def make(run: Run, _: Selection) -> bytes:
        return logos.heights(_filters(run, form), form).astype("<f4").tobytes()

    return derived_answer(run_id, f"logos-{form}", make)


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

    answer = derived_answer(run_id, f"logo-{form}-{channel}", make, "image/svg+xml")
    name = f"{run_id}-channel-{channel}-{form}.svg"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _filters(run: Run, form: str) -> np.ndarray:
    """Return the kernels of the first layer."""
    if form not in logos.FORMS or "filter" not in run.ensemble:
        raise RunNotFound("This run has no such logos.")
    return run.ensemble["filter"].values


def derived_answer(
    run_id: str, what: str, make: Callable[[Run, Selection], bytes], kind: str = BYTES
) -> Response:
    """Return derived bytes, 304 when the browser has them, 404 when there are none."""
    try:
        run = open_run(run_id)
        one = from_page({"target": 0, **request.args, "run": run_id})
        key = (what, one.target, one.regime, one.pair)
        etag = tag(run, *key)
        if etag in request.if_none_match:
            answer = Response(status=304)
        else:
            body = derived(run, *key, make=lambda: make(run, one))
            answer = Response(body, mimetype=kind)
    except (DeepResolveError, IndexError) as error:
        return Response(str(error), status=404, mimetype="text/plain")
    answer.set_etag(etag)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
