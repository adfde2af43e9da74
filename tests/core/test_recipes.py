import numpy as np
import pytest

from deepresolve_dash.core.statistics.recipes import (
    ALONE,
    FEW_CHANNELS,
    cosine_distance,
    find_recipes,
    signed_channels,
)

K = 24


def ways(*patterns: list[float], trials: tuple[int, ...], noise: float = 0.05) -> np.ndarray:
    """FIVs of trials that found these patterns, each on channels of its own length and noise."""
    generator = np.random.default_rng(3)
    rows = np.repeat(np.array(patterns, float), trials, axis=0)
    rows = np.pad(rows, ((0, 0), (0, K - rows.shape[1])))
    return rows * generator.uniform(0.5, 3, (len(rows), 1)) + generator.normal(0, noise, rows.shape)


def test_a_linear_head_has_one_recipe():
    found = find_recipes(ways([1, 1, -1], trials=(10,)))
    assert found.label.tolist() == [0] * 10
    assert found.stability == pytest.approx([1])
    assert found.same_number == 1
    assert not found.scattered


def test_opposite_patterns_are_two_recipes_and_the_larger_is_first():
    found = find_recipes(ways([1, -1], [-1, 1], trials=(3, 7)))
    assert found.label.tolist() == [1] * 3 + [0] * 7
    assert found.label[found.medoid].tolist() == [0, 1]
    assert found.stability[0] == pytest.approx(1, abs=0.05)
    assert 0.6 < found.stability[1] < found.stability[0]  # three trials: often not drawn twice


def test_one_of_three_has_three_recipes():
    found = find_recipes(ways([1, -1, -1], [-1, 1, -1], [-1, -1, 1], trials=(10, 10, 10)))
    assert len(found.medoid) == 3
    assert (found.stability > 0.95).all()


def test_a_swap_of_signs_is_seen_beside_much_that_is_shared():
    found = find_recipes(ways([3, 1, -1], [3, -1, 1], trials=(10, 10)))  # cosine 0.6
    assert len(found.medoid) == 2
    assert (found.stability > 0.95).all()


def test_a_swap_among_small_channels_is_no_way_of_its_own():
    found = find_recipes(ways([3, 0.5, -0.5], [3, -0.5, 0.5], trials=(10, 10)))
    assert len(found.medoid) == 1


def test_patterns_that_share_half_count_as_one():
    assert len(find_recipes(ways([1, 1, 0], [1, 0, 1], trials=(10, 10))).medoid) == 1


@pytest.mark.parametrize("n_trials", [2, 5, 10, 30])
@pytest.mark.parametrize("n_channels", [FEW_CHANNELS, 480])
def test_noise_is_one_recipe(n_trials, n_channels):
    draws = [np.random.default_rng(seed).normal(size=(n_trials, n_channels)) for seed in range(5)]
    assert [len(find_recipes(fiv).medoid) for fiv in draws] == [1] * 5


def test_noise_of_many_channels_is_called_scattered():
    found = find_recipes(np.random.default_rng(0).normal(size=(10, 480)))
    assert found.scattered
    assert np.isnan(found.stability).all()


def test_a_trial_that_nobody_repeats_is_alone():
    found = find_recipes(ways([1, 1, 0, 0], [0, 0, 1, 1], trials=(9, 1)))
    assert found.label.tolist() == [0] * 9 + [ALONE]


def test_one_trial_is_one_recipe_without_a_stability():
    found = find_recipes(np.ones((1, 5)))
    assert (found.label.tolist(), found.medoid.tolist()) == ([0], [0])
    assert np.isnan(found.stability).all()
    assert np.isnan(found.same_number)


def test_one_channel_has_two_signs():
    assert len(find_recipes(np.array([[1.0], [2], [-1], [-3], [1]])).medoid) == 2


def test_a_dead_class_is_one_recipe():
    found = find_recipes(np.zeros((5, 7)))
    assert found.label.tolist() == [0] * 5
    assert not found.scattered


def test_the_length_of_a_pattern_plays_no_part():
    fiv = ways([1, -1], [-1, 1], trials=(4, 4))
    scaled = fiv * np.random.default_rng(0).uniform(1e-6, 1e6, (8, 1))
    assert find_recipes(fiv).label.tolist() == find_recipes(scaled).label.tolist()


def test_the_order_of_the_trials_plays_no_part():
    fiv = ways([1, -1], [-1, 1], trials=(4, 6))
    order = np.random.default_rng(1).permutation(10)
    assert find_recipes(fiv[order]).label.tolist() == find_recipes(fiv).label[order].tolist()


def test_the_same_seed_gives_the_same_stability():
    fiv = ways([1, -1], [-1, 1], trials=(4, 6))
    assert (
        find_recipes(fiv, seed=1).stability.tolist() == find_recipes(fiv, seed=1).stability.tolist()
    )
    assert (
        find_recipes(fiv, seed=1).stability.tolist() != find_recipes(fiv, seed=2).stability.tolist()
    )


def test_a_zero_row_is_apart_from_all_but_another_zero_row():
    distance = cosine_distance([[0, 0], [0, 0], [1, 0], [-2, 0]])
    assert distance.tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 0, 2], [1, 1, 2, 0]]


def test_a_pattern_is_made_of_its_largest_channels():
    assert signed_channels([0.1, -2, 1, 0.61, 0.59]).tolist() == [1, 2, 3]
    assert signed_channels([0, 0]).tolist() == []
