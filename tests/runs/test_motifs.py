"""A look at channels from its request through a worker to its files."""

import json
from dataclasses import replace

import numpy as np
import pytest

from deepresolve_dash.errors import DeepResolveError, ModelFileError, SequenceError
from deepresolve_dash.motifs.databases import jaspar_database
from deepresolve_dash.motifs.settings import MotifSettings
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.runs import motif_job
from deepresolve_dash.runs.inputs import InputStore
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.models import ModelStore
from deepresolve_dash.runs.motif_names import Stages
from deepresolve_dash.runs.motif_question import (
    ask_motifs,
    match_id,
    question_from_dict,
    question_to_dict,
)
from deepresolve_dash.runs.motif_request import MotifRequest, make_motif_request
from deepresolve_dash.runs.motif_store import MotifStore
from deepresolve_dash.runs.requests import read_request
from deepresolve_dash.runs.service import Service
from deepresolve_dash.runs.watch import Watch
from deepresolve_dash.runs.worker import perform
from deepresolve_dash.settings import Settings
from deepresolve_dash.views.queue import line
from tests.asked_runs import run_of, write_reads
from tests.conftest import reading_here
from tests.runs.conftest import LENGTH, small_network

QUICK = MotifSettings(n_sites=30, n_top=2, n_spread=1, n_steps=3, n_background=10)
TOO_FEW = jaspar_database("JASPAR2016", tax_group="urochordates")
NEMATODES = jaspar_database("JASPAR2016", tax_group="nematodes")


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    folder = tmp_path_factory.mktemp("state")
    source = tmp_path_factory.mktemp("source")
    save_network(small_network(), source)
    with reading_here():
        ModelStore(folder / "models").add(source, "small")
    return folder


@pytest.fixture(scope="module")
def run(state, tmp_path_factory):
    """A run of the stored network with stored sequences."""
    fasta = write_reads(tmp_path_factory.mktemp("fasta") / "reads.fa", 40, LENGTH)
    stored = InputStore(state).add_sequences(fasta, "reads")
    return run_of(small_network(), state / "runs", sequences=stored.hash)


@pytest.fixture
def ledger(state):
    made = Ledger(state / LEDGER)
    yield made
    made.close()


def request(state, run, *, database=NEMATODES, **changes):
    question = replace(ask_motifs(run), **({"settings": QUICK} | changes))
    return make_motif_request(
        question, database, title="t", run=run.id,
        models=ModelStore(state / "models"), inputs=InputStore(state),
    )  # fmt: skip


def never():
    raise AssertionError("it was given up")


def done(ledger, state, asked):
    ledger.submit(asked)
    perform(ledger.claim("here:1:x", "cpu"), ledger, state, never)
    return ledger.get(asked.id)


@pytest.fixture(scope="module")
def looked(state, run):
    """A request that went through the queue and a worker."""
    asked, ledger = request(state, run), Ledger(state / LEDGER)
    entry = done(ledger, state, asked)
    ledger.close()
    assert (entry.state, entry.message) == ("done", "")
    return asked


def test_a_request_goes_through_the_queue_and_has_faces_and_names(state, looked):
    store = MotifStore(state)
    faces, matches = store.faces(looked.question), store.matches(looked.question, NEMATODES)
    assert faces.sizes["sequence"] == 40
    assert json.loads(faces.attrs["question"]) == question_to_dict(looked.question)
    assert matches.attrs["database"] == "JASPAR2016 CORE nematodes"
    assert set(matches["channel"].values) <= set(range(faces.sizes["channel"]))
    assert np.isfinite(matches["p_value"].values).all()


def test_the_queue_shows_it_as_a_line_that_leads_to_its_run(ledger, run, looked):
    told = line(ledger.get(looked.id), {})
    assert (told["kind"], told["preset"], told["layer"]) == ("motifs", "motifs", "pool1")
    assert (told["href"], told["share"]) == (f"/runs/{run.id}/channels", 1.0)


