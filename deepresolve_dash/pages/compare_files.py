"""What the page of several runs shows, as files: figures for print and the rows behind them."""

import re

import pandas as pd
from flask import Blueprint, Response, request

from deepresolve_dash.errors import DeepResolveError, RunNotFound
from deepresolve_dash.exports.figures.compare_figures import PANELS
from deepresolve_dash.exports.figures.compare_parts import Compared, ComparedPanel, Listed
from deepresolve_dash.exports.figures.style import FORMATS, as_bytes, checked
from deepresolve_dash.exports.tables import tsv_text
from deepresolve_dash.pages.compare_open import Asked, compared, names_of
from deepresolve_dash.pages.figure_routes import ROWS, size_of
from deepresolve_dash.views import compare, compare_class

routes = Blueprint("compare_files", __name__, url_prefix="/data/compare")
TABLE = "text/tab-separated-values"
_LONGEST = 200  # characters of what a channel is found by


@routes.get("/table.tsv")
def table() -> Response:
    """Return the combined table of all classes that the runs share."""

    def make(asked: Asked) -> bytes:
        frames = []
        for one in compare.classes(asked.runs):
            frame = compare_class.table(
                asked.runs, asked.lined, one["targets"], regime=asked.regime, top=asked.top
            )
            frame.insert(0, "class", one["name"])
            frames.append(frame)
        return tsv_text(pd.concat(frames, ignore_index=True)).encode() if frames else b""

    return _attached(compared("compare-table", make, TABLE), "all-classes", ROWS)


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
    panel, listed = PANELS[name], _listed() if name == "combined" else Listed()

    def make(asked: Asked) -> bytes:
        told = _compared(asked, panel, listed)
        if kind == ROWS:
            return tsv_text(panel.rows(told)).encode()
        sized = checked(size._replace(height=size.height or panel.height(size.width, told)))
        return as_bytes(lambda figure: panel.draw(figure, told), kind, sized)

    drawn = None if kind == ROWS else size
    made = compared(
        f"compare-figure-{name}-{kind}-{drawn}-{listed}",
        make,
        (FORMATS | {ROWS: TABLE}).get(kind, ""),
        more=lambda asked: asked.answers if panel.reads == "answers" else None,
    )
    return _attached(made, name, kind)


def _listed() -> Listed:
    """Return what the page asks of the combined table."""
    told = request.args
    least = told.get("least", type=int, default=0)
    return Listed(told.get("find", "")[:_LONGEST], least, told.get("sort", "")[:_LONGEST])


def _compared(asked: Asked, panel: ComparedPanel, listed: Listed) -> Compared:
    """Return what is drawn."""
    return Compared(
        asked.runs,
        asked.lined,
        [names_of(run) for run in asked.runs],
        asked.targets,
        asked.two,
        asked.regime,
        asked.top,
        motifs=asked.motifs if panel.reads == "motifs" else (),
        answers=asked.answers if panel.reads == "answers" else (),
        listed=listed,
    )


def _attached(made: Response, words: str, kind: str) -> Response:
    """Name a file after the runs and what it holds."""
    if made.status_code == 200:
        ids = request.args.get("runs", "").split(",")
        name = "-".join(re.sub(r"[^0-9a-z]+", "", part)[:8] for part in ids)
        file = f"compare-{name}-{words}.{kind}"
        made.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return made
