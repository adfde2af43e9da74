"""Alignments, families, facets and artefacts of matrices that are written by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deepresolve_dash.motifs.align import align, clusters
from deepresolve_dash.motifs.artefacts import artefacts
from deepresolve_dash.motifs.faces import RELATIONS
from deepresolve_dash.motifs.facets import find_facets
from deepresolve_dash.motifs.families import family_ofiv, find_families
from deepresolve_dash.motifs.filters import reverse_complement
from deepresolve_dash.motifs.matrices import ascent_pwm, frequencies, shifted, trimmed

WIDTH = 19
MOTIFS = arrays(np.float64, (3, 7, 4), elements=st.floats(0.01, 1))


def word(letters, at=4):
    """A motif with one base at each position of a word, 0.25 elsewhere."""
    matrix = np.full((WIDTH, 4), 0.25)
    for place, letter in enumerate(letters):
        matrix[at + place] = np.eye(4)["ACGT".index(letter)]
    return matrix


@given(MOTIFS)
def test_a_motif_is_like_itself_and_its_reverse_complement(raw):
    motifs = raw / raw.sum(axis=2, keepdims=True) + np.eye(4)[[0, 1, 2, 0, 3, 3, 1]] * 0.5
    motifs /= motifs.sum(axis=2, keepdims=True)
    found = align(motifs)
    np.testing.assert_allclose(np.diag(found.similarity), 1)
    np.testing.assert_allclose(found.similarity, found.similarity.T, atol=1e-9)
    turned = align(np.stack([reverse_complement(one) for one in motifs]), motifs)
    np.testing.assert_allclose(np.diag(turned.similarity), 1)


@pytest.mark.parametrize(("shift", "strand"), [(0, 1), (3, 1), (-2, 1), (0, -1), (2, -1), (-4, -1)])
def test_laying_a_motif_back_gives_the_first(shift, strand):
    first = word("GATTACAG", at=5)
    other = shifted(first, shift, strand)
    found = align(first[None], other[None])
    back = shifted(other, int(found.shift[0, 0]), int(found.strand[0, 0]))
    np.testing.assert_allclose(back, first)
    assert found.strand[0, 0] == strand


def test_families_know_how_their_members_are_related():
    whole = word("CCACTTGACC")
    motifs = np.stack([
        word("GGATTCGAAT", at=3), whole, reverse_complement(whole), word("CCACTTGACC", at=7),
        word("CCACTT"), word(""),
    ])  # fmt: skip
    found = find_families(motifs)
    assert found.family.tolist() == [0, 1, 1, 1, 1, 5]
    relations = [RELATIONS[place] for place in found.relation]
    assert relations == ["head", "head", "reverse complement", "shifted", "half", "head"]
    assert found.shift[3] == -3
    assert find_families(motifs, alone=np.arange(6) == 2).family.tolist() == [0, 1, 2, 1, 1, 5]


def test_importance_is_not_split_over_twins():
    ofiv = np.array([[3.0, -1, 2, 0, 5], [1, 1, 1, 1, 1]])
    summed = family_ofiv(ofiv, np.array([0, 1, 0, 1, 4]))
    assert summed.tolist() == [[5, -1, 5, -1, 5], [2, 2, 2, 2, 1]]


def test_clusters_are_ordered_by_size():
    similarity = np.full((5, 5), 0.1)
    for group in ([0], [1, 3, 4], [2]):
        similarity[np.ix_(group, group)] = 0.9
    assert clusters(similarity, least=0.5).tolist() == [1, 0, 2, 0, 0]
    assert clusters(np.ones((1, 1)), least=0.5).tolist() == [0]


def test_starts_are_clustered_by_motif_and_strand():
    motif, other = word("GATTACAG"), word("CCCGGTCC")
    starts = [motif, shifted(motif, 2, 1), reverse_complement(motif), other, motif]
    deviation = np.stack([*starts, np.full((WIDTH, 4), np.nan)]) - 0.25
    found = find_facets(deviation)
    assert found.facet.tolist() == [0, 0, 1, 2, 0, -1]
    assert found.motif.tolist() == [0, 0, 0, 1, 0, -1]
    assert found.shift.tolist() == [0, -2, 0, 0, 0, 0]
    assert set(found.strand.tolist()) == {1}


def test_a_channel_that_never_started_has_no_facet():
    assert find_facets(np.full((3, WIDTH, 4), np.nan)).facet.tolist() == [-1, -1, -1]


def test_what_an_ascent_arrived_at_is_thresholded_and_normalised():
    deviation = np.array([[8, 2, -1, 0], [1.9, 1.9, 0, 0], [0, 3, 3, -9]])
    assert ascent_pwm(deviation).tolist() == [[0.8, 0.2, 0, 0], [0.25] * 4, [0, 0.5, 0.5, 0]]
    assert ascent_pwm(deviation, threshold=0.5)[0].tolist() == [1, 0, 0, 0]


def test_unknown_bases_count_as_a_quarter_of_each():
    letters = np.array([[0, 4, 3], [0, 4, 3], [1, 4, 0], [0, 2, 3]], np.uint8)
    expected = [[0.75, 0.25, 0, 0], [0.1875, 0.1875, 0.4375, 0.1875], [0.25, 0, 0, 0.75]]
    assert frequencies(letters).tolist() == expected
    assert frequencies(letters[:0]).tolist() == [[0.25] * 4] * 3


def test_flanks_without_information_are_trimmed():
    assert trimmed(word("GATTA")) == (4, 9)
    assert trimmed(word("")) == (0, WIDTH)


def test_an_artefact_is_important_quiet_and_nameless():
    ofiv = np.array([9.0, 8, 1, 1, 1, 1, 0, -9])
    activation = np.array([0.1, 5, 5, 0.1, 5, 5, 5, 5])
    unmatched = np.ones(8)
    assert np.flatnonzero(artefacts(ofiv, unmatched, activation)).tolist() == [0]
    assert not artefacts(ofiv, np.where(np.arange(8) == 0, 0.5, 1), activation).any()
    assert artefacts(ofiv, np.full(8, np.nan), activation)[0]
