"""Channels of one layer are found again in another, whatever their order and strand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepresolve_dash.motifs.filters import reverse_complement
from deepresolve_dash.motifs.pairing import pair_motifs, rows_by_motif, rows_by_place, same_width

BLANK = np.full((15, 4), 0.25)


def motifs(n, *, seed=0, width=15):
    """Sharp motifs that are unlike each other."""
    return np.random.default_rng(seed).dirichlet([0.1] * 4, size=(n, width))


@given(st.permutations(range(12)), st.sets(st.integers(0, 11)))
def test_permuted_and_turned_filters_are_found_again(order, turned):
    first = motifs(12)
    second = first[list(order)].copy()
    for k in turned:
        second[k] = reverse_complement(second[k])
    found = pair_motifs(first, second)
    assert np.array(order)[found.second].tolist() == found.first.tolist() == list(range(12))
    assert found.similarity == pytest.approx(1)
    assert {int(k) for k in found.second[found.strand < 0]} == turned


def test_what_is_like_nothing_stays_alone_and_forces_nothing():
    first, second = motifs(6), motifs(6, seed=1)
    second[2] = first[4]
    found = pair_motifs(first, second)
    assert (4, 2) in set(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert (found.similarity >= 0.6).all()
    assert len(pair_motifs(first, np.stack([BLANK, BLANK])).first) == 0
    assert len(pair_motifs(first, np.zeros((0, 3, 4))).first) == 0


def test_pairs_are_the_best_in_sum_and_not_the_first_that_comes():
    one, other = motifs(2)
    between = 0.5 * one + 0.5 * other
    found = pair_motifs(np.stack([between, one]), np.stack([one, between]))
    assert found.second.tolist() == [1, 0]


def test_motifs_of_other_widths_lie_in_the_middle():
    narrow, wide = same_width([motifs(2, width=7), motifs(2, width=10)])
    assert narrow.shape == wide.shape == (2, 10, 4)
    assert (narrow[:, [0, 8, 9]] == 0.25).all()
    assert pair_motifs(motifs(2, width=7), wide * 0 + narrow).similarity == pytest.approx(1)


def test_rows_gather_channels_that_the_first_layer_lacks():
    known = motifs(9)
    found = rows_by_motif([known[:5], known[[8, 3, 6]], known[[6, 0, 8]]])
    assert found.place.tolist() == [
        [0, -1, 1], [1, -1, -1], [2, -1, -1], [3, 1, -1], [4, -1, -1], [-1, 0, 2], [-1, 2, 0],
    ]  # fmt: skip
    assert np.nan_to_num(found.distance) == pytest.approx(0, abs=1e-9)
    assert (np.isnan(found.distance) == (found.place < 0)).all()


def test_rows_by_number_are_the_same_channel_in_all():
    found = rows_by_place(3, 2)
    assert found.place.tolist() == [[0, 0], [1, 1], [2, 2]]
