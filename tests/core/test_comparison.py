"""What runs agree on, counted by hand."""

import numpy as np
import pytest

from deepresolve_dash.core.statistics import comparison
from deepresolve_dash.core.statistics.pairs import Trials

NAN = np.nan


def test_ranks_fall_with_the_ofiv_and_leave_out_what_is_unknown():
    found = comparison.ranks([0.1, NAN, -2.0, 3.0])
    assert found[[0, 2, 3]].tolist() == [2, 3, 1]
    assert np.isnan(found[1])


@pytest.mark.parametrize(
    ("first", "second", "r"),
    [
        ([1, 2, 3, 4], [10, 20, 30, 40], 1),
        ([1, 2, 3, 4], [4, 3, 2, 1], -1),
        ([1, 2, 3, 4], [1, 3, 2, 4], 0.8),
        ([1, 2, 3, NAN], [1, 2, 3, -9], 1),
    ],
)
def test_rank_agreement(first, second, r):
    assert comparison.rank_agreement(first, second) == pytest.approx(r)


@pytest.mark.parametrize("second", [[1, 1, 1, 1], [1, 2, NAN, NAN]])
def test_no_agreement_without_variation_or_with_two_channels(second):
    assert np.isnan(comparison.rank_agreement([1, 2, 3, 4], second))


def test_the_interval_is_narrow_for_equal_trials_and_wide_for_others():
    generator = np.random.default_rng(0)
    mean = np.linspace(-1, 1, 20)
    widths = []
    for noise in (0.0, 0.1, 1.0):
        fiv = mean + generator.normal(0, noise, (2, 8, 20))
        pair = [Trials(one, np.full(8, 1 / 8), np.zeros(20, int)) for one in fiv]
        every = np.arange(20)
        low, high, n = comparison.agreement_interval((pair[0], pair[1]), (every, every))
        assert n == 1000
        assert -1 <= low <= high <= 1
        widths.append(high - low)
    assert widths[0] == 0 < widths[1] < widths[2]


def test_the_interval_follows_the_channels_that_stand_for_each_other():
    fiv = np.tile(np.arange(6.0), (4, 1))
    one = Trials(fiv, np.full(4, 0.25), np.zeros(6, int))
    order = np.array([5, 4, 3, 2, 1, 0])
    assert comparison.agreement_interval((one, one), (order, order))[:2] == (1, 1)
    assert comparison.agreement_interval((one, one), (order, order[::-1]))[:2] == (-1, -1)
    assert comparison.agreement_interval((one, one), (order[:2], order[:2]))[2] == 0


def test_found_are_the_important_or_the_largest():
    ofiv = [1.0, -0.5, 0.21, 0.19, NAN, 0.0]
    assert np.flatnonzero(comparison.found(ofiv)).tolist() == [0, 1, 2]
    assert np.flatnonzero(comparison.found(ofiv, top=2)).tolist() == [0, 1]
    assert np.flatnonzero(comparison.found(ofiv, top=50)).tolist() == [0, 1, 2, 3]
    assert not comparison.found([0.0, 0.0]).any()


def test_times_found_count_the_sign_that_is_found_more_often():
    ofiv = np.array([[1, 1, 1], [1, -1, 1], [-1, -1, 1], [1, NAN, 0.1]])
    told = np.array([[1, 1, 1], [1, 1, 1], [1, 1, 0], [1, 0, 0]])
    assert comparison.times_found(ofiv, told).tolist() == [3, 2, 2, 1]


def test_common_channels_and_what_chance_gives():
    assert comparison.common([1, 1, 0, 0, 0], [1, 0, 1, 0, 0]) == (1, pytest.approx(0.8))


def test_the_spread_of_ranks_needs_two():
    found = comparison.rank_spread([[1, 4, 2], [3, NAN, NAN], [2, NAN, 9]])
    assert found[[0, 2]].tolist() == [3, 7]
    assert np.isnan(found[1])


def test_called_pairs_recur_when_their_groups_share_half():
    a, b, c = [1, 2], [7], [8, 9]
    found = comparison.recurring([
        [(a, b), (a, c)],
        [([7], [2, 1])],
        [([1, 2, 3], [7]), ([8], [7])],
    ])  # fmt: skip
    assert found == [[0, 0, 0], [1, None, None], [None, None, 1]]


def test_groups_without_a_channel_are_no_group():
    assert not comparison.same_group([], [])
    assert comparison.same_group([1, 2], [2])
    assert not comparison.same_group([1, 2, 3], [3])
