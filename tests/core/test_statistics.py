import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import chi2, spearmanr
from sklearn.mixture import GaussianMixture

from deepresolve_dash.core.statistics.classes import (
    cluster,
    correlation,
    count_similar,
    difference,
    last_layer_similarity,
    similarity,
)
from deepresolve_dash.core.statistics.mixture import fit_mixture
from deepresolve_dash.core.statistics.ofiv import (
    Kind,
    bootstrap_interval,
    important_channels,
    is_guarded,
    kinds,
    largest_importance,
    overall_importance,
)
from deepresolve_dash.core.statistics.optima import both_orders, distinct_optima
from deepresolve_dash.core.statistics.qualifiers import (
    leftover,
    null_rate,
    rank_stability,
    rescaled_components,
    residual_share,
)
from deepresolve_dash.core.statistics.weights import inconsistency, trial_weights
from tests.planted import two_optima

values = st.floats(-5, 5, width=32)
fivs = arrays(np.float64, (5, 7), elements=values)
scores = arrays(np.float64, 5, elements=values)


def test_weights_are_scores_when_none_is_negative():
    assert trial_weights([1, 3, 0]) == pytest.approx([0.25, 0.75, 0])
    assert trial_weights([2, 6]) == pytest.approx([0.25, 0.75])


def test_weights_shift_by_the_lowest_negative_score():
    assert trial_weights([-1, 1, 0]) == pytest.approx([0, 2 / 3, 1 / 3])


@pytest.mark.parametrize("score", [[2, 2, 2], [-3, -3 - 1e-7, -3], [0, 0], [4]])
def test_weights_are_uniform_when_scores_differ_by_rounding_only(score):
    assert trial_weights(score) == pytest.approx(np.full(len(score), 1 / len(score)))


def test_weights_tell_scores_apart_from_a_millionth_of_the_largest_on():
    assert trial_weights([-1, -1 + 2e-6]).tolist() == [0, 1]
    assert trial_weights([-1, -1 + 5e-7]).tolist() == [0.5, 0.5]
    assert trial_weights([-1000, -1000 + 5e-4]).tolist() == [0.5, 0.5]
    assert trial_weights([-(10.0**6), 1 - 10.0**6]).tolist() == [0, 1]


@given(scores)
def test_weights_sum_to_one_and_are_not_negative(score):
    w = trial_weights(score)
    assert w.sum() == pytest.approx(1)
    assert (w >= 0).all()


@given(fivs, scores)
def test_inconsistency_is_the_weighted_variance_of_a_plain_loop(fiv, score):
    w = trial_weights(score)
    for k in range(7):
        mean = sum(w[t] * fiv[t, k] for t in range(5))
        expected = sum(w[t] * (fiv[t, k] - mean) ** 2 for t in range(5))
        assert inconsistency(fiv, w)[k] == pytest.approx(expected, abs=1e-12)


@given(fivs, scores, st.permutations(range(7)), st.permutations(range(5)))
@settings(max_examples=25, deadline=None)
def test_channels_may_be_permuted_and_trials_do_not_matter(fiv, score, channels, trials):
    def read(phi, s):
        w = trial_weights(s)
        levels = inconsistency(phi, w)
        mixture = fit_mixture(levels)
        kind = kinds(phi, w, mixture.additive(levels))
        return mixture.n_components, kind, overall_importance(phi, w, kind)

    n, kind, ofiv = read(fiv, score)
    n_c, kind_c, ofiv_c = read(fiv[:, channels], score)
    assert n_c == n
    assert (kind_c == kind[channels]).all()
    assert ofiv_c == pytest.approx(ofiv[channels], abs=1e-9)
    w, w_t = trial_weights(score), trial_weights(score[trials])
    assert w_t == pytest.approx(w[trials])
    assert w_t @ fiv[trials] == pytest.approx(w @ fiv, abs=1e-9)


