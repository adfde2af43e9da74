"""The routes behind the page of the probe; the worker is this process."""

import csv
import json

import pytest

from app import make_app
from deepresolve_dash.commands import probe as commands
from deepresolve_dash.errors import LayerError, RunNotFound, SequenceError
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.pages import callbacks, probe_page
from deepresolve_dash.pages.probe_subject import example, find_subject
from deepresolve_dash.runs import service as of_service
from deepresolve_dash.runs.start import WANTED
from deepresolve_dash.runs.store import RUN, open_run
from deepresolve_dash.runs.worker import perform
from deepresolve_dash.settings import Settings
from tests.asked_runs import run_of, write_reads
from tests.conftest import reading_here
from tests.runs.conftest import LENGTH, small_network

OWN = {"X-DeepResolve": "1"}
LETTERS = "ACGTTGCAANGTCCATTGACGTA"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The app, its service, a model and a run of its network; workers are not started."""
    folder = tmp_path_factory.mktemp("probe")
    with pytest.MonkeyPatch.context() as patch, reading_here():
        patch.setattr(of_service, "ensure_runner", lambda _: None)
        app = make_app(Settings(state=folder, free_mb=0), demos=folder / "no-demos")
        service = app.server.extensions["deepresolve"].service
        save_network(small_network(), folder / "source")
        model = service.models.add(folder / "source", "small")
        stored = service.inputs.add_sequences(write_reads(folder / "r.fa", 9, LENGTH), "reads")
        (folder / "labels.tsv").write_text("0\t1\n" + "1\t0\n0\t1\n" * 4 + "0\t0\n")
        labels = service.inputs.add_labels(folder / "labels.tsv", "l", ["same", "same"], [0, 1])
        made = run_of(small_network(), folder / "runs", sequences=stored.hash)
        info = json.loads((made.folder / RUN).read_text())
        info["spec"]["labels"] = labels.hash
        (made.folder / RUN).write_text(json.dumps(info))
        run = open_run(made.folder)
        yield app, service, model, run
        app.server.extensions["deepresolve"].cache.close()
        service.ledger.close()


@pytest.fixture
def client(place):
    return place[0].server.test_client()


def ask(client, **values):
    return client.post("/act/probe", json=values, headers=OWN).json


def work(service):
    """Do all that waits."""
    while (claim := service.ledger.claim("here:1:x", "cpu")) is not None:
        perform(claim, service.ledger, service._state, lambda: None)


def get(client, probe_id, name, **query):
    return client.get(f"/data/probe/{probe_id}/{name}", query_string=query)


def test_a_sequence_is_asked_about_followed_and_shown(place, client):
    _, service, model, _ = place
    told = ask(client, model=model.id, sequence=f">chr1 a\n{LETTERS.lower()}", **{"class": "1"})
    assert told["first"].items() >= {"name": "chr1", "letters": LETTERS, "said": ""}.items()
    probe = told["first"]["id"]
    stage = get(client, probe, "stage.json").json
    assert (stage["stage"], stage["scores"], stage["says"]) == ("busy", False, "waiting, number 1")
    row = client.get("/feed").json["rows"][0]
    assert (row["kind"], row["deleted"]) == ("probe", False)
    assert get(client, probe, "scores.json", model=model.id).status_code == 404
    work(service)
    assert get(client, probe, "stage.json").json["stage"] == "done"
    assert client.get("/feed").json["rows"][0]["deleted"]
    scores = get(client, probe, "scores.json", model=model.id)
    assert len(scores.json["logits"]) == 2
    again = client.get(
        f"/data/probe/{probe}/scores.json?model={model.id}",
        headers={"If-None-Match": scores.headers["ETag"]},
    )
    assert again.status_code == 304
    bases = get(client, probe, "bases.json", model=model.id).json
    assert bases["score"] == pytest.approx(scores.json["logits"][1], abs=1e-4)
    channels = get(client, probe, "channels.json", model=model.id).json
    assert channels["channels"] == 7
    assert ask(client, model=model.id, sequence=LETTERS, **{"class": 1})["first"]["id"] == probe


def test_files_equal_the_screen(place, client):
    _, service, model, run = place
    told = ask(client, run=run.id, sequence=LETTERS, second="A" * 30)
    work(service)
    first, second = told["first"]["id"], told["second"]["id"]
    assert "the 23 in the middle, 4 to 26" in told["second"]["said"]
    answer = get(client, first, "scores.tsv", run=run.id, other=second)
    table = list(csv.DictReader(answer.text.splitlines(), delimiter="\t"))
    shown = [get(client, one, "scores.json", run=run.id).json["logits"] for one in (first, second)]
    for row, one, other in zip(table, *shown, strict=True):
        assert float(row["difference"]) == pytest.approx(one - other, abs=1e-3)
    assert "attachment" in answer.headers["Content-Disposition"]
    for name in ("bases.tsv", "channels.tsv", "track.svg"):
        assert get(client, first, name, run=run.id).status_code == 200
    channels = get(client, first, "channels.json", run=run.id, other=second, order="importance")
    assert channels.json["rows"][0]["ofiv"] is not None
    assert len(channels.json["rows"][0]["other"]) == len(channels.json["rows"][0]["values"])


def test_the_command_writes_the_same_numbers(place, client, tmp_path, monkeypatch):
    _, service, model, _ = place
    told = ask(client, model=model.id, sequence=LETTERS, second="A" * LENGTH, **{"class": 1})
    work(service)
    monkeypatch.setenv("DRD_STATE", str(tmp_path / "state"))
    subject = commands.Subject(small_network(), "pool1", None)
    commands.probe(subject, tmp_path, LETTERS, "A" * LENGTH, target="1", edits="", device="cpu")
    first, second = told["first"]["id"], told["second"]["id"]
    for name, probe, query in (
        ("scores.tsv", first, {"other": second}),
        ("bases.tsv", first, {}),
        ("channels.tsv", first, {}),
        ("second-bases.tsv", second, {}),
    ):
        shown = get(client, probe, name.removeprefix("second-"), model=model.id, **query)
        assert shown.text == (tmp_path / name).read_text()


def test_a_page_has_a_worker_started_before_it_is_needed(place, client):
    assert client.post("/act/probe/ready", headers=OWN).json == {}
    assert (place[1]._state / WANTED).is_file()
    assert client.post("/act/probe/ready").status_code == 403


def test_edits_are_shown_beside_what_was_before(place, client):
    _, service, model, _ = place
    told = ask(client, model=model.id, sequence=LETTERS, edits="1T,10A,1G")
    assert told["first"]["letters"] == "G" + LETTERS[1:9] + "A" + LETTERS[10:]
    assert told["before"]["letters"] == LETTERS
    assert told["before"]["name"] == "first, before"
    work(service)
    assert get(client, told["first"]["id"], "stage.json").json["stage"] == "done"


def test_what_was_cancelled_can_be_asked_again(place, client):
    _, service, model, _ = place
    probe = ask(client, model=model.id, sequence="G" * 23)["first"]["id"]
    client.post(f"/act/runs/{probe}/cancel", headers=OWN)
    stage = get(client, probe, "stage.json").json
    assert (stage["stage"], stage["why"], stage["failed"]) == (
        "empty", "This was cancelled.", False
    )  # fmt: skip
    ask(client, model=model.id, sequence="G" * 23)
    assert get(client, probe, "stage.json").json["stage"] == "busy"
    service.ledger.fail(probe, None, "No memory.")
    assert get(client, probe, "stage.json").json["why"] == "No memory."


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"sequence": ""}, "There is no sequence here"),
        ({"sequence": "ACGX"}, "holds 'X' at position 4"),
        ({"sequence": ">a\nA\n>b\nC\n>c\nG"}, "holds 3 sequences"),
        ({"sequence": ">a\nA\n>b\nC", "second": "A"}, "The first box holds two"),
        ({"sequence": "A", "second": "B"}, "holds 'B' at position 1"),
        ({"sequence": "A", "edits": "24A"}, "no place 24"),
        ({"sequence": "A", "class": "2"}, "no class '2'"),
        ({"sequence": "A", "class": "x"}, "no class 'x'"),
        ({"sequence": "A", "layer": "output"}, "Layer 'output' cannot be looked at"),
        ({"sequence": "A", "model": "unknown"}, "no model 'unknown'"),
        ({"sequence": "A", "run": "unknown"}, "no run 'unknown'"),
        ({"sequence": ["A"]}, "holds '[' at position 1"),
    ],
)
def test_a_mistake_is_one_sentence(place, client, values, says):
    assert says in ask(client, **({"model": place[2].id} | values))["refused"]


def test_other_sites_and_unknown_questions_are_turned_away(place, client):
    _, _, model, _ = place
    assert client.post("/act/probe", json={"model": model.id, "sequence": "A"}).status_code == 403
    for name in ("stage.json", "scores.json", "bases.tsv", "track.svg"):
        assert get(client, "0123456789abcdef", name, model=model.id).status_code == 404
        assert get(client, "..runs", name, model=model.id).status_code == 404
    probe = ask(client, model=model.id, sequence=LETTERS)["first"]["id"]
    assert get(client, probe, "scores.exe", model=model.id).status_code == 404
    assert get(client, probe, "channels.json", model=model.id, order="x").status_code == 404


def test_examples_are_labelled_sequences_of_the_run_or_random_ones(place, client):
    app, service, model, run = place
    reads = [line for line in (service._state / "r.fa").read_text().splitlines() if ">" not in line]

    def given(kind, n, **whom):
        query = whom | {"kind": kind, "n": n, "class": 0}
        return client.get("/data/probe/example.json", query_string=query)

    told = given("positive", 0, run=run.id).json
    assert (told["letters"], told["kinds"]) == (reads[0], ["negative", "positive", "random"])
    assert given("positive", 1, run=run.id).json["letters"] == reads[2]
    assert given("negative", 0, run=run.id).json["letters"] == reads[1]
    assert given("positive", 4, run=run.id).json["letters"] == reads[0]  # from the beginning
    drawn = given("random", 0, model=model.id).json["letters"]
    assert len(drawn) == LENGTH
    assert given("random", 1, model=model.id).json["letters"] != drawn
    assert "no labelled sequences" in given("positive", 0, model=model.id).text


def test_the_page_says_whom_it_asks(place):
    app, _, model, run = place
    with app.server.test_request_context():
        told = probe_page.description(find_subject({"model": model.id}))
        assert (told["layer"], told["length"], told["run"]) == ("pool1", LENGTH, None)
        told = probe_page.description(find_subject({"run": run.id}))
        assert (told["run"], told["layer"], told["targets"]) == (run.id, "pool1", [0, 1])
        for key in ({"run": run.id}, {"model": model.id}, {"model": model.id, "layer": "conv1"}):
            shown = callbacks.show_page({"page": "probe", "path": "", **key})
            assert "probe-page" in shown.className
        with pytest.raises(LayerError):
            find_subject({"model": model.id, "layer": "nothing"})
        with pytest.raises(RunNotFound):
            find_subject({"run": "nothing"})


def test_a_run_whose_network_is_gone_says_the_way_out(place, client):
    _, service, model, run = place
    service.models.delete(model.id)
    try:
        assert "Add its file under Models" in ask(client, run=run.id, sequence="A")["refused"]
    finally:
        service.models.restore(model.id)


def test_an_unknown_example_raises():
    with pytest.raises(SequenceError):
        example({}, "positive", 0)
