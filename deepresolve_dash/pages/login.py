"""The log-in page, which needs no script, and the way out."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, render_template_string, request
from werkzeug.wrappers import Response as Answer

from deepresolve_dash.pages import who
from deepresolve_dash.pages.gate import TOKEN, enter_with_token
from deepresolve_dash.pages.prefix import send_on, whole
from deepresolve_dash.people.schema import PeopleRefused

routes = Blueprint("login", __name__)
STYLES = "DEEPRESOLVE_STYLES"  # in the server's configuration: the address of our styles
_WRONG = PeopleRefused("Name or password is wrong.", "An admin can give you a new password.")
_WHY = {  # by the word in the address
    TOKEN: "This is not the token of this dashboard, or not any more.",
    "wait": "There were too many attempts to log in. Wait some minutes, then try again.",
}
_HERE_ALONE = (
    "This dashboard answers its own machine alone. Open it there, or start it with --host."
)
_NO_ROLE = "You are {} here, and that name may not use this dashboard. Ask an admin to add it."
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in - DeepResolve Dash</title><link rel="stylesheet" href="{{ styles }}">
</head>
<body class="login-page">
<main class="login">
<p class="brand"><strong>DeepResolve</strong> Dash</p>
{% if closed %}<h1>{{ title }}</h1><p>{{ closed }}</p>{% else %}
<h1>Log in</h1>
{% if why %}<p class="refused" role="alert">{{ why }}</p>{% endif %}
<form method="post" action="{{ action }}">
<input type="hidden" name="next" value="{{ next }}">
{% if named %}
<label>Name <input name="name" value="{{ name }}" autocomplete="username" autocapitalize="none"
spellcheck="false" required {% if not name %}autofocus{% endif %}></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required
{% if name %}autofocus{% endif %}></label>
{% else %}
<p>The link that was printed when this dashboard started holds a token. Open that link, or put
the token here.</p>
<label>Token <input name="token" type="password" autocomplete="current-password" required
autofocus></label>
{% endif %}
<button class="button main">Log in</button>
</form>
{% if named %}<p class="muted">No password, or a lost one: an admin gives you one with
<code>user add</code> or <code>user reset</code>.</p>{% endif %}
{% endif %}
</main>
</body>
</html>
"""


@routes.get("/login")
def show() -> Answer:
    """Return the log-in page; those who are in go on."""
    found = who.person()
    if found is not None and not found.is_guest:
        return send_on(here(request.args.get("next", "")))
    return _page(_WHY.get(request.args.get("why", ""), ""))


@routes.post("/login")
def log_in() -> Answer:
    """Let somebody in by name and password, or by the token."""
    at, form, address = who.door(), request.form, request.remote_addr or ""
    if at.is_open:
        return send_on("/")
    try:
        if at.people.users.any():
            name = form.get("name", "").strip().lower()
            _enter_by_name(name, form.get("password", ""), address)
        else:
            enter_with_token(form.get("token", "").strip())
    except PeopleRefused as error:
        return _page(str(error), status=429 if "Wait" in error.hint else 403)
    return send_on(here(form.get("next", "")))


@routes.post("/logout")
def log_out() -> Answer:
    """End the session."""
    found = who.person()
    if found is not None:
        who.door().people.audit.write("log out", user=found.name, address=request.remote_addr or "")
    who.leave()
    return send_on("/login")


def _enter_by_name(name: str, password: str, address: str) -> None:
    people = who.door().people
    people.attempts.begin(name, address)
    user = people.users.log_in(name, password)
    people.audit.write("log in", user=name[:64], address=address, right=user is not None)
    if user is None:
        raise _WRONG
    people.attempts.succeeded(name, address)
    who.enter_as(user)


def notice(title: str, sentence: str, *, status: int) -> Response:
    """Return a page that says one thing."""
    return _answer(title=title, closed=sentence, status=status)


def here(place: str) -> str:
    """Return an address of this server, the first page for any other."""
    try:
        parts = urlsplit(place)
    except ValueError:
        return "/"
    odd = parts.scheme or parts.netloc or "\\" in place or not place.isprintable()
    return "/" if odd or not place.startswith("/") or place.startswith("//") else place


def _page(why: str = "", status: int = 200) -> Response:
    at = who.door()
    return _answer(
        title="Not here",
        closed=_closed(),
        named=at.people.users.any(),
        name=request.form.get("name", "")[:64],
        next=here(request.values.get("next", "")),
        why=why,
        status=status,
    )


def _closed() -> str:
    """Return why nobody can log in here; empty when somebody can."""
    if who.person() is not None:
        return ""
    name = who.named_by_proxy()
    if name:
        return _NO_ROLE.format(name)
    return _HERE_ALONE if who.door().is_open else ""


def _answer(*, status: int, **told: object) -> Response:
    styles = current_app.config.get(STYLES, "")
    text = render_template_string(_PAGE, action=whole("/login"), styles=styles, **told)
    made = Response(text, status=status, mimetype="text/html")
    made.headers["Cache-Control"] = "no-store"
    return made
