import json
import time
from urllib.parse import urlencode

import pytest

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.pages import callbacks, class_page
from deepresolve_dash.pages.answers import OWN_HEADER
from deepresolve_dash.pages.context import context
from deepresolve_dash.runs import service
from deepresolve_dash.runs.named import with_names
from deepresolve_dash.runs.request import make_request
from deepresolve_dash.runs.store import Run
from tests.networks.stacks import one_convolution
from tests.pages.test_pages import ids, words

pytestmark = pytest.mark.usefixtures("read_here")


@pytest.fixture(autouse=True)
def nobody_computes(monkeypatch):
    monkeypatch.setattr(service, "ensure_runner", lambda _: None)


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    folder = tmp_path_factory.mktemp("network")
    save_network(one_convolution(), folder)
    return folder


@pytest.fixture
def entry(inside, network):
    """A run that waits, its title its own."""
    model = context().models.add(network, "mine")
    seed = time.monotonic_ns() % 10**9
    request = make_request(model, settings=ascent_settings(seed=seed), name=f"run {seed}")
    return context().service.submit(request)


def act(client, run, what):
    return client.post(f"/act/runs/{run}/{what}", data="", headers={OWN_HEADER: "1"}).json


def rows(client, since=0):
    answer = client.get(f"/feed?since={since}")
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.json["seq"], {row["id"]: row for row in answer.json["rows"]}


def test_the_feed_tells_what_has_changed_since(client, entry):
    seq, found = rows(client)
    assert found[entry.id]["says"].startswith("waiting, number ")
    called = context().models.open(entry.model).name
    assert (found[entry.id]["modelName"], found[entry.id]["active"]) == (called, True)
    assert act(client, entry.id, "cancel") == {"id": entry.id}
    later, changed = rows(client, seq)
    assert changed[entry.id]["state"] == "cancelled"
    assert rows(client, later) == (later, {})


def test_a_number_that_is_none_starts_from_the_beginning(client, entry):
    for since in ("-5", "x", ""):
        assert entry.id in rows(client, since)[1]


def test_a_cancelled_run_goes_on_is_deleted_and_comes_back(client, entry):
    act(client, entry.id, "cancel")
    assert act(client, entry.id, "again") == {"id": entry.id}
    assert rows(client)[1][entry.id]["state"] == "queued"
    assert "Cancel it first" in act(client, entry.id, "delete")["refused"]
    act(client, entry.id, "cancel")
    assert act(client, entry.id, "delete") == {"id": entry.id}
    assert entry.id not in rows(client)[1]
    assert act(client, entry.id, "restore") == {"id": entry.id}
    assert rows(client)[1][entry.id]["state"] == "cancelled"


@pytest.mark.parametrize("what", ["cancel", "again", "delete", "restore"])
def test_what_is_done_with_an_unknown_run_is_refused_in_words(client, entry, what):
    assert "nothing" in act(client, "nothing", what)["refused"]
    assert client.post(f"/act/runs/{entry.id}/{what}").status_code == 403


def test_the_log_of_a_run_is_text(client, entry):
    answer = client.get(f"/data/runs/{entry.id}/log.txt")
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert client.get("/data/runs/..%2f..%2fetc/log.txt").status_code in (200, 404)


def test_a_run_without_a_finished_class_has_a_page_that_waits(client, entry):
    page = callbacks.show_page({"page": "class", "run": entry.id, "target": 0})
    assert entry.name in words(page)
    assert "No class is done yet" in words(page)
    assert getattr(page, "data-wait") == entry.id


def test_a_run_that_ended_without_a_class_does_not_wait(client, entry):
    act(client, entry.id, "cancel")
    key = {"page": "class", "run": entry.id, "target": 0}
    assert "ended without a finished class" in words(callbacks.show_page(key))
    act(client, entry.id, "delete")
    assert "Not found" in words(callbacks.show_page(key))


def test_a_run_that_is_done_and_has_no_folder_is_not_found(client, entry):
    with context().service.ledger.write() as connection:
        connection.execute("UPDATE runs SET state = 'done' WHERE id = ?", (entry.id,))
    assert "Not found" in words(
        callbacks.show_page({"page": "class", "run": entry.id, "target": 0})
    )


def test_the_queue_page_has_its_place(inside):
    assert "queue" in ids(callbacks.show_page({"page": "queue", "path": "/runs"}))


