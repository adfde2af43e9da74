"""Make a run folder of any size with planted structure, for benchmarks and tests.

Classes come in groups that share channels, every seventh class is XOR-like (two channels with
opposite signs, in both orders), every eleventh is veto-like, channels without a role hold noise.
"""

import argparse
import hashlib
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import xarray as xr

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.core.statistics.classes import correlation, last_layer_similarity
from deepresolve_dash.runs.spec import RunSpec, spec_to_dict
from deepresolve_dash.runs.store import Run, write_run
from deepresolve_dash.runs.summary import summarise

REGIMES = {"importance": 0.1, "modes": 1.0}
BASE_DISTANCE = 6.0


class Size(NamedTuple):
    """Numbers of classes, channels, trials, positions and filter offsets (0: no filters)."""

    n_targets: int = 5
    n_channels: int = 32
    n_trials: int = 10
    width: int = 11
    n_offsets: int = 8


SMALL = Size()


def make_run(folder: Path, size: Size = SMALL, *, name: str = "Generated", seed: int = 0) -> Run:
    """Write a run of this size below `folder`; the same seed gives the same numbers."""
    generator = np.random.default_rng(seed)
    loading, pairs = planted(generator, size)
    spec = make_spec(size, seed)
    ensemble = make_ensemble(generator, size, loading, pairs)
    ensemble.attrs["spec"] = json.dumps(spec_to_dict(spec))
    noisy = loading + generator.normal(0, 0.5, loading.shape)
    dims = ("target", "other_target")
    companions = xr.Dataset(
        {
            "last_layer": (dims, last_layer_similarity(loading - 0.1)),
            "label_correlation": (dims, correlation(noisy)),
        }
    )
    summary = summarise(ensemble, companions)
    info = make_info(size, name, spec)
    return write_run(Path(folder) / spec.id, info=info, ensemble=ensemble, summary=summary)


def planted(generator: np.random.Generator, size: Size) -> tuple[np.ndarray, dict]:
    """Return what each channel does to each class, and the opposed pair of the XOR-like classes."""
    n_groups = max(1, round(size.n_targets**0.5 / 2))
    pools = [generator.permutation(size.n_channels)[:7] for _ in range(n_groups)]
    loading = generator.normal(0, 0.06, (size.n_targets, size.n_channels))
    pairs = {}
    for target in range(size.n_targets):
        pool = pools[target % n_groups]
        own = generator.permutation(size.n_channels)[:3]
        loading[target, pool] = generator.gamma(4, 0.2, len(pool))
        loading[target, own] = generator.normal(0, 1.2, len(own))
        if target % 7 == 0 and size.n_channels > 2:
            pairs[target] = tuple(generator.permutation(size.n_channels)[:2])
        if target % 11 == 1:
            loading[target, own[0]] = -2.0
    return loading, pairs


def make_ensemble(
    generator: np.random.Generator, size: Size, loading: np.ndarray, pairs: dict
) -> xr.Dataset:
    """Return raw results as an ascent would leave them."""
    targets, channels, trials = size.n_targets, size.n_channels, size.n_trials
    row = ("regime", "target", "trial")
    shape = (len(REGIMES), targets, trials)
    fiv = np.stack(
        [_fiv(generator, size, loading, pairs, radius) for radius in REGIMES.values()]
    ).astype(np.float32)
    score = 2 + 3 * np.array(list(REGIMES.values()))[:, None, None] + generator.gamma(2, 0.1, shape)
    converged = generator.random(shape) > 0.03
    steps = np.arange(0, 100, 10)
    climb = score[..., None] * (1 - np.exp(-steps / 20))
    dataset = xr.Dataset(
        {
            "fiv": ((*row, "channel"), fiv, {"units": "feature-map units"}),
            "score": (row, score, {"units": "logits"}),
            "objective": (row, score - 1.0, {"units": "logits"}),
            "n_steps": (row, np.full(shape, 100)),
            "converged": (row, converged),
            "diverged": (row, np.zeros(shape, bool)),
            "gradient_norm": (row, generator.gamma(2, 1e-3, shape)),
            "l2": (("regime", "target"), generator.gamma(9, 0.1, shape[:2])),
            "trace": ((*row, "step"), climb),
            "base_map": (("channel", "position"), generator.gamma(2, 0.1, (channels, size.width))),
            "base_distance": BASE_DISTANCE,
            "gradient_at_base": (
                ("target", "channel"),
                0.8 * loading + generator.normal(0, 0.02, loading.shape),
            ),
            "clamp_swing": (
                ("target", "channel"),
                2.1 * loading + generator.normal(0, 0.05, loading.shape),
            ),
        },
        coords={
            "regime": list(REGIMES),
            "target": np.arange(targets),
            "target_name": ("target", class_names(targets)),
            "channel": np.arange(channels),
            "step": steps,
        },
    )
    if size.n_offsets:
        kernels = _filters(generator, channels, size.n_offsets)
        dataset["filter"] = (("channel", "offset", "base"), kernels)
        dataset = dataset.assign_coords(base=list("ACGT"))
    return dataset