def test_what_is_known_is_not_looked_at_again(state, ledger, looked, monkeypatch):
    service = Service(Settings(state=state), demos=state / "none")
    assert service.motifs.has(looked.question, NEMATODES)
    assert service.submit(looked).state == "done"
    monkeypatch.setattr(motif_job, "look", None)
    monkeypatch.setattr(motif_job, "name_channels", None)
    ledger.submit(looked, results=False)
    perform(ledger.claim("here:1:x", "cpu"), ledger, state, never)
    assert ledger.get(looked.id).state == "done"


def test_another_database_needs_no_second_look(state, ledger, run, looked, monkeypatch):
    monkeypatch.setattr(motif_job, "look", None)
    asked = request(state, run, database=jaspar_database("JASPAR2014", tax_group="fungi"))
    assert asked.id != looked.id
    assert done(ledger, state, asked).state == "done"
    assert MotifStore(state).has(asked.question, asked.database)


def test_a_database_of_too_few_motifs_fails_in_words(state, ledger, run, looked):
    entry = done(ledger, state, request(state, run, database=TOO_FEW))
    assert entry.state == "failed"
    assert "too few to match against" in entry.message


def test_a_cancelled_look_leaves_nothing(state, ledger, run, monkeypatch):
    asked = request(state, run, layer="conv1")
    said = Watch.progress

    def cancel_there(self, now, total):
        if not ledger.get(asked.id).cancelling:
            ledger.cancel(asked.id)
        while True:
            said(self, now, total)

    monkeypatch.setattr(Watch, "progress", cancel_there)
    assert done(ledger, state, asked).state == "cancelled"
    assert not MotifStore(state).has_faces(asked.question)


def test_the_identity_is_what_decides_the_numbers(state, run, looked):
    first = ask_motifs(run)
    assert first.id == ask_motifs(run).id
    others = (replace(first, layer="x"), ask_motifs(run, sequences="0" * 64))
    assert len({first.id, looked.question.id, *(other.id for other in others)}) == 4
    assert question_from_dict(question_to_dict(first)) == first
    assert match_id(first, NEMATODES) != match_id(first, TOO_FEW)
    assert read_request(looked.to_dict()) == looked
    assert isinstance(read_request(json.loads(json.dumps(looked.to_dict()))), MotifRequest)


def test_deleting_forgets_and_a_damaged_file_does_not_count(state, run, ledger):
    asked = request(state, run, settings=replace(QUICK, n_top=1))
    assert done(ledger, state, asked).state == "done"
    store, folder = MotifStore(state), state / "motifs" / asked.question.id
    (folder / f"matches-{asked.id}.nc").write_bytes(b"broken")
    assert store.matches(asked.question, NEMATODES) is None
    store.delete("../runs")
    Service(Settings(state=state), demos=state / "none").delete(asked.id)
    assert not folder.exists()


def test_what_is_missing_is_said_in_words(state, run, tmp_path):
    nowhere = {"models": ModelStore(tmp_path), "inputs": InputStore(tmp_path)}
    about = {"title": "t", "run": run.id}
    with pytest.raises(ModelFileError, match="not among the models"):
        make_motif_request(ask_motifs(run), NEMATODES, **about, **nowhere)
    here = nowhere | {"models": ModelStore(state / "models")}
    with pytest.raises(SequenceError, match="not here any more"):
        make_motif_request(ask_motifs(run), NEMATODES, **about, **here)


def test_a_motif_file_is_kept_by_its_content(state, tmp_path):
    row = "letter-probability matrix: alength= 4 w= 1\n 0.7 0.1 0.1 0.1\n"
    path = tmp_path / "own.meme"
    path.write_text("MEME version 5\n" + "".join(f"MOTIF m{i}\n{row}" for i in range(25)))
    store = MotifStore(state)
    database = store.add_database(path)
    path.unlink()
    assert list(store.motifs(database))[0] == "m0"
    assert database.title == "own.meme"
    with pytest.raises(DeepResolveError, match="not here any more"):
        MotifStore(tmp_path).motifs(database)


def test_progress_never_goes_back():
    told = []
    stages = Stages(lambda now, total: told.append(now / total), lambda _: None)
    for phase in ("sequences", "ascent", "background", "families", "matching"):
        stages.phase(phase)
        for step in range(1, 4):
            stages.progress(step, 3)
            stages.phase(phase)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)
