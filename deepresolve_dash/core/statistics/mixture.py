"""How many kinds of channels a class has: Gaussian mixtures on inconsistency levels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepresolve_dash.core.statistics.gaussians import fit_gaussians

MAX_COMPONENTS = 3
VARIANCE_FLOOR = 1e-6  # feature-map units to the fourth; absolute, so the count depends on scale


@dataclass(frozen=True)
class Mixture:
    """A fitted mixture over the K inconsistency levels of one class.

    Attributes
    ----------
    n_components : int
        Number of components with the lowest BIC.
    bic : float array (3,)
        BIC of 1, 2 and 3 components; NaN where there were too few distinct values to fit.
    means, variances, weights : float arrays (n_components,)
        Components in ascending order of mean.
    component : int array (channel,)
        Component of each channel, 0 the lowest.
    """

    n_components: int
    bic: NDArray[np.float64]
    means: NDArray[np.float64]
    variances: NDArray[np.float64]
    weights: NDArray[np.float64]
    component: NDArray[np.int64]

    def additive(self, inconsistency: ArrayLike) -> NDArray[np.bool_]:
        """Return which channels are additive.

        *Choice:* the component with the lowest mean, and every channel at or below that mean: a
        wide second component would otherwise claim the smallest values.
        """
        return (self.component == 0) | (np.asarray(inconsistency) <= self.means[0])


def fit_mixture(inconsistency: ArrayLike) -> Mixture:
    """Fit 1, 2 and 3 components and keep the one with the lowest BIC.

    *Source:* the paper's section 3. *Choice:* as scikit-learn fits them (diagonal, variance floor
    1e-6, random_state 0), on the sorted values so that the order of channels cannot matter; ties go
    to fewer components, never more components than distinct values; a single channel or constant
    levels have one.

    Parameters
    ----------
    inconsistency : float array (channel,)
        Feature-map units squared, finite.
    """
    x = np.asarray(inconsistency, np.float64)
    bic = np.full(MAX_COMPONENTS, np.nan)
    most = min(MAX_COMPONENTS, len(np.unique(x)))
    if most < 2:
        one = np.ones(1)
        return Mixture(1, bic, one * x.mean(), one * x.var(), one, np.zeros(len(x), int))
    fits = [fit_gaussians(np.sort(x), n, floor=VARIANCE_FLOOR) for n in range(1, most + 1)]
    bic[:most] = [fit.bic for fit in fits]
    best = fits[int(np.nanargmin(bic))]
    order = np.argsort(best.means, kind="stable")
    return Mixture(
        n_components=len(order),
        bic=bic,
        means=best.means[order],
        variances=best.variances[order],
        weights=best.weights[order],
        component=np.argsort(order)[best.most_likely(x)],
    )
