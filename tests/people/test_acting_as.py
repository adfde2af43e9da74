"""Commands on the queue act as a user, as the dashboard does."""

import getpass

import pytest

from deepresolve_dash.commands import queue
from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.people.people import People
from deepresolve_dash.runs import service
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.models import ModelStore
from deepresolve_dash.runs.request import RunRequest
from deepresolve_dash.runs.spec import RunSpec
from tests.commands import ROOT, call
from tests.people.conftest import PASSWORD

NETWORK = ROOT / "deepresolve_dash" / "demos" / "networks" / "synthetic-2"


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setattr(service, "ensure_runner", lambda settings: None)
    for name in ("add", "open"):  # reading a network takes seconds and changes nothing here
        monkeypatch.setattr(ModelStore, name, lambda *_, **__: None)
    monkeypatch.setattr(queue, "make_request", lambda *_, settings, **__: asked(settings.seed))
    monkeypatch.setattr(getpass, "getuser", lambda: "Bob")
    return {"DRD_STATE": tmp_path, "DRD_FREE_MB": "0", "DRD_USER_QUEUED": "1"}


@pytest.fixture
def people(tmp_path):
    found = People(tmp_path)
    found.users.add("ann", PASSWORD)
    found.users.add("bob", PASSWORD)
    found.users.add("vi", PASSWORD, "viewer")
    return found


@pytest.fixture
def ledger(tmp_path, state):
    made = Ledger(tmp_path / LEDGER)
    yield made
    made.close()


def asked(seed=0):
    spec = RunSpec("net", "pool1", (0,), "default", ascent_settings(n_trials=2, seed=seed))
    return RunRequest("a run", "model", spec)


def test_a_run_is_submitted_for_a_user_and_held_to_their_limits(state, people, ledger):
    options = ["--layer", "advised", "--classes", "3", "--trials", 2]
    run_id = call("submit", NETWORK, *options, "--as", "Ann", **state).out.strip()
    assert ledger.get(run_id).users == ("ann",)
    line = people.audit.tail(1)[0]
    assert (line["what"], line["user"], line["run"]) == ("start run", "ann", run_id)
    assert line["by"] == "command line"
    refused = call("submit", NETWORK, *options, "--seed", 1, "--as", "ann", **state).error
    assert "You have 1 runs waiting" in refused
    assert call("submit", NETWORK, *options, **state).out.strip() == run_id  # by the account
    assert ledger.get(run_id).users == ("ann", "bob")


def test_a_cancel_is_somebodys(state, people, ledger):
    run_id = asked().id
    for user in ("ann", "cy"):
        ledger.submit(asked(), user)
    refused = call("cancel", run_id, **state)
    assert refused.code == 2
    assert "wanted by ann, cy, and not by bob. Say `--as ann`" in refused.error
    assert "goes on for cy" in call("cancel", run_id, "--as", "ann", **state).error
    line = people.audit.tail(1)[0]
    assert (line["what"], line["user"], line["run_id"]) == ("runs cancel", "ann", run_id)
    assert ledger.get(run_id).users == ("cy",)


def test_without_users_it_is_nobody_in_particular(state, ledger):
    ledger.submit(asked(), "anonymous")
    assert "is cancelled" in call("cancel", asked().id, **state).error


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("vi", "'vi' is a viewer, who only looks"),
        ("nobody", "no user 'nobody'"),
        ("<b>", "cannot be a user's name"),
    ],
)
def test_a_name_that_may_not_is_one_sentence(state, people, name, says):
    done = call("cancel", "x", "--as", name, **state)
    assert done.code == 2
    assert says in done.error


def test_a_name_of_the_single_sign_on_is_taken_as_the_dashboard_takes_it(state, people, ledger):
    ledger.submit(asked(), "eve")
    here = state | {"DRD_USER_HEADER": "X-Remote-User"}
    assert "is a viewer" in call("cancel", asked().id, "--as", "eve", **here).error
    here["DRD_SSO_ROLE"] = "member"
    people.users.shut_out("eve")
    assert "no user 'eve'" in call("cancel", asked().id, "--as", "eve", **here).error
    people.users.add("eve", PASSWORD)
    assert "is cancelled" in call("cancel", asked().id, "--as", "eve", **here).error
