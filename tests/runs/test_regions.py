import sys

import numpy as np
import pytest

from deepresolve_dash.__main__ import main
from deepresolve_dash.errors import SequenceError
from deepresolve_dash.networks.card import card
from deepresolve_dash.networks.graph import network_hash
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.networks.sequences import read_fasta
from deepresolve_dash.runs import inputs
from deepresolve_dash.runs.inputs import InputStore, read_sequences, sequences_hash
from deepresolve_dash.runs.models import Model
from deepresolve_dash.runs.request import make_request
from tests.runs.conftest import small_job, small_network

REGIONS = "chr1\t0\t90\tone\t0\t+\nchr1\t50\t53\ttwo\t0\t-\n"


@pytest.fixture
def bed(tmp_path):
    letters = "".join(np.random.default_rng(0).choice(list("ACGT"), 200))
    (tmp_path / "genome.fa").write_text(f">chr1\n{letters}\n")
    path = tmp_path / "peaks.bed"
    path.write_text(REGIONS)
    return path


@pytest.fixture
def genome(tmp_path, bed):
    return tmp_path / "genome.fa"


def test_a_command_and_the_dashboard_make_the_same_run_of_regions(bed, genome, tmp_path):
    described = {"hash": network_hash(small_network())} | card(small_network())
    model = Model(described["hash"][:16], "small", described, tmp_path)
    store, length = InputStore(tmp_path / "state"), small_network().input_length
    kept = store.add_given(bed, genome=genome, at_least=length)
    assert kept.name == "peaks.bed in genome"
    reads = read_sequences(bed, genome=genome, at_least=length)
    assert read_fasta(store.path(kept)) == reads
    assert [(name, len(read)) for name, read in reads] == [("one", 90), ("two", length)]
    job = small_job(sequences=bed, genome=genome)
    assert job.spec.sequences == kept.hash == sequences_hash(reads)
    asked = make_request(
        model, layer=job.spec.layer, preset=job.spec.preset, settings=job.spec.settings,
        sequences=kept,
    )  # fmt: skip
    assert asked.id == job.spec.id


def test_regions_need_a_genome_and_have_a_limit(bed, genome, tmp_path, monkeypatch):
    store = InputStore(tmp_path / "state")
    for use in (read_sequences, store.add_given):
        with pytest.raises(SequenceError, match="Name the genome with --genome"):
            use(bed)
        with pytest.raises(SequenceError, match="There is no file"):
            use(tmp_path / "gone.bed", genome=genome)
    monkeypatch.setattr(inputs, "MOST_SEQUENCES", 2 * 2**20)
    with pytest.raises(SequenceError, match="are 4 million letters.* At most 2 million"):
        store.add_given(bed, genome=genome, at_least=2**21)
    assert store.list() == []
    assert list((tmp_path / "state").rglob("*half*")) == []


def test_predictions_of_regions_are_those_of_their_sequences(bed, genome, tmp_path, monkeypatch):
    save_network(small_network(), tmp_path / "net")
    reads = read_sequences(bed, genome=genome, at_least=small_network().input_length)
    fasta = tmp_path / "reads.fa"
    fasta.write_text("".join(f">{name}\n{read}\n" for name, read in reads))
    tables = []
    for given in ([fasta], [bed, "--genome", genome]):
        out = tmp_path / "out.tsv"
        words = ["predict", tmp_path / "net", "--out", out, "--sequences", *given]
        monkeypatch.setattr(sys, "argv", ["deepresolve", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
        tables.append(out.read_text())
    assert tables[0] == tables[1]
    assert tables[0].count("\n") == 3
