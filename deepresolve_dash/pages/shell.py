"""The frame around every page: header, theme, address, and where pages are put."""

import dash_mantine_components as dmc
from dash import dcc, html

from deepresolve_dash.pages.panel import data, named
from deepresolve_dash.pages.prefix import whole
from deepresolve_dash.pages.who import person
from deepresolve_dash.people.roles import Need
from deepresolve_dash.views.logos import COLOURS, GLYPHS

URL, SELECTION, PAGE, PAGE_KEY = "url", "selection", "page", "page-key"
THEME_BUTTON, GLYPH_TABLE = "theme-button", "glyphs"
HELP, HELP_BUTTON, NOTICE = "help", "help-button", "notice"
STORY_BAR, STORY_ADD, FIND, TOUR = "story-bar", "story-add", "find", "tour"
SHARE, LINK = "share-open", "Make a read-only link to this"
NOTES, NOTE_WORDS = "notes-open", "Notes and stars of this run (n)"
ADD = "Keep this view as a step of a story (a)"
TABS = (
    ("Results", "/", "gallery"),
    ("Models", "/models", "models"),
    ("Queue", "/runs", "queue"),
    ("Stories", "/stories", "stories"),
)
PEOPLE = ("People", "/people", "people")  # for admins, where people log in
KEYS = (
    ("/ or Ctrl-K", "find classes, channels, pages, actions"),
    ("j / k", "next, previous channel"),
    ("] / [", "next, previous class"),
    ("p", "a panel over the whole screen, and back"),
    ("← / →", "previous, next step of a story, or panel when one fills the screen"),
    ("a", "add this view to a story"),
    ("n / s", "note, star on what this page is about: class, channel, pair"),
    ("Shift-S", "star on the channel that is selected"),
    ("Escape", "leave the full screen, then the story"),
    ("g, then r m q n s", "results, models, queue, new run, stories"),
    ("g, then p", "people, for admins"),
    ("g, then c l x", "classes of this run, channels and their logos, a sequence"),
    ("arrows, Enter", "move in a matrix or a network that has the focus, select"),
    ("+ / − / 0", "larger, smaller, all of the network that has the focus"),
    ("Alt-↑ / Alt-↓", "move a step of a story that has the focus"),
    ("t", "light or dark"),
    ("?", "this list"),
)


def frame() -> dmc.MantineProvider:
    """Return the layout of the app; pages are put into it as the address changes."""
    return dmc.MantineProvider(
        [
            dcc.Location(id=URL, refresh="callback-nav"),
            dcc.Store(id=SELECTION),
            dcc.Store(id=PAGE_KEY),
            dcc.Store(id=GLYPH_TABLE, data={"paths": GLYPHS, "colours": COLOURS}),
            header(),
            updated(),
            html.Main(id=PAGE),
            html.Section(id=STORY_BAR, hidden=True, **named("Story")),
            html.Div(id=NOTICE, role="alert"),
            html.Div(
                "The server cannot be reached; this page tries again by itself.",
                id="offline",
                role="alert",
                hidden=True,
            ),
            html.Div(id="toasts", role="status", **named("Notices")),
            html.Div(id="spoken", className="unseen", role="status"),
            html.Div(id="pointer", hidden=True),
            key_list(),
        ],
        theme={"fontFamily": "inherit", "primaryColor": "indigo", "primaryShade": 8},
        defaultColorScheme="auto",
    )


def header() -> html.Header:
    """Return the bar on top."""
    return html.Header(
        [
            dcc.Link([html.Strong("DeepResolve"), html.Span(" Dash")], href="/", className="brand"),
            html.Nav([tab(*one) for one in tabs()], **named("Pages")),
            html.Div(className="fill"),
            html.Button("Notes", id=NOTES, className="button", title=NOTE_WORDS, hidden=True),
            html.Button("Share", id=SHARE, className="button", title=LINK, hidden=True),
            html.Button("Add to story", id=STORY_ADD, className="button", title=ADD, hidden=True),
            html.Button(
                ["Find", html.Kbd("/")],
                id=FIND,
                className="button find-open",
                title="Find (Ctrl-K)",
            ),
            dcc.Link("New run", href="/new", className="button"),
            html.Button("Keys ?", id=HELP_BUTTON, className="button", title="Keys (?)"),
            html.Button(
                "Light / dark", id=THEME_BUTTON, className="button", title="Light or dark (t)"
            ),
            *whose(),
        ],
        className="header",
    )


def updated() -> html.Div:
    """Return the bar of a page that is older than the server; the browser says and shows it."""
    return html.Div(
        [
            html.Span(),
            html.Button("Reload", id="updated-reload", className="button"),
            html.Button("×", id="updated-later", className="button", title="Close this notice"),
        ],
        id="updated",
        role="status",
        hidden=True,
    )


def tabs() -> tuple[tuple[str, str, str], ...]:
    """Return label, address and name of each page in the bar, for whoever asks."""
    found = person()
    steers = found is not None and found.way != "open" and found.may(Need.ADMINISTER)
    return (*TABS, PEOPLE) if steers else TABS


def whose() -> list[html.Div]:
    """Return who is in, and the way out; nothing where nobody has to log in."""
    found = person()
    if found is None or found.way == "open":
        return []
    told = {"token": ("", "In by the token"), "link": ("by a link", "A link shows this result")}
    name, title = told.get(found.way, (found.name, f"{found.name}, {found.role}"))
    leave = html.Button("Log out", type="submit", className="button")
    out = html.Form(leave, method="post", action=whole("/logout"))
    named_by = html.Span(name, className="name", title=title)
    return [html.Div([named_by, None if found.way == "header" else out], className="who")]


def tab(label: str, href: str, name: str) -> html.Span:
    """Return a link to a page; the browser marks the one on show."""
    return html.Span(dcc.Link(label, href=href), className="tab", **data(tab=name))


def key_list() -> dmc.Modal:
    """Return the list of keys, closed."""
    rows = [html.Tr([html.Th(html.Kbd(key), scope="row"), html.Td(what)]) for key, what in KEYS]
    tour = html.Button("Show me around", id=TOUR, className="button")
    return dmc.Modal([html.Table(html.Tbody(rows), className="keys"), tour], id=HELP, title="Keys")
