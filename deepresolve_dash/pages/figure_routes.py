"""Every panel as a file: a figure for print, or the rows behind it."""

import re
from collections.abc import Mapping

from flask import Blueprint, Response, request

from deepresolve_dash.errors import DeepResolveError, SettingsError
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.registry import (
    figure_bytes,
    find_panel,
    height_of,
    rows_text,
)
from deepresolve_dash.exports.figures.style import FORMATS, Size
from deepresolve_dash.exports.file_names import file_name
from deepresolve_dash.pages.called import called_key
from deepresolve_dash.pages.channels_routes import looked_key
from deepresolve_dash.pages.context import open_run
from deepresolve_dash.pages.data import derived_answer
from deepresolve_dash.pages.known import known_run, tested_key
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views.selection import Selection

routes = Blueprint("figures", __name__)
ROWS = "tsv"
_TYPES = FORMATS | {ROWS: "text/tab-separated-values"}


@routes.get("/data/<run_id>/figure/<name>.<kind>")
def figure_file(run_id: str, name: str, kind: str) -> Response:
    """Return the figure of a panel, or its rows, as its address says what the page shows."""
    try:
        panel, run = find_panel(name), open_run(run_id)
        asked, size = asked_of(panel, request.args), size_of(request.args)
    except DeepResolveError as error:
        return Response(str(error), status=404, mimetype="text/plain")

    def make(run: Run, one: Selection) -> bytes:
        known = known_run(run, request.args)
        if kind == ROWS:
            return rows_text(panel, known, one, asked).encode()
        high = size.height or height_of(panel, size.width, known, one, asked)
        return figure_bytes(panel, known, one, asked, kind, size._replace(height=high))

    known = called_key(run), looked_key(run_id), tested_key(run, request.args)
    drawn = None if kind == ROWS else size
    key = f"figure-{name}-{kind}-{sorted(asked.items())}-{drawn}-{known}"
    answer = derived_answer(run_id, key, make, _TYPES.get(kind, ""))
    if answer.status_code == 200:
        file = file_name(run, request.args, panel, kind)
        answer.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return answer


def asked_of(panel: Panel, values: Mapping[str, str]) -> Asked:
    """Return what an address asks for of a panel, without what it does not read."""
    return {key: values[key] for key in panel.asks if values.get(key)}


def size_of(values: Mapping[str, str]) -> Size:
    """Return the size that an address asks for; height 0 where the figure may choose.

    Raises
    ------
    SettingsError
        When a measure is no number.
    """
    usual = Size(height=0)
    found = {}
    for name, words in (("width", "width"), ("height", "height"), ("dpi", "resolution")):
        text = values.get(name) or str(getattr(usual, name))
        if not re.fullmatch(r"\d{1,5}(\.\d{1,3})?", text):
            raise SettingsError(f"'{text[:20]}' is no {words} of a figure.", "Give a number.")
        found[name] = float(text)
    return Size(found["width"], found["height"], round(found["dpi"]))
