"""Mixtures of our own against those of scikit-learn, as an independent referee."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from deepresolve_dash.core.statistics.gaussians import fit_gaussians
from deepresolve_dash.core.statistics.mixture import VARIANCE_FLOOR, fit_mixture


def levels(form, seed):
    generator = np.random.default_rng(seed)
    size = 10 ** generator.uniform(-4, 1)
    n = int(generator.integers(5, 400))
    if form == "noise":
        return generator.normal(0, size, (10, n)).var(axis=0)
    if form == "two kinds":
        return np.r_[
            generator.gamma(1, size / 50, n), generator.normal(size, size / 10, n // 9 + 1)
        ]
    if form == "equal values":
        return np.round(generator.gamma(1, 3, n)) * size
    if form == "equal but for rounding":
        return size * (1 + 1e-16 * generator.integers(0, 9, n))
    return np.r_[np.zeros(n), generator.random(3) * size]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "form", ["noise", "two kinds", "equal values", "nearly all zero", "equal but for rounding"]
)
@pytest.mark.parametrize("n_components", [1, 2, 3])
def test_a_fit_is_that_of_scikit_learn(form, seed, n_components):
    x = np.sort(levels(form, seed))
    if len(np.unique(x)) < n_components:
        pytest.skip("too few values")
    ours = fit_gaussians(x, n_components, floor=VARIANCE_FLOOR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        theirs = GaussianMixture(
            n_components, covariance_type="diag", reg_covar=VARIANCE_FLOOR, random_state=0
        ).fit(x[:, None])
    assert ours.bic == pytest.approx(theirs.bic(x[:, None]), rel=1e-9, abs=1e-7)
    assert ours.means == pytest.approx(theirs.means_.ravel(), rel=1e-7, abs=1e-12)
    assert ours.variances == pytest.approx(theirs.covariances_.ravel(), rel=1e-7)
    assert ours.weights == pytest.approx(theirs.weights_, rel=1e-7)
    assert (ours.most_likely(x) == theirs.predict(x[:, None])).all()


def test_levels_too_large_for_their_spread_have_a_fit():
    fit = fit_mixture(1e9 + np.arange(20.0))
    assert np.isfinite(fit.bic).all()
    assert (fit.variances > 0).all()
