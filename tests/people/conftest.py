from contextlib import contextmanager

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient

from app import make_app
from deepresolve_dash.pages import who
from deepresolve_dash.people import passwords
from deepresolve_dash.people.people import People
from deepresolve_dash.settings import Settings
from tests.generated_runs import tiny_run

PASSWORD = "correct horse battery"


@pytest.fixture(scope="session", autouse=True)
def _quick():
    """Passwords that cost nothing; a real one takes 64 MiB and 0.1 s."""
    with pytest.MonkeyPatch.context() as patch:
        quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "_hasher", quick)
        patch.setattr(passwords, "_NOBODY", quick.hash("nobody"))
        yield


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """A state folder with two runs; more is added by nobody."""
    state = tmp_path_factory.mktemp("state")
    return [tiny_run(state / "runs"), tiny_run(state / "runs", name="other", seed=1)]


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
        for table in ("users", "links", "attempts", "owners", "facts"):
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
