"""All callbacks: the address decides the selection, the selection decides the views."""

import orjson
from dash import ClientsideFunction, Dash, Input, Output, State
from dash.development.base_component import Component
from flask import Response, redirect
from plotly.io.json import to_json_plotly

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.pages import class_page as at
from deepresolve_dash.pages import gallery, missing, shell
from deepresolve_dash.pages.context import context, derived
from deepresolve_dash.pages.data import matrix_of, tree_of
from deepresolve_dash.pages.panel import chips
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import channels, classes, inconsistency, ofiv, words
from deepresolve_dash.views.fiv import by_score
from deepresolve_dash.views.fiv import data as fiv_data
from deepresolve_dash.views.matrix import description
from deepresolve_dash.views.palette import UNITS, number
from deepresolve_dash.views.selection import (
    IMPORTANCE,
    MODES,
    Selection,
    address,
    from_page,
    of_class,
    query,
    regime_for,
)

PAIR_HINT = "Click a cell to compare two classes; a class on the diagonal to open it."
CLASS_OUTPUTS = (
    (at.HEAD, "children"),
    (f"{at.FIV}-spec", "data"),
    (f"{at.FIV}-notes", "children"),
    (f"{at.FIV}-regime", "children"),
    (at.LEVELS, "figure"),
    (f"{at.LEVELS}-notes", "children"),
    (f"{at.LEVELS}-regime", "children"),
    (at.OFIV, "figure"),
    (f"{at.OFIV}-notes", "children"),
    (f"{at.OFIV}-regime", "children"),
    (at.ROWS, "data"),
    (at.PAIR, "children"),
)


def show_page(key: dict | None) -> Component:
    """Return the page of an address."""
    if key is None or key["page"] == "gallery":
        return gallery.page()
    if key["page"] != "class":
        return missing.page(f"There is no page at {key['path']}.")
    try:
        run = context().store.open(key["run"])
        of_class(run.summary, Selection(run.id, int(key["target"])), MODES)
        return at.page(run)
    except DeepResolveError as error:
        return missing.page(error.message, error.hint)


def show_class(key: dict) -> list:
    """Return everything on the class page that depends on the class, kept on disk."""
    one, theme = from_page(key), key.get("theme") or "light"
    run = context().store.open(one.run)
    return orjson.loads(
        derived(run, "class", one, theme, make=lambda: class_views(run, one, theme))
    )


def class_views(run: Run, one: Selection, theme: str) -> bytes:
    """Return the class views as JSON, in the order of `CLASS_OUTPUTS`."""
    ensemble, summary = run.ensemble, run.summary
    ranked = ofiv.data(ensemble, summary, one)
    levels = inconsistency.data(summary, one)
    modes, headline = regime_for(summary, one, MODES), regime_for(summary, one, IMPORTANCE)
    views = [
        head(run, one),
        fiv_spec(run, one),
        chips(words.ensemble_notes(ensemble, one)),
        modes,
        inconsistency.figure(levels, theme=theme),
        chips(words.component_legend(levels) + words.level_notes(summary, one)),
        modes,
        ofiv.figure(ranked, theme=theme),
        chips(words.kind_legend(ranked) + words.importance_notes(summary, one, ranked)),
        headline if headline == modes else f"{headline}, kinds from {modes}",
        channels.data(ensemble, summary, one),
        classes.pair_words(summary, one) or PAIR_HINT,
    ]
    return str(to_json_plotly(views)).encode()


def head(run: Run, one: Selection) -> list[Component]:
    """Return the notes on the class as a whole."""
    raw = of_class(run.ensemble, one, MODES)
    place = run.summary.target.values.tolist().index(one.target) + 1
    unreadable = words.state(run.ensemble, run.summary, one)
    notes = [
        words.Note(f"class {place} of {run.summary.sizes['target']}", "In the order of the file."),
        words.Note(f"l2 (λ) {number(float(raw.l2.values))}", "The l2 penalty of this class."),
    ]
    return chips([*notes, *([unreadable] if unreadable else [])])


def fiv_spec(run: Run, one: Selection) -> dict:
    """Return what the canvas must know to draw the ensemble."""
    raw = of_class(run.ensemble, one, MODES)
    return {
        **description(fiv_data(run.ensemble, run.summary, one)),
        "url": f"/data/{run.id}/fiv",
        "query": query(target=one.target, regime=one.regime),
        "kind": "fiv",
        "value": "importance",
        "units": UNITS,
        "title": f"FIV ensemble, {run.info.get('name', run.id)}, class {one.target}",
        "xTitle": "channel, by falling OFIV",
        "yTitle": "trial, by falling score",
        "rowMarks": ["" if raw.converged.values[trial] else "*" for trial in by_score(raw)],
    }


