"""How often the rule of `core.statistics.recipes` counts planted ways right, by where it cuts.

    python -m bench.recipes [--seeds 20] [--trials 10]

One row per planted head, each climbed by the real ascent from seeded starts (48 channels, W = 1,
base 0), one column per cut. Then the shipped demos: the count of every class at the cut in use.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from deepresolve_dash.core.ascent.ascend import ascend, join
from deepresolve_dash.core.ascent.base import Base
from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.core.statistics import recipes
from deepresolve_dash.core.statistics.recipes import find_recipes
from deepresolve_dash.core.statistics.weights import trial_weights
from deepresolve_dash.runs.store import RunStore

K = 48
USED = recipes.APART
CUTS = (0.5, 0.7, 0.8, 0.9, 1.0, 1.2)
DEMOS = Path(__file__).parents[1] / "deepresolve_dash" / "demos" / "runs"
Head = Callable[[Tensor], Tensor]


def motifs(generator: np.random.Generator, n: int) -> Tensor:
    """Return n disjoint groups of four channels, weights of 0.7 to 1.3, over a little noise."""
    rows = generator.normal(0, 0.03, (n, K))
    places = generator.permutation(K)[: 4 * n].reshape(n, 4)
    for row, place in zip(rows, places, strict=True):
        row[place] = generator.uniform(0.7, 1.3, 4)
    return torch.as_tensor(rows, dtype=torch.float32)


def head(name: str, generator: np.random.Generator) -> Head:
    """Return class score (row, 1) of maps (row, channel, 1)."""
    m = motifs(generator, 4)

    def of(function: Callable[[Tensor], Tensor]) -> Head:
        return lambda h: function(h[:, :, 0] @ m.T)[:, None]

    either = torch.tensor([[1.0, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    return {
        "linear": of(lambda x: x[:, 0] + x[:, 1] - 0.5 * x[:, 2]),
        "AND": of(lambda x: torch.relu(x[:, 0] + x[:, 1] - 0.5) + 0.1 * x[:, :2].sum(1)),
        "OR": of(lambda x: torch.tanh(x[:, 0] + x[:, 1]) + 0.1 * x[:, :2].sum(1)),
        "veto": of(lambda x: x[:, 0] - torch.relu(x[:, 1])),
        "XOR": of(lambda x: (x[:, 0] - x[:, 1]).abs()),
        "C and one of A, B": of(lambda x: x[:, 2] + (x[:, 0] - x[:, 1]).abs()),
        "one of three": of(lambda x: (x[:, :3] @ either).max(1).values),
        "three apart": of(lambda x: x[:, :3].max(1).values),
        "much C, one of A, B": of(lambda x: 2 * x[:, 2] + (x[:, 0] - x[:, 1]).abs()),
        "C and A or B": of(lambda x: x[:, 2] + x[:, :2].max(1).values),
    }[name]


WAYS = {
    "linear": 1, "AND": 1, "OR": 1, "veto": 1, "XOR": 2, "C and one of A, B": 2,
    "much C, one of A, B": 2, "one of three": 3, "three apart": 3, "C and A or B": 2,
    "noise": 1, "linear, noisy": 1,
}  # fmt: skip


def ensemble(name: str, seed: int, n_trials: int) -> np.ndarray:
    """Return the FIVs (trial, channel) that count, of one planted head."""
    generator = np.random.default_rng([seed, list(WAYS).index(name)])
    noise = generator.normal(0, 1, (n_trials, K))
    if name == "noise":
        return noise
    if name == "linear, noisy":  # signal and noise of one length
        pattern = motifs(generator, 1).numpy()
        return pattern / np.linalg.norm(pattern) * K**0.5 + noise
    settings = ascent_settings(n_trials=n_trials, seed=seed)
    base = Base(torch.zeros(K, 1), 2.0)
    found = join([b for _, b in ascend(head(name, generator), [0], base=base, settings=settings)])
    modes = found["modes"]
    counts = modes.converged[0] & (trial_weights(modes.score[0].astype(float)) > 0)
    return modes.fiv[0][counts if counts.any() else slice(None)]


def planted(seeds: int, n_trials: int) -> None:
    """Print the share of right counts."""
    print(f"share of {seeds} seeds with the planted number of ways, T = {n_trials}")
    print(f"{'head':20}{'ways':>5}" + "".join(f"{cut:8.1f}" for cut in CUTS) + "   stability")
    for name, ways in WAYS.items():
        fivs = [ensemble(name, seed, n_trials) for seed in range(seeds)]
        shares, n_resamples = [], recipes.N_RESAMPLES
        recipes.N_RESAMPLES = 1  # the count does not need them
        for cut in CUTS:
            recipes.APART = cut
            shares.append(np.mean([len(find_recipes(fiv).medoid) == ways for fiv in fivs]))
        recipes.APART, recipes.N_RESAMPLES = USED, n_resamples
        stable = np.mean([find_recipes(fiv).stability.min() for fiv in fivs])
        print(f"{name:20}{ways:5}" + "".join(f"{x:8.2f}" for x in shares) + f"{stable:12.2f}")


def shipped() -> None:
    """Print the classes of the shipped demos that have more than one recipe."""
    for run in RunStore([DEMOS]).runs():
        several = []
        for target in run.ensemble.target.values:
            one = run.ensemble.sel(regime="modes", target=target)
            weight = run.summary.weight.sel(regime="modes", target=target).values
            fiv = one.fiv.values[one.converged.values.astype(bool) & (weight > 0)]
            found = find_recipes(fiv)
            if len(found.medoid) > 1 or found.scattered:
                shares = np.bincount(found.label[found.label >= 0]) / len(found.label)
                several.append((str(one.target_name.values), shares.round(2), found.stability))
        print(f"{run.info['name']}: {run.ensemble.sizes['target']} classes, more than one:")
        for name, shares, stability in several:
            print(f"  {name}: shares {shares}, stability {stability.round(2)}")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--trials", type=int, default=10)
    options = parser.parse_args()
    planted(options.seeds, options.trials)
    shipped()


if __name__ == "__main__":
    main()
