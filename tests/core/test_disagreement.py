import numpy as np
import pytest

from deepresolve_dash.core.statistics.disagreement import most_apart, rank_pairs


def symmetric(n, seed):
    a = np.random.default_rng(seed).normal(size=(n, n))
    return a + a.T


def test_ranks_are_counted_over_all_pairs_of_different_classes():
    a, b = symmetric(7, 0), symmetric(7, 1)
    pairs = rank_pairs(a, b)
    assert len(pairs.gap) == 21
    upper = a[np.triu_indices(7, 1)]
    for i, j, rank in zip(pairs.first, pairs.second, pairs.rank, strict=True):
        assert i < j
        assert rank == pytest.approx((upper < a[i, j]).sum() / 20)


def test_the_order_is_that_of_the_gap_from_either_end():
    pairs = rank_pairs(symmetric(7, 0), symmetric(7, 1))
    gaps = pairs.gap[most_apart(pairs)]
    assert (np.diff(gaps) <= 0).all()
    assert gaps[0] > 0 > gaps[-1]
    np.testing.assert_array_equal(pairs.gap[most_apart(pairs, reverse=True)], gaps[::-1])


def test_a_pair_that_is_alike_in_one_comparison_alone_comes_first():
    a = np.zeros((5, 5)) + symmetric(5, 3) / 100
    b = a.copy()
    a[1, 4] = a[4, 1] = 9
    b[1, 4] = b[4, 1] = -9
    pairs = rank_pairs(a, b)
    first = most_apart(pairs)[0]
    assert (pairs.first[first], pairs.second[first]) == (1, 4)
    assert pairs.gap[first] == 1
    reverse = rank_pairs(b, a)
    assert most_apart(reverse, reverse=True)[0] == first


def test_ties_share_their_rank_and_scale_does_not_matter():
    a, b = symmetric(6, 0), symmetric(6, 1)
    pairs, scaled = rank_pairs(a, b), rank_pairs(1000 * a + 3, np.tanh(b / 5))
    np.testing.assert_allclose(pairs.gap, scaled.gap)
    assert (rank_pairs(a * 0, b).rank == 0.5).all()


def test_rounding_makes_no_rank():
    a, noise = symmetric(6, 0), symmetric(6, 1)
    ranks = rank_pairs(a, noise * 1e-16 - 1 / 6).other_rank
    assert (ranks == 0.5).all()
    fine = rank_pairs(a, noise * 1e-6 - 1 / 6)
    np.testing.assert_array_equal(fine.other_rank, rank_pairs(a, noise).other_rank)


def test_pairs_that_one_comparison_does_not_know_are_left_out():
    a, b = symmetric(4, 0), symmetric(4, 1)
    a[2] = a[:, 2] = np.nan
    b[0, 1] = b[1, 0] = np.nan
    pairs = rank_pairs(a, b)
    assert list(zip(pairs.first, pairs.second, strict=True)) == [(0, 3), (1, 3)]
    assert len(most_apart(rank_pairs(a[2:3, 2:3], b[2:3, 2:3]))) == 0
    assert rank_pairs(a[:2, :2], a[:2, :2]).gap.tolist() == [0]
