"""Make the dashboard from its parts and serve it: `python app.py` or `gunicorn app:server`."""

from pathlib import Path

import dash

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.pages import (
    again_routes,
    away_routes,
    bundle,
    callbacks,
    channel_routes,
    channels_routes,
    cite_routes,
    classes_more_routes,
    classes_routes,
    compare_files,
    compare_routes,
    context,
    data,
    figure_routes,
    gate,
    headers,
    health_routes,
    hosts,
    interactions_routes,
    labels_routes,
    link_routes,
    login,
    machine_routes,
    model_routes,
    more_routes,
    motif_routes,
    new_run_callbacks,
    notes_routes,
    offline_routes,
    people_routes,
    prefix,
    probe_routes,
    proxies,
    queue_routes,
    search_routes,
    shell,
    story_routes,
    sweep_routes,
    tree_routes,
    trials_routes,
    uploads,
    watched,
    who,
)
from deepresolve_dash.runs.service import Service
from deepresolve_dash.settings import Settings

HERE = Path(__file__).parent
DEMOS = HERE / "deepresolve_dash" / "demos" / "runs"


class _Dashboard(dash.Dash):
    """A page that says what whoever asked for it may do, and which program it is of."""

    def interpolate_index(self, **parts: str) -> str:  # type: ignore[override]
        """Return the frame of all pages."""
        can = " ".join(gate.abilities())
        told = f'data-can="{can}" data-version="{self.server.config[bundle.VERSION]}"'
        html = super().interpolate_index(**parts)
        return html.replace("<html>", f'<html lang="en" {told}>', 1)


def make_app(settings: Settings, *, demos: Path = DEMOS) -> dash.Dash:
    """Return the app over the shipped demos and the runs in the state folder."""
    scripts, styles = [bundle.bundled(HERE / "assets", suffix) for suffix in ("js", "css")]
    app = _Dashboard(
        "deepresolve_dash",
        title="DeepResolve Dash",
        update_title="",
        assets_folder=str(HERE / "assets"),
        assets_ignore=r"\.(js|css)$",  # they come as one file of each kind
        external_scripts=[settings.prefix + scripts.address],
        external_stylesheets=[settings.prefix + styles.address],
        routes_pathname_prefix="/",
        requests_pathname_prefix=f"{settings.prefix}/",
        serve_locally=True,
        suppress_callback_exceptions=True,  # pages come and go
        enable_mcp=False,
        on_error=on_error,
    )
    uploads.sweep(settings.state)
    context.attach(app.server, Service(settings, demos=demos), settings)
    watched.attach(app.server)
    who.attach(app.server, settings)
    trusted = proxies.read_networks(settings.proxies)
    app.server.wsgi_app = proxies.TrustedProxies(  # type: ignore[method-assign]
        prefix.below(settings.prefix, app.server.wsgi_app), trusted, settings.user_header
    )
    app.server.config[bundle.VERSION] = bundle.version([scripts, styles])
    app.server.config[login.STYLES] = settings.prefix + styles.address
    app.server.before_request(hosts.guard(settings))
    gate.stand_before(app.server)
    app.server.register_blueprint(again_routes.routes)
    app.server.register_blueprint(away_routes.routes)
    app.server.register_blueprint(bundle.served([scripts, styles]))
    app.server.register_blueprint(channel_routes.routes)
    app.server.register_blueprint(channels_routes.routes)
    app.server.register_blueprint(cite_routes.routes)
    app.server.register_blueprint(classes_more_routes.routes)
    app.server.register_blueprint(classes_routes.routes)
    app.server.register_blueprint(compare_files.routes)
    app.server.register_blueprint(compare_routes.routes)
    app.server.register_blueprint(data.routes)
    app.server.register_blueprint(figure_routes.routes)
    app.server.register_blueprint(health_routes.routes)
    app.server.register_blueprint(interactions_routes.routes)
    app.server.register_blueprint(labels_routes.routes)
    app.server.register_blueprint(link_routes.routes)
    app.server.register_blueprint(login.routes)
    app.server.register_blueprint(model_routes.routes)
    app.server.register_blueprint(more_routes.routes)
    app.server.register_blueprint(motif_routes.routes)
    app.server.register_blueprint(new_run_callbacks.routes)
    app.server.register_blueprint(notes_routes.routes)
    app.server.register_blueprint(offline_routes.routes)
    app.server.register_blueprint(people_routes.routes)
    app.server.register_blueprint(probe_routes.routes)
    app.server.register_blueprint(queue_routes.routes)
    app.server.register_blueprint(machine_routes.routes)
    app.server.register_blueprint(story_routes.routes)
    app.server.register_blueprint(sweep_routes.routes)
    app.server.register_blueprint(search_routes.routes)
    app.server.register_blueprint(tree_routes.routes)
    app.server.register_blueprint(trials_routes.routes)
    app.layout = shell.frame
    callbacks.connect(app)
    app.server.config[gate.CALLBACKS] = app.callback_map
    app.server.after_request(headers.safe_headers(app.csp_hashes()))
    return app


def on_error(error: Exception) -> None:
    """Show our own errors as a notice with the way out; log the rest and apologise."""
    if isinstance(error, DeepResolveError):
        message = str(error)
    else:
        dash.get_app().logger.exception("A view failed", exc_info=error)
        message = "Something went wrong here; the server's log says what."
    dash.set_props(shell.NOTICE, {"children": message})


settings = Settings()  # type: ignore[call-arg]
app = make_app(settings)
server = app.server

if __name__ == "__main__":
    app.run(
        host=settings.host,
        port=str(settings.port),
        debug=False,
        dev_tools_disable_version_check=True,
    )
