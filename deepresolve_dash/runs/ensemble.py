"""The raw results of a run as one labelled dataset."""

import json
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.runs.spec import RunSpec, spec_to_dict

TRACE_EVERY = 10

# name: dimensions after `regime`, unit, meaning
_RAW = {
    "fiv": ("target trial channel", "feature-map units", "feature importance vector"),
    "score": ("target trial", "logit", "class score that the trial weights use"),
    "objective": ("target trial", "logit", "class score minus l2 penalty, best of the trial"),
    "n_steps": ("target trial", "1", "steps taken"),
    "converged": ("target trial", "1", "further steps gain less than 1e-4 of the objective"),
    "diverged": ("target trial", "1", "a value was not finite; left out of the summary"),
    "gradient_norm": ("target trial", "logit / feature-map unit", "norm of the last gradient"),
    "norm_ratio": ("target trial", "1", "|U| / (radius x base distance)"),
    "l2": ("target", "logit / feature-map unit^2", "penalty; NaN for a dead class"),
    "trace": ("target trial step", "logit", "objective at every tenth step; NaN after the end"),
    "fim": ("target trial channel position", "feature-map units", "feature importance map"),
}
_COMPANIONS = {
    "base_map": ("channel position", "feature-map units", "base map m that deviations start from"),
    "base_distance": ("", "feature-map units", "distance that radii are counted in"),
    "gradient_at_base": (
        "target channel",
        "logit / feature-map unit",
        "gradient of the class score at the base map, mean over positions",
    ),
    "clamp_swing": (
        "target channel",
        "logit",
        "change of the class score when the channel goes from low to high",
    ),
    "filter": ("channel offset base", "weight", "first-layer kernel in reading direction"),
    "precision_agreement": (
        "regime",
        "1",
        "correlation of mean FIVs with those in float32, over the first classes",
    ),
}


def make_ensemble(
    regimes: Mapping[str, Mapping[str, NDArray | None]],
    companions: Mapping[str, NDArray | float | None],
    *,
    spec: RunSpec,
    targets: Sequence[int],
    class_names: Sequence[str],
) -> xr.Dataset:
    """Label the arrays of an ascent.

    Parameters
    ----------
    regimes : mapping of regime name -> mapping of variable name -> array
        The fields of `core.ascent.ascend.Ascent`; None is left out.
    companions : mapping of variable name -> array
        What has no regime: `base_map`, `base_distance`, `gradient_at_base` and, where there are,
        `clamp_swing` and `filter`.
    spec : RunSpec
    targets : sequence of int
        Output index of each class in the arrays: all of the spec's, or those that are done.
    class_names : sequence of str
        Their names, which may repeat.

    Returns
    -------
    xarray.Dataset with the variables of the run folder's `ensemble.nc`
    """
    variables = {}
    for name, (dims, unit, meaning) in _RAW.items():
        arrays = [fields.get(name) for fields in regimes.values()]
        if all(array is not None for array in arrays):
            stacked = np.stack(_same_length([np.asarray(array) for array in arrays]))
            variables[name] = (("regime", *dims.split()), stacked, _attributes(unit, meaning))
    for name, (dims, unit, meaning) in _COMPANIONS.items():
        if companions.get(name) is not None:
            array = np.asarray(companions[name], np.float32)
            variables[name] = (tuple(dims.split()), array, _attributes(unit, meaning))
    dataset = xr.Dataset(variables, attrs={"spec": json.dumps(spec_to_dict(spec))})
    coordinates = {
        "regime": list(regimes),
        "target": np.array(targets),
        "target_name": ("target", list(class_names)),
        "channel": np.arange(dataset.sizes["channel"]),
        "position": np.arange(dataset.sizes["position"]),
        "step": TRACE_EVERY * np.arange(dataset.sizes["step"]),
    }
    if "base" in dataset.dims:
        coordinates["base"] = list("ACGT")
    return dataset.assign_coords(coordinates)


def _attributes(unit: str, meaning: str) -> dict[str, str]:
    return {"units": unit, "long_name": meaning}


def _same_length(arrays: list[NDArray]) -> list[NDArray]:
    """Fill traces of different length with NaN at the end."""
    longest = max(array.shape[-1] for array in arrays)
    if all(array.shape[-1] == longest for array in arrays):
        return arrays
    gaps = [[(0, 0)] * (array.ndim - 1) + [(0, longest - array.shape[-1])] for array in arrays]
    return [
        np.pad(array, gap, constant_values=np.nan) for array, gap in zip(arrays, gaps, strict=True)
    ]
