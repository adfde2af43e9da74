"""The rows that the candidates of `bench.optimisers` climb: networks, classes, l2 and starts."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepresolve_dash.core.ascent.ascend import ascend, at_base, join
from deepresolve_dash.core.ascent.base import feature_maps, make_base
from deepresolve_dash.core.ascent.objective import Objective
from deepresolve_dash.core.ascent.rows import background_generator, make_rows, start_maps
from deepresolve_dash.core.settings import N_BACKGROUND, Regime, ascent_settings, start_scale
from deepresolve_dash.networks.cut import Cut, cut
from deepresolve_dash.networks.read import read_network
from deepresolve_dash.networks.sequences import random_sequences

DEMOS = Path(__file__).parents[1] / "deepresolve_dash" / "demos" / "networks"
MODELS = Path(__file__).parents[2] / "shared" / "data" / "tf422"
# folder, layer, classes (None is all): of the panel some of each kind of rule
SHIPPED = [
    ("synthetic-1", "advised", None),
    ("synthetic-1", "conv1", None),
    ("synthetic-2", "advised", None),
    ("panel", "advised", [0, 21, 8, 26, 28, 18]),
]
PUBLISHED = [
    "SydhK562Nfya", "SydhK562Bach1sc14700Iggrab", "SydhK562Znf263Ucd", "HaibSknshNrsfV0416101",
    "SydhHelas3Prdm19115Iggrab", "SydhGm12878Jund", "BroadHsmmCtcf", "HaibGm12891Pu1Pcr1x",
]  # fmt: skip


@dataclass(frozen=True)
class Task:
    """All rows of one network and regime, the trials of a class next to each other.

    Attributes
    ----------
    objective : Objective
    normal, other, real : tensor (row, channel, position)
        Starts: normal ones, those of another seed, and deviations of background maps from their
        mean, of norm about radius x D.
    scale : float
        Standard deviation of normal starts, feature-map units.
    shape : (n_targets, n_trials)
    kin : int array (target,)
        Of each class at an odd place, which of the classes at even places has the gradient at the
        base map that is most like its own; empty with one class.
    """

    objective: Objective
    normal: Tensor
    other: Tensor
    real: Tensor
    scale: float
    shape: tuple[int, int]
    kin: np.ndarray


def problems(
    models: Path, n_trials: int, *, quick: bool = False, held_out: int = 0
) -> Iterator[tuple[str, dict[str, Task]]]:
    """Yield the name of each network and its rows in both regimes; what is not there is told.

    With `held_out` so many published models that are not in the list, and no other network.
    """
    chosen = [(DEMOS / name, layer, targets) for name, layer, targets in SHIPPED]
    published = [(models / name, "advised", None) for name in PUBLISHED]
    if quick:
        chosen, published = chosen[:3], published[:2]
    if held_out:
        others = sorted(path for path in models.glob("*/") if path.name not in PUBLISHED)
        published = [(path, "advised", None) for path in others[:: len(others) // held_out]]
        chosen = []
    for path, layer, targets in [*published, *chosen]:
        if not path.exists():
            print(f"{path.name} is not there and left out.")
            continue
        network = read_network(path)
        parts = cut(network, layer)
        name = f"{path.name}, {parts.layer}, {parts.n_channels} x {parts.width}"
        classes = targets or list(range(parts.n_outputs))
        yield name, make_tasks(parts, network.input_length, classes, n_trials)


def make_tasks(parts: Cut, length: int, targets: list[int], n_trials: int) -> dict[str, Task]:
    """Return the rows of both regimes, l2 calibrated as in a run."""
    settings = ascent_settings(n_trials=n_trials)
    sequences = torch.from_numpy(random_sequences(background_generator(0), N_BACKGROUND, length))
    base = make_base(parts.head, sequences, settings)
    calibrated = join(
        [b for _, b in ascend(parts.tail, targets, base=base, settings=replace(settings, steps=1))]
    )
    rows = make_rows(targets, n_trials)
    more = random_sequences(np.random.default_rng(1), len(rows.target), length)
    real = feature_maps(parts.head, torch.from_numpy(more)) - base.map
    kin = most_similar(at_base(parts.tail, targets, base).gradient)

    def task(regime: Regime) -> Task:
        l2 = torch.as_tensor(np.repeat(calibrated[regime.name].l2, n_trials))
        shape = (parts.n_channels, parts.width)
        scale = start_scale(settings, regime, base.distance, shape)
        normal, other = (
            start_maps(rows, shape, scale, replace(settings, seed=seed)) for seed in (0, 1)
        )
        objective = Objective(parts.tail, base.map, torch.as_tensor(rows.target), l2)
        of = (len(targets), n_trials)
        return Task(objective, normal, other, regime.radius * real, scale, of, kin)

    return {regime.name: task(regime) for regime in settings.regimes}


def most_similar(gradient: NDArray) -> NDArray[np.int64]:
    """Return which even-placed class is most like each odd-placed one; (target, channel) given."""
    if len(gradient) < 2:
        return np.zeros(0, np.int64)
    return np.corrcoef(gradient)[1::2, ::2].argmax(1)