@pytest.mark.parametrize(
    "number",
    [
        lambda phi, s: trial_weights(s),
        lambda phi, s: inconsistency(phi, np.abs(s)),
        lambda phi, s: overall_importance(phi, s, np.arange(13) % 3),
        lambda phi, s: largest_importance(phi, np.abs(s)),
        lambda phi, s: bootstrap_interval(phi, np.abs(s), np.arange(13) % 3)[0],
        lambda phi, s: fit_mixture(np.abs(phi[0])).bic,
        lambda phi, s: similarity(phi),
        lambda phi, s: correlation(phi),
        lambda phi, s: difference(phi[0], phi[1]),
        lambda phi, s: difference(phi[0].astype(float), phi[1]),
        lambda phi, s: last_layer_similarity(phi),
        lambda phi, s: cluster(phi[:, :9]).linkage[:, 2],
        lambda phi, s: count_similar(phi[:, :9], [0, 1], [2, 3]).above,
        lambda phi, s: rank_stability(phi, s),
        lambda phi, s: residual_share(np.abs(phi[0, :10]), left=[0.1], start_sd=0.1, width=3),
    ],
)
def test_single_precision_gives_the_numbers_of_double_precision(number):
    generator = np.random.default_rng(0)
    fiv, score = (generator.normal(size=n).astype(np.float32) ** 3 for n in ((9, 13), 9))
    found = np.asarray(number(fiv, score))
    assert found.dtype == np.float64
    assert found == pytest.approx(number(fiv.astype(float), score.astype(float)), rel=1e-12)


def test_mixture_agrees_with_scikit_learn_and_orders_components_by_mean():
    levels = np.random.default_rng(3).permutation(
        np.r_[np.linspace(0.1, 0.3, 11), np.linspace(4, 4.4, 7), np.linspace(9, 9.2, 5)]
    )
    x = levels[:, None]
    fits = [
        GaussianMixture(n, covariance_type="diag", reg_covar=1e-6, random_state=0).fit(
            np.sort(x, axis=0)
        )
        for n in (1, 2, 3)
    ]
    mixture = fit_mixture(levels)
    assert mixture.bic == pytest.approx([fit.bic(x) for fit in fits])
    assert mixture.n_components == 3
    assert (np.diff(mixture.means) > 0).all()
    assert mixture.weights == pytest.approx(np.array([11, 7, 5]) / 23)
    assert mixture.variances == pytest.approx(
        [levels[part].var() for part in (levels < 1, abs(levels - 4.2) < 1, levels > 8)], abs=2e-6
    )
    assert [set(mixture.component[part]) for part in (levels < 1, levels > 8)] == [{0}, {2}]


@pytest.mark.parametrize(("levels", "most"), [([0.3], 1), ([2, 2, 2, 2], 1), ([0, 1, 1, 0], 2)])
def test_mixture_has_no_more_components_than_distinct_values(levels, most):
    mixture = fit_mixture(levels)
    assert mixture.n_components <= most
    assert np.isnan(mixture.bic[most:]).all() or most == 1
    assert mixture.component.shape == (len(levels),)


def test_a_single_component_has_the_mean_and_the_variance_of_the_levels():
    mixture = fit_mixture([0.3, 0.3])
    assert mixture.means.tolist() == [0.3]
    assert mixture.variances.tolist() == [0]
    assert mixture.weights.tolist() == [1]
    assert mixture.component.tolist() == [0, 0]
    assert mixture.component.dtype == int
    assert np.isnan(mixture.bic).all()
    assert fit_mixture([0, 1, 1, 0]).component.tolist() == [0, 1, 1, 0]


def test_channels_below_the_lowest_mean_are_additive_even_in_a_wide_component():
    generator = np.random.default_rng(0)
    levels = np.r_[0.0, generator.normal(0.5, 0.005, 40).clip(0), generator.normal(3, 2, 9).clip(2)]
    mixture = fit_mixture(levels)
    assert mixture.additive(levels)[0]
    assert mixture.additive(np.full(50, mixture.means[0])).all()


def test_an_opposite_pair_is_inconsistent_and_read_from_its_positive_trials():
    fiv = two_optima(21, 11)
    w = trial_weights(np.full(21, 3.0))
    levels = inconsistency(fiv, w)
    kind = kinds(fiv, w, fit_mixture(levels).additive(levels))
    assert np.flatnonzero(kind == Kind.INCONSISTENT).tolist() == [1, 4]
    assert overall_importance(fiv, w, kind)[[0, 1, 4]] == pytest.approx([2, 1.5, 1.5])
    assert both_orders(fiv, w)[1, 4]
    assert np.argwhere(both_orders(fiv, w)).tolist() == [[1, 4], [4, 1]]


def test_a_channel_that_is_never_positive_and_inconsistent_counts_nothing():
    fiv = -np.ones((3, 2))
    assert overall_importance(fiv, [0.2, 0.3, 0.5], [Kind.INCONSISTENT, Kind.ADDITIVE]) == (
        pytest.approx([0, -1])
    )


