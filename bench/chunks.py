"""How far the size of a chunk moves the numbers of trained networks.

    python -m bench.chunks [--models FOLDER] [--json]

Classes of the shipped networks and of published ones are ascended in chunks of the usual size and
of others. Prints, for each network and size, the largest difference of a class's mean objective, in
units of the largest, and of a mean feature importance value of its channels, likewise; how many
classes keep to the tolerance of the tests in both; and the largest difference of a mean value in
units of its own standard error over the trials. A class differs by more where a trial sits between
two optima and rounding decides; then that standard error is large too.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch

from bench.tails import background_base
from deepresolve_dash.core.ascent import ascend as module
from deepresolve_dash.core.ascent.ascend import Ascent, ascend, join
from deepresolve_dash.core.settings import DEFAULT, N_BACKGROUND
from deepresolve_dash.demos.ship import NETWORKS
from deepresolve_dash.networks.cut import cut
from deepresolve_dash.networks.read import read_network

SIZES = (1, 7, 16, 4096)
N_CLASSES, N_MODELS = 12, 8
TOLERANCE = 1e-3
SHIPPED = ("panel", "synthetic-1", "synthetic-2")


def ascended(folder: Path, size: int | None) -> tuple[int, dict[str, Ascent]]:
    """Return the usual size of a chunk and the ascent of some classes in chunks of a size."""
    network = read_network(folder)
    parts = cut(network, "advised")
    base = background_base(network, parts, N_BACKGROUND)
    usual = module.fitting_rows(parts.tail, base)
    classes = range(min(N_CLASSES, parts.n_outputs))
    with patch.object(module, "fitting_rows", return_value=size or usual):
        blocks = ascend(parts.tail, classes, base=base, settings=DEFAULT.ascent)
        return usual, join([regimes for _, regimes in blocks])


def difference(found: Ascent, usual: Ascent) -> dict[str, np.ndarray]:
    """Return how far each class is from the usual; arrays (target,)."""
    objective = np.abs(found.objective.mean(1) - usual.objective.mean(1))
    fiv = np.abs(found.fiv.mean(1) - usual.fiv.mean(1))
    error = usual.fiv.std(1, ddof=1) / np.sqrt(usual.fiv.shape[1])
    largest = np.abs(usual.fiv.mean(1)).max()
    counts = fiv > TOLERANCE * largest
    return {
        "objective": objective / np.abs(usual.objective).max(),
        "fiv": fiv.max(1) / largest,
        "errors": np.divide(fiv, error, out=np.zeros_like(fiv), where=counts & (error > 0)).max(1),
    }


def compare(folder: Path, sizes: Sequence[int]) -> list[dict]:
    """Return the largest differences of a network for each size, over both regimes."""
    rows = []
    usual, expected = ascended(folder, None)
    for size in sizes:
        _, found = ascended(folder, size)
        by_regime = [difference(found[name], expected[name]) for name in expected]
        all_of = {key: np.concatenate([one[key] for one in by_regime]) for key in by_regime[0]}
        within = np.maximum(all_of["objective"], all_of["fiv"]) <= TOLERANCE
        largest = {key: float(values.max()) for key, values in all_of.items()}
        rows.append(
            {"network": folder.name, "usual": usual, "size": size, "classes": len(within),
             "within": int(within.sum()), **largest}
        )  # fmt: skip
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--models", type=Path, help="folder of published models")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    folders = [NETWORKS / name for name in SHIPPED]
    if options.models:
        folders += sorted(path for path in options.models.iterdir() if path.is_dir())[:N_MODELS]
    print("| network | usual | chunk | within | objective | FIV | standard errors |")
    print("|---|---|---|---|---|---|---|")
    rows = []
    for folder in folders:
        for row in compare(folder, SIZES):
            rows.append(row)
            print(
                f"| {row['network']} | {row['usual']} | {row['size']} | {row['within']} of "
                f"{row['classes']} | {row['objective']:.1e} | {row['fiv']:.1e} | "
                f"{row['errors']:.2g} |",
                flush=True,
            )
    if options.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
