from contextlib import contextmanager

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from werkzeug.routing.converters import NumberConverter

from app import make_app
from deepresolve_dash.pages import gate, who
from deepresolve_dash.people import passwords
from deepresolve_dash.people.people import People
from deepresolve_dash.settings import Settings

PASSWORD = "correct horse battery"


@pytest.fixture(scope="session", autouse=True)
def _quick():
    """Passwords that cost nothing; a real one takes 64 MiB and 0.1 s."""
    with pytest.MonkeyPatch.context() as patch:
        quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "_hasher", quick)
        patch.setattr(passwords, "_NOBODY", quick.hash("nobody"))
        yield


@contextmanager
def served(state, **settings):
    """A dashboard that other machines reach."""
    asked = {"host": "dash.lab", "state": state, "free_mb": 0} | settings
    made = make_app(Settings(**asked), demos=state / "no-demos")
    try:
        yield made.server
    finally:
        context = made.server.extensions["deepresolve"]
        context.cache.close()
        context.service.ledger.close()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """One dashboard for all tests of a file."""
    state = tmp_path_factory.mktemp("state")
    with served(state) as made:
        yield made


@pytest.fixture
def server(whole):
    """The dashboard, before anybody has a name."""
    people = whole.extensions[who.NAME].people
    with people._file.write() as connection:
        for table in ("users", "removed", "links", "attempts", "owners", "facts"):
            connection.execute(f"DELETE FROM {table}")
    people._known_secret = ""
    people.audit.path.unlink(missing_ok=True)
    return whole


@pytest.fixture
def people(server) -> People:
    return server.extensions[who.NAME].people


class Visitor(FlaskClient):
    """A browser that calls the dashboard by a name."""

    host = "dash.lab"

    def open(self, *args, **options):
        return super().open(*args, **{"base_url": f"http://{self.host}"} | options)


def visitor(server, host="dash.lab", **environ):
    """A browser without a cookie, far from here."""
    client = Visitor(server, server.response_class)
    client.host = host
    client.environ_base |= {"REMOTE_ADDR": "10.1.2.3", **environ}
    return client


def logged_in(server, name, password=PASSWORD, **environ):
    client = visitor(server, **environ)
    assert client.post("/login", data={"name": name, "password": password}).status_code == 302
    return client


PARTS = {
    "run_id": "0123456789abcdef", "model_id": "0123456789abcdef", "story_id": "0123456789ab",
    "probe_id": "0123456789abcdef", "channel": "0", "token": "x", "kind": "json", "name": "ofiv",
    "form": "bits", "file_format": "meme", "path": "nowhere", "package_name": "dash",
    "fingerprinted_path": "x.js", "filename": "x",
}  # fmt: skip
FREE = {
    "/static/<path:filename>", "/assets/<path:filename>", "/_favicon.ico", "/login", "/logout",
    "/healthz", "/readyz",
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>", "/share/<token>",
}  # fmt: skip


def requests_of(server):
    """Each rule with each method, and an address that fits it."""
    for rule in server.url_map.iter_rules():
        values = {}
        for name, converter in rule._converters.items():
            few = sorted(getattr(converter, "items", ()))
            number = isinstance(converter, NumberConverter)
            values[name] = few[0] if few else 0 if number else PARTS.get(name, "x")
        path = server.url_map.bind("").build(rule.endpoint, values, method=min(rule.methods))
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule.rule, method, path


def callback(client, output, values=(), **options):
    """What the page sends to have a part of it filled."""
    known = client.application.config[gate.CALLBACKS].get(output, {"inputs": [], "state": []})
    inputs = [dict(one, value=value) for one, value in zip(known["inputs"], values, strict=False)]
    state = [dict(one, value=None) for one in known["state"]]
    id_, property_ = output.split(".")
    told = {
        "output": output, "outputs": {"id": id_, "property": property_}, "inputs": inputs,
        "state": state, "changedPropIds": [],
    }  # fmt: skip
    return client.post("/_dash-update-component", json=told, **options)
