"""What the page of several runs shows, as JSON and bytes."""

from flask import Blueprint, Response, request

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.pages.answers import answer
from deepresolve_dash.pages.called import called_key
from deepresolve_dash.pages.compare_open import Asked, compared, names_of, read
from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.data import BYTES
from deepresolve_dash.pages.who import me
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import (
    compare,
    compare_class,
    compare_more,
    compare_rows,
    compare_strip,
)
from deepresolve_dash.views.matrix import Matrix, description, encode, exact_row
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.selection import query

routes = Blueprint("compare", __name__, url_prefix="/data/compare")
_MOST_RUNS = 500  # that are offered


@routes.get("/offered.json")
def offered() -> Response:
    """Return the runs that can be added, newest first: id, name, what tells them apart."""
    found = [run for run in context().store.runs() if me().sees(run.id)][:_MOST_RUNS]
    return answer([_offered(run) for run in found])


@routes.get("/about.json")
def about() -> Response:
    """Return what the runs differ in, their classes, and which channels stand for each other."""

    def make(asked: Asked) -> dict:
        called = [names_of(run) for run in asked.runs]
        lined = asked.lined
        return compare.data(asked.runs) | {
            "rows": compare_rows.data(asked.runs, lined, called),
            "looked": [bool(called_key(run)) for run in asked.runs],
            "names": [list(_names(run).items()) for run in asked.runs],
            "first": list(asked.targets),
        }

    return compared("compare-about", make)


@routes.get("/class.json")
def of_class() -> Response:
    """Return the numbers of a class in all runs."""
    return compared(
        "compare-class",
        lambda asked: compare_class.data(
            asked.runs, asked.lined, asked.targets, regime=asked.regime, top=asked.top
        ),
    )


@routes.get("/pair.json")
def of_pair() -> Response:
    """Return how two runs agree on a class."""
    return compared(
        "compare-pair",
        lambda asked: compare_class.agreement(
            asked.runs, asked.lined, asked.targets, asked.two, regime=asked.regime, top=asked.top
        ),
    )


@routes.get("/strip.json")
def strip() -> Response:
    """Return the runs in order of what they differ in."""
    return compared(
        "compare-strip",
        lambda asked: compare_strip.data(
            asked.runs, asked.lined, asked.targets, regime=asked.regime
        ),
    )


@routes.get("/families.json")
def families() -> Response:
    """Return the families of important channels over all runs."""
    return compared(
        "compare-families",
        lambda asked: compare_more.families(
            asked.runs, asked.lined, asked.motifs, asked.targets, regime=asked.regime
        ),
    )


@routes.get("/similarity.json")
def similarity_data() -> Response:
    """Return what the canvas must know of the difference of similarities."""

    def make(asked: Asked) -> dict:
        both = _both(asked)
        if len(both) < 2:
            return {"empty": "These two runs have fewer than two classes in common."}
        matrix = similarity_of(asked)
        a, b = (compare.LETTERS[at] for at in asked.two)
        told = {
            "url": "/data/compare/similarity",
            "query": _query(),
            "symmetric": True,
            "value": f"similarity in {a} − in {b}",
            "units": "",
        }
        gaps = compare_more.largest_gaps(matrix)
        return {"empty": "", "n": len(both), "spec": description(matrix) | told, "gaps": gaps}

    return compared("compare-similarity", make)


@routes.get("/similarity.u8")
def similarity_bytes() -> Response:
    """Return a byte per cell of the difference of similarities, without its lower half."""
    return compared(
        "compare-similarity-bytes", lambda asked: encode(similarity_of(asked), half=True), BYTES
    )


@routes.get("/similarity.f32")
def similarity_row() -> Response:
    """Return one row of the difference of similarities, exact."""
    row = request.args.get("row", type=int, default=-1)

    def make(asked: Asked) -> bytes:
        matrix = similarity_of(asked)
        return exact_row(matrix, row) if 0 <= row < len(matrix.values) else b""

    return compared(f"compare-similarity-{row}", make, BYTES)


@routes.get("/interactions.json")
def interactions() -> Response:
    """Return the called interactions of a class that recur; answers come while nobody looks."""
    try:
        asked = read()
        return answer(compare_more.interactions(asked.lined, asked.answers))
    except DeepResolveError as error:
        return Response(str(error), status=404, mimetype="text/plain")


def similarity_of(asked: Asked) -> Matrix:
    """Return the difference of the similarities of two runs over the classes they share."""
    return compare_more.similarity(asked.runs, _both(asked), asked.two, regime=asked.regime)


def _both(asked: Asked) -> list[tuple[str, int, int]]:
    return compare.shared(asked.runs, asked.two)


def _names(run: Run) -> dict[int, str]:
    names = map(str, run.summary.target_name.values)
    return dict(zip(run.summary.target.values.tolist(), names, strict=True))


def _offered(run: Run) -> dict:
    """Return what a run is chosen by, without reading its results."""
    spec = run.info["spec"]
    words = [str(spec["layer"]), f"seed {spec['settings']['seed']}", f"l2 {compare.l2_words(run)}"]
    words.append(count(len(spec["classes"]), "class", "classes"))
    words.append(run.info.get("timing", {}).get("started", "")[:10])
    return {
        "id": run.id,
        "name": run.info.get("name") or run.id,
        "words": " · ".join(filter(None, words)),
    }


def _query() -> str:
    kept = ("runs", "regime", "two", "by")
    return query(**{key: request.args.get(key) for key in kept})
