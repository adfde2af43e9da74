"""A question from its request through a worker to its answer."""

import json

import pytest

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.errors import ModelFileError, RunNotFound, SequenceError, SettingsError
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.runs import interaction_job
from deepresolve_dash.runs.answers import AnswerStore
from deepresolve_dash.runs.inputs import InputStore
from deepresolve_dash.runs.interaction_report import answer_text
from deepresolve_dash.runs.interaction_request import InteractionRequest, make_interaction_request
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.models import ModelStore
from deepresolve_dash.runs.question import ask, question_from_dict, question_to_dict
from deepresolve_dash.runs.request import make_request
from deepresolve_dash.runs.requests import read_request
from deepresolve_dash.runs.service import Service
from deepresolve_dash.runs.watch import Watch
from deepresolve_dash.runs.worker import perform
from deepresolve_dash.settings import Settings
from tests.asked_runs import run_of, write_reads
from tests.conftest import reading_here
from tests.runs.conftest import LENGTH, small_network


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def model(state, tmp_path_factory):
    source = tmp_path_factory.mktemp("source")
    save_network(small_network(), source)
    with reading_here():
        return ModelStore(state / "models").add(source, "small")


@pytest.fixture(scope="module")
def run(state, model, tmp_path_factory):
    """A run of the stored network with stored sequences."""
    fasta = write_reads(tmp_path_factory.mktemp("fasta") / "reads.fa", 80, LENGTH)
    stored = InputStore(state).add_sequences(fasta, "reads")
    return run_of(small_network(), state / "runs", sequences=stored.hash)


@pytest.fixture
def ledger(state):
    made = Ledger(state / LEDGER)
    yield made
    made.close()


def request(state, run, target=0, **options):
    return make_interaction_request(
        ask(run, target, **options), title="t", run=run.id,
        models=ModelStore(state / "models"), inputs=InputStore(state),
    )  # fmt: skip


def never():
    raise AssertionError("it was given up")


def claim(ledger, asked):
    ledger.submit(asked)
    return ledger.claim("here:1:x", "cpu")


@pytest.fixture(scope="module")
def answered(state, run):
    """A question that went through the queue and a worker."""
    asked, ledger = request(state, run, pairs=[(0, 1)]), Ledger(state / LEDGER)
    taken = claim(ledger, asked)
    assert taken.request == asked
    perform(taken, ledger, state, never)
    ledger.close()
    return asked


def test_a_question_goes_through_the_queue_and_has_an_answer(state, ledger, answered):
    asked = answered
    entry = ledger.get(asked.id)
    assert (entry.state, entry.message) == ("done", "")
    answer = AnswerStore(state).read(asked.id)
    assert (answer["class"], answer["n_real"], answer["n_backgrounds"]) == (0, 80, 60)
    assert {"q95", "q99"} <= answer["null"].keys()
    wanted = next(pair for pair in answer["pairs"] if pair["requested"])
    assert wanted["sequences"] or wanted["no_sequences"]
    f00, f10, f01, f11 = wanted["f"]
    assert wanted["interaction"] == pytest.approx(f11 - f10 - f01 + f00)
    assert "Class 0 same" in answer_text(answer, "same")


def test_the_same_question_is_not_computed_again(state, ledger, answered, monkeypatch):
    asked = answered
    service = Service(Settings(state=state), demos=state / "none")
    assert service.answers.has(asked.id)
    assert service.submit(asked).state == "done"
    monkeypatch.setattr(interaction_job, "asked_network", None)
    ledger.submit(asked, results=False)
    perform(ledger.claim("here:1:x", "cpu"), ledger, state, never)
    assert ledger.get(asked.id).state == "done"


def test_the_answer_does_not_depend_on_the_run_that_asks(run):
    first, same = ask(run, 1, pairs=[(3, 0), (0, 3)]), ask(run, 1, pairs=[(0, 3)])
    assert first.id == same.id
    assert len({first.id, ask(run, 0).id, ask(run, 1).id, run.id}) == 4
    assert question_from_dict(json.loads(json.dumps(question_to_dict(first)))) == first


def test_a_cancelled_question_leaves_no_answer(state, ledger, run, monkeypatch):
    asked = request(state, run, target=1)
    taken = claim(ledger, asked)
    said = Watch.progress

    def cancel_there(self, done, total):
        if ledger.get(asked.id).state == "running" and not ledger.get(asked.id).cancelling:
            ledger.cancel(asked.id)
        while True:
            said(self, done, total)

    monkeypatch.setattr(Watch, "progress", cancel_there)
    perform(taken, ledger, state, never)
    assert ledger.get(asked.id).state == "cancelled"
    assert not AnswerStore(state).has(asked.id)


def test_a_request_without_a_kind_is_for_a_run(state, model, run):
    old = make_request(model, settings=ascent_settings(), device="cpu")
    assert "kind" not in old.to_dict()
    assert read_request(old.to_dict()) == old
    asked = request(state, run)
    assert isinstance(read_request(asked.to_dict()), InteractionRequest)
    assert read_request(asked.to_dict()) == asked


def test_deleting_forgets_the_answer_and_damaged_ones_do_not_count(state, ledger, answered):
    store, asked = AnswerStore(state), answered
    service = Service(Settings(state=state), demos=state / "none")
    service.delete(asked.id)
    assert store.read(asked.id) is None
    store.path(asked.id).write_text("{")
    assert not store.has(asked.id)
    assert store.read("../runs") is None


def test_what_is_missing_is_said_in_words(state, run, tmp_path):
    with pytest.raises(RunNotFound, match="no class 7"):
        ask(run, 7)
    with pytest.raises(SettingsError, match="no channel 99"):
        ask(run, 0, pairs=[(0, 99)])
    with pytest.raises(SequenceError, match="contain the motifs"):
        ask(run_of(small_network(), tmp_path, sequences=None), 0)
    nowhere = {"models": ModelStore(tmp_path), "inputs": InputStore(tmp_path)}
    with pytest.raises(ModelFileError, match="not among the models"):
        make_interaction_request(ask(run, 0), title="t", run=run.id, **nowhere)
    here = nowhere | {"models": ModelStore(state / "models")}
    with pytest.raises(SequenceError, match="not here any more"):
        make_interaction_request(ask(run, 0), title="t", run=run.id, **here)
