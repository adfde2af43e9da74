"""The numbers derived from an ensemble, and from it alone."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.core.settings import (
    MOMENTUM,
    AscentSettings,
    SummarySettings,
    find_preset,
    start_scale,
    step_rates,
)
from deepresolve_dash.core.statistics.classes import similarity
from deepresolve_dash.core.statistics.enough import top_stability
from deepresolve_dash.core.statistics.mixture import MAX_COMPONENTS, fit_mixture
from deepresolve_dash.core.statistics.ofiv import (
    Kind,
    bootstrap_interval,
    is_guarded,
    kinds,
    overall_importance,
)
from deepresolve_dash.core.statistics.optima import distinct_optima
from deepresolve_dash.core.statistics.qualifiers import (
    leftover,
    null_rate,
    rank_stability,
    rescaled_components,
    residual_share,
)
from deepresolve_dash.core.statistics.weights import inconsistency, trial_weights
from deepresolve_dash.runs.spec import settings_from_dict

# name: dimensions after `regime`, unit, meaning
_DERIVED = {
    "weight": ("target trial", "1", "weight of the trial, 0 when it diverged"),
    "inconsistency": ("target channel", "feature-map units^2", "inconsistency level (IL)"),
    "ofiv": ("target channel", "feature-map units", "overall feature importance vector"),
    "ofiv_low": ("target channel", "feature-map units", "2.5% bootstrap bound of the OFIV"),
    "ofiv_high": ("target channel", "feature-map units", "97.5% bootstrap bound of the OFIV"),
    "kind": (
        "target channel",
        "1",
        "0 additive, 1 non-additive consistent, 2 non-additive inconsistent",
    ),
    "mixture_component": ("target channel", "1", "component of the mixture, 0 the lowest mean"),
    "n_components": ("target", "1", "components with the lowest BIC; 0 without a result"),
    "n_components_rescaled": ("target", "1", "the same after IL is divided by its mean"),
    "guarded": ("target", "1", "trials agree so well that the mixture is not believed"),
    "n_optima": ("target", "1", "distinct best patterns among the trials"),
    "residual_share": ("target", "1", "estimated share of IL left over from the initial maps"),
    "share_converged": ("target", "1", "share of all trials that converged"),
    "null_rate": ("target", "1", "share of pure-noise classes with more than one component"),
    "rank_stability": ("target", "1", "rank correlation of half of the trials with all"),
    "top_stability": ("target", "1", "share of the leading channels that half of the trials find"),
    "bic": ("target component", "1", "BIC of 1, 2, 3 components; NaN where not fitted"),
}

_UNKNOWN = ("residual_share", "null_rate", "rank_stability", "top_stability")  # without a result


@dataclass(frozen=True)
class Reading:
    """How the ensemble was made and is to be read."""

    settings: AscentSettings
    summary: SummarySettings
    distance: float
    shape: tuple[int, int]


def summarise(
    ensemble: xr.Dataset,
    companions: xr.Dataset | None = None,
    *,
    on_class: Callable[[], None] = lambda: None,
) -> xr.Dataset:
    """Derive the summary of a run.

    *Source:* the paper's section 3 and its class similarity; the functions of `core.statistics`
    name the equations and our choices.

    Parameters
    ----------
    ensemble : xarray.Dataset
        As `make_ensemble` returns it.
    companions : xarray.Dataset, optional
        `last_layer` and `label_correlation`, which do not follow from the ensemble; an older
        summary will do.
    on_class : function
        Called before each class; whatever it raises ends the summary.

    Returns
    -------
    xarray.Dataset with the variables of the run folder's `summary.nc`
    """
    reading = _reading(ensemble)
    names = ensemble.regime.values.tolist()

    def summarised(r: int, t: int) -> dict:
        on_class()
        return _summarise_class(ensemble.isel(regime=r, target=t), names[r], reading)

    rows = [[summarised(r, t) for t in range(ensemble.sizes["target"])] for r in range(len(names))]
    variables = {
        name: (
            ("regime", *dims.split()),
            np.array([[row[name] for row in regime] for regime in rows]),
            {"units": unit, "long_name": meaning},
        )
        for name, (dims, unit, meaning) in _DERIVED.items()
    }
    variables["similarity"] = (
        ("regime", "target", "other_target"),
        np.stack([similarity(ofiv) for ofiv in variables["ofiv"][1]]),
        {"units": "1", "long_name": "class similarity: correlation of non-negative OFIVs"},
    )
    coordinates = {name: ensemble[name] for name in ("regime", "target", "target_name", "channel")}
    summary = xr.Dataset(variables, coords=coordinates, attrs={"spec": ensemble.attrs["spec"]})
    summary = summary.assign_coords(
        other_target=ensemble.target.values, component=np.arange(1, MAX_COMPONENTS + 1)
    )
    kept = [n for n in ("last_layer", "label_correlation") if n in (companions or ())]
    return summary.assign({name: companions[name] for name in kept} if companions else {})


def _reading(ensemble: xr.Dataset) -> Reading:
    spec = json.loads(ensemble.attrs["spec"])
    return Reading(
        settings_from_dict(spec["settings"]),
        find_preset(spec["preset"]).summary,
        float(ensemble.base_distance),
        (ensemble.sizes["channel"], ensemble.sizes["position"]),
    )


def _summarise_class(one: xr.Dataset, regime: str, reading: Reading) -> dict:
    """Return the derived numbers of one class in one regime."""
    fiv, score = one.fiv.values.astype(np.float64), one.score.values.astype(np.float64)
    keep = np.isfinite(fiv).all(1) & np.isfinite(score) & ~one.diverged.values.astype(bool)
    if not keep.any():
        return _no_result(*fiv.shape)
    phi, w = fiv[keep], trial_weights(score[keep])
    weight = np.zeros(len(fiv))
    weight[keep] = w
    levels = inconsistency(phi, w)
    mixture = fit_mixture(levels)
    guarded = is_guarded(phi, w, levels, guard=reading.summary.guard)
    kind = kinds(phi, w, mixture.additive(levels) | guarded)
    sign_kind = kind if reading.summary.sign_rule else np.zeros_like(kind)
    low, high = bootstrap_interval(phi, w, sign_kind)
    return {
        "weight": weight,
        "inconsistency": levels,
        "ofiv": overall_importance(phi, w, sign_kind),
        "ofiv_low": low,
        "ofiv_high": high,
        "kind": kind,
        "mixture_component": mixture.component.astype(np.int8),
        "n_components": mixture.n_components,
        "n_components_rescaled": rescaled_components(levels),
        "guarded": guarded,
        "n_optima": int(distinct_optima(phi).max()) + 1,
        "residual_share": _residual_share(one, levels, keep, regime, reading),
        "share_converged": float(np.mean(one.converged.values.astype(bool) & keep)),
        "null_rate": null_rate(levels, n_trials=len(phi)),
        "rank_stability": rank_stability(phi, score[keep]),
        "top_stability": top_stability(phi, score[keep]),
        "bic": mixture.bic,
    }


def _no_result(n_trials: int, n_channels: int) -> dict:
    """Return what stands for a class of which every trial diverged."""
    unknown = np.full(n_channels, np.nan)
    return {
        "weight": np.zeros(n_trials),
        **dict.fromkeys(("inconsistency", "ofiv", "ofiv_low", "ofiv_high"), unknown),
        "kind": np.full(n_channels, Kind.ADDITIVE, np.int8),
        "mixture_component": np.zeros(n_channels, np.int8),
        **dict.fromkeys(("n_components", "n_components_rescaled", "n_optima"), 0),
        "guarded": False,
        "share_converged": 0.0,
        **dict.fromkeys(_UNKNOWN, math.nan),
        "bic": np.full(MAX_COMPONENTS, np.nan),
    }


def _residual_share(
    one: xr.Dataset, levels: NDArray, keep: NDArray, regime: str, reading: Reading
) -> float:
    """Return the share of IL that the initial maps left behind, NaN where it is not known."""
    settings, l2 = reading.settings, float(one.l2)
    if settings.optimiser == "adam" or math.isnan(l2):
        return math.nan
    momentum = MOMENTUM if settings.optimiser == "heavy-ball" else 0.0
    unit = 1.0 if settings.optimiser == "heavy-ball" else 2 * l2
    left = leftover([unit * rate for rate in step_rates(settings)], momentum=momentum)
    passed = next(r for r in settings.regimes if r.name == regime)
    return residual_share(
        levels,
        left=left[one.n_steps.values[keep]],
        start_sd=start_scale(settings, passed, reading.distance, reading.shape),
        width=reading.shape[1],
    )
