"""Faces of channels whose motif is known, from the network to the matrix."""

from dataclasses import replace

import numpy as np
import pytest

from deepresolve_dash.errors import SettingsError
from deepresolve_dash.motifs.faces import (
    RELATIONS,
    all_faces,
    face,
    face_names,
    fragments,
    n_facets,
    positions,
    sites,
)
from deepresolve_dash.motifs.filters import consensus
from deepresolve_dash.motifs.settings import MotifSettings
from deepresolve_dash.networks.graph import network_hash
from deepresolve_dash.runs.motif_question import MotifQuestion
from deepresolve_dash.runs.motif_work import look
from tests.motifs.planted import (
    EBOX,
    GATA,
    LENGTH,
    anywhere,
    both_strands,
    complement,
    first_layer,
    planted_reads,
)

READS = planted_reads([GATA, EBOX, complement(GATA), EBOX])
SETTINGS = MotifSettings(n_sites=50, n_top=4, n_spread=3, n_background=20)


def seen(network, layer, reads, **options):
    classes = (0,) if "labels" in options else ()
    question = MotifQuestion(
        network_hash(network), layer, "0" * 64, classes=classes, settings=SETTINGS
    )
    return look(question, network, reads, device="cpu", **options)


@pytest.fixture(scope="module")
def first():
    """A first layer, with labels: even sequences hold GATA on either strand, odd ones the E-box."""
    labels = (np.arange(40) % 2 == 0).astype(float)[:, None]
    return seen(first_layer(), "pool", READS, labels=labels)


@pytest.mark.parametrize("name", ["filter", "activation", "ascent"])
def test_every_face_of_a_first_layer_is_the_word_that_was_written(first, name):
    assert GATA in consensus(face(first, 0, name).matrix)
    assert complement(GATA) in consensus(face(first, 1, name).matrix)
    assert EBOX in consensus(face(first, 3, name).matrix)


def test_the_receptive_field_is_that_before_pooling(first):
    assert (first.attrs["receptive_field_bp"], first.attrs["receptive_field_stride_bp"]) == (9, 1)
    assert first.sizes["offset"] == 9
    assert face_names(first) == ("filter", "activation", "ascent")


def test_a_channel_that_is_never_active_is_dead_and_left_out(first):
    assert first["dead"].values.tolist() == [False] * 4 + [True]
    assert {one.channel for one in all_faces(first)} == {0, 1, 2, 3}
    kept = all_faces(first, names=("filter",), dead=True)
    assert [one.channel for one in kept] == [0, 1, 2, 3, 4]
    assert kept[-1].uniform
    assert face(first, 4, "ascent").n_sites == 0


def test_fragments_are_where_the_word_lies(first):
    chosen = sites(first, 0)
    letters = fragments(first, 0, chosen)
    for row, site in zip(letters, chosen, strict=True):
        read = READS[int(first["site_sequence"].values[0, site])][1]
        begin = int(first["site_start"].values[0, site])
        assert "".join("ACGT"[letter] for letter in row) == read[begin : begin + 9]
    assert len(chosen) >= 10
    counts, edges = positions(first, 0, n_bins=6)
    assert (counts.sum(), edges[0], edges[-1]) == (len(chosen), 0, LENGTH)


def test_a_lower_threshold_takes_more_fragments_and_a_plainer_logo(first):
    highest = float(first["activation_max"].values[0])
    few, many = (face(first, 0, "activation", threshold=share * highest) for share in (0.9, 0.25))
    assert float(first["threshold"].values[0]) == pytest.approx(highest / 2)
    assert few.n_sites < many.n_sites
    assert few.matrix.max(axis=1).sum() > many.matrix.max(axis=1).sum()


def test_twins_and_shifted_copies_are_one_family(first):
    assert first["family"].values.tolist() == [0, 0, 0, 3, 4]
    relations = [RELATIONS[place] for place in first["family_relation"].values]
    assert relations[3:] == ["head", "head"]
    strands = first["family_strand"].values[:3].tolist()
    assert strands[0] == strands[2] != strands[1]