def test_an_inconsistent_channel_counts_every_trial_above_0_and_no_other():
    fiv = np.array([[2.0], [0.5], [0.0], [-1.0]])
    assert overall_importance(fiv, [0.25] * 4, [Kind.INCONSISTENT]) == pytest.approx([1.25])


def test_a_trial_without_weight_does_not_make_a_channel_inconsistent():
    fiv = np.array([[1.0, 2.0], [-1.0, 2.0], [1.0, 2.0]])
    assert kinds(fiv, [0.5, 0, 0.5], [False, True]).tolist() == [Kind.CONSISTENT, Kind.ADDITIVE]


@pytest.mark.parametrize("scale", [1, 1 / 16])
def test_a_sign_counts_above_a_thousandth_of_the_largest_importance_only(scale):
    def kind_and_order(other):
        fiv = scale * np.array([[2.0, -1.0], [-2.0, other]])
        inconsistent = kinds(fiv, [0.5, 0.5], [False, False])[1] == Kind.INCONSISTENT
        turned = both_orders(-fiv, [0.5, 0.5])[0, 1]
        return inconsistent, both_orders(fiv, [0.5, 0.5])[0, 1], turned

    assert kind_and_order(0.003) == (True, True, True)
    assert kind_and_order(0.002) == (False, False, False)
    assert kind_and_order(0.0) == (False, False, False)


def test_a_channel_of_one_sign_is_consistent_whatever_the_signs_of_the_others():
    kind = kinds([[2.0, -1.0], [0.5, -1.0]], [0.5, 0.5], [False, False])
    assert kind.tolist() == [Kind.CONSISTENT] * 2
    assert kind.dtype == np.int8


def test_both_orders_need_more_than_their_share_of_the_weight():
    fiv = np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert not both_orders(fiv, [0.95, 0.05]).any()
    assert both_orders(fiv, [0.94, 0.06])[0, 1]
    assert both_orders(np.zeros((0, 2)), []).tolist() == [[False] * 2] * 2


def test_the_guard_compares_the_root_of_il_with_the_largest_importance():
    fiv, w = np.array([[1.0, 10.0], [1.2, 10.0]]), np.array([0.5, 0.5])
    assert is_guarded(fiv, w, inconsistency(fiv, w), guard=0.1)
    assert not is_guarded(fiv, w, inconsistency(fiv, w), guard=0.001)
    assert not is_guarded(fiv, w, inconsistency(fiv, w), guard=None)
    assert not is_guarded([[1.0], [3.0]], w, [1.0], guard=0.5)


@given(fivs, scores)
@settings(max_examples=25, deadline=None)
def test_the_interval_holds_the_extremes_of_the_trials(fiv, score):
    w = trial_weights(score)
    low, high = bootstrap_interval(fiv, w, np.zeros(7))
    assert (low <= high + 1e-12).all()
    assert (low >= fiv.min(0) - 1e-9).all()
    assert (high <= fiv.max(0) + 1e-9).all()


@pytest.mark.parametrize("weight", [[0.1, 0.2, 0.3, 0.4], [0, 0, 0, 1]])
def test_the_interval_is_that_of_a_plain_loop_over_resamples(weight):
    fiv = np.random.default_rng(0).normal(size=(4, 3))
    kind = np.array([Kind.ADDITIVE, Kind.CONSISTENT, Kind.INCONSISTENT])
    generator, found = np.random.default_rng(5), []
    for counts in generator.multinomial(4, [0.25] * 4, size=1000):
        mass = counts * np.array(weight)
        mass = mass / mass.sum() if mass.sum() else counts / 4
        found.append(overall_importance(fiv, mass, kind))
    low, high = bootstrap_interval(fiv, weight, kind, seed=5)
    assert low == pytest.approx(np.percentile(found, 2.5, axis=0))
    assert high == pytest.approx(np.percentile(found, 97.5, axis=0))
    of_zero = bootstrap_interval(fiv, weight, kind, seed=0)
    assert np.array_equal(bootstrap_interval(fiv, weight, kind), of_zero)


def test_the_interval_of_one_trial_is_its_value():
    low, high = bootstrap_interval([[1.0, -2.0]], [1.0], [0, 0])
    assert low == pytest.approx([1, -2])
    assert high == pytest.approx([1, -2])


