"""What the lower panels of the page of all classes show, as bytes and JSON."""

from collections.abc import Callable

import numpy as np
import orjson
from flask import Blueprint, Response, request
from numpy.typing import NDArray

from deepresolve_dash.core.statistics.clusters import Resampled
from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.pages.class_views import clustering_of
from deepresolve_dash.pages.context import class_rows, context, derived, model_id
from deepresolve_dash.pages.data import BYTES, JSON, derived_answer
from deepresolve_dash.runs.models import ModelNotFound
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import (
    association,
    cell_types,
    classes,
    clusters,
    disagreement,
    ofiv_map,
)
from deepresolve_dash.views.matrix import Matrix, description, encode, exact_row
from deepresolve_dash.views.selection import IMPORTANCE, Selection, query, regime_for

routes = Blueprint("classes_more", __name__, url_prefix="/data/<run_id>/classes-more")
Make = Callable[[Run, Selection], dict]


@routes.get("/clusters.json")
def clusters_data(run_id: str) -> Response:
    """Return the clusters at a cut of the tree."""
    cut = _number("cut", clusters.CUT, 0, 2)

    def make(run: Run, one: Selection) -> dict:
        tree = clustering_of(run, one)
        told = clusters.data(run.summary, one, class_rows(run), tree, distance=cut)
        shown = clusters.heat(run.summary, one, tree, _channels(run, one), distance=cut)
        heat = _spec(run, one, shown, "clusters", title="Mean OFIV of clusters", cut=cut)
        return told | {"heat": heat | {"yTitle": "cluster"}, "card": _card(run)}

    return _answer(run_id, make, "clusters", cut)


@routes.get("/stability.json")
def stability_data(run_id: str) -> Response:
    """Return how well the clusters come back when trials are drawn again."""
    cut = _number("cut", clusters.CUT, 0, 2)

    def make(run: Run, one: Selection) -> dict:
        return clusters.steadiness(clustering_of(run, one), _resampled(run, one), distance=cut)

    return _answer(run_id, make, "stability", cut)


@routes.get("/disagreement.json")
def disagreement_data(run_id: str) -> Response:
    """Return the pairs on which similarity and labels, or weights, disagree most."""
    asked = {
        name: request.args[name] for name in ("against", "end", "find") if name in request.args
    }

    def make(run: Run, one: Selection) -> dict:
        return disagreement.data(run.summary, one, class_rows(run), **asked)

    return _answer(run_id, make, "disagreement", sorted(asked.items()))


@routes.get("/association.json")
def association_data(run_id: str) -> Response:
    """Return the rectangle of chosen rows and columns, and the counts of its rows."""
    given = _chosen()
    quantiles = _number("low", 15, 0, 100), _number("high", 85, 0, 100)

    def make(run: Run, one: Selection) -> dict:
        rows, chosen = class_rows(run), _choice(run, given)
        shape = association.rectangle(run.summary, one, rows, chosen)
        told = association.data(run.summary, one, rows, shape, chosen, quantiles=quantiles)
        if told["empty"]:
            return told
        shown = association.matrix_of(run.summary, one, shape)
        title = f"Similarity, {chosen[0]} by {chosen[1]}".replace("=", " ")
        spec = _spec(run, one, shown, "rectangle", title=title, rows=chosen[0], columns=chosen[1])
        words = {"value": "A", "xTitle": "class, in clustered order", "yTitle": "class"}
        tree = {"tree": told.pop("tree"), "leaves": len(shape.rows)}
        tree |= {"strips": association.strips(told["index"])}
        return told | {"spec": spec | words | tree | {"units": "", "sideways": True}}

    return _answer(run_id, make, "association", *given, *quantiles)


@routes.get("/ofiv.json")
def map_data(run_id: str) -> Response:
    """Return what the canvas must know of the OFIV of all classes."""

    def make(run: Run, one: Selection) -> dict:
        tree = clustering_of(run, one)
        shown = ofiv_map.data(run.summary, one, tree.order, _channels(run, one))
        spec = _spec(run, one, shown, "ofiv", title="OFIV of all classes")
        n = len(tree.order) - len(tree.left_out)
        spec |= {"tree": classes.dendrogram(tree), "leaves": n, "yTitle": "class"}
        regime = regime_for(run.summary, one, IMPORTANCE)
        return {"regime": regime, "spec": spec, "notes": ofiv_map.notes(run.summary, one, tree)}

    return _answer(run_id, make, "ofiv")


@routes.get("/cells.json")
def cells_data(run_id: str) -> Response:
    """Return what the classes of one factor share over cells."""
    factor = request.args.get("factor", "")

    def make(run: Run, one: Selection) -> dict:
        return cell_types.data(run.summary, one, class_rows(run), factor=factor)

    return _answer(run_id, make, "cells", factor)


