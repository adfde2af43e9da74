"""How close calibrated maps come to the norm of their regime, by the checks allowed.

    python -m bench.calibrate FOLDER_OF_MODELS [--most 100] [--json]

One row per number of checks: quantiles over (model, regime) of the median |U| / wanted norm, and
the share within 10%.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from deepresolve_dash.core.ascent import calibrate
from deepresolve_dash.core.ascent.ascend import ascend, join
from deepresolve_dash.core.ascent.base import Base, make_base
from deepresolve_dash.core.ascent.objective import Tail
from deepresolve_dash.core.ascent.rows import background_generator
from deepresolve_dash.core.settings import N_BACKGROUND, ascent_settings
from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.networks.cut import cut
from deepresolve_dash.networks.read import read_network
from deepresolve_dash.networks.sequences import random_sequences

SETTINGS = ascent_settings()


def problems(folder: Path, most: int) -> Iterator[tuple[Tail, Base]]:
    """Yield tail and base of each model of a folder, cut at its advised layer."""
    found = 0
    for path in sorted(folder.iterdir()):
        if found == most or not path.is_dir():
            continue
        try:
            network = read_network(path)
        except DeepResolveError:
            continue
        found += 1
        parts = cut(network, "advised")
        sequences = random_sequences(background_generator(0), N_BACKGROUND, network.input_length)
        yield parts.tail, make_base(parts.head, torch.from_numpy(sequences), SETTINGS)


def measure(models: list[tuple[Tail, Base]], checks: int) -> dict:
    """Return the row of the table for one number of checks."""
    calibrate._MOST_CHECKS = checks
    ratios = []
    for tail, base in models:
        regimes = join([block for _, block in ascend(tail, [0], base=base, settings=SETTINGS)])
        ratios += [float(np.median(ascent.norm_ratio)) for ascent in regimes.values()]
    ratios = np.array(ratios)
    low, lower, middle, upper, high = np.quantile(ratios, [0, 0.1, 0.5, 0.9, 1])
    near = float(np.mean(np.abs(ratios - 1) < 0.1))
    return {
        "checks": checks, "n": len(ratios), "min": low, "q10": lower, "median": middle,
        "q90": upper, "max": high, "within_10%": near,
    }  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path)
    parser.add_argument("--most", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    models = list(problems(options.models, options.most))
    rows = [measure(models, checks) for checks in (1, 2, 4, 8)]
    print("  ".join(f"{name:>10}" for name in rows[0]))
    for row in rows:
        print("  ".join(f"{value:10.3g}" for value in row.values()))
    if options.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
