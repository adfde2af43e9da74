"""The gate: looks at every request before its route, by the table of needs, and writes it down."""

from urllib.parse import urlencode, urlsplit

import orjson
from dash.exceptions import CallbackException, DependencyException
from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Response as Answer

from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.pages import who
from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.needs import CALLBACK, LOOKING, Row, row_of
from deepresolve_dash.pages.prefix import send_on
from deepresolve_dash.people.owners import MODEL, STORY
from deepresolve_dash.people.roles import Need, Person
from deepresolve_dash.people.schema import PeopleRefused

MOST_CALLBACK, MOST_FORM = 4 * 2**20, 2**16  # bytes
LONGEST, LONGEST_NAME = 16_384, 120  # characters of an address, and of a name in it
_PATHS = ("path", "filename", "fingerprinted_path", "token")  # parts that nothing here is made of
TOKEN = "token"  # in the address that is printed at the start
CALLBACKS = "DEEPRESOLVE_CALLBACKS"  # in the server's configuration: those of the pages
_PAGES = ("/", "/<path:path>", "/runs/<run_id>", "/stories/<story_id>")
_STARTED = "new-started"  # what the callback fills that starts a run
_ASKED = "/act/probe"  # what starts something for those who may
_UNWRITTEN = ("/login", "/logout", "/act/probe/ready", "/act/wiring")  # or written by themselves
_KINDS = {"model_id": MODEL, "story_id": STORY}
_ELSEWHERE = "This request came from another site, and was not followed."
_UNREADABLE = "This request cannot be read."
_UNKNOWN = "You are not logged in any more. Load the page again."


def stand_before(server: Flask) -> None:
    """Let a server look at each request."""
    server.before_request(look)
    server.after_request(write_down)
    server.register_error_handler(DependencyException, lambda _: _refuse(404, "Not found."))
    server.register_error_handler(CallbackException, lambda _: _refuse(400, _UNREADABLE))


def look() -> Answer | None:
    """Turn a request away, or let it pass."""
    if len(request.full_path) > LONGEST:
        return _refuse(414, "This address is too long.")
    if not _is_sound(request.view_args or {}):
        return _refuse(404, "There is nothing at this address.")
    if not _is_from_here():
        return _refuse(403, _ELSEWHERE)
    if _rule() == CALLBACK and who.person() is None:
        return _ask()
    try:
        g.output = _output() if _rule() == CALLBACK else ""
    except RequestEntityTooLarge:
        return _refuse(413, "This request is too large.")
    except (HTTPException, LookupError, TypeError, ValueError):
        return _refuse(400, _UNREADABLE)
    g.row = row = row_of(request.method, _rule(), output=g.output)
    if row.need == Need.NOTHING:
        request.max_content_length = MOST_FORM  # files in a form would be written to the disk
        return None
    if TOKEN in request.args and request.method in LOOKING and _rule() in _PAGES:
        return _by_token(request.args[TOKEN])
    found = who.person()
    if found is None:
        return _ask()
    why = _why_not(found, row, request.view_args or {})
    return _refuse(403, why) if why else None


def may(path: str) -> bool:
    """Tell whether whoever asks now may post to an address; buttons are offered by this."""
    try:
        rule, values = current_app.url_map.bind("").match(path, "POST", return_rule=True)
    except HTTPException:
        return False
    found = who.person()
    return found is not None and not _why_not(found, row_of("POST", rule.rule), dict(values))


def abilities() -> list[str]:
    """Return what whoever asks now may do: `see`, `change`, `administer`, `share`."""
    found = who.person()
    share = found is not None and found.may(Need.CHANGE) and not who.door().is_open
    steps = (Need.SEE, Need.CHANGE, Need.ADMINISTER)
    can = [need.name.lower() for need in steps if found is not None and found.may(need)]
    return can + (["share"] if share else [])


def _why_not(found: Person, row: Row, values: dict) -> str:
    """Return why somebody may not do this; empty when they may."""
    if not found.may(row.need):
        if found.is_guest:
            return "A link shows one result, and nothing else."
        return f"This is not for a {found.role}; ask an admin of this dashboard."
    if not found.sees(str(values.get("run_id", ""))) and "run_id" in values:
        return "This link does not show that run."
    if not found.sees_story(str(values.get("story_id", ""))) and "story_id" in values:
        return "This link does not show that story."
    if row.own and not _owns(found, row.own, str(values[row.own])):
        return "This belongs to somebody else; they or an admin can change it."
    return ""


