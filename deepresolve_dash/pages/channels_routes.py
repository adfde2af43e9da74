"""What the table of channels shows, as bytes and JSON."""

import orjson
from flask import Blueprint, Response, request

from deepresolve_dash.errors import DeepResolveError, RunNotFound
from deepresolve_dash.pages.context import derived, open_run
from deepresolve_dash.pages.data import BYTES, JSON, derived_answer
from deepresolve_dash.pages.motif_routes import Looked, look_key, look_up
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import channel_table
from deepresolve_dash.views.selection import Selection

routes = Blueprint("channels", __name__, url_prefix="/data/<run_id>/channels")


def looked_key(run_id: str) -> str:
    """Return what an answer depends on beside run and class: what is known of the channels."""
    try:
        return look_key(open_run(run_id), request.args)
    except DeepResolveError:  # the answer itself will say why
        return ""


@routes.get("/table.json")
def table_data(run_id: str) -> Response:
    """Return the table of all channels for one class."""
    wanted = request.args.get("face", "")

    def make(run: Run, one: Selection) -> bytes:
        looked = look_up(run, request.args)
        key = "channels-seen", wanted, looked.key
        known = orjson.loads(derived(run, *key, make=lambda: seen(run, looked)))
        return _json(channel_table.data(run, one, looked.faces, looked.matches, known))

    def seen(run: Run, looked: Looked) -> bytes:
        return _json(channel_table.seen(run, looked.faces, looked.matches, wanted))

    return derived_answer(run_id, f"channels-{wanted}-{looked_key(run_id)}", make, JSON)


@routes.get("/logos-<name>.u8")
def logo_bytes(run_id: str, name: str) -> Response:
    """Return the logos of all channels, a byte for each probability."""

    def make(run: Run, _: Selection) -> bytes:
        looked = look_up(run, request.args)
        if name not in channel_table.shown_faces(run, looked.faces):
            raise RunNotFound(f"Channels of this run have no face '{name}'.")
        return channel_table.logos(run, looked.faces, name).tobytes()

    return derived_answer(run_id, f"channel-logos-{name}-{looked_key(run_id)}", make, BYTES)


def _json(values: dict) -> bytes:
    """Return numbers and words as JSON; what is not finite becomes null."""
    return orjson.dumps(values, default=list, option=orjson.OPT_SERIALIZE_NUMPY)
