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

from deepresolve_dash.core.settings import METHOD_VERSION, PRESETS
from deepresolve_dash.core.statistics.classes import last_layer_similarity
from deepresolve_dash.runs.results import summarise
from deepresolve_dash.runs.store import Run, write_run

REGIMES = {"importance": 0.1, "modes": 1.0}
BASE_DISTANCE = 6.0


class Size(NamedTuple):
    """Numbers of classes, channels, trials, positions and filter offsets (0: no filters)."""

    n_targets: int = 5
    n_channels: int = 32
    n_trials: int = 10
    width: int = 11
    n_offsets: int = 8


def make_run(folder: Path, size: Size = Size(), *, name: str = "Generated", seed: int = 0) -> Run:
    """Write a run of this size below `folder`; the same seed gives the same numbers."""
    generator = np.random.default_rng(seed)
    loading, pairs = planted(generator, size)
    ensemble = make_ensemble(generator, size, loading, pairs)
    info = make_info(size, name, seed, ensemble)
    summary = summarise(ensemble)
    labels = np.corrcoef(loading + generator.normal(0, 0.5, loading.shape))
    classes = ("target", "other_target")
    summary["last_layer"] = (classes, last_layer_similarity(loading - 0.3 * (loading != 0)))
    summary["label_correlation"] = (classes, np.atleast_2d(labels))
    return write_run(Path(folder) / info["id"], info=info, ensemble=ensemble, summary=summary)


def planted(generator: np.random.Generator, size: Size) -> tuple[np.ndarray, dict]:
    """Return what each channel does to each class, and the opposed pair of the XOR-like classes."""
    n_groups = max(1, round(size.n_targets**0.5 / 2))
    pools = [generator.permutation(size.n_channels)[:7] for _ in range(n_groups)]
    loading = np.zeros((size.n_targets, size.n_channels))
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
            "gradient_at_base": (("target", "channel"), loading * 0.8 + 0.02),
            "clamp_swing": (("target", "channel"), loading * 2.1),
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
    noise = generator.normal(0, 0.02 * radius, shape)
    fiv = radius * loading[:, None] * generator.normal(1, 0.01, shape) + noise
    for target, (a, b) in pairs.items():
        side = np.where(np.arange(size.n_trials) % 2 == 0, 1.0, -1.0)
        spread = radius * generator.normal(1.4, 0.1, (2, size.n_trials))
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
    factors = "CTCF JUND FOSL2 GATA1 TAL1 SPI1 CEBPB REST SMC3 RAD21 EZH2 MAX MYC NFYA".split()
    cells = "GM12878 K562 HepG2 H1-hESC A549 HeLa-S3".split()
    return [
        f"{factors[i % len(factors)]} {cells[i // len(factors) % len(cells)]}"
        + (f" #{i // (len(factors) * len(cells)) + 1}" if n > len(factors) * len(cells) else "")
        for i in range(n)
    ]


def make_info(size: Size, name: str, seed: int, ensemble: xr.Dataset) -> dict:
    """Return run.json."""
    settings = {"preset": "default", "n_trials": size.n_trials, "seed": seed}
    spec = {
        "network": "0" * 64,
        "network_name": "generated network",
        "output": "output",
        "layer": "pool1",
        "classes": [int(target) for target in ensemble.target],
        "preset": next(iter(PRESETS)),
        "settings": settings,
        "sequences": None,
        "labels": None,
        "keep_fim": False,
        "method_version": METHOD_VERSION,
    }
    key = json.dumps([name, *size, seed])
    return {
        "id": hashlib.sha256(key.encode()).hexdigest()[:16],
        "name": name,
        "spec": spec,
        "code_version": "generated",
        "hashes": {},
        "timing": {"started": "2026-01-02T03:04:05Z", "seconds": 1.0},
        "network": {
            "format": "generated",
            "input_length": 50,
            "n_channels": size.n_channels,
            "width": size.width,
            "receptive_field_bp": size.n_offsets + 3,
            "class_names": [str(label) for label in ensemble.target_name.values],
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