def _owns(found: Person, what: str, thing: str) -> bool:
    """Tell whether a thing is somebody's, and nobody else's."""
    if found.may(Need.ADMINISTER):
        return True
    if what in _KINDS:
        return who.door().people.owners.of(_KINDS[what], thing) == found.name
    ledger = context().service.ledger
    try:
        return ledger.path.is_file() and ledger.get(thing).users == (found.name,)
    except RunNotFound:
        return False


def _is_sound(values: dict) -> bool:
    """Tell whether the parts of an address could be names; files and headers are made of them."""
    names = [str(value) for key, value in values.items() if key not in _PATHS]
    return all(len(name) <= LONGEST_NAME and name.isprintable() for name in names)


def _rule() -> str | None:
    return request.url_rule.rule if request.url_rule else None


def _is_from_here() -> bool:
    """Tell whether a request that changes something comes from our own pages.

    Browsers say where each comes from; what says nothing is no browser, and has no cookie.
    """
    if request.method in LOOKING:
        return True
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    try:
        return origin is None or urlsplit(origin).netloc == request.host
    except ValueError:
        return False


def _output() -> str:
    """Return what the callback of this request fills; it must be one that a page has.

    Raises
    ------
    LookupError, TypeError, ValueError, HTTPException
        When it is none.
    """
    request.max_content_length = MOST_CALLBACK
    values = orjson.loads(request.get_data())
    known = current_app.config[CALLBACKS][values["output"]]
    for name in ("inputs", "state"):
        sent = [(one["id"], one["property"]) for one in values.get(name) or ()]
        if sent != [(one["id"], one["property"]) for one in known[name]]:
            raise ValueError(name)
    filled = values["outputs"]
    for one in filled if isinstance(filled, list) else [filled]:
        _ = one["id"], one["property"]
    return str(values["output"])


def _by_token(token: str) -> Answer:
    """Let in whoever has the token, and take it out of the address."""
    at = who.door()
    kept = [pair for pair in request.args.items(multi=True) if pair[0] != TOKEN]
    place = request.path + (f"?{urlencode(kept)}" if kept else "")
    if who.person() is None and not at.people.users.any():
        try:
            enter_with_token(token)
        except PeopleRefused as error:
            return _ask("wait" if "Wait" in error.hint else TOKEN, place)
    return send_on(place)


def enter_with_token(token: str) -> None:
    """Let in whoever has the token.

    Raises
    ------
    PeopleRefused
        When it is not the token, or there were too many attempts.
    """
    people, address = who.door().people, request.remote_addr or ""
    people.attempts.begin("", address)
    right = people.is_token(token)
    people.audit.write("log in", user=who.ANYBODY.name, address=address, by=TOKEN, right=right)
    if not right:
        raise PeopleRefused(
            "This is not the token of this dashboard.", "It is in the link printed at its start."
        )
    people.attempts.succeeded("", address)
    who.enter_by_token(people)


def _ask(why: str = "", place: str = "") -> Answer:
    """Send a browser to the log-in page, and say to anything else what is missing."""
    if request.method not in LOOKING or _rule() not in _PAGES:
        return _refuse(401, _UNKNOWN)
    place = place or request.full_path.rstrip("?")
    told = {"next": place, **({"why": why} if why else {})}
    return send_on(f"/login?{urlencode(told)}")


def _refuse(status: int, sentence: str) -> Response:
    made = Response(sentence, status=status, mimetype="text/plain")
    made.headers["Cache-Control"] = "no-store"
    return made


def write_down(answer: Response) -> Response:
    """Add a line to the record for whatever changes something.

    Those without a name change nothing; what they try could only push older lines out.
    """
    row, rule = g.get("row"), _rule() or ""
    if row is None or row.looks or rule in _UNWRITTEN:
        return answer
    if row.need < Need.CHANGE and rule != _ASKED:
        return answer
    if rule == CALLBACK and _STARTED not in g.output:
        return answer
    found = who.person()
    if found is None or found.is_guest:
        return answer
    words = [part for part in rule.split("/") if part and part != "act" and "<" not in part]
    about = dict(request.view_args or {}) | g.get("noted", {})
    if answer.status_code >= 400:
        about["status"] = answer.status_code
    elif answer.is_json and (answer.content_length or 0) < 4096:
        told = orjson.loads(answer.get_data() or b"{}")
        if isinstance(told, dict):
            about |= {key: told[key] for key in ("id", "refused") if key in told}
    who.door().people.audit.write(
        "start run" if rule == CALLBACK else " ".join(words),
        user=found.name,
        address=request.remote_addr or "",
        **about,
    )
    return answer


def note(**about: object) -> None:
    """Add to the line of this request in the record."""
    g.noted = g.get("noted", {}) | about
