"""The routes behind the panel of interactions."""

import json

import pytest

from app import make_app
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.pages.interactions_routes import read_pairs
from deepresolve_dash.runs import service as of_service
from deepresolve_dash.runs.question import ask
from deepresolve_dash.settings import Settings
from tests.asked_runs import run_of, write_reads
from tests.runs.conftest import LENGTH, small_network

OWN = {"X-DeepResolve": "1"}


@pytest.fixture
def asked(tmp_path, monkeypatch, read_here):
    """A client, its service, and a run whose network and sequences are in the state folder."""
    monkeypatch.setattr(of_service, "ensure_runner", lambda _: None)
    app = make_app(Settings(state=tmp_path, free_mb=0), demos=tmp_path / "no-demos")
    service = app.server.extensions["deepresolve"].service
    save_network(small_network(), tmp_path / "source")
    service.models.add(tmp_path / "source", "small")
    reads = write_reads(tmp_path / "reads.fa", 9, LENGTH)
    stored = service.inputs.add_sequences(reads, "reads")
    run = run_of(small_network(), tmp_path / "runs", sequences=stored.hash)
    yield app.server.test_client(), service, run
    app.server.extensions["deepresolve"].cache.close()
    service.ledger.close()


def post(client, run, **values):
    return client.post(f"/act/runs/{run.id}/interactions", json=values, headers=OWN).json


def panel(client, run, query="target=0"):
    answer = client.get(f"/data/{run.id}/interactions.json?{query}")
    assert answer.status_code == 200
    return json.loads(answer.data, parse_constant=lambda name: pytest.fail(name))


def test_a_run_without_sequences_says_the_way_out(client, run):
    told = panel(client, run)
    assert told["stage"] == "impossible"
    assert "sequences that contain the motifs" in told["why"]
    assert told["again"] == f"/new?from={run.id}"
    assert "contain the motifs" in post(client, run, target=0)["refused"]


def test_a_test_is_asked_for_followed_and_cancelled(asked):
    client, service, run = asked
    assert panel(client, run)["stage"] == "empty"
    question = post(client, run, target=0)["id"]
    told = panel(client, run)
    assert (told["stage"], told["id"], told["says"]) == ("busy", question, "waiting, number 1")
    assert panel(client, run, "target=1")["stage"] == "empty"
    row = client.get("/feed").json["rows"][0]
    assert (row["kind"], row["preset"]) == ("interactions", "interactions")
    assert row["href"].startswith(f"/runs/{run.id}/class/0")
    assert client.post(f"/act/runs/{question}/cancel", headers=OWN).json["id"] == question
    assert panel(client, run)["stage"] == "empty"
    assert client.post(f"/act/runs/{question}/again", headers=OWN).json["id"] == question
    service.ledger.fail(question, None, "No memory.")
    assert panel(client, run)["why"] == "The test failed: No memory."


def test_an_answer_is_shown_and_a_requested_pair_is_another_question(asked):
    client, service, run = asked
    question = ask(run, 1)
    groups = [{"channels": [k], "swing": 1.0, "top": True} for k in (0, 3)]
    pair = {"a": [0], "b": [3], "f": [0, 1, 1, 2], "interaction": 0.0, "interval": [0, 0],
            "called": False, "name": "additive", "acting": "", "decision": "AND",
            "requested": False, "context": [], "depends_on": [], "sequences": None,
            "no_sequences": ""}  # fmt: skip
    answer = {"id": question.id, "class": 1, "groups": groups, "pairs": [pair], "n_real": 300,
              "n_backgrounds": 60, "poor": False, "null": {"q95": float("nan")}}  # fmt: skip
    service.answers.write(question, answer)
    told = panel(client, run, "target=1")
    assert (told["stage"], told["pairs"][0]["decision"]) == ("done", "AND")
    assert told["null"]["q95"] is None
    assert panel(client, run, "target=1&tested=0,3")["stage"] == "empty"
    assert panel(client, run, "target=1&tested=0,99")["stage"] == "impossible"
    assert service.ledger.path.is_file() is False or not service.ledger.entries()


def test_unknown_classes_and_other_sites_are_turned_away(asked):
    client, _, run = asked
    assert client.get(f"/data/{run.id}/interactions.json?target=99").status_code == 404
    assert client.get("/data/nothing/interactions.json").status_code == 404
    assert client.post(f"/act/runs/{run.id}/interactions", json={"target": 0}).status_code == 403
    assert "no class" in post(client, run, target=99)["refused"]
    assert "channel pairs" in post(client, run, target=0, tested="1,2,3")["refused"]


def test_pairs_are_read_two_by_two():
    assert read_pairs("3,7,4,9") == [(3, 7), (4, 9)]
    assert read_pairs(None) == read_pairs("") == []
    for text in ("3", "3,x", "-1,2"):
        with pytest.raises(SettingsError):
            read_pairs(text)
