"""One run from a network to its results: the work of a worker."""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import torch
import xarray as xr
from numpy.typing import NDArray
from torch import Tensor

from deepresolve_dash import __version__
from deepresolve_dash.core.ascent.ascend import ascend, at_base
from deepresolve_dash.core.ascent.base import feature_maps, make_base
from deepresolve_dash.core.ascent.clamp import N_BACKGROUNDS, clamp_swing
from deepresolve_dash.core.ascent.problem import Progress
from deepresolve_dash.core.ascent.rows import background_generator
from deepresolve_dash.core.settings import N_BACKGROUND
from deepresolve_dash.core.statistics.classes import correlation, last_layer_similarity
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.networks.cut import Cut, cut
from deepresolve_dash.networks.graph import Network, find_output
from deepresolve_dash.networks.sequences import (
    dinucleotide_shuffle,
    one_hot,
    random_sequences,
)
from deepresolve_dash.networks.weights_views import first_layer_filters, last_layer_weights
from deepresolve_dash.runs.ensemble import make_ensemble
from deepresolve_dash.runs.job import Job
from deepresolve_dash.runs.spec import spec_to_dict
from deepresolve_dash.runs.summary import summarise

_MOST_SEQUENCES = 1500  # whose feature maps are kept for clamp swings


@dataclass(frozen=True)
class Results:
    """What a run folder holds."""

    info: dict
    ensemble: xr.Dataset
    summary: xr.Dataset


def execute(job: Job, *, device: str = "auto", progress: Progress | None = None) -> Results:
    """Run the ascent and derive its summary.

    Parameters
    ----------
    job : Job
    device : {"auto", "cpu", "cuda"}
    progress : function, optional
        Told (row-steps done, row-steps in all); whatever it raises ends the run.

    Raises
    ------
    SettingsError
        When the device is not there.
    """
    started = time.monotonic()
    timing = {"started": datetime.now(UTC).isoformat(timespec="seconds")}
    place = choose_device(device)
    spec, names = job.spec, find_output(job.network, job.spec.output).class_names
    parts = cut(job.network, spec.layer, output=spec.output).to(place)
    with _full_precision(place):
        regimes, companions = _compute(job, parts, place, progress)
    chosen = [names[i] for i in spec.classes]
    ensemble = make_ensemble(regimes, companions, spec=spec, class_names=chosen)
    summary = summarise(ensemble, _class_companions(job))
    timing |= {"seconds": round(time.monotonic() - started, 2), "device": str(place)}
    return Results(_info(job, parts, timing), ensemble, summary)


def choose_device(name: str) -> torch.device:
    """Return the device of this name; `auto` is CUDA where there is one.

    Raises
    ------
    SettingsError
        When CUDA is asked for and not there, or the name is unknown.
    """
    if name not in ("auto", "cpu", "cuda"):
        raise SettingsError(f"There is no device '{name}'.", "Choose auto, cpu or cuda.")
    there = torch.cuda.is_available()
    if name == "cuda" and not there:
        raise SettingsError("No CUDA device was found.", "Use --device cpu or auto.")
    return torch.device("cuda" if there and name != "cpu" else "cpu")


def _full_precision(device: torch.device) -> AbstractContextManager:
    """Keep convolutions on a GPU from rounding to TF32."""
    if device.type == "cpu":
        return nullcontext()
    return torch.backends.cudnn.flags(enabled=True, allow_tf32=False)


def _compute(
    job: Job, parts: Cut, device: torch.device, progress: Progress | None
) -> tuple[dict[str, dict], dict]:
    """Return the raw arrays with and without a regime."""
    spec = job.spec
    generator = background_generator(spec.settings.seed)
    background = _background(job, generator).to(device)
    base = make_base(parts.head, background, spec.settings)
    ascents = ascend(
        parts.tail,
        spec.classes,
        base=base,
        settings=spec.settings,
        keep_fim=spec.keep_fim,
        progress=progress,
    )
    companions = {
        "base_map": base.map.cpu().numpy(),
        "base_distance": base.distance,
        "gradient_at_base": at_base(parts.tail, spec.classes, base).gradient,
        "clamp_swing": _clamp_swing(job, parts, background, generator),
        "filter": first_layer_filters(job.network, spec.layer),
    }
    return {name: vars(ascent) for name, ascent in ascents.items()}, companions


def _background(job: Job, generator: np.random.Generator) -> Tensor:
    """Return background sequences: random ones, or dinucleotide shuffles of the user's."""
    length = job.network.input_length
    if not job.sequences:
        return torch.from_numpy(random_sequences(generator, N_BACKGROUND, length))
    shuffled = [
        dinucleotide_shuffle(job.sequences[i % len(job.sequences)], generator)
        for i in range(N_BACKGROUND)
    ]
    return _encode(job.network, shuffled)


def _encode(network: Network, sequences: Sequence[str]) -> Tensor:
    return torch.from_numpy(
        one_hot(
            sequences,
            length=network.input_length,
            alphabet=network.alphabet,
            unknown_base=network.unknown_base,
        )
    )


def _clamp_swing(
    job: Job, parts: Cut, background: Tensor, generator: np.random.Generator
) -> NDArray | None:
    """Return the clamp swing of the chosen classes, None without sequences."""
    if not job.sequences:
        return None
    order = generator.permutation(len(job.sequences))[:_MOST_SEQUENCES]
    real = _encode(job.network, [job.sequences[i] for i in order]).to(background.device)
    swing = clamp_swing(
        parts.tail,
        feature_maps(parts.head, background[:N_BACKGROUNDS]),
        feature_maps(parts.head, real),
        generator,
    )
    return swing[list(job.spec.classes)]


def _class_companions(job: Job) -> xr.Dataset:
    """Return the class matrices that do not follow from the ensemble."""
    dims, variables = ("target", "other_target"), {}
    weights = last_layer_weights(job.network, job.spec.output)
    if weights is not None:
        matrix = last_layer_similarity(weights[list(job.spec.classes)])
        variables["last_layer"] = (
            dims,
            matrix,
            {"long_name": "dot products of last-layer weights"},
        )
    if job.labels is not None:
        matrix = correlation(job.labels.T)
        variables["label_correlation"] = (dims, matrix, {"long_name": "correlation of labels"})
    return xr.Dataset(variables)


def _info(job: Job, parts: Cut, timing: dict) -> dict:
    """Return the contents of `run.json`."""
    names = find_output(job.network, job.spec.output).class_names
    return {
        "id": job.spec.id,
        "name": job.network_name,
        "spec": spec_to_dict(job.spec),
        "code_version": __version__,
        "hashes": {
            "network": job.spec.network,
            "sequences": job.spec.sequences,
            "labels": job.spec.labels,
        },
        "timing": timing,
        "network": {
            "format": job.network.format,
            "input_length": job.network.input_length,
            "layer": job.spec.layer,
            "n_channels": parts.n_channels,
            "width": parts.width,
            "receptive_field_bp": parts.receptive_field_bp,
            "class_names": list(names),
        },
    }
