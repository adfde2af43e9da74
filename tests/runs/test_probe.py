"""A question about a sequence from its request through a worker to its answer."""

import os
import time
from dataclasses import replace

import numpy as np
import pytest

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.graph import network_hash
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.networks.predict import predict
from deepresolve_dash.networks.sequences import one_hot
from deepresolve_dash.runs import probe_job, probe_work
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.models import ModelStore
from deepresolve_dash.runs.probe_question import ProbeQuestion
from deepresolve_dash.runs.probe_request import ProbeRequest, make_probe_request
from deepresolve_dash.runs.probe_store import ProbeStore
from deepresolve_dash.runs.probe_work import ask_bases
from deepresolve_dash.runs.request import make_request
from deepresolve_dash.runs.requests import read_request
from deepresolve_dash.runs.service import Service
from deepresolve_dash.runs.slots import QUICK
from deepresolve_dash.runs.watch import Watch
from deepresolve_dash.runs.worker import perform
from deepresolve_dash.settings import Settings
from tests.conftest import reading_here
from tests.runs.conftest import LENGTH, small_network

LETTERS = "ACGTTGCAANGTCCATTGACGTA"


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    folder, source = tmp_path_factory.mktemp("state"), tmp_path_factory.mktemp("source")
    save_network(small_network(), source)
    with reading_here():
        ModelStore(folder / "models").add(source, "small")
    return folder


@pytest.fixture
def ledger(state):
    made = Ledger(state / LEDGER)
    yield made
    made.close()


def question(letters=LETTERS, target=0, layer="pool1"):
    return ProbeQuestion(network_hash(small_network()), letters, target, layer)


def request(state, asked):
    return make_probe_request(asked, title="t", models=ModelStore(state / "models"))


def never():
    raise AssertionError("it was given up")


def answer(state, ledger, asked):
    ledger.submit(request(state, asked), results=False)
    perform(ledger.claim("here:1:x", "cpu"), ledger, state, never)
    return ledger.get(asked.id)


def test_a_question_goes_through_the_queue_and_has_an_answer(state, ledger):
    asked = question()
    entry = answer(state, ledger, asked)
    assert (entry.state, entry.message) == ("done", "")
    store = ProbeStore(state)
    reading, bases = store.reading(asked), store.bases(asked)
    logits, _ = predict(small_network(), one_hot([LETTERS], length=LENGTH))
    assert reading.logits == pytest.approx(logits[0])
    assert (reading.maps.shape, reading.width) == ((7, LENGTH - 4), 5)
    assert bases.score == pytest.approx(logits[0, 0])
    assert np.isnan(bases.change[9]).all()
    assert bases.missing < 0.02
    service = Service(Settings(state=state), demos=state / "none")
    assert service.submit(request(state, asked)).state == "done"


def test_another_class_asks_for_the_bases_alone(state, ledger, monkeypatch):
    assert answer(state, ledger, question()).state == "done"
    monkeypatch.setattr(probe_job, "read", None)
    monkeypatch.setattr(probe_work, "read_mutations", None)  # those of all classes are known
    assert answer(state, ledger, question(target=1)).state == "done"
    store = ProbeStore(state)
    assert store.bases(question(target=1)).score != store.bases(question()).score
    monkeypatch.undo()
    monkeypatch.setattr(probe_job, "ask_bases", None)
    assert answer(state, ledger, question(layer=None)).state == "done"
    assert ProbeStore(state).reading(question(layer=None)).maps.size == 0


def test_what_is_known_is_not_computed_again_and_damaged_files_are(state, ledger, monkeypatch):
    asked = question("ACGTTGCAACGTCCATTGACGTA")
    answer(state, ledger, asked)
    store = ProbeStore(state)
    (store.folder / f"{asked.bases_id}.npz").write_bytes(b"PK\3\4 half")
    assert store.bases(asked) is None
    assert not store.has(asked)
    ledger.submit(request(state, asked), results=False)
    perform(ledger.claim("here:1:x", "cpu"), ledger, state, never)
    assert store.has(asked)
    monkeypatch.setattr(probe_job, "asked_network", None)
    ledger.submit(request(state, asked), results=False)
    perform(ledger.claim("here:1:x", "cpu"), ledger, state, never)
    assert ledger.get(asked.id).state == "done"


