"""The gallery: a card per run."""

from datetime import UTC, datetime
from typing import Any

import orjson
from dash import dcc, html
from dash.development.base_component import Component

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.pages.acting import act, go
from deepresolve_dash.pages.context import context, derived, open_run
from deepresolve_dash.pages.panel import chips, data, named
from deepresolve_dash.pages.story_routes import first_view
from deepresolve_dash.pages.who import me
from deepresolve_dash.runs.entry import ANONYMOUS, Entry
from deepresolve_dash.runs.store import BrokenRun, Run
from deepresolve_dash.runs.story import Story
from deepresolve_dash.views import gallery
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.selection import address
from deepresolve_dash.views.words import Note

SWEEPS = 6  # that are named
PER_PAGE = 24  # cards; each reads a run when it is shown for the first time


def page(asked: object = 0) -> html.Div:
    """Return the runs there are now, newest first, from the one that an address asks for on."""
    found = me()
    told = {one.run: one for one in context().stories.shipped() if found.sees_story(one.id)}
    runs, broken = context().store.look()
    seen, cards = [run for run in runs if found.sees(run.id)], []
    known, broken = ({}, []) if found.is_guest else (entries(), broken)
    first = asked if isinstance(asked, int) else 0
    first = max(0, min(first, len(seen) - 1) // PER_PAGE * PER_PAGE)
    for listed in seen[first : first + PER_PAGE]:
        try:
            run = open_run(listed.id)
            cards.append(card(facts(run), told.get(run.id), known.get(run.id)))
        except (DeepResolveError, KeyError, AttributeError) as error:
            broken.append(BrokenRun(listed.folder, f"Its results cannot be read: {error}"))
    return html.Div(
        [
            html.H1("Results"),
            html.P(
                "Each run is one trained network, resolved at one layer. Open one to see which "
                "channels speak for a class, whether they combine, and which classes share them.",
                className="lead",
            ),
            *([] if found.is_guest else sweep_links()),
            html.Div(cards, className="cards") if cards else empty(),
            *pager(first, len(seen)),
            *unreadable(broken),
        ],
        className="gallery",
    )


def sweep_links() -> list[html.P]:
    """Return the way to the runs that were started at once, the newest of them."""
    links: list[Component | str] = []
    for sweep in context().sweeps.sweeps()[:SWEEPS]:
        words = f"{sweep.name} ({count(len(sweep.points), 'run')})"
        links += [
            ", " if links else "Started at once: ",
            dcc.Link(words, href=f"/sweeps/{sweep.id}"),
        ]
    return [html.P(links, className="sweep-links")] if links else []


def pager(first: int, n: int) -> list[html.Nav]:
    """Return the way to newer and older runs, where there are more than are shown."""
    if n <= PER_PAGE:
        return []
    last = min(first + PER_PAGE, n)
    newer = [go("Newer", f"/?first={first - PER_PAGE}")] if first else []
    older = [go("Older", f"/?first={last}")] if last < n else []
    said = html.Span(f"{first + 1:,} to {last:,} of {n:,} runs")
    return [html.Nav([*newer, said, *older], className="actions pager", **named("More runs"))]


def facts(run: Run) -> dict:
    """Return the facts of a card, kept on disk."""
    return orjson.loads(
        derived(
            run,
            "card",
            make=lambda: orjson.dumps(gallery.data(run.info, run.ensemble, run.summary)),
        )
    )


def entries() -> dict[str, Entry]:
    """Return what the queue knows of runs, by their ids."""
    ledger = context().service.ledger
    return {entry.id: entry for entry in ledger.entries()} if ledger.path.is_file() else {}


def card(fact: dict, story: Story | None = None, entry: Entry | None = None) -> html.Div:
    """Return the card of a run: who wanted it, the story that it brings, how long it stays."""
    users = [user for user in entry.users if user != ANONYMOUS] if entry else []
    rows = (
        ("network", fact["network"]),
        ("layer", f"{fact['layer']}, a position sees {fact['receptive_field_bp'] or '?'} bp"),
        ("classes", f"{fact['n_targets']:,}"),
        ("channels", f"{fact['n_channels']:,}"),
        ("trials", f"{fact['n_trials']} per class, {fact['converged']:.0%} converged"),
        ("preset", fact["preset"]),
        *([("started by", ", ".join(users))] if users else []),
    )
    link = dcc.Link(
        [
            html.Div([html.H2(fact["name"]), html.Time(fact["date"])], className="card-head"),
            html.Dl([item for key, value in rows for item in (html.Dt(key), html.Dd(value))]),
            html.Div(findings(fact), className="notes"),
        ],
        href=address(fact["id"], fact["first"], fact["first_name"]),
        className="card",
    )
    more = [classes_link(fact["id"])] if fact["n_targets"] > 1 else []
    more += [story_link(story)] if story else []
    more += keeping(entry) if entry else []
    more += [] if me().is_guest else [pick(fact)]
    return html.Div([link, *more] if more else link, className="card-place")


def pick(fact: dict) -> html.Button:
    """Return the box that chooses a run for a comparison; the browser keeps the choice."""
    box: dict[str, Any] = {"role": "checkbox", "aria-checked": "false"}
    words = [html.Span(className="box"), html.Strong("Compare"), html.Span("with other runs")]
    return html.Button(
        words,
        className="card-compare",
        **box,
        **named(f"Compare {fact['name']}"),
        **data(compare=fact["id"]),
    )


def keeping(entry: Entry) -> list[html.Div]:
    """Return how long a run is kept, where runs expire, and what changes that."""
    here = f"/act/runs/{entry.id}"
    if entry.pinned:
        told, button = "Pinned: kept for good", act("Unpin", f"{here}/unpin")
    else:
        moment = entry.expires(context().settings.keep_days)
        if moment is None:
            return []
        told = f"Kept until {datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"
        button = act("Pin", f"{here}/pin", title="Keep this run for good")
    return [html.Div([html.Span(told), button], className="card-kept")]


def classes_link(run_id: str) -> dcc.Link:
    """Return the link to the page that compares the classes of a run."""
    words = [html.Strong("Classes"), html.Span("which share features, and why")]
    return dcc.Link(words, href=f"/runs/{run_id}/classes", className="card-classes")


def story_link(story: Story) -> dcc.Link:
    """Return the link to the first step of a story."""
    words = [
        html.Strong("Story"),
        html.Span(story.title),
        html.Span(count(len(story.steps), "step")),
    ]
    return dcc.Link(words, href=first_view(story), className="card-story")


def findings(fact: dict) -> list[Component]:
    """Return what stands out in a run."""
    n = fact["n_targets"]
    found = [
        Note(
            f"{fact['several']} of {n} with more than one IL component",
            "Classes that the paper's rule calls possibly non-additive.",
        ),
        Note(
            f"{fact['xor_like']} XOR-like",
            "Classes with a pair of channels of opposite signs in both orders.",
            "good" if fact["xor_like"] else "plain",
        ),
    ]
    if fact["guarded"]:
        found.append(
            Note(
                f"{fact['guarded']} guarded",
                "Classes whose trials agree so well that the mixture is not believed.",
            )
        )
    return chips(found)


def empty() -> html.Div:
    """Return what to do when there is no run."""
    return html.Div(
        [
            html.H2("No run here yet"),
            html.P("Upload a trained network, then start a run; its results appear here."),
            html.Div(
                [go("Models", "/models", main=True), go("New run", "/new")], className="actions"
            ),
            html.P("Or resolve a model on the command line; its folder appears here when done:"),
            html.Pre(
                "python -m deepresolve_dash run MODEL --layer advised --out cache/runs/my-run"
            ),
        ],
        className="empty",
    )


def unreadable(broken: list[BrokenRun]) -> list[html.Section]:
    """Return the folders that look like runs and cannot be opened, with the reason."""
    if not broken:
        return []
    items = [html.Li([html.Code(run.folder.name), f": {run.reason}"]) for run in broken]
    return [
        html.Section([html.H2("Folders that cannot be opened"), html.Ul(items)], className="broken")
    ]
