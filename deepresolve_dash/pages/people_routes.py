"""Routes of the page of people: who there is, what was done, and what an admin changes."""

from collections.abc import Iterator
from itertools import islice

from flask import Blueprint, Response, request

from deepresolve_dash.pages import who
from deepresolve_dash.pages.answers import action, answer, body
from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.gate import note
from deepresolve_dash.pages.link_routes import line, target
from deepresolve_dash.pages.quota import all_used
from deepresolve_dash.people.passwords import make_password
from deepresolve_dash.people.roles import ROLES, Role
from deepresolve_dash.people.schema import PeopleRefused
from deepresolve_dash.people.users import clean_name
from deepresolve_dash.runs.usage import usage
from deepresolve_dash.views import people as views

routes = Blueprint("people", __name__)
PAGE = 100  # lines of the record
_FIRST = PeopleRefused(
    "The first user is made on the server, so that nobody locks everybody else out from here.",
    "`python -m deepresolve_dash user add NAME` makes it.",
)


@routes.get("/data/people.json")
def everybody() -> Response:
    """Return users, links, and by whom and what the record can be filtered."""
    at = who.door()
    people, here = at.people, context()
    rows = views.users(
        people.users.all(),
        people.users.removed(),
        usage(here.service.ledger, here.settings.state / "runs"),
        all_used(),
        me=who.me().name,
        signed_on=at.settings.sso_role if at.settings.user_header else "",
    )
    links = [line(link) | {"href": target(link)} for link in people.links.all()]
    by, what = people.audit.kinds()
    return answer({"users": rows, "links": views.links(links), "by": by, "what": what})


@routes.get("/data/people/record.json")
def record() -> Response:
    """Return a page of the record, the newest lines first."""
    page = max(0, request.args.get("page", type=int, default=0))
    lines = views.record(_lines())
    found = list(islice(lines, page * PAGE, (page + 1) * PAGE + 1))
    return answer({"lines": found[:PAGE], "page": page, "more": len(found) > PAGE})


@routes.get("/data/people/record.tsv")
def record_file() -> Response:
    """Return all lines of the record that pass the filter as a file."""
    made = Response(views.record_table(_lines()), mimetype="text/tab-separated-values")
    made.headers["Content-Disposition"] = 'attachment; filename="record.tsv"'
    made.headers["Cache-Control"] = "no-store"
    return made


def _lines() -> Iterator[dict]:
    """Give the lines of the record that this request asks for."""
    asked = request.args
    return who.door().people.audit.lines(user=asked.get("by", ""), what=asked.get("what", ""))


@routes.post("/act/people/add")
@action
def add() -> dict:
    """Add a user; the password is in this answer and nowhere else."""
    users, asked = who.door().people.users, body()
    if not users.any():
        raise _FIRST
    name, password = clean_name(str(asked.get("name", ""))), make_password()
    user = users.add(name, password, _role(asked))
    note(name=user.name, role=user.role)
    return {"name": user.name, "role": user.role, "password": password}


@routes.post("/act/people/<name>/role")
@action
def change_role(name: str) -> dict:
    """Give a user another role."""
    asked = body()
    role = _role(asked)
    note(role=role)
    if role != "admin":
        _check_meant(name, asked, f"As a {role} you could not undo it.")
    user = who.door().people.users.set_role(name, role)
    return {"name": user.name, "role": user.role}


@routes.post("/act/people/<name>/reset")
@action
def reset(name: str) -> dict:
    """Give a user another password; whoever changes their own stays in."""
    password = make_password()
    user = who.door().people.users.reset(name, password)
    me = who.me()
    if me.way == "user" and me.name == user.name:
        who.enter_as(user)
    return {"name": user.name, "role": user.role, "password": password}


@routes.post("/act/people/<name>/remove")
@action
def remove(name: str) -> dict:
    """Remove a user, or shut out a name that only the single sign-on knows."""
    at = who.door()
    users, name = at.people.users, name.strip().lower()
    _check_meant(name, body(), "You could not come back in.")
    if users.get(name) is None and at.settings.user_header:
        users.shut_out(name)
    else:
        if [user.name for user in users.all()] == [name]:
            raise PeopleRefused(
                f"'{name}' is the last user; without one nobody has to log in.",
                f"`user remove {name} --last` on the server removes it if this is meant.",
            )
        users.remove(name)
    return {"name": name}


def _role(asked: dict) -> Role:
    """Return the role that is asked for.

    Raises
    ------
    PeopleRefused
        When it is none.
    """
    for role in ROLES:
        if asked.get("role") == role:
            return role
    raise PeopleRefused("This is no role.", f"Roles are {', '.join(ROLES)}.")


def _check_meant(name: str, asked: dict, why: str) -> None:
    """Refuse what somebody does to themselves unless they say that it is meant.

    Raises
    ------
    PeopleRefused
    """
    if name.strip().lower() == who.me().name and asked.get("sure") is not True:
        raise PeopleRefused(f"This is you. {why}", "Say that it is meant.")
