"""One run from a network to its results: the work of a worker."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

import numpy as np
import torch
import xarray as xr
from numpy.typing import NDArray
from torch import Tensor

from deepresolve_dash import __version__
from deepresolve_dash.core.ascent.ascend import Ascent, Turns, ascend, at_base, join
from deepresolve_dash.core.ascent.base import Base, feature_maps, make_base
from deepresolve_dash.core.ascent.clamp import N_BACKGROUNDS, clamp_swing
from deepresolve_dash.core.ascent.preview import precision_agreement
from deepresolve_dash.core.ascent.problem import Progress, Units
from deepresolve_dash.core.ascent.rows import background_generator
from deepresolve_dash.core.settings import N_BACKGROUND
from deepresolve_dash.core.statistics.classes import correlation, last_layer_similarity
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.networks.cut import Cut, Part, cut
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

_PER_CLASS = ("gradient_at_base", "clamp_swing")
_MOST_SEQUENCES = 1500  # whose feature maps are kept for clamp swings


@dataclass(frozen=True)
class Results:
    """What a run folder holds."""

    info: dict
    ensemble: xr.Dataset
    summary: xr.Dataset


def execute(
    job: Job,
    *,
    device: str = "auto",
    progress: Progress | None = None,
    units: Units | None = None,
    known: Mapping[str, Ascent] | None = None,
    on_classes: Callable[[Callable[[], Results], int], None] | None = None,
    on_phase: Callable[[str], None] | None = None,
    turns: Turns | None = None,
) -> Results:
    """Run the ascent and derive its summary.

    Parameters
    ----------
    job : Job
    device : {"auto", "cpu", "cuda"}
    progress : function, optional
        Told (row-steps done, row-steps in all) after every step; whatever it raises ends the run.
    units : mutable mapping of str -> dict of arrays, optional
        Finished units of work, see `ascend`; what it holds is not computed again.
    known : mapping of regime name -> Ascent, optional
        Trials of the same run with fewer of them, see `ascend`.
    on_classes : function, optional
        Called when some more classes are done, with a function that makes their results and with
        their number.
    on_phase : function, optional
        Told what is going on, again and again while it goes on; whatever it raises ends the run.
    turns : function, optional
        Which classes are done when, see `ascend`; the results are in the order of the spec.

    Raises
    ------
    SettingsError
        When the device is not there.
    """
    started = time.monotonic()
    timing: dict = {"started": datetime.now(UTC).isoformat(timespec="seconds")}
    tell = on_phase or (lambda _: None)
    tell("loading")
    place = choose_device(device)
    parts = cut(job.network, job.spec.layer, output=job.spec.output).to(place)
    info = partial(_info, job, parts)
    done: list[tuple[list[int], dict[str, Ascent]]] = []
    with full_precision(place):
        base, companions = _prepare(job, watched(parts, lambda: tell("background")), place)
        tell("ascent")
        for block in ascend(
            parts.tail,
            job.spec.classes,
            base=base,
            settings=job.spec.settings,
            keep_fim=job.spec.keep_fim,
            progress=progress,
            units=units,
            known=known,
            turns=turns,
            replicas=[
                (parts.tail.to(other), Base(base.map.to(other), base.distance))
                for other in _other_devices(place)
            ],
        ):
            done = sorted([*done, block], key=lambda one: one[0])
            if on_classes:
                finished = tuple(done)
                on_classes(
                    lambda finished=finished: _results(
                        job, finished, companions, info(timing), lambda: tell("ascent")
                    ),
                    sum(len(targets) for targets, _ in finished),
                )
    results = _results(job, done, companions, {}, lambda: tell("summary"))
    timing |= {"seconds": round(time.monotonic() - started, 2), "device": str(place)}
    return replace(results, info=info(timing))


def watched(parts: Cut, tell: Callable[[], None]) -> Cut:
    """Return the cut with a word said before each pass through one of its parts."""

    def told(part: Part) -> Part:
        def call(x: Tensor) -> Tensor:
            tell()
            return part(x)

        return call  # type: ignore[return-value]

    return replace(parts, head=told(parts.head), tail=told(parts.tail))


def _results(
    job: Job,
    blocks: Sequence[tuple[list[int], dict[str, Ascent]]],
    companions: dict,
    info: dict,
    tell: Callable[[], None],
) -> Results:
    """Return the results of the classes of some blocks."""
    targets = [target for names, _ in blocks for target in names]
    names = find_output(job.network, job.spec.output).class_names
    chosen = [job.spec.classes.index(target) for target in targets]
    of_classes = {
        name: value if value is None or name not in _PER_CLASS else value[chosen]
        for name, value in companions.items()
    }
    ensemble = make_ensemble(
        {name: vars(ascent) for name, ascent in join([block for _, block in blocks]).items()},
        of_classes,
        spec=job.spec,
        targets=targets,
        class_names=[names[i] for i in targets],
    )
    matrices = _class_companions(job, chosen)
    return Results(info, ensemble, summarise(ensemble, matrices, on_class=tell))


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


def _other_devices(device: torch.device) -> list[torch.device]:
    """Return the GPUs that can help: all that this process sees, but for the first."""
    if device.type == "cpu":
        return []
    return [torch.device("cuda", i) for i in range(1, torch.cuda.device_count())]


def full_precision(device: torch.device) -> AbstractContextManager:
    """Keep convolutions on a GPU from rounding to TF32, and let it try which way is quickest.

    Without the trial an H100 took a way that was 18 times slower for chunks of 1,024 rows.
    """
    if device.type == "cpu":
        return nullcontext()
    return torch.backends.cudnn.flags(enabled=True, benchmark=True, allow_tf32=False)


def _prepare(job: Job, parts: Cut, device: torch.device) -> tuple[Base, dict]:
    """Return the base map, and the arrays that do not come out of the ascent."""
    spec = job.spec
    generator = background_generator(spec.settings.seed)
    background = make_background(job, generator).to(device)
    base = make_base(parts.head, background, spec.settings)
    return base, {
        "base_map": base.map.cpu().numpy(),
        "base_distance": base.distance,
        "gradient_at_base": at_base(parts.tail, spec.classes, base).gradient,
        "clamp_swing": _clamp_swing(job, parts, background, generator),
        "filter": first_layer_filters(job.network, spec.layer),
        "precision_agreement": precision_agreement(parts.tail, spec.classes, base, spec.settings),
    }


def make_background(job: Job, generator: np.random.Generator) -> Tensor:
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


def _class_companions(job: Job, chosen: Sequence[int]) -> xr.Dataset:
    """Return the class matrices that do not follow from the ensemble, for some of the classes."""
    dims, variables = ("target", "other_target"), {}
    weights = last_layer_weights(job.network, job.spec.output)
    if weights is not None:
        matrix = last_layer_similarity(weights[[job.spec.classes[i] for i in chosen]])
        variables["last_layer"] = (
            dims,
            matrix,
            {"long_name": "dot products of last-layer weights"},
        )
    if job.labels is not None:
        matrix = correlation(job.labels.T[list(chosen)])
        variables["label_correlation"] = (dims, matrix, {"long_name": "correlation of labels"})
    return xr.Dataset(variables)


def _info(job: Job, parts: Cut, timing: dict) -> dict:
    """Return the contents of `run.json`."""
    names = find_output(job.network, job.spec.output).class_names
    return {
        "id": job.spec.id,
        "name": job.title or job.network_name,
        "spec": spec_to_dict(job.spec),
        "code_version": __version__,
        "hashes": {
            "network": job.spec.network,
            "sequences": job.spec.sequences,
            "labels": job.spec.labels,
        },
        "timing": timing,
        "network": {
            "name": job.network_name,
            "format": job.network.format,
            "input_length": job.network.input_length,
            "layer": job.spec.layer,
            "n_channels": parts.n_channels,
            "width": parts.width,
            "receptive_field_bp": parts.receptive_field_bp,
            "step_bp": parts.receptive_field_stride_bp,  # from one position to the next
            "offset_bp": parts.receptive_field_offset_bp,  # where the first position begins to see
            "class_names": list(names),
        },
    }
