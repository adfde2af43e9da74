"""`probe MODEL_OR_RUN`, on a shipped network and its run."""

import csv
from functools import partial
from pathlib import Path

import pytest

from tests import commands

DEMOS = Path(__file__).parents[1] / "deepresolve_dash" / "demos"
NETWORK, RUN = DEMOS / "networks" / "synthetic-2", DEMOS / "runs" / "synthetic-2"
SEQUENCE = "ATGTCACTCATCTCATGCCCCGACACTAAAAGTGGCGATATTGTAAGGGA"  # GATA and TCAT


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    return tmp_path_factory.mktemp("state")


@pytest.fixture
def call(state):
    return partial(commands.call, "probe", DRD_STATE=state)


def rows(path):
    return list(csv.DictReader(path.read_text().splitlines(), delimiter="\t"))


def test_a_model_and_its_run_write_the_same_tables(call, tmp_path):
    options = ["--sequence", SEQUENCE, "--class", "GATA + TCAT", "--device", "cpu"]
    code, out, _ = call(NETWORK, *options, "--out", tmp_path / "model")
    assert code == 0
    names = ["scores.tsv", "bases.tsv", "channels.tsv", "track.svg"]
    assert [Path(line).name for line in out.split()] == names
    assert call(RUN, *options, "--out", tmp_path / "run")[0] == 0
    for name in names:
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "model" / name).read_bytes()
    scores = {row["class"]: float(row["logit"]) for row in rows(tmp_path / "run" / "scores.tsv")}
    assert max(scores, key=scores.get) == "GATA + TCAT"
    bases = rows(tmp_path / "run" / "bases.tsv")
    assert "".join(row["base"] for row in bases) == SEQUENCE
    best = sorted(bases, key=lambda row: -float(row["mutagenesis"]))[:8]
    planted = {SEQUENCE.index("GATA") + i for i in range(4)}
    assert len(planted & {int(row["position"]) - 1 for row in best}) >= 3
    assert all(float(row[f"to_{row['base']}"]) == 0 for row in bases)


def test_a_second_sequence_and_edits_are_set_against_it(call, tmp_path):
    place = SEQUENCE.index("GATA") + 1
    code, out, _ = call(
        NETWORK, "--sequence", SEQUENCE.lower(), "--edits", f"{place}C,{place + 1}C",
        "--second", SEQUENCE, "--class", 2, "--out", tmp_path,
    )  # fmt: skip
    assert code == 0
    assert "second-bases.tsv" in out
    row = rows(tmp_path / "scores.tsv")[2]
    difference = float(row["logit"]) - float(row["second.logit"])
    assert float(row["difference"]) == pytest.approx(difference, abs=1e-4)
    assert difference < -1
    assert rows(tmp_path / "bases.tsv")[place - 1]["base"] == "C"


def test_other_lengths_are_said_and_files_are_read(call, tmp_path):
    (tmp_path / "one.fa").write_text(f">x\n{SEQUENCE}{SEQUENCE}\n")
    code, _, errors = call(
        NETWORK, "--sequence", tmp_path / "one.fa", "--out", tmp_path / "out", "--layer", "conv1"
    )
    assert code == 0
    assert "the 50 in the middle, 26 to 75" in errors


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--sequence", "ACGX"], "holds 'X' at position 4"),
        (["--sequence", ""], "no sequence here"),
        (["--sequence", "ACGT", "--class", "nothing"], "no class 'nothing'"),
        (["--sequence", "ACGT", "--class", "4"], "no class '4'"),
        (["--sequence", "ACGT", "--layer", "dense9"], "dense9"),
        (["--sequence", "ACGT", "--output", "other"], "other"),
        (["--sequence", "ACGT", "--edits", "51A"], "no place 51"),
    ],
)
def test_a_mistake_is_one_sentence(call, tmp_path, arguments, says):
    code, _, errors = call(NETWORK, *arguments, "--out", tmp_path / "out")
    assert code == 2
    assert says in errors
    assert len(errors.strip().splitlines()) <= 2
    assert not (tmp_path / "out").exists()


def test_what_is_neither_model_nor_run_is_said(call, tmp_path):
    code, _, errors = call("unknown", "--sequence", "ACGT", "--out", tmp_path)
    assert (code, "no run 'unknown'" in errors) == (2, True)
    code, _, errors = call("un/known.h5", "--sequence", "ACGT", "--out", tmp_path)
    assert (code, "no file or folder" in errors) == (2, True)
