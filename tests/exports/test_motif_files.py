"""Motif files through the parsers of other programs."""

import io

import numpy as np
import pytest
import xarray as xr
from Bio import motifs as bio
from memelite.io import read_meme as read_with_memelite

from deepresolve_dash.errors import SettingsError
from deepresolve_dash.exports.motif_files import (
    Entry,
    entries,
    homer_text,
    jaspar_text,
    meme_text,
    transfac_text,
    word,
)
from deepresolve_dash.exports.motif_tables import FORMATS, bed_text, file_text, tomtom_text
from deepresolve_dash.motifs.databases import read_meme
from deepresolve_dash.motifs.faces import all_faces
from deepresolve_dash.motifs.jaspar import jaspar_motifs
from deepresolve_dash.motifs.names import match_faces
from deepresolve_dash.motifs.settings import MotifSettings
from deepresolve_dash.networks.graph import network_hash
from deepresolve_dash.runs.motif_question import MotifQuestion
from deepresolve_dash.runs.motif_work import look
from tests.motifs.planted import EBOX, GATA, complement, first_layer, planted_reads

READS = planted_reads([GATA, EBOX, complement(GATA)], length=71)  # cropped to 60, from base 5
COLUMNS = [
    "Query_ID", "Target_ID", "Optimal_offset", "p-value", "E-value", "q-value", "Overlap",
    "Query_consensus", "Target_consensus", "Orientation",
]  # fmt: skip


