"""`interactions RUN --class I`, on a shipped run."""

import json
from functools import partial
from pathlib import Path

import pytest

from deepresolve_dash.commands import interactions as testing
from deepresolve_dash.networks.neutral import save_network
from tests import commands
from tests.asked_runs import run_of, write_reads
from tests.runs.conftest import LENGTH, small_network

RUN = Path(__file__).parents[1] / "deepresolve_dash" / "demos" / "runs" / "synthetic-2"


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    return tmp_path_factory.mktemp("state")


@pytest.fixture
def call(state):
    return partial(commands.call, "interactions", DRD_STATE=state)


def test_additive_classes_of_the_paper_are_additive_and_and_at_the_threshold(call, monkeypatch):
    code, out, _ = call(RUN, "--class", 2, "--json")
    answer = json.loads(out)
    assert (code, answer["class"], answer["n_backgrounds"]) == (0, 2, 60)
    assert answer["null"]["q95"] < answer["null"]["q99"]
    assert {"a", "b", "f", "interaction", "interval", "called", "name", "context"} <= set(
        answer["pairs"][0]
    )
    assert not any(pair["called"] for pair in answer["pairs"])
    decided = [pair for pair in answer["pairs"] if pair["decision"] == "AND"]
    assert [pair["name"] for pair in decided] == ["additive"]

    monkeypatch.setattr(testing, "answer_question", None)  # it is known by now
    code, text, _ = call(RUN, "--class", 2)
    assert code == 0
    assert "0 called interactions" in text
    assert "AND at the threshold" in text


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--class", 9], "This run has no class 9"),
        (["--class", 2, "--pair", "3"], "--pair is '3'"),
        (["--class", 2, "--pair", "3,99"], "There is no channel 99"),
        (["--class", 2, "--pair", "3,4"], "Channels 3 and 4 are in one group"),
        (["--class", 2, "--sequences", "nowhere.fa"], "There is no file nowhere.fa"),
    ],
)
def test_mistakes_are_one_sentence(call, options, says):
    code, out, said = call(RUN, *options)
    assert (code, out) == (2, "")
    assert says in said
    assert "Traceback" not in said


def test_network_and_sequences_are_named_where_the_state_folder_lacks_them(call, tmp_path):
    run = run_of(small_network(), tmp_path, sequences="0" * 64)
    reads = write_reads(tmp_path / "reads.fa", 30, LENGTH)
    assert "Name it with --model" in call(run.folder, "--class", 0)[2]
    save_network(small_network(), tmp_path / "model")
    known = ["--class", 0, "--model", tmp_path / "model"]
    assert "Name the file with --sequences" in call(run.folder, *known)[2]
    code, out, _ = call(run.folder, *known, "--sequences", reads, "--json")
    assert (code, json.loads(out)["n_real"]) == (0, 30)
    save_network(small_network(seed=1), tmp_path / "other")
    other = ["--class", 1, "--model", tmp_path / "other", "--sequences", reads]
    assert "is not the network of this run" in call(run.folder, *other)[2]