def _fiv(
    generator: np.random.Generator, size: Size, loading: np.ndarray, pairs: dict, radius: float
) -> np.ndarray:
    """Return FIVs (target, trial, channel): the planted loading, the pairs' modes, and noise."""
    shape = (size.n_targets, size.n_trials, size.n_channels)
    noise = generator.normal(0, 0.004 * radius, shape)
    fiv = radius * loading[:, None] * generator.normal(1, 0.004, shape) + noise
    for target, (a, b) in pairs.items():
        side = np.where(np.arange(size.n_trials) % 2 == 0, 1.0, -1.0)
        spread = radius * generator.normal(1.4, 0.02, (2, size.n_trials))
        mixed = radius > 0.5  # at a small radius all trials climb the same side
        fiv[target, :, a] = spread[0] * (side if mixed else 0.4)
        fiv[target, :, b] = -spread[1] * (side if mixed else -0.3)
    return fiv


def _filters(generator: np.random.Generator, channels: int, offsets: int) -> np.ndarray:
    """Return kernels (channel, offset, base) that prefer one base in the middle offsets."""
    kernels = generator.normal(-0.1, 0.12, (channels, offsets, 4))
    best = generator.integers(0, 4, (channels, offsets))
    envelope = np.exp(-(((np.arange(offsets) - (offsets - 1) / 2) / (offsets / 3)) ** 2))
    height = envelope * generator.gamma(4, 0.15, (channels, offsets))
    np.put_along_axis(kernels, best[..., None], height[..., None], axis=2)
    return kernels.astype(np.float32)


def class_names(n: int) -> list[str]:
    """Return names as a panel of experiments has them: factor, cell, condition."""
    factors = ["CTCF", "JUND", "FOSL2", "GATA1", "TAL1", "SPI1", "CEBPB", "REST", "SMC3", "RAD21"]
    cells = ["GM12878", "K562", "HepG2", "H1-hESC", "A549", "HeLa-S3"]
    return [
        f"{factors[i % len(factors)]} {cells[i // len(factors) % len(cells)]}"
        + (f" #{i // (len(factors) * len(cells)) + 1}" if n > len(factors) * len(cells) else "")
        for i in range(n)
    ]


def make_spec(size: Size, seed: int) -> RunSpec:
    """Return the spec that such a run would have."""
    return RunSpec(
        network=hashlib.sha256(json.dumps([*size]).encode()).hexdigest(),
        layer="pool1",
        classes=tuple(range(size.n_targets)),
        preset="default",
        settings=ascent_settings(n_trials=size.n_trials, seed=seed),
        output="output",
    )


def make_info(size: Size, name: str, spec: RunSpec) -> dict:
    """Return run.json."""
    return {
        "id": spec.id,
        "name": name,
        "spec": spec_to_dict(spec),
        "code_version": "generated",
        "hashes": {"network": spec.network, "sequences": None, "labels": None},
        "timing": {"started": "2026-01-02T03:04:05Z", "seconds": 1.0},
        "network": {
            "format": "generated",
            "input_length": 50,
            "layer": spec.layer,
            "n_channels": size.n_channels,
            "width": size.width,
            "receptive_field_bp": size.n_offsets + 3,
            "class_names": class_names(size.n_targets),
        },
    }


def main() -> None:
    """Write one run and print where it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    for field, default in Size._field_defaults.items():
        parser.add_argument(f"--{field.replace('_', '-')}", type=int, default=default)
    parser.add_argument("--name", default="Generated")
    parser.add_argument("--seed", type=int, default=0)
    given = vars(parser.parse_args())
    size = Size(**{field: given[field] for field in Size._fields})
    run = make_run(given["folder"], size, name=given["name"], seed=given["seed"])
    print(json.dumps({"id": run.id, "folder": str(run.folder)}))


if __name__ == "__main__":
    main()
