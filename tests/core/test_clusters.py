import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from deepresolve_dash.core.statistics.classes import cluster, similarity
from deepresolve_dash.core.statistics.clusters import (
    adjusted_rand,
    contingency,
    cut,
    n_resamples,
    resample_trees,
    scaled_importance,
    shared_features,
    stability,
)
from deepresolve_dash.core.statistics.ofiv import Kind


@pytest.fixture
def groups():
    """OFIVs of seven classes: three and three alike, the last one blank."""
    generator = np.random.default_rng(3)
    base = np.zeros((7, 11))
    base[[0, 2, 4], :4] = 1
    base[[1, 3, 5], 5:9] = 1
    noise = generator.normal(0, 0.05, base.shape)
    noise[6] = 0
    return base + noise


def test_a_cut_numbers_clusters_from_the_first_leaf_on(groups):
    tree = cluster(similarity(groups))
    flat = cut(tree, 0.5)
    assert flat[6] == -1
    assert len(set(flat[[0, 2, 4]])) == len(set(flat[[1, 3, 5]])) == 1
    assert flat[tree.order[0]] == 0
    assert sorted(set(flat)) == [-1, 0, 1]
    along = flat[tree.order[:6]]
    assert (np.diff(along) >= 0).all()


@pytest.mark.parametrize(("distance", "n"), [(-1, 6), (2, 1)])
def test_the_ends_of_the_cut_are_single_classes_and_one_cluster(groups, distance, n):
    flat = cut(cluster(similarity(groups)), distance)
    assert flat.max() + 1 == n


@pytest.mark.parametrize("n", [0, 1])
def test_a_cut_without_a_tree(n):
    a = np.full((2, 2), np.nan)
    if n:
        a[0, 0] = 1
    assert cut(cluster(a), 0.5).tolist() == [0 if n else -1, -1]


def test_importance_is_scaled_by_the_largest_of_the_class():
    scaled = scaled_importance([[1, -4, 2], [0, 0, 0], [np.nan, 1, 1]])
    assert scaled[0].tolist() == [0.25, -1, 0.5]
    assert scaled[1].tolist() == [0, 0, 0]
    assert np.isnan(scaled[2]).all()


def test_features_are_shared_by_more_than_half_of_the_members_with_one_sign():
    scaled = np.array(
        [[1.0, -0.5, 0.2, 0.9, 0.1], [0.8, -1.0, 0.3, -0.9, 0.1], [1.0, 0.1, 0.1, 0.0, 0.1]]
    )
    found = shared_features(scaled)
    assert [(one.channel, one.sign, one.n) for one in found] == [(0, 1, 3), (1, -1, 2), (2, 1, 2)]
    assert found[0].mean == pytest.approx(2.8 / 3)
    assert shared_features(scaled[:2]) == shared_features(scaled[:2], share=0.2, most=0.5)
    assert 3 not in [one.channel for one in shared_features(scaled[:2])]  # half is not more
    assert shared_features(np.zeros((0, 4))) == []


def ensemble_of(groups, noise, seed=0):
    generator = np.random.default_rng(seed)
    fiv = groups[:, None] + generator.normal(0, noise, (len(groups), 8, groups.shape[1]))
    weight = np.full((len(groups), 8), 1 / 8)
    fiv[6], weight[6] = 0, 0
    return fiv, weight, np.zeros(groups.shape, int)


def test_what_trials_agree_on_is_stable_and_noise_is_not(groups):
    leaves = np.arange(6)
    flat = cut(cluster(similarity(groups)), 0.5)
    steady = stability(flat, resample_trees(*ensemble_of(groups, 0.05), leaves))
    assert steady.n == 100
    assert steady.jaccard.tolist() == [1, 1]
    assert steady.rand == 1
    random = groups * 0
    flat = cut(cluster(similarity(np.random.default_rng(1).normal(size=(7, 11)))), 0.8)
    flat[6] = -1
    shaky = stability(flat, resample_trees(*ensemble_of(random, 1.0), leaves))
    assert shaky.rand < 0.5
    assert shaky.jaccard.mean() < 0.8


def test_resampled_trees_repeat_and_leave_out_what_has_no_similarity(groups):
    told = ensemble_of(groups, 0.3)
    first, again = (resample_trees(*told, [5, 0, 1, 2, 3, 4], seed=4) for _ in range(2))
    np.testing.assert_array_equal(first.trees, again.trees)
    assert first.leaves.tolist() == list(range(6))
    assert first.trees.shape == (100, 5, 4)
    other = resample_trees(*told, np.arange(6), seed=5)
    assert not np.array_equal(first.trees, other.trees)


def test_one_trial_drawn_again_is_the_class_itself(groups):
    fiv, weight = groups[:, None], np.ones((7, 1))
    drawn = resample_trees(fiv, weight, np.zeros((7, 11)), np.arange(6))
    expected = cluster(similarity(groups.astype(np.float32)[:6])).linkage
    np.testing.assert_allclose(np.sort(drawn.trees[0][:, 2]), expected[:, 2], atol=1e-6)


def test_inconsistent_channels_count_their_positive_trials_alone(groups):
    fiv = np.repeat(groups[:, None], 2, axis=1)
    fiv[:, 1] *= -1  # their mean is 0, that of the positive ones is not
    weight = np.tile([1.0, 0.0], (7, 1))
    both = np.full((7, 2), 0.5)
    inconsistent = np.full((7, 11), Kind.INCONSISTENT)
    alone = resample_trees(fiv, weight, np.zeros((7, 11)), np.arange(6))
    masked = resample_trees(fiv, both, inconsistent, np.arange(6))
    assert len(alone.trees) == 100  # a trial of weight 0 is never drawn
    np.testing.assert_array_equal(alone.trees, alone.trees[:1].repeat(100, 0))
    assert not np.allclose(masked.trees[0], masked.trees[1])


def test_stability_needs_trials_and_classes(groups):
    told = stability(np.array([-1, -1]), resample_trees(np.zeros((2, 3, 4)), np.zeros((2, 3)),
                                                        np.zeros((2, 4)), []))  # fmt: skip
    assert told.n == 0
    assert np.isnan(told.rand)
    assert len(told.jaccard) == 0


def test_the_rand_index_is_that_of_scikit_learn():
    generator = np.random.default_rng(0)
    for k in (1, 2, 5):
        a, b = generator.integers(0, k, 31), generator.integers(0, 4, 31)
        ours = adjusted_rand(contingency(a, b))
        assert ours == pytest.approx(adjusted_rand_score(a, b))
    assert adjusted_rand(contingency([0, 0], [0, 0])) == 1


def test_large_runs_get_fewer_resamples():
    assert n_resamples(34, 64, 10) == 100
    assert 10 <= n_resamples(919, 480, 30) < 40
    assert n_resamples(5000, 5000, 100) == 10