def show_similarity(key: dict, second: str) -> tuple[dict | None, dict | None, str]:
    """Return what the canvas must know to draw the two comparisons of classes."""
    one = from_page(key)
    run = context().store.open(one.run)
    if not classes.available(run.summary):
        return None, None, ""
    left, right = (class_spec(run, one, name) for name in ("similarity", second))
    tree = orjson.loads(tree_of(run, one))
    left |= {"tree": tree["path"], "leaves": tree["leaves"]}
    return left, right, regime_for(run.summary, one, IMPORTANCE)


def class_spec(run: Run, one: Selection, name: str) -> dict:
    """Return what the canvas must know of one comparison of classes."""
    shown = classes.COMPARISONS[name]
    return {
        **description(matrix_of(run, one, name)),
        "url": f"/data/{run.id}/{name}",
        "query": query(regime=one.regime),
        "kind": "classes",
        "value": shown.value,
        "units": "",
        "title": shown.title,
        "xTitle": "class, in clustered order",
        "yTitle": "",
    }


def first_class(run_id: str) -> Response:
    """Send the bare address of a run on to its first class."""
    try:
        summary = context().store.open(run_id).summary
        target, name = int(summary.target.values[0]), str(summary.target_name.values[0])
        return redirect(address(run_id, target, name))  # type: ignore[return-value]
    except DeepResolveError:
        return redirect(f"/missing/{run_id}")  # type: ignore[return-value]


def connect(app: Dash) -> None:
    """Give an app its callbacks."""
    app.callback(Output(shell.PAGE, "children"), Input(shell.PAGE_KEY, "data"))(show_page)
    app.callback(
        *(Output(*place) for place in CLASS_OUTPUTS),
        Input(at.CLASS_KEY, "data"),
        prevent_initial_call=True,
    )(show_class)
    app.callback(
        Output(f"{at.SIMILARITY}-spec", "data"),
        Output(f"{at.COMPARED}-spec", "data"),
        Output(f"{at.SIMILARITY}-regime", "children"),
        Input(at.CLASSES_KEY, "data"),
        Input(at.SECOND, "value"),
        prevent_initial_call=True,
    )(show_similarity)
    app.server.add_url_rule("/runs/<run_id>", view_func=first_class)
    connect_browser(app)


def connect_browser(app: Dash) -> None:
    """Give an app the callbacks that run in the browser alone."""
    url = [Input(shell.URL, "pathname"), Input(shell.URL, "search")]
    chosen = Input(shell.SELECTION, "data")
    rows = Input(at.ROWS, "data", allow_optional=True)
    run = State(at.RUN, "data", allow_optional=True)
    glyphs = State(shell.GLYPH_TABLE, "data")
    theme = Input(shell.THEME, "data")
    for name, arguments in {
        "parse": [Output(shell.SELECTION, "data"), *url],
        "pageKey": [Output(shell.PAGE_KEY, "data"), chosen, State(shell.PAGE_KEY, "data")],
        "classKey": [
            Output(at.CLASS_KEY, "data"),
            chosen,
            theme,
            Input(at.RUN, "data"),
            State(at.CLASS_KEY, "data"),
        ],
        "similarityKey": [
            Output(at.CLASSES_KEY, "data"),
            Input(at.CLASS_KEY, "data"),
            State(at.CLASSES_KEY, "data"),
        ],
        "theme": [Output(shell.THEME, "data"), Input(shell.THEME_BUTTON, "n_clicks")],
        "keys": [Output(shell.HELP, "opened"), Input(shell.HELP_BUTTON, "n_clicks")],
        "controls": [
            Output(at.CLASS_SELECT, "value"),
            Output(at.REGIME_SELECT, "value"),
            chosen,
            Input(at.RUN, "data"),
        ],
        "chooseClass": [Input(at.CLASS_SELECT, "value")],
        "chooseRegime": [Input(at.REGIME_SELECT, "value")],
        "drawFiv": [Input(f"{at.FIV}-spec", "data", allow_optional=True), chosen, rows, theme],
        "drawSimilarity": [
            Input(f"{at.SIMILARITY}-spec", "data", allow_optional=True),
            Input(f"{at.COMPARED}-spec", "data", allow_optional=True),
            chosen,
            theme,
        ],
        "markLevels": [Input(at.LEVELS, "figure", allow_optional=True), chosen, rows],
        "markOfiv": [Input(at.OFIV, "figure", allow_optional=True), chosen, rows],
        "drawChannels": [
            rows,
            chosen,
            Input(at.FORM, "value", allow_optional=True),
            theme,
            run,
            glyphs,
        ],
        "steps": [Input("class-before", "n_clicks"), Input("class-after", "n_clicks")],
    }.items():
        app.clientside_callback(ClientsideFunction("deepresolve", name), *arguments)