def test_positives_are_more_active_than_negatives(first):
    inside = first["positive_activation"].values[0]
    outside = first["negative_activation"].values[0]
    assert first["n_positive"].values.tolist() == [20]
    assert inside[0] > 1.5 * outside[0]
    assert outside[3] > 1.5 * inside[3]


def test_the_shuffled_background_turns_channels_on_less(first):
    assert (first["background_mean"].values < first["activation_mean"].values)[:4].all()


def test_levels_count_the_sequences_above(first):
    counts = first["n_above"].values[0]
    assert (np.diff(counts) <= 0).all()
    assert 1 <= counts[-1] <= counts[0] <= 40


def test_a_channel_that_reads_both_strands_has_a_facet_for_each():
    faces = seen(both_strands(), "conv2", planted_reads([GATA, complement(GATA), EBOX], n=60))
    assert "filter" not in faces
    assert n_facets(faces, 0) == 2
    words = [face(faces, 0, "ascent", facet=facet) for facet in range(2)]
    found = {GATA in consensus(one.matrix) for one in words}
    other = {complement(GATA) in consensus(one.matrix) for one in words}
    assert found == other == {True, False}
    assert sum(one.share for one in words) == pytest.approx(1)
    assert len(set(faces["facet_motif"].values[0])) == 1
    assert n_facets(faces, 1) == 1
    assert EBOX in consensus(face(faces, 1, "ascent").matrix)


def test_a_motif_that_may_lie_anywhere_is_found_in_pieces():
    faces = seen(anywhere(), "conv2", planted_reads([GATA]))
    assert faces.attrs["localised"] == 1
    assert faces.sizes["offset"] == 32
    for name in ("activation", "ascent"):
        assert GATA in consensus(face(faces, 0, name).matrix)
    whole = {frozenset(row.tolist()) for row in fragments(faces, 0, sites(faces, 0))}
    assert all(letters <= {0, 1, 2, 3, 4} for letters in whole)


def test_the_same_question_gives_the_same_faces(first):
    again = seen(first_layer(), "pool", READS)
    for name in ("site_sequence", "ascent", "facet", "family", "threshold"):
        np.testing.assert_array_equal(first[name].values, again[name].values)


def test_the_order_of_the_bases_in_the_input_changes_nothing(first):
    network = first_layer()
    order = ["ACGT".index(base) for base in "GTAC"]
    kernel = next(name for name, one in network.weights.items() if one.ndim == 3)
    weights = dict(network.weights) | {kernel: network.weights[kernel][:, order]}
    other = seen(replace(network, weights=weights, alphabet="GTAC"), "pool", READS)
    for name in ("filter", "site_sequence", "site_start", "facet"):
        np.testing.assert_array_equal(other[name].values, first[name].values)
    np.testing.assert_allclose(other["ascent"].values, first["ascent"].values, atol=1e-5)


def test_without_sequences_random_ones_are_looked_at():
    network = first_layer()
    settings = MotifSettings(n_sites=50, n_top=2, n_spread=0, n_sequences=100)
    question = MotifQuestion(network_hash(network), "pool", settings=settings)
    faces = look(question, network, None, device="cpu")
    assert (faces.attrs["source"], faces.sizes["sequence"]) == ("random", 100)
    assert GATA in consensus(face(faces, 0, "ascent").matrix)


def test_what_does_not_exist_is_said(first):
    with pytest.raises(SettingsError, match="no channel 5"):
        face(first, 5, "filter")
    with pytest.raises(SettingsError, match="no face 'weights'"):
        face(first, 0, "weights")
    with pytest.raises(SettingsError, match="3 labels for 40"):
        seen(first_layer(), "pool", planted_reads([GATA]), labels=np.ones((3, 1)))
