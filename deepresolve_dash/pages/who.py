"""Who sends this request: by the machine, a token, a name and password, a proxy, or a link."""

import ipaddress
import time
from dataclasses import dataclass

from flask import Flask, Request, current_app, g, has_request_context, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from deepresolve_dash.errors import SettingsError
from deepresolve_dash.pages.hosts import LOCAL
from deepresolve_dash.pages.proxies import PEER, TRUSTED
from deepresolve_dash.people.people import People
from deepresolve_dash.people.roles import Person
from deepresolve_dash.people.schema import PeopleRefused
from deepresolve_dash.people.users import User, Users, clean_name
from deepresolve_dash.runs.entry import ANONYMOUS
from deepresolve_dash.settings import Settings

NAME = "deepresolve-people"
SESSION_S = 30 * 86400  # without a visit
_RENEW_S = 86400
ANYBODY = Person(ANONYMOUS, "admin")


@dataclass(frozen=True)
class Door:
    """The people of a server, and how it lets them in."""

    people: People
    settings: Settings

    @property
    def asks_for_token(self) -> bool:
        """Whether the token is the way in: others reach the server, and nobody has a name yet."""
        return not self.is_open and not self.people.users.any()

    @property
    def is_private(self) -> bool:
        """Whether the server answers this machine alone, as far as its settings tell."""
        asked = self.settings
        return asked.host.lower() in LOCAL and not asked.hosts and not asked.proxies

    @property
    def is_open(self) -> bool:
        """Whether nobody has to say who they are."""
        if self.settings.auth == "none":
            return True
        return self.is_private and not self.people.users.any()


class _Sessions(SecureCookieSessionInterface):
    """Sessions in a signed cookie, whose key lies in the state folder."""

    def __init__(self, people: People) -> None:
        self._people = people

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of a request; without a cookie nothing is read or made."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what signs, as Flask does with the secret key of an app."""
        return URLSafeTimedSerializer(
            [self._people.secret()],
            salt=self.salt,
            serializer=self.serializer,
            signer_kwargs={
                "key_derivation": self.key_derivation,
                "digest_method": self.digest_method,
            },
        )

    def get_cookie_secure(self, app: Flask) -> bool:
        """Return whether the cookie travels over TLS alone: whenever it was set over it."""
        return request.is_secure


def attach(server: Flask, settings: Settings) -> None:
    """Give a server its people.

    Raises
    ------
    SettingsError
        When nobody is to be asked on a server that other machines reach.
    """
    check_auth(settings)
    people = People(settings.state)
    server.extensions[NAME] = Door(people, settings)
    server.session_interface = _Sessions(people)
    server.config.update(
        SESSION_COOKIE_NAME=f"deepresolve-{settings.port}",  # ports of a host share their cookies
        SESSION_COOKIE_PATH=settings.prefix or "/",  # other paths may be of other people's servers
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=SESSION_S,
    )


def check_auth(settings: Settings) -> None:
    """Refuse to ask nobody on a server that other machines reach.

    Raises
    ------
    SettingsError
        When that is what the settings say.
    """
    if settings.auth == "none" and settings.host.lower() not in LOCAL:
        raise SettingsError(
            f"Whoever reaches {settings.host} could start and delete runs without logging in.",
            "Leave --no-auth (DRD_AUTH=none) out, or listen on 127.0.0.1.",
        )


def door() -> Door:
    """Return the people of the server that answers this request, and how it lets them in."""
    return current_app.extensions[NAME]


def person() -> Person | None:
    """Return who sends this request; None when nobody knows."""
    if not has_request_context():
        return None
    if "person" not in g:
        g.person = _find()
    return g.person


def sees(run_id: str) -> bool:
    """Tell whether a run is shown to whoever sends this request."""
    found = person()
    return found is not None and found.sees(run_id)


def me() -> Person:
    """Return who sends this request, where the gate has let them in.

    Raises
    ------
    PeopleRefused
        When nobody knows.
    """
    found = person()
    if found is None:
        raise PeopleRefused("You are not logged in.", "Load the page again.")
    return found


def _find() -> Person | None:
    at = door()
    if at.is_open:
        here = all(map(_is_here, (request.environ.get(PEER), request.remote_addr)))
        return ANYBODY if here else None
    name = named_by_proxy()
    if name:
        return _named(at.people.users, name, at.settings.sso_role) or _guest(at.people)
    return _from_session(at.people)


def _named(users: Users, name: str, else_role: str) -> Person | None:
    """Return whom a trusted proxy names: with the role they have here, or that of unknown ones."""
    known = users.get(name)
    if known is not None:
        users.seen(known)
        return Person(name, known.role, way="header")
    if else_role == "none" or users.is_removed(name):
        return None
    return Person(name, else_role, way="header")


def _guest(people: People) -> Person | None:
    """Return who came by a link, which is for anybody."""
    found = _from_session(people)
    return found if found is not None and found.is_guest else None


def named_by_proxy() -> str:
    """Return the name that a trusted proxy tells for this request; empty without one."""
    at = door()
    header = at.settings.user_header
    if not header or not request.environ.get(TRUSTED):
        return ""
    try:
        return clean_name(request.headers.get(header, ""))
    except PeopleRefused:
        return ""


def _from_session(people: People) -> Person | None:
    """Return whom the cookie is of, unless they were removed, reset or revoked since."""
    way, epoch = session.get("way"), session.get("epoch")
    found = None
    if way == "user":
        user = people.users.get(str(session.get("name")))
        if user is not None and user.epoch == epoch:
            found = Person(user.name, user.role, way="user")
    elif way == "token":
        if epoch and epoch == people.token_epoch() and not people.users.any():
            found = Person(ANONYMOUS, "admin", way="token")
    elif way == "link":
        link = people.links.living(str(session.get("id")))
        if link is not None:
            name = f"link {link.id}"
            found = Person(name, "link", frozenset(link.runs), link.story, way="link")
    if found is not None and time.time() - float(session.get("at", 0)) > _RENEW_S:
        session["at"] = time.time()
    return found


def _is_here(address: str | None) -> bool:
    """Tell whether an address is of this machine; a socket in a file has none."""
    try:
        return not address or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def enter_as(user: User) -> None:
    """Begin the session of a user."""
    _begin(way="user", name=user.name, epoch=user.epoch)


def enter_by_token(people: People) -> None:
    """Begin the session of whoever has the access token."""
    _begin(way="token", epoch=people.token_epoch())


def enter_by_link(link_id: str) -> None:
    """Begin the session of whoever came by a link."""
    _begin(way="link", id=link_id)


def leave() -> None:
    """End the session."""
    session.clear()
    g.pop("person", None)


def _begin(**told: str) -> None:
    leave()
    session.permanent = True
    session.update(told, at=time.time())
