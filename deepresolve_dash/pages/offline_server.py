"""A server that nobody can reach: the routes that an offline page asks, for the command line."""

from flask import Flask

from deepresolve_dash.pages import (
    channel_routes,
    channels_routes,
    classes_more_routes,
    classes_routes,
    context,
    data,
    interactions_routes,
    more_routes,
    motif_routes,
    search_routes,
    story_routes,
    who,
)
from deepresolve_dash.runs.service import Service
from deepresolve_dash.runs.store import Run
from deepresolve_dash.settings import Settings

_ASKED = (
    channel_routes,
    channels_routes,
    classes_more_routes,
    classes_routes,
    data,
    interactions_routes,
    more_routes,
    motif_routes,
    search_routes,
    story_routes,
)


def unreached_server(settings: Settings, run: Run) -> Flask:
    """Return a server over a state folder, and over a run that may lie elsewhere."""
    server, service = Flask(__name__, static_folder=None), Service(settings)
    service.store.roots += (run.folder.absolute().parent,)
    mine = settings.model_copy(update={"auth": "none", "host": "127.0.0.1"})
    context.attach(server, service, mine)
    who.attach(server, mine)
    for one in _ASKED:
        server.register_blueprint(one.routes)
    return server