def test_of_very_many_classes_only_the_one_that_is_asked_is_kept(monkeypatch):
    network, kept = small_network(), []
    whole = ask_bases(question(target=1), network, device="cpu", keep=kept.append)
    assert [one.shape for one in kept] == [(LENGTH, 4, 2)]
    monkeypatch.setattr(probe_work, "MOST_KEPT", LENGTH * 4)
    alone = ask_bases(question(target=1), network, device="cpu", keep=kept.append)
    assert len(kept) == 1
    np.testing.assert_array_equal(alone.change, whole.change)


def test_progress_grows_to_its_end_over_mutations_and_gradients():
    told = []
    ask_bases(question(), small_network(), device="cpu", progress=lambda *n: told.append(n))
    assert told == sorted(told)
    assert told[-1] == (22 * 3 + 3 * 128,) * 2


def test_ids_follow_the_content(state):
    first = question()
    assert {first.id, first.reading_id, first.bases_id} == {
        question().id, question().reading_id, question().bases_id
    }  # fmt: skip
    assert question(target=1).reading_id == first.reading_id
    assert question(target=1).bases_id != first.bases_id
    assert question(layer=None).bases_id == first.bases_id
    others = [question(target=1), question(layer=None), question(LETTERS[::-1])]
    assert len({one.id for one in (first, *others, replace(first, n_points=8))}) == 5
    asked = request(state, first)
    assert read_request(asked.to_dict()) == asked
    assert isinstance(read_request(asked.to_dict()), ProbeRequest)


def test_a_cancelled_question_keeps_the_scores_and_leaves_the_bases(state, ledger, monkeypatch):
    asked = question("T" * LENGTH)
    ledger.submit(request(state, asked))
    taken, said = ledger.claim("here:1:x", "cpu"), Watch.progress

    def cancel_there(self, done, total):
        ledger.cancel(asked.id)
        while True:
            said(self, done, total)

    monkeypatch.setattr(Watch, "progress", cancel_there)
    perform(taken, ledger, state, never)
    assert ledger.get(asked.id).state == "cancelled"
    assert ProbeStore(state).reading(asked) is not None
    assert ProbeStore(state).bases(asked) is None


def test_a_class_that_is_not_there_fails_in_words(state, ledger):
    entry = answer(state, ledger, question(layer="dense9"))
    assert entry.state == "failed"
    assert "dense9" in entry.message


def test_a_network_that_is_not_here_is_said(tmp_path):
    with pytest.raises(ModelFileError, match="not among the models"):
        make_probe_request(question(), title="t", models=ModelStore(tmp_path))


def test_tidying_forgets_the_oldest_first(tmp_path, state, ledger):
    answer(state, ledger, question())
    old, new = ProbeStore(state), ProbeStore(tmp_path)
    for age, letters in ((300, "A"), (200, "C"), (100, "G")):
        asked = question(letters * LENGTH)
        new.write_reading(asked, old.reading(question()))
        path = new.folder / f"{asked.reading_id}.npz"
        os.utime(path, (path.stat().st_mtime - age,) * 2)
    size = path.stat().st_size
    new.tidy(most=2 * size)
    assert [new.reading(question(one * LENGTH)) is not None for one in "ACG"] == [False, True, True]
    new.tidy(most=0, older_than=1.0)
    assert len(list(new.folder.glob("*.npz"))) == 2


def test_questions_go_first_and_their_worker_takes_nothing_else(state, ledger, tmp_path):
    here = Ledger(tmp_path / LEDGER)
    run = make_request(ModelStore(state / "models").models()[0], settings=ascent_settings())
    here.submit(run, "ann")
    assert here.claim("here:1:x", QUICK.name) is None
    assert not here.quick_waits()
    here.submit(request(state, question()), "bob")
    assert here.quick_waits()
    assert (here.get(question().id).position, here.get(run.id).position) == (1, 2)
    assert here.claim("here:1:x", "cpu").request.id == question().id
    here.submit(request(state, question(target=1)), "bob")
    assert here.claim("here:2:x", QUICK.name).request.id == question(target=1).id
    assert here.claim("here:3:x", "cpu").request.id == run.id
    here.close()


def test_the_queue_forgets_questions_that_are_over(state, tmp_path):
    here = Ledger(tmp_path / LEDGER)
    for target in (0, 1):
        here.submit(request(state, question(target=target)))
    here.finish(here.claim("here:1:x", "cpu"), "done")
    assert here.forget_quick(0) == []
    assert here.forget_quick(time.time() + 1) == [question().id]
    assert [entry.id for entry in here.entries()] == [question(target=1).id]
    here.close()
