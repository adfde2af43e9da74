"""`motifs RUN --database jaspar --format ... --out PATH`, on a shipped run."""

from functools import partial
from pathlib import Path

import pytest
from Bio import motifs as bio

from deepresolve_dash.exports.motif_tables import file_text
from deepresolve_dash.motifs.databases import jaspar_database
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.runs.motif_question import ask_motifs
from deepresolve_dash.runs.motif_store import SHIPPED, MotifStore
from deepresolve_dash.runs.store import RunStore, open_run
from tests import commands
from tests.asked_runs import run_of, write_reads
from tests.runs.conftest import LENGTH, small_network

RUNS = Path(__file__).parents[1] / "deepresolve_dash" / "demos" / "runs"
RUN = RUNS / "synthetic-2"


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    return tmp_path_factory.mktemp("state")


@pytest.fixture
def call(state):
    return partial(commands.call, "motifs", DRD_STATE=state)


@pytest.mark.parametrize("run", RunStore([RUNS]).runs(), ids=lambda run: run.info["name"])
def test_what_the_channels_of_a_demo_see_is_shipped(run, tmp_path):
    store, question = MotifStore(tmp_path), ask_motifs(run)
    assert store.has(question, jaspar_database())
    assert store.faces(question).sizes["channel"] == run.summary.sizes["channel"]
    for path in (SHIPPED / question.id).iterdir():
        assert path.stat().st_size < 300_000


def test_the_file_is_what_the_dashboard_would_write(call, tmp_path):
    out = tmp_path / "motifs.meme"
    code, said, _ = call(RUN, "--database", "jaspar", "--format", "meme", "--out", out)
    assert (code, said.strip()) == (0, str(out))
    store, question = MotifStore(tmp_path), ask_motifs(open_run(RUN))
    faces, matches = store.faces(question), store.matches(question, jaspar_database())
    assert out.read_text() == file_text(faces, matches, "meme", layer=question.layer)
    with out.open() as file:
        found = bio.parse(file, "minimal")
    assert len(found) == len({motif.name for motif in found}) > 20


def test_another_face_gives_other_motifs(call, tmp_path):
    for face in ("activation", "all"):
        out = tmp_path / f"{face}.txt"
        assert call(RUN, "--format", "jaspar", "--face", face, "--out", out)[0] == 0
    assert "_filter" not in (tmp_path / "activation.txt").read_text()
    assert "_filter" in (tmp_path / "all.txt").read_text()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--format", "pdf"], "There is no format 'pdf'"),
        (["--face", "weights"], "There is no face 'weights'"),
        (["--database", "none.meme"], "There is no file none.meme"),
        (["--database", str(Path(__file__))], "cannot be used"),
        (["--release", "JASPAR1999"], "There is no JASPAR release"),
        (["--sequences", "nowhere.fa"], "There is no file nowhere.fa"),
    ],
)
def test_mistakes_are_one_sentence(call, options, says, tmp_path):
    code, out, said = call(RUN, "--out", tmp_path / "x", *options)
    assert (code, out) == (2, "")
    assert says in said
    assert "Traceback" not in said
    assert not (tmp_path / "x").exists()


def test_a_folder_that_is_not_there_is_said_before_anything_is_computed(call, tmp_path):
    code, _, said = call(RUN, "--out", tmp_path / "no" / "x")
    assert (code, "There is no folder" in said) == (2, True)


def test_network_and_sequences_are_named_where_the_state_folder_lacks_them(call, tmp_path):
    run = run_of(small_network(), tmp_path, sequences="0" * 64)
    out, reads = tmp_path / "out.bed", write_reads(tmp_path / "reads.fa", 30, LENGTH)
    known = [run.folder, "--format", "bed", "--out", out]
    assert "Name it with --model" in call(*known)[2]
    save_network(small_network(), tmp_path / "model")
    model = ["--model", tmp_path / "model"]
    assert "Name the file with --sequences" in call(*known, *model)[2]
    few = ["--release", "JASPAR2016", "--tax-group", "nematodes"]
    assert call(*known, *model, "--sequences", reads, *few)[0] == 0
    names = {line.split("\t")[0] for line in out.read_text().splitlines()}
    assert names <= {f"r{i}" for i in range(30)}
    assert names