def test_important_channels_are_those_near_the_largest_in_size():
    assert important_channels([0.1, -1.0, 0.5, 0.19]).tolist() == [2, 1]
    assert important_channels([0.2, 0.5, 0.5, 1.0]).tolist() == [3, 1, 2, 0]
    assert important_channels([4.0, 0.8, 0.7]).tolist() == [0, 1]
    assert important_channels([0.125, 0.025, 0.0]).tolist() == [0, 1]
    ties = important_channels(np.tile([1.0, 0.5], 40))
    assert ties.tolist() == [*range(0, 80, 2), *range(1, 80, 2)]


@pytest.mark.parametrize("ofiv", [[], np.zeros(3), [np.nan]])
def test_without_any_importance_no_channel_is_important(ofiv):
    found = important_channels(ofiv)
    assert found.dtype == int
    assert found.tolist() == []


def test_distinct_optima_count_directions_and_put_the_largest_first():
    label = distinct_optima(np.array([[1.0, 0], [1.01, 0], [0, 1], [1, 0.01], [0, -3]]))
    assert label.tolist()[:4] == [0, 0, label[2], 0]
    assert len(set(label)) == 3


def test_an_optimum_holds_no_two_trials_further_apart_than_its_cut():
    assert distinct_optima([[1.0], [1.04], [1.08]]).max() == 1
    assert distinct_optima([[1.0], [1.0525]]).max() == 0  # 0.0499 of the larger, 0.0525 of the less
    assert distinct_optima([[1.0], [2.0]]).max() == 1
    sizes = distinct_optima(np.array([[9.0, 4, 1, 4, 1, 1]]).T)
    assert sizes.tolist() == [2, 1, 0, 1, 0, 0]


@pytest.mark.parametrize("fiv", [np.zeros((1, 7)), np.zeros((5, 7)), np.ones((5, 1))])
def test_equal_trials_have_one_optimum(fiv):
    label = distinct_optima(fiv)
    assert label.tolist() == [0] * len(fiv)
    assert label.dtype == int


@given(arrays(np.float64, (5, 7), elements=values))
def test_similarity_is_a_correlation_matrix_unchanged_by_positive_scaling(ofiv):
    a = similarity(ofiv)
    known = ~np.isnan(np.diag(a))
    assert np.allclose(a, a.T, equal_nan=True)
    assert np.allclose(np.diag(a)[known], 1)
    assert (np.abs(a[np.ix_(known, known)]) <= 1).all()
    assert np.allclose(similarity(ofiv * 4), a, equal_nan=True, atol=1e-6)


def test_similarity_is_pearson_of_the_non_negative_parts():
    ofiv = np.array([[1.0, -2, 3, 0], [2.0, 5, 1, -1]])
    expected = np.corrcoef([1, 0, 3, 0], [2, 5, 1, 0])[0, 1]
    assert similarity(ofiv)[0, 1] == pytest.approx(expected)
    assert correlation(ofiv)[0, 1] == pytest.approx(np.corrcoef(ofiv)[0, 1])


def test_a_class_without_positive_importance_is_blank_and_left_out_of_clustering():
    ofiv = np.array([[1.0, 0, 3], [-1.0, -2, -3], [0.9, 0.1, 2], [0, 5, 0], [np.nan] * 3])
    a = similarity(ofiv)
    assert np.isnan(a[1]).all()
    assert np.isnan(a[4]).all()
    clustering = cluster(a)
    assert sorted(clustering.order) == [0, 1, 2, 3, 4]
    assert clustering.left_out.tolist() == [1, 4]
    assert clustering.order[-2:].tolist() == [1, 4]
    assert clustering.linkage.shape == (2, 4)
    assert abs(list(clustering.order).index(0) - list(clustering.order).index(2)) == 1


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_classes_have_no_hierarchy(n):
    assert cluster(np.ones((n, n))).linkage.shape == (0, 4)


def test_classes_join_at_their_mean_distance_and_two_are_enough():
    a = np.array([[1, 0.8, -0.2], [0.8, 1, -0.4], [-0.2, -0.4, 1]])
    assert cluster(a).linkage[:, 2] == pytest.approx([0.2, 1.3])
    assert cluster(a[:2, :2]).linkage[:, 2] == pytest.approx([0.2])
    alone = cluster(np.where(np.eye(2) > 0, [1, np.nan], np.nan))
    assert alone.left_out.tolist() == [1]


def test_difference_and_last_layer_are_what_their_equations_say():
    assert difference([1, 2], [3, -1]).tolist() == [-2, 3]
    weight = np.arange(6.0).reshape(2, 3)
    assert last_layer_similarity(weight).tolist() == [[5, 14], [14, 50]]


