"""What the page of several runs shows, as JSON, bytes and tables."""

import re

import pandas as pd
from flask import Blueprint, Response, request

from deepresolve_dash.errors import DeepResolveError, RunNotFound
from deepresolve_dash.exports.figures.compare_figures import PANELS, Compared
from deepresolve_dash.exports.figures.style import FORMATS, HIGHEST, LOWEST, as_bytes, checked
from deepresolve_dash.exports.tables import tsv_text
from deepresolve_dash.pages.answers import answer
from deepresolve_dash.pages.compare_open import Asked, compared, names_of, read
from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.data import BYTES
from deepresolve_dash.pages.figure_routes import ROWS, size_of
from deepresolve_dash.pages.who import me
from deepresolve_dash.runs.question import ask
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
TABLE = "text/tab-separated-values"
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
        answers = [_answer(*each) for each in zip(asked.runs, asked.targets, strict=True)]
        return answer(compare_more.interactions(asked.lined, answers))
    except DeepResolveError as error:
        return Response(str(error), status=404, mimetype="text/plain")


@routes.get("/table.tsv")
def table() -> Response:
    """Return the combined table of a class, or of all classes that the runs share."""
    whole = request.args.get("all") == "1"

    def make(asked: Asked) -> bytes:
        rows = compare.classes(asked.runs) if whole else [_class(asked)]
        frames = []
        for one in rows:
            frame = compare_class.table(
                asked.runs, asked.lined, one["targets"], regime=asked.regime, top=asked.top
            )
            frame.insert(0, "class", one["name"])
            frames.append(frame)
        return tsv_text(pd.concat(frames, ignore_index=True)).encode() if frames else b""

    made = compared(f"compare-table-{whole:d}", make, TABLE)
    return _attached(made, "all-classes" if whole else "class", ROWS)


@routes.get("/figure/<name>.<kind>")
def figure_file(name: str, kind: str) -> Response:
    """Return the figure of a panel for print, or the rows behind it."""
    try:
        if name not in PANELS:
            raise RunNotFound(
                f"There is no figure '{name[:40]}'.", f"There are {', '.join(PANELS)}."
            )
        size = size_of(request.args)
    except DeepResolveError as error:
        return Response(str(error), status=404, mimetype="text/plain")
    panel = PANELS[name]

    def make(asked: Asked) -> bytes:
        told = _compared(asked)
        if kind == ROWS:
            return tsv_text(panel.rows(told)).encode()
        high = size.height or round(panel.tall * size.width)
        sized = checked(size._replace(height=min(HIGHEST, max(LOWEST, high))))
        return as_bytes(lambda figure: panel.draw(figure, told), kind, sized)

    drawn = None if kind == ROWS else size
    made = compared(
        f"compare-figure-{name}-{kind}-{drawn}", make, (FORMATS | {ROWS: TABLE}).get(kind, "")
    )
    return _attached(made, name, kind)


def _compared(asked: Asked) -> Compared:
    """Return what is drawn."""
    called = [names_of(run) for run in asked.runs]
    return Compared(
        asked.runs, asked.lined, called, asked.targets, asked.two, asked.regime, asked.top
    )


def _attached(made: Response, words: str, kind: str) -> Response:
    """Name a file after the runs and what it holds."""
    if made.status_code == 200:
        name = "-".join(re.sub(r"[^0-9a-z]+", "", part)[:8] for part in _ids())
        file = f"compare-{name}-{words}.{kind}"
        made.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return made


def similarity_of(asked: Asked) -> Matrix:
    """Return the difference of the similarities of two runs over the classes they share."""
    return compare_more.similarity(asked.runs, _both(asked), asked.two, regime=asked.regime)


def _both(asked: Asked) -> list[tuple[str, int, int]]:
    return compare.shared(asked.runs, asked.two)


def _class(asked: Asked) -> dict:
    """Return the class on screen, called as the first run that has it does."""
    names = [
        _names(run).get(target)
        for run, target in zip(asked.runs, asked.targets, strict=True)
        if target is not None
    ]
    return {"name": str(names[0]), "targets": asked.targets}


def _names(run: Run) -> dict[int, str]:
    names = map(str, run.summary.target_name.values)
    return dict(zip(run.summary.target.values.tolist(), names, strict=True))


def _answer(run: Run, target: int | None) -> dict | None:
    """Return what the verifier said of a class of a run; None where it was not asked."""
    if target is None:
        return None
    try:
        return context().service.answers.read(ask(run, target).id)
    except DeepResolveError:
        return None


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


def _ids() -> list[str]:
    return request.args.get("runs", "").split(",")


def _query() -> str:
    kept = ("runs", "regime", "two", "by")
    return query(**{key: request.args.get(key) for key in kept})