@routes.get("/<any(clusters, rectangle, ofiv):name>.u8")
def matrix_bytes(run_id: str, name: str) -> Response:
    """Return a byte per cell of a matrix."""
    cut, given = _number("cut", clusters.CUT, 0, 2), _chosen()

    def make(run: Run, one: Selection) -> bytes:
        return encode(matrix_of(run, one, name, cut, given))

    return derived_answer(run_id, f"more-{name}-{cut}-{given}", make, BYTES)


@routes.get("/<any(clusters, rectangle, ofiv):name>.f32")
def matrix_row(run_id: str, name: str) -> Response:
    """Return one row of a matrix, exact."""
    row = request.args.get("row", type=int, default=-1)
    cut, given = _number("cut", clusters.CUT, 0, 2), _chosen()

    def make(run: Run, one: Selection) -> bytes:
        return exact_row(matrix_of(run, one, name, cut, given), row)

    return derived_answer(run_id, f"more-{name}-{cut}-{given}-{row}", make, BYTES)


def matrix_of(run: Run, one: Selection, name: str, cut: float, given: tuple[str, str]) -> Matrix:
    """Return a matrix of the lower panels, as it is drawn."""
    if name == "rectangle":
        shape = association.rectangle(run.summary, one, class_rows(run), _choice(run, given))
        return association.matrix_of(run.summary, one, shape)
    tree, columns = clustering_of(run, one), _channels(run, one)
    if name == "clusters":
        return clusters.heat(run.summary, one, tree, columns, distance=cut)
    return ofiv_map.data(run.summary, one, tree.order, columns)


def _spec(
    run: Run, one: Selection, shown: Matrix, name: str, *, title: str, **asked: object
) -> dict:
    """Return what the canvas must know of a matrix of channels."""
    of = run.info.get("partial", {}).get("classes_done")
    return {
        **description(shown),
        "url": f"/data/{run.id}/classes-more/{name}",
        "query": query(regime=one.regime, of=of, **asked),
        "kind": "named",
        "value": "OFIV",
        "units": "share of the largest",
        "title": f"{title}, {run.info.get('name', run.id)}",
        "xTitle": "channel, clustered over the classes",
    }


def _channels(run: Run, one: Selection) -> NDArray[np.int64]:
    """Return the clustered order of the channels, kept on disk."""

    def make() -> bytes:
        return orjson.dumps(ofiv_map.channel_order(run.summary, one).tolist())

    return np.array(orjson.loads(derived(run, "channels-clustered", one.regime, make=make)), int)


def _resampled(run: Run, one: Selection) -> Resampled:
    """Return the trees of resampled trials, kept on disk."""

    def make() -> bytes:
        drawn = clusters.resampled(run.ensemble, run.summary, one, clustering_of(run, one))
        return orjson.dumps([drawn.leaves.tolist(), drawn.trees.tolist()])

    leaves, trees = orjson.loads(derived(run, "resampled-trees", one.regime, make=make))
    shape = len(trees), max(len(leaves) - 1, 0), 4
    return Resampled(np.array(leaves, int), np.array(trees, np.float64).reshape(shape))


def _card(run: Run) -> str | None:
    """Return the address of the card of the run's model, None when it is not here."""
    try:
        return f"/models/{context().models.open(model_id(run)).id}"
    except ModelNotFound:
        return None


def _number(name: str, default: float, low: float, high: float) -> float:
    """Return a number of the address between two bounds; the default for what is none."""
    value = request.args.get(name, type=float, default=default)
    return round(min(max(value, low), high), 4) if np.isfinite(value) else default


def _chosen() -> tuple[str, str]:
    """Return by what the address chooses rows and columns; empty where it does not."""
    return request.args.get("rows", "")[:300], request.args.get("columns", "")[:300]


def _choice(run: Run, given: tuple[str, str]) -> tuple[str, str]:
    """Return by what rows and columns are chosen."""
    first = association.first_choice(class_rows(run))
    return given[0] or first[0], given[1] or first[1]


def _answer(run_id: str, make: Make, *what: object) -> Response:
    """Return a view as JSON; what is not finite becomes null."""

    def made(run: Run, one: Selection) -> bytes:
        if run.summary.sizes["target"] < 2:
            raise RunNotFound("This run has one class: there is nothing to compare it with.")
        return orjson.dumps(make(run, one), default=list, option=orjson.OPT_SERIALIZE_NUMPY)

    return derived_answer(run_id, "-".join(("more", *map(str, what))), made, JSON)
