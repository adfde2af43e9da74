"""Rankings of the channels of one published model."""

from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr
from numpy.typing import NDArray
from torch import Tensor

from deepresolve_dash.core.ascent.base import Head, feature_maps
from deepresolve_dash.core.ascent.rows import background_generator
from deepresolve_dash.demos.planted.attribution import (
    N_MAPS,
    highest,
    mean_integrated_gradients,
    path_through_weights,
    saliency_at_zero,
)
from deepresolve_dash.demos.reproduction.repeat import repeat
from deepresolve_dash.demos.reproduction.sample import Published
from deepresolve_dash.errors import LayerError
from deepresolve_dash.networks.cut import cut
from deepresolve_dash.networks.read import read_network
from deepresolve_dash.networks.sequences import random_sequences

PUBLISHED_VECTORS = "published vectors"
PRESET_PUBLISHED = "preset published"
PRESET_PAPER = "preset paper"
IMPORTANCE = "preset default, regime importance"
MODES = "preset default, regime modes"
GRADIENT = "gradient at the base map"
SALIENCY = "saliency at 0"
SALIENCY_ACTIVATION = "saliency at 0 x activation, random sequences"
INTEGRATED = "integrated gradients from the base map, random sequences"
INTEGRATED_HIGHEST = "integrated gradients from the base map, highest fifth of them"
PATH = "path through the weights"
NORM = "norm of the filter"

_REGIMES = {
    ("published", "published"): PRESET_PUBLISHED,
    ("paper", "paper"): PRESET_PAPER,
    ("default", "importance"): IMPORTANCE,
    ("default", "modes"): MODES,
}


@dataclass(frozen=True)
class Rankings:
    """One model's channels by several measures.

    Attributes
    ----------
    filters : float32 array (channel, offset, base)
        In reading direction.
    importance : dict of str to float64 array (channel,)
        A measure's value of each channel; the largest is the most important.
    converged : dict of str to float
        Share of the trials that converged, for measures that come from an ascent.
    """

    filters: NDArray[np.float32]
    importance: dict[str, NDArray[np.float64]]
    converged: dict[str, float]


def rank_channels(one: Published, *, seed: int = 0) -> Rankings:
    """Resolve a published model by the three presets and rank its channels by every measure.

    Raises
    ------
    LayerError
        When the channels of the model are not the filters of its first layer.
    """
    network = read_network(one.folder)
    runs = {
        preset: repeat(network, one.experiment, preset, seed=seed)
        for preset in ("published", "paper", "default")
    }
    if "filter" not in runs["default"]:
        raise LayerError(
            f"The channels of {one.experiment} are not filters of its first layer.",
            "Give the published models.",
        )
    regimes = {
        title: _only_class(runs[preset]).sel(regime=regime)
        for (preset, regime), title in _REGIMES.items()
    }
    plain = _only_class(runs["default"])
    filters = plain["filter"].values
    ofivs = {title: run["ofiv"].values for title, run in regimes.items()}
    base = plain["base_map"].values.astype(np.float64)
    parts, shape = cut(network, "advised"), (base.shape[0], base.shape[1])
    tail, start = parts.tail, torch.from_numpy(plain["base_map"].values)
    maps = _random_maps(parts.head, network.input_length, seed)
    saliency = saliency_at_zero(tail, [0], shape)[0]
    return Rankings(
        filters=filters,
        importance={PUBLISHED_VECTORS: one.ofiv}
        | ofivs
        | {
            GRADIENT: plain["gradient_at_base"].values.astype(np.float64),
            SALIENCY: saliency,
            SALIENCY_ACTIVATION: saliency * base.mean(axis=1),
            INTEGRATED: mean_integrated_gradients(tail, [0], maps, start)[0],
            INTEGRATED_HIGHEST: mean_integrated_gradients(tail, [0], maps, start, choose=highest)[
                0
            ],
            PATH: path_through_weights(tail, [0], shape)[0],
            NORM: np.linalg.norm(filters.astype(np.float64), axis=(1, 2)),
        },
        converged={title: float(run["converged"].mean()) for title, run in regimes.items()},
    )


def _random_maps(head: Head, length: int, seed: int) -> Tensor:
    """Return feature maps of the background sequences of a run: (n, channel, position)."""
    sequences = random_sequences(background_generator(seed), N_MAPS, length)
    return feature_maps(head, torch.from_numpy(sequences))


def order(importance: NDArray) -> NDArray[np.int64]:
    """Return the channels, most important first; equal ones in their own order."""
    return np.argsort(-importance, kind="stable")


def _only_class(run: xr.Dataset) -> xr.Dataset:
    """Return the one class of a run."""
    return run.isel(target=0, other_target=0)
