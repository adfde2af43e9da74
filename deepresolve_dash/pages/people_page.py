"""The page of people for admins: users, links and the record; the browser fills it."""

from collections.abc import Callable

from dash import html
from dash.development.base_component import Component

from deepresolve_dash.pages import missing
from deepresolve_dash.pages.panel import help_button, named
from deepresolve_dash.pages.who import door, me
from deepresolve_dash.people.roles import Need
from deepresolve_dash.views import people as views


def page() -> html.Div:
    """Return the frame of the page, or the page that says whom it is for."""
    if not me().may(Need.ADMINISTER):
        admins = [user.name for user in door().people.users.all() if user.role == "admin"]
        return missing.page(
            "This page is for the admins of this dashboard.",
            f"They are: {', '.join(admins)}." if admins else "",
            title="Not for you",
        )
    return html.Div(
        [
            html.Div(html.H1("People"), className="page-head"),
            html.P(
                "Who may come in and what they may do, the links that are out, what was done.",
                className="lead",
            ),
            *notes(),
            section("users", "Users", views.users),
            section("links", "Links", views.links),
            section("record", "Record", views.record),
        ],
        className="list-page broad people",
        id="people",
    )


def section(name: str, title: str, describe: Callable) -> html.Section:
    """Return a titled part that the browser fills."""
    head = [html.H2(title), html.Span(className="regime"), html.Div(className="fill")]
    return html.Section(
        [
            html.Div([*head, help_button(title, describe)], className="panel-head"),
            html.Div("Loading …", className="people-body muted"),
        ],
        id=f"people-{name}",
        className="panel",
        **named(title),
    )


def notes() -> list[Component]:
    """Return what is odd about who may come in: nobody has a name, or somebody else logs in."""
    at, found = door(), []
    any_user = at.people.users.any()
    if at.settings.auth == "none":
        found.append(
            note(
                "This server was started with --no-auth (DRD_AUTH=none): nobody is asked who they "
                "are, and everybody is an admin. Users count when it is started without."
            )
        )
    if not any_user:
        found.append(first_user())
    elif at.settings.user_header:
        role = at.settings.sso_role
        others = "nobody else is let in" if role == "none" else f"whoever else it names is a {role}"
        found.append(
            note(
                f"A proxy names people in {at.settings.user_header}. Those listed here have the "
                f"role that is set here; {others} (DRD_SSO_ROLE)."
            )
        )
    return found


def first_user() -> html.Div:
    """Return how the first user is made, and what that changes."""
    at = door()
    if at.settings.auth == "none":
        way = "There is no user either."
    elif at.is_open:
        way = "There is no user yet: whoever can reach this dashboard on its machine is an admin."
    else:
        way = "There is no user yet: whoever has the token of this start is an admin."
    command = "python -m deepresolve_dash user add NAME"
    state = at.settings.state.absolute()
    return html.Div(
        [
            html.P(
                f"{way} Make the first one in a shell of the server. It is an admin, its password "
                "is printed once, and from then on everybody logs in; then others are added here."
            ),
            html.Pre(f"DRD_STATE={state} {command}", tabIndex=0),
        ],
        className="empty people-first",
    )


def note(text: str) -> html.P:
    """Return a sentence above the lists."""
    return html.P(text, className="people-note")