def random_entries(n):
    generator = np.random.default_rng(0)
    return [
        Entry(f"pool1_ch{i:03d}_filter", f"name{i}", generator.dirichlet(np.full(4, 0.3), 5 + i),
              0 if i % 2 else 37)
        for i in range(n)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def seen():
    network = first_layer()
    settings = MotifSettings(n_sites=60, n_top=3, n_spread=2, n_background=10)
    question = MotifQuestion(network_hash(network), "pool", "0" * 64, settings=settings)
    faces = look(question, network, READS, device="cpu")
    every = jaspar_motifs("JASPAR2016")
    chosen = {name: every[name] for name in [*list(every)[::9], "MA0035.3", "MA0093.2"]}
    return faces, match_faces(all_faces(faces), chosen, title="a part", database_id="x")


def test_meme_is_read_back_by_biopython_memelite_and_ourselves(tmp_path):
    wanted = random_entries(25)
    path = tmp_path / "out.meme"
    path.write_text(meme_text(wanted))
    with path.open() as file:
        theirs = bio.parse(file, "minimal")
    others = read_with_memelite(str(path))
    ours = read_meme(path)
    for one, record in zip(wanted, theirs, strict=True):
        assert record.name.split()[0] == one.id
        n_sites = one.n_sites or 20  # Biopython keeps whole counts of sites
        pwm = np.array([record.pwm[base] for base in "ACGT"]).T
        np.testing.assert_allclose(pwm, one.matrix, atol=3 / n_sites)
        np.testing.assert_allclose(others[f"{one.id} {one.name}"].T, one.matrix, atol=2e-6)
        np.testing.assert_allclose(ours[one.id].pwm, one.matrix, atol=2e-6)
        assert (ours[one.id].name, record.num_occurrences) == (one.name, n_sites)


def test_rows_of_meme_sum_to_one_exactly_as_written():
    text = meme_text([Entry("a", "b", np.full((3, 4), 1 / 3) * [1, 1, 1, 0], 0)])
    rows = [line.split() for line in text.splitlines() if line.startswith(" 0.")]
    assert len(rows) == 3
    assert {sum(int(value.replace(".", "")) for value in row) for row in rows} == {1_000_000}


@pytest.mark.parametrize(("write", "kind"), [(jaspar_text, "jaspar"), (transfac_text, "transfac")])
def test_counts_are_read_back_by_biopython(write, kind):
    wanted = random_entries(4)
    for one, record in zip(wanted, bio.parse(io.StringIO(write(wanted)), kind), strict=True):
        name = record.matrix_id if kind == "jaspar" else record["AC"]
        other = record.name if kind == "jaspar" else record["ID"]
        assert (name, other) == (one.id, one.name)
        counts = np.array([record.counts[base] for base in "ACGT"]).T
        total = one.n_sites or 1000
        assert (counts.sum(axis=1) == total).all()
        np.testing.assert_allclose(counts / total, one.matrix, atol=1 / total)


def test_homer_is_read_back_by_biopython():
    wanted = random_entries(3)
    records = bio.parse(io.StringIO(homer_text(wanted)), "pfm-four-columns")
    for one, record in zip(wanted, records, strict=True):
        matrix = np.array([record.counts[base] for base in "ACGT"]).T
        np.testing.assert_allclose(matrix, one.matrix, atol=4e-3)
        assert (matrix > 0).all()
    first = homer_text(wanted).splitlines()[0].split("\t")
    assert first[1] == wanted[0].id
    assert float(first[2]) > 0


def test_channels_bear_the_names_of_what_they_are_like(seen):
    found = entries(*seen, layer="conv 1/a")
    assert [one.id for one in found] == [f"conv_1_a_ch{k:03d}_filter" for k in range(4)]
    assert not any(" " in one.id + one.name for one in found)
    assert found[0].name.lower().startswith("gata")
    activation = entries(*seen, layer="pool", names=("activation",))
    assert all(one.n_sites > 0 for one in activation)


def test_dead_channels_are_written_on_request_only(seen):
    assert len(entries(*seen, layer="pool", dead=True)) == 5
    assert "_ch004_" not in meme_text(entries(*seen, layer="pool"))


def test_matches_have_the_columns_of_tomtom(seen):
    lines = tomtom_text(seen[1], layer="pool", names=("filter",)).splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    assert rows[0] == COLUMNS
    for row in rows[1:]:
        assert len(row) == len(COLUMNS)
        assert float(row[3]) <= float(row[5]) <= 0.5
        assert float(row[4]) == pytest.approx(float(row[3]) * seen[1].attrs["n_targets"], rel=1e-4)
        assert row[9] in "+-"
    assert any("Distance" in line for line in lines if line.startswith("#"))


def test_instances_are_where_the_words_lie(seen):
    reads = dict(READS)
    rows = [line.split("\t") for line in bed_text(seen[0], layer="pool").splitlines()]
    ours = [row for row in rows if row[3] == "pool_ch000_activation" and int(row[4]) > 900]
    assert len(ours) >= 10
    for name, begin, stop, _, score, strand in ours:
        assert GATA in reads[name][int(begin) : int(stop)]
        assert (0 <= int(score) <= 1000, strand) == (True, "+")


def test_instances_need_sequences(seen):
    random = seen[0].assign_attrs(source="random")
    with pytest.raises(SettingsError, match="--sequences"):
        bed_text(random, layer="pool")


def test_every_format_is_written_and_no_other(seen):
    for name in FORMATS:
        assert file_text(*seen, name, layer="pool")
    with pytest.raises(SettingsError, match="no format 'xlsx'"):
        file_text(*seen, "xlsx", layer="pool")


def test_the_table_has_a_line_for_each_channel(seen):
    header, *rows = (line.split("\t") for line in file_text(*seen, "tsv", layer="p").splitlines())
    assert [row[0] for row in rows] == list("01234")
    assert {len(row) for row in rows} == {len(header)}
    by_name = dict(zip(header, rows[4], strict=True))
    assert (by_name["dead"], by_name["motif_id"]) == ("1", "")


def test_hostile_names_become_words():
    assert word("a b\t<img onerror=x>\n=cmd") == "a_b_img_onerror_x_cmd"
    assert word("RXRA::VDR") == "RXRA::VDR"
    assert word("é") == "_"
    assert word("-1+2") == "_-1+2"


def test_faces_survive_their_file(seen, tmp_path):
    from deepresolve_dash.runs.motif_store import read_packed, write_packed

    faces = seen[0]
    write_packed(faces, tmp_path / "faces.nc")
    back = read_packed(tmp_path / "faces.nc")
    assert back.attrs == faces.attrs
    for name in faces.data_vars:
        if name == "ascent":
            largest = float(np.nanmax(np.abs(faces[name].values)))
            np.testing.assert_allclose(back[name], faces[name], atol=largest / 30000)
        else:
            xr.testing.assert_equal(back[name], faces[name])
