"""Training of the networks of the planted benchmark: one and two convolutions."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch import nn

from deepresolve_dash.demos.panel_train import (
    FIRST_BIAS,
    PanelRecipe,
    encoded,
    folded,
    train_rounds,
)
from deepresolve_dash.demos.planted.grammar import CLASS_NAMES, CLASSES, LENGTH, probabilities
from deepresolve_dash.demos.planted.sequences import draw_labels, draw_planted
from deepresolve_dash.networks.build import sequential_network
from deepresolve_dash.networks.graph import Network

Form = Literal["one", "two"]
FORMS: tuple[Form, ...] = ("one", "two")
CUT: dict[Form, str] = {"one": "pool1", "two": "pool2"}
"""Where each form is cut: behind its last convolution, before the dense layers."""

LOWEST = 0.95  # area of a class without chance
FARTHEST = 0.02  # of a class with chance from what its probabilities allow
N_UNITS = 128
_TRAINING, _TEST = 0, 1  # streams of sequences of one seed
_CONVOLUTIONS = {  # filters, bp or positions, pool
    "one": ((48, 13, 18),),
    "two": ((32, 9, 6), (48, 5, 4)),
}


def planted_recipe(seed: int) -> PanelRecipe:
    """Return how a network of a seed is trained."""
    return PanelRecipe(seed=seed, epochs=12, n_train=30_000, n_test=8_000, rate=5e-3)


def train_planted(
    form: Form, recipe: PanelRecipe, *, progress: Callable[[float], None] | None = None
) -> tuple[Network, dict]:
    """Train a network of the benchmark.

    Choice: as the panel demo is trained: fresh sequences in every round, AdamW under the one-cycle
    rule, pooling before the normalisation, and dense units that answer to the background at first.

    Parameters
    ----------
    form : {"one", "two"}
        Number of convolutions.
    recipe : PanelRecipe
    progress : callable (float), optional
        Told the share done after every round.

    Returns
    -------
    network : Network
        With probabilities as output.
    record : dict
        `task`, `form`, `layer`, `recipe`; `auc` and `possible`, by class: the area under the ROC
        curve on held-out sequences with labels that were not flipped, and that of the probabilities
        behind them; `failed`: the classes that were not learned.
    """
    model = _model(form, recipe.seed)

    def draw(generator: np.random.Generator, n: int) -> tuple[NDArray, NDArray]:
        planted = draw_planted(generator, n)
        return planted.sequences, draw_labels(generator, planted.first)

    for done in train_rounds(model, recipe, draw):
        if progress:
            progress(done)
    auc, possible = held_out_areas(model, recipe)
    record = {"task": "planted", "form": form, "layer": CUT[form], "recipe": asdict(recipe)}
    record |= {"auc": auc, "possible": possible, "failed": not_learned(auc, possible)}
    return as_planted_network(model, form), record


def not_learned(auc: dict[str, float], possible: dict[str, float]) -> list[str]:
    """Return the classes whose area is too low: below 0.95, or 0.02 below what chance allows."""
    return [
        name
        for name, rule in zip(CLASS_NAMES, CLASSES, strict=True)
        if not auc[name] >= (possible[name] - FARTHEST if rule.by_chance else LOWEST)
    ]


def held_out_areas(
    model: nn.Module, recipe: PanelRecipe
) -> tuple[dict[str, float], dict[str, float]]:
    """Return the area of each class on held-out sequences, and that of its probabilities."""
    generator = np.random.default_rng([recipe.seed, _TEST])
    planted = draw_planted(generator, recipe.n_test)
    labels = draw_labels(generator, planted.first, flipped=0)
    with torch.no_grad():
        parts = torch.from_numpy(planted.sequences).split(1000)
        logits = torch.cat([model(encoded(part)) for part in parts]).numpy()

    def areas(scores: NDArray) -> dict[str, float]:
        columns = zip(CLASS_NAMES, labels.T, scores.T, strict=True)
        return {name: float(roc_auc_score(label, score)) for name, label, score in columns}

    return areas(logits), areas(probabilities(planted.first))


def as_planted_network(model: nn.Sequential, form: Form) -> Network:
    """Return a trained model as a network that gives probabilities.

    Raises
    ------
    DeepResolveError
        When a filter's scale became negative in training.
    """
    steps: list[tuple[str, str, dict]] = []
    for turn, (_, _, pool) in enumerate(_CONVOLUTIONS[form], start=1):
        first = 4 * (turn - 1)
        steps += [
            (f"conv{turn}", "conv", folded(model[first], model[first + 2])),
            (f"conv{turn}", "relu", {}),
            (f"pool{turn}", "max_pool", {"size": pool, "stride": pool}),
        ]
    weights = {name: array.numpy() for name, array in model.state_dict().items()}
    dense = 4 * len(_CONVOLUTIONS[form]) + 1

    def of(layer: int) -> dict[str, NDArray]:
        return {"kernel": weights[f"{layer}.weight"], "bias": weights[f"{layer}.bias"]}

    steps += [
        ("flatten", "flatten", {}),
        ("dense1", "linear", of(dense)),
        ("dense1", "relu", {}),
        ("output", "linear", of(dense + 2)),
        ("probability", "sigmoid", {}),
    ]
    return sequential_network(steps, input_length=LENGTH, class_names=CLASS_NAMES)


def _model(form: Form, seed: int) -> nn.Sequential:
    """Return a network, ready to train, with first weights of its own seed."""
    layers: list[nn.Module] = []
    n_channels, width = 4, LENGTH
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for n_filters, size, pool in _CONVOLUTIONS[form]:
            layers += [
                nn.Conv1d(n_channels, n_filters, size),
                nn.MaxPool1d(pool, pool),
                nn.BatchNorm1d(n_filters),
                nn.ReLU(),
            ]
            n_channels, width = n_filters, (width - size + 1) // pool
        units = nn.Linear(n_channels * width, N_UNITS)
        nn.init.constant_(units.bias, FIRST_BIAS)
        return nn.Sequential(
            *layers, nn.Flatten(), units, nn.ReLU(), nn.Linear(N_UNITS, len(CLASS_NAMES))
        )
