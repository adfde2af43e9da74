import numpy as np
import pytest

from deepresolve_dash.core.statistics.classes import similarity
from deepresolve_dash.core.statistics.ofiv import overall_importance
from deepresolve_dash.core.statistics.pairs import (
    Trials,
    shares,
    similarity_interval,
    without_each,
)


@pytest.fixture
def pair():
    drawn = np.random.default_rng(5).normal(size=(2, 23))
    drawn[1] += 0.6 * drawn[0]
    return drawn


def trials(seed, *, spread=0.3, n=11):
    generator = np.random.default_rng(seed)
    centre = np.random.default_rng(99).normal(size=13)
    fiv = centre + spread * generator.normal(size=(n, 13))
    weight = generator.random(n)
    return Trials(fiv, weight / weight.sum(), np.arange(13) % 3)


def test_shares_are_products_of_standardised_parts_and_add_up_to_the_similarity(pair):
    found = shares(*pair)
    x, y = np.maximum(pair, 0)
    by_hand = [
        (x[k] - x.mean()) / x.std() * (y[k] - y.mean()) / y.std() / len(x) for k in range(len(x))
    ]
    assert found == pytest.approx(by_hand)
    assert found.sum() == pytest.approx(similarity(pair)[0, 1], abs=1e-14)
    assert found.sum() == pytest.approx(np.corrcoef(x, y)[0, 1])


def test_without_each_is_the_correlation_of_the_others(pair):
    x, y = np.maximum(pair, 0)
    by_loop = [np.corrcoef(np.delete(x, k), np.delete(y, k))[0, 1] for k in range(len(x))]
    assert without_each(*pair) == pytest.approx(by_loop, abs=1e-12)


def test_a_class_of_one_channel_has_no_similarity_without_it():
    one = np.array([0, 0.37, 0, -1, 0])
    other = np.array([0.1, 0.9, 0.2, 0, -3])
    found = without_each(one, other)
    assert np.isnan(found[1])
    assert np.isfinite(np.delete(found, 1)).all()


@pytest.mark.parametrize("blank", [np.full(5, -2.0), np.full(5, 3.0), np.full(5, np.nan)])
def test_a_constant_class_has_no_shares(blank):
    other = np.arange(5.0)
    for found in (shares(blank, other), without_each(blank, other)):
        assert np.isnan(found).all()


def test_the_interval_is_that_of_a_loop_over_resamples():
    first, second = trials(1), trials(2)
    generator = np.random.default_rng(0)
    counts = [generator.multinomial(11, np.full(11, 1 / 11), size=1000) for _ in range(2)]
    r = []
    for draws in zip(*counts, strict=True):
        ofivs = [
            overall_importance(one.fiv, n * one.weight / (n * one.weight).sum(), one.kind)
            for one, n in zip((first, second), draws, strict=True)
        ]
        r.append(similarity(np.array(ofivs))[0, 1])
    low, high, n = similarity_interval(first, second)
    assert (low, high) == pytest.approx(tuple(np.percentile(r, [2.5, 97.5])))
    assert n == 1000
    assert similarity_interval(first, second) == (low, high, n)
    assert similarity_interval(first, second, seed=1) != (low, high, n)


def test_the_interval_narrows_as_trials_agree():
    def width(**options):
        low, high, _ = similarity_interval(trials(1, **options), trials(2, **options))
        return high - low

    assert width(spread=0.03) < 0.3 * width(spread=0.3)
    assert width(n=40) < width(n=5)


def test_a_class_without_a_positive_channel_has_no_interval():
    dead = Trials(-np.ones((4, 13)), np.full(4, 0.25), np.zeros(13, int))
    low, high, n = similarity_interval(dead, trials(1))
    assert np.isnan([low, high]).all()
    assert n == 0
