import numpy as np
import pytest

from deepresolve_dash.core.statistics.enough import (
    light,
    n_leading,
    sizes,
    top_shares,
    top_stability,
)
from tests.planted import two_optima

AGREE = np.tile(np.random.default_rng(0).normal(size=31), (12, 1))


@pytest.mark.parametrize(
    ("n_channels", "n"), [(1, 1), (2, 1), (7, 3), (16, 8), (20, 10), (480, 10)]
)
def test_ten_channels_lead_or_half_of_a_few(n_channels, n):
    assert n_leading(n_channels) == n


def test_a_curve_has_every_number_of_trials_until_they_are_many():
    assert sizes(0).tolist() == sizes(1).tolist() == []
    assert sizes(2).tolist() == [2]
    assert sizes(31).tolist() == list(range(2, 32))
    many = sizes(1000)
    assert (many[0], many[-1], len(many)) == (2, 1000, 30)


def test_trials_that_agree_find_the_same_channels():
    assert top_stability(AGREE, np.ones(12)) == 1
    assert (top_shares(AGREE, np.ones(12)) == 1).all()


def test_noise_finds_other_channels_and_more_of_it_settles():
    generator = np.random.default_rng(1)
    noise = generator.normal(size=(40, 31))
    shares = top_shares(noise, np.ones(40))
    assert shares[0] < 0.6
    assert shares[-1] == 1
    assert top_stability(noise, np.ones(40)) == pytest.approx(shares[sizes(40).tolist().index(20)])
    signal = AGREE[:1] + 0.05 * noise
    assert top_stability(signal, np.ones(40)) > 0.95


def test_the_share_is_that_of_the_channels_counted_by_hand():
    first, second = np.zeros(8), np.zeros(8)
    first[:4], second[4:] = 1.0, 3.0
    fiv, score = np.stack([first, second]), np.ones(2)
    # one of two trials finds all four leading channels (the second's) or none of them
    draws = [np.random.default_rng(0)]
    hits = [draws[0].permutation(2)[0] == 1 for _ in range(20)]
    assert top_stability(fiv, score) == pytest.approx(np.mean(hits))


def test_trials_of_larger_score_count_for_more():
    first, second = np.zeros(8), np.zeros(8)
    first[:4], second[4:] = 1.0, 1.1
    fiv = np.stack([first, second, second])
    heavy = [np.array([9.0, 1.0, 1.0]), np.array([1.0, 9.0, 9.0])]
    found = [top_shares(fiv, score)[0] for score in heavy]
    assert found[0] != found[1]


def test_channels_of_no_importance_are_not_asked_for():
    fiv = np.zeros((10, 20))
    fiv[:, 3] = 1
    fiv[:, 4:] = 1e-6 * np.random.default_rng(0).normal(size=(10, 16))
    assert top_stability(fiv, np.ones(10)) == 1


@pytest.mark.parametrize("fiv", [np.ones((1, 5)), np.ones((4, 1)), np.zeros((4, 5))])
def test_what_cannot_be_compared_is_not_known(fiv):
    assert np.isnan(top_stability(fiv, np.ones(len(fiv))))


def test_two_optima_with_two_trials_are_less_sure_than_with_many():
    few, many = two_optima(2, 11), two_optima(50, 11)
    assert top_stability(many, np.ones(50)) >= top_stability(few, np.ones(2))


@pytest.mark.parametrize(
    ("top", "ranks", "n", "says"),
    [
        (0.9, 0.95, 5, "enough"),
        (1.0, 1.0, 4, "more"),
        (0.89, 1.0, 10, "more"),
        (1.0, 0.94, 10, "more"),
        (0.75, 0.8, 10, "more"),
        (0.74, 1.0, 10, "few"),
        (1.0, 0.79, 10, "few"),
        (np.nan, 1.0, 10, "unknown"),
        (1.0, np.nan, 10, "unknown"),
    ],
)
def test_the_light_follows_its_rule(top, ranks, n, says):
    assert light(top, ranks, n) == says
