"""All callbacks: the address decides the selection, the selection decides the views."""

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.development.base_component import Component
from werkzeug.wrappers import Response

from deepresolve_dash.errors import DeepResolveError, RunNotFound
from deepresolve_dash.pages import (
    channel_page,
    channels_page,
    classes_page,
    compare_page,
    gallery,
    missing,
    model_card,
    models_page,
    new_run,
    new_run_callbacks,
    people_page,
    probe_page,
    queue_page,
    shell,
    stories_page,
    sweep_page,
)
from deepresolve_dash.pages import class_page as at
from deepresolve_dash.pages import new_run_fields as start
from deepresolve_dash.pages.context import context, open_run
from deepresolve_dash.pages.prefix import send_on
from deepresolve_dash.pages.probe_subject import find_subject
from deepresolve_dash.pages.who import me
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views.selection import MODES, address, from_page, of_class

NAMESPACE = "deepresolve"  # of the scripts in assets


def show_page(key: dict) -> Component:
    """Return the page of an address."""
    if key["page"] not in PAGES:
        return missing.page(f"There is no page at {key['path']}.")
    try:
        why = not_shown(key)
        return missing.page(why) if why else PAGES[key["page"]](key)
    except DeepResolveError as error:
        return missing.page(error.message, error.hint)


def not_shown(key: dict) -> str:
    """Return why a page is not shown to whoever came by a link; empty when it is.

    A page that is not named here is not shown, whichever run its address tells.
    """
    found, page = me(), key["page"]
    named = page in OF_RUN and found.sees(str(key.get("run")))
    told = page == "story" and found.sees_story(str(key.get("story")))
    if not found.is_guest or named or told or page == "gallery":
        return ""
    return "This link shows one result, and nothing else."


def class_page(key: dict) -> Component:
    """Return the page of a class."""
    one = from_page(key)
    run = run_or_waiting(one.run)
    if not isinstance(run, Run):
        return run
    of_class(run.summary, one, MODES)
    return at.page(run)


def all_classes_page(key: dict) -> Component:
    """Return the page that compares the classes of a run."""
    run = run_or_waiting(str(key["run"]))
    return classes_page.page(run) if isinstance(run, Run) else run


def all_channels_page(key: dict) -> Component:
    """Return the table of the channels of a run."""
    run = run_or_waiting(str(key["run"]))
    return channels_page.page(run) if isinstance(run, Run) else run


def one_channel_page(key: dict) -> Component:
    """Return the page of a channel."""
    run = run_or_waiting(str(key["run"]))
    return channel_page.page(run, int(key["channel"])) if isinstance(run, Run) else run


def run_or_waiting(run_id: str) -> Run | Component:
    """Return a run, or the page that says how far it is before its first class is done."""
    try:
        return open_run(run_id)
    except RunNotFound:
        ledger = context().service.ledger
        if not ledger.path.is_file():
            raise
        entry = ledger.get(run_id)
        if entry.deleted:
            raise
        if entry.state != "done":
            return queue_page.waiting(entry)
        return open_run(run_id)  # it was done a moment ago, or its folder is gone


def model_page(key: dict) -> Component:
    """Return the card of a model."""
    return model_card.page(context().models.open(str(key["model"])))


def probe(key: dict) -> Component:
    """Return the page that shows a sequence to a model, or to the network of a run."""
    if key.get("run"):
        run = run_or_waiting(str(key["run"]))
        if not isinstance(run, Run):
            return run
    return probe_page.page(find_subject(key))


PAGES = {
    "gallery": lambda key: gallery.page(key.get("first")),
    "class": class_page,
    "classes": all_classes_page,
    "channels": all_channels_page,
    "channel": one_channel_page,
    "probe": probe,
    "compare": lambda _: compare_page.page(),
    "models": lambda _: models_page.page(),
    "model": model_page,
    "new": new_run.page,
    "queue": lambda _: queue_page.page(),
    "people": lambda _: people_page.page(),
    "sweep": lambda key: sweep_page.page(str(key["sweep"])),
    "stories": lambda _: stories_page.page(),
    "story": lambda key: stories_page.story_page(str(key["story"])),
}
OF_RUN = ("class", "classes", "channels", "channel", "probe")  # what a link to a run shows


def first_class(run_id: str) -> Response:
    """Send the bare address of a run on to its first class."""
    try:
        summary = open_run(run_id).summary
        target, name = int(summary.target.values[0]), str(summary.target_name.values[0])
        return send_on(address(run_id, target, name))
    except DeepResolveError:
        return send_on(address(run_id, 0, ""))


def connect(app: Dash) -> None:
    """Give an app its callbacks; only the page itself is made by the server."""
    app.callback(
        Output(shell.PAGE, "children"),
        Input(shell.PAGE_KEY, "data"),
        prevent_initial_call=True,
    )(show_page)
    app.server.add_url_rule("/runs/<run_id>", view_func=first_class)
    for name, arguments in browser_callbacks().items():
        app.clientside_callback(ClientsideFunction(NAMESPACE, name), *arguments)
    new_run_callbacks.connect(app)


def browser_callbacks() -> dict[str, list]:
    """Return the function in assets and the properties of each callback of the browser."""
    return {**selecting(), **starting()}


def selecting() -> dict[str, list]:
    """Return the callbacks of the address and of the frame; the class page draws itself."""
    url = [Input(shell.URL, "pathname"), Input(shell.URL, "search")]
    chosen = Input(shell.SELECTION, "data")
    return {
        "parse": [Output(shell.SELECTION, "data"), *url],
        "tabs": [chosen],
        "shown": [Input(shell.PAGE, "children"), State(shell.GLYPH_TABLE, "data")],
        "pageKey": [Output(shell.PAGE_KEY, "data"), chosen, State(shell.PAGE_KEY, "data")],
        "keys": [Output(shell.HELP, "opened"), Input(shell.HELP_BUTTON, "n_clicks")],
    }


def starting() -> dict[str, list]:
    """Return the callbacks of the page of a new run."""
    about = Input(start.ABOUT, "data")
    return {
        "chooseModel": [Input(start.MODEL, "value"), Input(start.OUTPUT, "value"), about],
        "started": [Input(start.STARTED, "data")],
    }
