"""Every way of ranking the channels of a network of the benchmark."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
import xarray as xr
from numpy.typing import NDArray
from torch import Tensor

from deepresolve_dash.core.ascent.base import feature_maps
from deepresolve_dash.core.settings import Regime, ascent_settings
from deepresolve_dash.demos.panel_train import encoded
from deepresolve_dash.demos.planted.attribution import (
    N_MAPS,
    filter_norm,
    gradient_times_activation,
    highest,
    mean_integrated_gradients,
    path_through_weights,
    saliency_at_zero,
)
from deepresolve_dash.demos.planted.store import SEQUENCES, PlantedNetwork
from deepresolve_dash.demos.synthetic import encode
from deepresolve_dash.networks.cut import cut
from deepresolve_dash.networks.sequences import read_fasta
from deepresolve_dash.runs.execute import execute
from deepresolve_dash.runs.job import make_job

IMPORTANCE, MODES, PAPER = "default, importance", "default, modes", "paper"
GRADIENT, SALIENCY = "gradient at the base map", "saliency at 0"
PATH = "path through the weights"
RANDOM = "random"
OTHER_RADII = 0.03, 0.3, 3.0
"""Radii beside 0.1 (importance) and 1 (modes) of the preset default."""


@dataclass(frozen=True)
class Ranked:
    """What the ascent and the first-order rankings say of a network.

    Attributes
    ----------
    importance : dict of str to float64 array (target, channel)
        A ranking's value of each channel for each class; the largest speaks most for the class.
    regimes : dict of str to xarray.Dataset
        Ensemble and summary of each regime of the ascent: `IMPORTANCE`, `MODES`, `PAPER`.
    radii : dict of float to xarray.Dataset
        The same by the radius of a regime of the preset default.
    """

    importance: dict[str, NDArray[np.float64]]
    regimes: dict[str, xr.Dataset]
    radii: dict[float, xr.Dataset]


def resolve(planted: PlantedNetwork, preset: str, *, radii: Sequence[float] = ()) -> xr.Dataset:
    """Run the ascent of a preset, seed 0, at the layer of the benchmark.

    Parameters
    ----------
    planted : PlantedNetwork
    preset : str
    radii : sequence of float
        Further regimes, each named by its radius.
    """
    settings = ascent_settings(preset, seed=0)
    further = tuple(Regime(f"{radius:g}", radius) for radius in radii)
    job = make_job(
        planted.network,
        network_name=planted.title,
        layer=planted.record["layer"],
        preset=preset,
        settings=replace(settings, regimes=settings.regimes + further),
        sequences=planted.folder / SEQUENCES,
    )
    results = execute(job, device="cpu")
    return results.ensemble.drop_vars("trace").merge(results.summary, combine_attrs="override")


def real_maps(planted: PlantedNetwork) -> Tensor:
    """Return the feature maps of the network's sequences with motifs: (n, channel, position)."""
    reads = read_fasta(planted.folder / SEQUENCES)
    codes = np.stack([encode(letters) for _, letters in reads])
    parts = cut(planted.network, planted.record["layer"])
    return feature_maps(parts.head, encoded(torch.from_numpy(codes)))


def rank_planted(planted: PlantedNetwork) -> Ranked:
    """Rank the channels of a network for each class by every measure."""
    plain, paper = resolve(planted, "default", radii=OTHER_RADII), resolve(planted, "paper")
    regimes = {
        IMPORTANCE: plain.sel(regime="importance"),
        MODES: plain.sel(regime="modes"),
        PAPER: paper.sel(regime="paper"),
    }
    radii = {radius: plain.sel(regime=f"{radius:g}") for radius in OTHER_RADII}
    radii |= {0.1: regimes[IMPORTANCE], 1.0: regimes[MODES]}
    base = torch.from_numpy(plain["base_map"].values)
    targets = plain["target"].values.tolist()
    importance = {title: run["ofiv"].values for title, run in regimes.items()}
    importance |= {
        GRADIENT: plain["gradient_at_base"].values.astype(np.float64),
        "clamp swing": plain["clamp_swing"].values.astype(np.float64),
    }
    importance |= _attributions(planted, targets, base)
    norm = filter_norm(planted.network, planted.record["layer"].replace("pool", "conv"))
    importance["norm of the filter"] = np.tile(norm, (len(targets), 1))
    generator = np.random.default_rng(planted.record["recipe"]["seed"])
    importance[RANDOM] = generator.standard_normal((len(targets), len(base)))
    return Ranked(importance, regimes, dict(sorted(radii.items())))


def _attributions(
    planted: PlantedNetwork, targets: list[int], base: Tensor
) -> dict[str, NDArray[np.float64]]:
    """Return what gradients at maps say: by ranking, (target, channel)."""
    tail, maps = cut(planted.network, planted.record["layer"]).tail, real_maps(planted)[:N_MAPS]
    shape = (base.shape[0], base.shape[1])
    saliency = saliency_at_zero(tail, targets, shape)
    return {
        SALIENCY: saliency,
        "saliency at 0 x mean activation": saliency * maps.mean(dim=(0, 2)).double().numpy(),
        "gradient x activation": gradient_times_activation(tail, targets, maps),
        "integrated gradients from the base map": mean_integrated_gradients(
            tail, targets, maps, base
        ),
        "integrated gradients from 0": mean_integrated_gradients(
            tail, targets, maps, torch.zeros_like(base)
        ),
        "integrated gradients, class's highest fifth": mean_integrated_gradients(
            tail, targets, maps, base, choose=highest
        ),
        PATH: path_through_weights(tail, targets, shape),
    }