def test_rescaling_frees_the_count_from_units():
    levels = np.r_[np.linspace(1e-7, 1.2e-7, 20), np.linspace(5e-6, 5.2e-6, 9)]
    assert fit_mixture(levels).n_components == 1
    assert rescaled_components(levels) > 1
    assert rescaled_components(np.zeros(5)) == 1


def test_null_rate_is_high_for_many_channels_and_few_trials_only():
    levels = np.random.default_rng(0).chisquare(9, 480)
    assert null_rate(levels, n_trials=10) > 0.9
    assert null_rate(np.zeros(5), n_trials=10) == 0
    assert null_rate(levels, n_trials=1) == 0


@pytest.mark.parametrize(("n_trials", "median"), [(2, 1.0), (9, 0.02)])
def test_null_rate_is_that_of_a_plain_loop_over_noise(n_trials, median):
    spread = np.sqrt(10 ** (round(2 * np.log10(median)) / 2) * n_trials / chi2.median(n_trials - 1))
    noise = np.random.default_rng(0).normal(0, spread, (40, n_trials, 11))
    several = [fit_mixture(fiv.var(axis=0)).n_components > 1 for fiv in noise]
    assert 0 < np.mean(several) < 1
    assert null_rate(np.full(11, median), n_trials=n_trials) == np.mean(several)


def test_rank_stability_is_one_when_trials_agree_and_low_in_noise():
    generator = np.random.default_rng(0)
    agree = np.tile(generator.normal(size=13), (10, 1))
    assert rank_stability(agree, np.ones(10)) == pytest.approx(1)
    assert rank_stability(generator.normal(size=(10, 13)), np.ones(10)) < 0.9
    assert np.isnan(rank_stability(agree[:1], np.ones(1)))


@pytest.mark.parametrize("shape", [(7, 13), (8, 2), (2, 13)])
def test_rank_stability_is_that_of_a_plain_loop_over_halves(shape):
    generator = np.random.default_rng(3)
    fiv, score = generator.normal(size=shape), generator.random(shape[0])
    draws = np.random.default_rng(0)
    found = []
    for _ in range(20):
        half = draws.permutation(len(score))[: (len(score) + 1) // 2]
        part, whole = trial_weights(score[half]) @ fiv[half], trial_weights(score) @ fiv
        found.append(spearmanr(part, whole)[0])
    assert rank_stability(fiv, score) == pytest.approx(np.mean(found))


def test_a_half_without_any_ranks_is_stable_only_if_the_whole_has_none():
    fiv = np.zeros((3, 4))
    assert rank_stability(fiv, np.ones(3)) == 1
    fiv[2] = [1, 2, 3, 4]
    draws = np.random.default_rng(0)
    with_ranks = [2 in draws.permutation(3)[:2] for _ in range(20)]
    assert rank_stability(fiv, np.ones(3)) == pytest.approx(np.mean(with_ranks))


def test_leftover_of_plain_steps_is_a_product_and_of_momentum_a_recursion():
    assert leftover([0.5, 0.1], momentum=0) == pytest.approx([1, 0.5, 0.45])
    e, m, expected = 1.0, 0.0, [1.0]
    for a in (0.3, 0.2, 0.1):
        m = 0.8 * m - e
        e += a * m
        expected.append(e)
    assert leftover([0.3, 0.2, 0.1], momentum=0.8) == pytest.approx(expected)


def test_residual_share_is_measured_for_noise_that_only_shrank():
    start = np.random.default_rng(0).normal(0, 2, (200, 31, 3)).mean(2)
    levels = (0.1 * start).var(0)
    share = residual_share(levels, left=np.full(200, 0.1), start_sd=2, width=3)
    assert share == pytest.approx(1, abs=0.1)
    assert residual_share(levels * 100, left=[0.1], start_sd=2, width=3) < 0.02
    assert residual_share(np.zeros(3), left=[0.0], start_sd=2, width=3) == 0
    assert residual_share(np.zeros(3), left=[0.5], start_sd=1, width=3) == 1
    assert residual_share([0.1], left=[0.5], start_sd=2, width=3) == 1
    assert np.isnan(residual_share([0.1], left=[np.nan], start_sd=2, width=3))
    of_two = residual_share([0.5, 0.5, 2.0], left=[0.5, 0.1], start_sd=3, width=90)
    assert of_two == pytest.approx(3**2 / 90 * 0.13 / 0.5)


def test_no_warning_reaches_the_user_on_degenerate_levels():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit_mixture([1e-9, 1e-9, 2e-9])
        fit_mixture(np.r_[np.zeros(50), 1])
