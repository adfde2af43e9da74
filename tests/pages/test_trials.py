"""The button that adds trials to a run, and the light beside it."""

import pytest

from app import make_app
from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.pages.answers import OWN_HEADER
from deepresolve_dash.runs import service as service_module
from deepresolve_dash.runs.execute import execute
from deepresolve_dash.runs.known import with_trials
from deepresolve_dash.runs.spec import spec_from_dict
from deepresolve_dash.runs.store import write_run
from deepresolve_dash.settings import Settings
from tests.runs.conftest import small_job, small_network

OWN = {OWN_HEADER: "1"}


@pytest.fixture(scope="module")
def made():
    return execute(small_job(settings=ascent_settings(n_trials=11)), device="cpu")


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


@pytest.fixture
def app(state, made, tmp_path, monkeypatch):
    monkeypatch.setattr(service_module, "ensure_runner", lambda _: None)
    put(state, made)
    dashboard = make_app(Settings(state=state), demos=tmp_path / "no-demos")
    yield dashboard
    dashboard.server.extensions["deepresolve"].service.ledger.close()
    dashboard.server.extensions["deepresolve"].cache.close()


@pytest.fixture
def client(app):
    return app.server.test_client()


@pytest.fixture
def model(app, tmp_path, read_here):
    save_network(small_network(), tmp_path / "net")
    return service(app).models.add(tmp_path / "net", "small")


def service(app):
    return app.server.extensions["deepresolve"].service


def put(state, made, **info):
    """Write the run, or one with other information, as a finished one."""
    told = made.info | info
    return write_run(
        state / "runs" / told["id"], info=told, ensemble=made.ensemble, summary=made.summary
    )


def button(client, made):
    return client.get(f"/data/{made.info['id']}/trials.json").json


def press(client, made, headers=OWN):
    return client.post(f"/act/runs/{made.info['id']}/trials", json={}, headers=headers)


def test_a_run_can_be_given_twice_the_trials(app, client, model, made):
    told = button(client, made)
    assert (told["stage"], told["trials"], told["more"], told["why"]) == ("ready", 11, 22, "")
    assert told["known"] == 11
    assert told["time"]
    assert press(client, made).json == {"id": told["id"]}
    entry = service(app).ledger.get(told["id"])
    assert entry.request["spec"]["settings"]["n_trials"] == 22
    assert (entry.name, entry.state) == (made.info["name"], "queued")
    busy = button(client, made)
    assert busy["stage"] == "busy"
    assert busy["says"].startswith("waiting")


def test_pressed_twice_it_is_one_run(app, client, model, made):
    assert press(client, made).json == press(client, made).json
    assert len(service(app).ledger.entries()) == 1


def test_a_run_that_is_there_is_linked_even_without_its_model(state, client, made):
    longer = with_trials(spec_from_dict(made.info["spec"]), 22)
    put(state, made, id=longer.id)
    told = button(client, made)
    assert (told["stage"], told["id"], told["more"]) == ("done", longer.id, 22)


def test_a_model_that_is_gone_is_said(app, client, made):
    told = button(client, made)
    assert told["stage"] == "impossible"
    assert told["why"].startswith("The model of this run is not here any more.")
    assert press(client, made).json == {"refused": told["why"]}
    assert not service(app).ledger.entries()


def test_sequences_that_are_gone_are_said(state, client, model, made):
    put(state, made, id="other", spec=made.info["spec"] | {"sequences": "abc"})
    told = client.get("/data/other/trials.json").json
    assert told["stage"] == "impossible"
    assert "not here" in told["why"]


def test_a_run_that_still_computes_must_end_first(state, client, model, made):
    put(state, made, id="half", partial={"classes_done": 1, "classes": 2})
    assert "still computes" in client.get("/data/half/trials.json").json["why"]


@pytest.mark.parametrize(("n", "stage", "more"), [(600, "ready", 1000), (1000, "impossible", None)])
def test_there_is_a_most(state, client, model, made, n, stage, more):
    spec = with_trials(spec_from_dict(made.info["spec"]), n)
    settings = made.info["spec"]["settings"] | {"n_trials": n}
    put(state, made, id=spec.id, spec=made.info["spec"] | {"settings": settings})
    told = client.get(f"/data/{spec.id}/trials.json").json
    assert (told["stage"], told.get("more")) == (stage, more)


def test_a_failure_is_said_and_can_be_tried_again(app, client, model, made):
    run_id = press(client, made).json["id"]
    with service(app).ledger.write() as connection:
        connection.execute(
            "UPDATE runs SET state = 'failed', message = 'no luck', seq = seq + 1 WHERE id = ?",
            (run_id,),
        )
    told = button(client, made)
    assert (told["stage"], told["why"]) == ("ready", "It failed: no luck")
    assert press(client, made).json == {"id": run_id}
    assert service(app).ledger.get(run_id).state == "queued"


def test_another_site_cannot_press_it(app, client, model, made):
    assert press(client, made, headers={}).status_code == 403
    assert not service(app).ledger.path.is_file() or not service(app).ledger.entries()


def test_an_unknown_run_is_said(client):
    assert client.get("/data/none/trials.json").status_code == 404
    answer = client.post("/act/runs/none/trials", json={}, headers=OWN)
    assert "There is no run" in answer.json["refused"]


def test_the_class_brings_its_light(client, made):
    told = client.get(f"/data/{made.info['id']}/class.json?target=1").json
    assert told["light"][0] in ("Enough trials", "More trials may help", "Too few trials")
    assert told["light"][3] in "●◐○"
    curves = client.get(f"/data/{made.info['id']}/traces.json?target=1").json["enough"]
    assert [one["sizes"][-1] for one in curves] == [11, 11]


def test_the_estimate_knows_the_trials_that_are_there(app, model, made):
    from deepresolve_dash.runs.longer import longer
    from deepresolve_dash.runs.request import RunRequest

    short = RunRequest("x", model.id, spec_from_dict(made.info["spec"]), "cpu")
    told = service(app).estimate(longer(short, 22))
    fresh = service(app).estimate(longer(short, 10))
    assert (told.n_known, fresh.n_known) == (11, 0)
    whole = longer(short, 22).total
    assert told.row_steps == 2 * 2 * 11 * 100 < whole
