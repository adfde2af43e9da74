"""What the page of a channel shows, as JSON, and its logos for print."""

import orjson
from flask import Blueprint, Response, request

from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.exports.print_logo import print_logo
from deepresolve_dash.motifs.filters import reverse_complement
from deepresolve_dash.pages.channels_routes import looked_key
from deepresolve_dash.pages.data import JSON, derived_answer
from deepresolve_dash.pages.motif_routes import look_up
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import channel as view
from deepresolve_dash.views.channel_ascent import USUAL, ascents
from deepresolve_dash.views.selection import Selection

routes = Blueprint("channel", __name__, url_prefix="/data/<run_id>/channel/<int:channel>")
_TYPES = {"svg": "image/svg+xml", "pdf": "application/pdf"}


@routes.get("/all.json")
def channel_data(run_id: str, channel: int) -> Response:
    """Return all that is known of a channel."""

    def make(run: Run, one: Selection) -> bytes:
        looked = look_up(run, request.args)
        return _json(view.data(run, one, channel, looked.faces, looked.matches))

    return derived_answer(run_id, f"channel-{channel}-{looked_key(run_id)}", make, JSON)


@routes.get("/activation.json")
def activation_data(run_id: str, channel: int) -> Response:
    """Return the fragments above a threshold in percent of the largest activation."""
    percent = request.args.get("threshold", type=float)

    def make(run: Run, _: Selection) -> bytes:
        faces = look_up(run, request.args).faces
        view.place_of(run, channel)
        if faces is None:
            raise RunNotFound("The channels have not been looked at yet.", "Start the look first.")
        return _json(view.activation(faces, channel, _within(percent)))

    key = f"channel-activation-{channel}-{percent}-{looked_key(run_id)}"
    return derived_answer(run_id, key, make, JSON)


@routes.get("/ascent.json")
def ascent_data(run_id: str, channel: int) -> Response:
    """Return the ascent logos without what is below some percent of their largest value."""
    percent = _within(request.args.get("floor", type=float, default=USUAL))

    def make(run: Run, _: Selection) -> bytes:
        faces = look_up(run, request.args).faces
        view.place_of(run, channel)
        if faces is None or percent is None:
            raise RunNotFound("The channels have not been looked at yet.", "Start the look first.")
        return _json(ascents(faces, channel, percent))

    key = f"channel-ascent-{channel}-{percent}-{looked_key(run_id)}"
    return derived_answer(run_id, key, make, JSON)


@routes.get("/logo.<kind>")
def logo_file(run_id: str, channel: int, kind: str) -> Response:
    """Return one logo for print."""
    name, facet = request.args.get("face", ""), request.args.get("facet", type=int)
    percent = request.args.get("threshold", type=float)
    turned = request.args.get("turned") == "1"
    unit = "weights" if request.args.get("form") == "weights" and name == "filter" else "bits"

    def make(run: Run, _: Selection) -> bytes:
        if kind not in _TYPES:
            raise RunNotFound(f"There are no logos as '{kind[:20]}'.", "Choose svg or pdf.")
        faces = look_up(run, request.args).faces
        matrix = view.matrix_of(run, channel, faces, name, facet, _within(percent))
        if unit == "weights" and run.offsets:
            matrix = run.ensemble["filter"].values[view.place_of(run, channel)]
        title = f"{run.info.get('name', run.id)}, channel {channel}, {name}"
        drawn = reverse_complement(matrix) if turned else matrix
        return print_logo(
            drawn, unit=unit, title=title, file_format="pdf" if kind == "pdf" else "svg"
        )

    key = f"channel-logo-{channel}-{kind}-{name}-{facet}-{percent}-{turned}-{unit}"
    answer = derived_answer(run_id, f"{key}-{looked_key(run_id)}", make, _TYPES.get(kind, ""))
    file = f"{run_id}-channel-{channel}-{name}.{kind}"
    if answer.status_code == 200:
        answer.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return answer


def _within(percent: float | None) -> float | None:
    """Return a percentage, at least 0 and at most 100; None for what is none."""
    return None if percent is None or percent != percent else min(100.0, max(0.0, percent))


def _json(values: dict) -> bytes:
    return orjson.dumps(values, default=list, option=orjson.OPT_SERIALIZE_NUMPY)