def test_a_run_that_computes_says_how_far_it_is(run):
    assert class_page.partial(run) is None
    some = Run(run.folder, run.info | {"partial": {"classes_done": 12, "classes": 31}})
    about = class_page.description(some)
    assert about["partial"] == {"done": 12, "says": "12 of 31 classes done"}
    assert about["stamp"] != class_page.description(run)["stamp"]
    bars = [part for part in class_page.page(some)._traverse() if getattr(part, "id", 0)]
    (bar,) = [part for part in bars if part.id == "partial"]
    assert not bar.hidden
    assert "12 of 31 classes done" in words(bar)


def test_what_the_browser_must_know_of_a_run_is_fetched_again(client, run):
    about = client.get(f"/data/{run.id}/run.json").json
    assert about["targets"] == run.summary.target.values.tolist()
    assert client.get("/data/nothing/run.json").status_code == 404


def test_classes_bear_the_names_of_their_model(run):
    first = Run(run.folder, run.info | {"spec": run.info["spec"] | {"output": None}})
    named = with_names(first, ["Renamed", "Other", "a class that was not resolved"])
    assert named.summary.target_name.values.tolist() == ["Renamed", "Other"]
    assert (named.summary.ofiv.values == run.summary.ofiv.values).all()
    assert with_names(first, ["too few"]) is first
    assert with_names(run, ["Renamed", "Other"]) is run  # another output has names of its own


def test_a_run_is_repeated_with_its_settings_before_it_has_results(client, inside, entry):
    again = callbacks.show_page({"page": "new", "path": "/new", "from": entry.id})
    by_id = {part.id: part for part in again._traverse() if hasattr(part, "id")}
    assert by_id["new-seed"].value == entry.request["spec"]["settings"]["seed"]
    assert by_id["new-title"].value == entry.name
    page = callbacks.show_page({"page": "new", "path": "/new", "model": entry.model})
    used = {part.component_id for parts in callbacks.starting().values() for part in parts}
    assert used | {"new-layer", "new-start", "new-estimate"} <= ids(page)
    gone = callbacks.show_page({"page": "new", "path": "/new", "from": "nothing"})
    assert "There is no run 'nothing'" in words(gone)
    other = callbacks.show_page({"page": "new", "path": "/new", "model": "nothing"})
    assert "Upload its files" in words(other)


def send(client, kind, text, **more):
    query = urlencode({"files": json.dumps([["file.txt", len(text)]]), **more})
    headers = {OWN_HEADER: "1"}
    return client.post(f"/upload/{kind}?{query}", data=text, headers=headers).json


def test_files_of_a_run_are_kept_and_offered(client, entry, state):
    kept = send(client, "sequences", ">a\nACGT\n")
    assert kept["options"] == [{"value": kept["value"], "label": "file.txt · 1 sequence"}]
    refused = send(client, "sequences", "no fasta")["refused"]
    assert "file.txt begins with" in refused
    assert str(state) not in refused
    labels = send(client, "labels", "0\tother\n1\t0\n", model=entry.model)
    assert context().inputs.open(labels["value"]).name == "file.txt"
    assert "no column" in send(client, "labels", "a\tb\n", model=entry.model)["refused"]
    assert "not a table" in send(client, "labels", "0\nx\n", model=entry.model)["refused"]
    assert "no model" in send(client, "labels", "0\n1\n", model="nothing")["refused"]
    assert list((state / "uploads").iterdir()) == []


def test_the_queue_is_paused_and_opened_from_its_page(client, entry):
    def steer(mode):
        return client.post(f"/act/queue/{mode}", data="", headers={OWN_HEADER: "1"}).json

    assert client.get("/feed").json["mode"] == "open"
    assert steer("paused") == {"mode": "paused"}
    assert client.get("/feed").json["mode"] == "paused"
    assert "cannot be off" in steer("off")["refused"]
    assert steer("open") == {"mode": "open"}


def test_a_run_that_waits_goes_sooner_or_later(client, entry):
    assert act(client, entry.id, "priority/1") == {"id": entry.id}
    assert rows(client)[1][entry.id]["priority"] == 1
    assert act(client, entry.id, "priority/-1") == {"id": entry.id}
    assert rows(client)[1][entry.id]["priority"] == -1
