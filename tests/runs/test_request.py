import gzip

import numpy as np
import pytest

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.errors import LayerError, SequenceError, SettingsError
from deepresolve_dash.networks.card import card
from deepresolve_dash.networks.graph import network_hash
from deepresolve_dash.networks.sequences import read_fasta
from deepresolve_dash.runs.estimate import estimate
from deepresolve_dash.runs.inputs import InputNotFound, InputStore
from deepresolve_dash.runs.models import Model
from deepresolve_dash.runs.request import RunRequest, make_request
from tests.runs.conftest import TARGETS, TRIALS, small_job, small_network
from tests.runs.test_execute import write_fasta

SETTINGS = ascent_settings(n_trials=TRIALS)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    network = small_network()
    described = {"hash": network_hash(network)} | card(network)
    return Model(described["hash"][:16], "small", described, tmp_path_factory.mktemp("model"))


def request(model, **options):
    return make_request(model, **({"settings": SETTINGS} | options))


def write_labels(path):
    path.write_text("id\t0\t1\na\t1\t0\nb\t0\t0\nc\t1\t1\n")
    return path


def test_a_request_has_the_id_that_the_command_gives(model, tmp_path):
    store = InputStore(tmp_path / "state")
    fasta, labels = write_fasta(tmp_path / "s.fa"), write_labels(tmp_path / "l.tsv")
    asked = request(
        model,
        classes="1",
        keep_fim=True,
        sequences=store.add_sequences(fasta, "s"),
        labels=store.add_labels(labels, "l", model.card["classes"], [1]),
    )
    job = small_job(classes="1", keep_fim=True, sequences=fasta, labels=labels)
    assert asked.id == job.spec.id
    assert asked.spec == job.spec
    assert request(model).id == small_job().spec.id


def test_naming_the_first_output_is_naming_none(model):
    assert request(model, output="output").id == request(model).id
    assert small_job(output="output").spec.id == small_job().spec.id


def test_a_request_comes_back_from_plain_data(model):
    asked = request(model, name=" My run ", device="cpu")
    assert asked.name == "My run"
    assert RunRequest.from_dict(asked.to_dict()) == asked
    assert request(model).name == "small"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"layer": "conv9"}, "Layer 'conv9' is not in this model"),
        ({"layer": "output"}, "cannot be cut"),
        ({"output": "other"}, "Output 'other' is not in this model"),
        ({"classes": "7"}, "no class '7'"),
        ({"preset": "mine"}, "no preset 'mine'"),
        ({"device": "tpu"}, "no device 'tpu'"),
    ],
)
def test_a_wrong_choice_is_refused_in_words(model, options, says):
    with pytest.raises(SettingsError, match=says):
        request(model, **options)


def test_the_offer_of_a_card_and_of_a_network_refuse_alike(model):
    with pytest.raises(LayerError) as ours:
        request(model, layer="dense9")
    with pytest.raises(LayerError) as theirs:
        small_job(layer="dense9")
    assert str(ours.value) == str(theirs.value)


def test_inputs_are_kept_once_and_found_by_hash(tmp_path):
    store = InputStore(tmp_path / "state")
    path = write_fasta(tmp_path / "s.fa")
    first, second = store.add_sequences(path, "first"), store.add_sequences(path, "second")
    assert first.hash == second.hash
    assert [stored.name for stored in store.list()] == ["second"]
    assert store.open(first.hash).n == 40
    assert read_fasta(store.path(first)) == read_fasta(path)
    assert gzip.decompress(store.path(first).read_bytes()).startswith(b">s0\n")


@pytest.mark.parametrize("wrong", ["", "nope", "../models", "0" * 64])
def test_an_unknown_input_is_said(tmp_path, wrong):
    with pytest.raises(InputNotFound):
        InputStore(tmp_path).open(wrong)


def test_broken_inputs_are_refused_and_leave_nothing(tmp_path):
    store = InputStore(tmp_path / "state")
    (tmp_path / "bad").write_text("no sequences here")
    with pytest.raises(SequenceError):
        store.add_sequences(tmp_path / "bad", "bad")
    with pytest.raises(SettingsError):
        store.add_labels(tmp_path / "bad", "bad", ["a"], [0])
    with pytest.raises(SettingsError):
        store.add_labels(write_labels(tmp_path / "l.tsv"), "l", ["a", "b", "c"], [2])
    assert store.list() == []


def test_an_estimate_grows_with_the_work_and_follows_the_measured_speed(model):
    small, large = request(model).spec, request(model, settings=ascent_settings(n_trials=500)).spec
    few, many = estimate(model.card, small, None), estimate(model.card, large, None)
    assert few.row_steps == TARGETS * (2 * 5 * 60 + 2 * TRIALS * 100)
    assert many.seconds > few.seconds
    assert many.memory_bytes > few.memory_bytes > 0
    assert not few.measured
    fast, slow = estimate(model.card, large, 10.0), estimate(model.card, large, 0.1)
    assert fast.measured
    assert slow.seconds > 10 * few.seconds
    assert np.isfinite(slow.seconds)
