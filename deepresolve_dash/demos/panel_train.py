"""Training of the panel demo: two convolutions over its made-up experiments."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from deepresolve_dash.demos.panel import (
    CLASS_NAMES,
    FEATURED,
    HIDDEN_PAIR,
    LENGTH,
    TITLE,
    columns,
    label_panel,
    rule_of,
)
from deepresolve_dash.demos.panel_sequences import generate_panel
from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.networks.build import sequential_network
from deepresolve_dash.networks.graph import Network

Draw = Callable[[np.random.Generator, int], tuple[NDArray[np.uint8], NDArray[np.uint8]]]

LOWEST_PANEL_AUC = 0.9
N_FILTERS, FILTER_BP, POOL, N_UNITS = 64, 15, 12, 128
FIRST_BIAS = 0.1  # of the units of the second convolution
_OTHERWISE = "Train with another seed, or with more sequences or rounds."
_TRAINING, _TEST = 0, 1  # streams of sequences of one seed


@dataclass(frozen=True)
class PanelRecipe:
    """How the panel network is trained.

    Parameters
    ----------
    seed : int
        Seed of sequences, first weights and order of examples.
    epochs : int
        Rounds, each over fresh sequences.
    n_train, n_test : int
        Sequences of a round, and held-out ones.
    batch : int
        Sequences per step.
    rate : float
        Highest learning rate of AdamW under the one-cycle rule.
    decay : float
        Weight decay.
    reason : str
        Why this seed.
    """

    seed: int
    epochs: int
    n_train: int = 40_000
    n_test: int = 12_000
    batch: int = 64
    rate: float = 8e-3
    decay: float = 1e-3
    reason: str = ""


PANEL_RECIPE = PanelRecipe(seed=3, epochs=12, reason="The first one tried on this grammar.")
"""Recipe of the shipped network."""


def train_panel(
    *,
    seed: int | None = None,
    recipe: PanelRecipe = PANEL_RECIPE,
    progress: Callable[[float], None] | None = None,
) -> tuple[Network, dict]:
    """Train the panel network.

    Choice: pooling over 12 positions after the first convolution. It hides from the second one
    where in the pool a filter fired, so that filters learn whole motifs, not pieces of them. The
    normalisation comes after the pool, a twelfth of the work.

    Choice: the second convolution sees the whole sequence, and its units answer to the background
    at first. Where it saw three positions, with a normalisation of its own and a dense layer
    behind it, the units of motifs were silent in the background, where the ascent starts.

    Parameters
    ----------
    seed : int, optional
        Another seed than the recipe's.
    recipe : PanelRecipe
    progress : callable (float), optional
        Told the share done after every round.

    Returns
    -------
    network : Network
        With probabilities as output.
    record : dict
        `task`, `title`, `recipe`; `auc`, the area under the ROC curve of each class on held-out
        sequences; `auc_of_pairs`, that of each class with an interaction over the sequences that
        hold a motif of its pair, which a network that only adds up does not pass.

    Raises
    ------
    DeepResolveError
        When an area is below 0.9.
    """
    if seed is not None and seed != recipe.seed:
        recipe = replace(recipe, seed=seed, reason="")
    model = _model(recipe.seed)
    for done in train_rounds(model, recipe, _draw):
        if progress:
            progress(done)
    auc, of_pairs = held_out(model, recipe)
    check_panel(auc | {f"{name} (pair)": area for name, area in of_pairs.items()})
    record = {"task": "panel", "title": TITLE, "recipe": asdict(recipe)}
    return as_panel_network(model), record | {"auc": auc, "auc_of_pairs": of_pairs}


def check_panel(areas: dict[str, float]) -> None:
    """Refuse a network that has not learned a class.

    Raises
    ------
    DeepResolveError
        When an area is below 0.9; names the classes.
    """
    low = [f"{name} {area:.3f}" for name, area in areas.items() if not area >= LOWEST_PANEL_AUC]
    if low:
        raise DeepResolveError(
            f"The network has an AUC below {LOWEST_PANEL_AUC} on held-out sequences: "
            f"{', '.join(low)}.",
            _OTHERWISE,
        )


def held_out(
    model: nn.Sequential, recipe: PanelRecipe
) -> tuple[dict[str, float], dict[str, float]]:
    """Return the areas of all classes, and of the interactions, on held-out sequences."""
    generator = np.random.default_rng([recipe.seed, _TEST])
    planted = generate_panel(generator, recipe.n_test)
    labels = label_panel(generator, planted.start)
    with torch.no_grad():
        parts = torch.from_numpy(planted.sequences).split(1000)
        logits = torch.cat([model(encoded(part)) for part in parts]).numpy()
    return panel_areas(labels, logits), pair_areas(labels, logits, planted.start)


def panel_areas(labels: NDArray, scores: NDArray) -> dict[str, float]:
    """Return the area under the ROC curve of each class: (n, target) twice -> by name."""
    return {
        name: float(roc_auc_score(labels[:, target], scores[:, target]))
        for target, name in enumerate(CLASS_NAMES)
    }


def pair_areas(labels: NDArray, scores: NDArray, start: NDArray) -> dict[str, float]:
    """Return the areas of the interactions where they decide.

    Only sequences with a motif of the pair count, and for OR those with none besides.
    """
    areas = {}
    for name in [*FEATURED.values(), *HIDDEN_PAIR]:
        rule, target = rule_of(name), CLASS_NAMES.index(name)
        rows = (start[:, columns(rule.motifs)] >= 0).any(axis=1) | (rule.kind == "any")
        areas[name] = float(roc_auc_score(labels[rows, target], scores[rows, target]))
    return areas


def as_panel_network(model: nn.Sequential) -> Network:
    """Return a trained model as a network that gives probabilities.

    The normalisation of batches becomes part of the convolution before it.

    Raises
    ------
    DeepResolveError
        When a filter's scale became negative in training.
    """
    weights = {name: array.numpy() for name, array in model.state_dict().items()}

    def of(layer: int) -> dict[str, NDArray]:
        return {"kernel": weights[f"{layer}.weight"], "bias": weights[f"{layer}.bias"]}

    steps = [
        ("conv1", "conv", folded(model[0], model[2])),
        ("conv1", "relu", {}),
        ("pool1", "max_pool", {"size": POOL, "stride": POOL}),
        ("conv2", "conv", of(4)),
        ("conv2", "relu", {}),
        ("flatten", "flatten", {}),
        ("output", "linear", of(7)),
        ("probability", "sigmoid", {}),
    ]
    return sequential_network(steps, input_length=LENGTH, class_names=CLASS_NAMES)


@torch.no_grad()
def folded(convolution: Any, norm: Any) -> dict[str, NDArray]:
    """Return kernel and bias of a convolution with the normalisation after it.

    Which changes nothing, pooling in between or not: a maximum keeps its place when a positive
    scale moves before it.

    Raises
    ------
    DeepResolveError
        When a filter's scale became negative in training.
    """
    if (norm.weight < 0).any():
        raise DeepResolveError("A filter of the network has a negative scale.", _OTHERWISE)
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    bias = (convolution.bias - norm.running_mean) * scale + norm.bias
    return {"kernel": (convolution.weight * scale[:, None, None]).numpy(), "bias": bias.numpy()}


def _model(seed: int) -> nn.Sequential:
    """Return the network, ready to train, with first weights of its own seed."""
    n_positions = (LENGTH - FILTER_BP + 1) // POOL
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = nn.Sequential(
            nn.Conv1d(4, N_FILTERS, FILTER_BP),
            nn.MaxPool1d(POOL, POOL),
            nn.BatchNorm1d(N_FILTERS),
            nn.ReLU(),
            nn.Conv1d(N_FILTERS, N_UNITS, n_positions),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(N_UNITS, len(CLASS_NAMES)),
        )
        nn.init.constant_(model.get_parameter("4.bias"), FIRST_BIAS)
    return model


def train_rounds(model: nn.Sequential, recipe: PanelRecipe, draw: Draw) -> Iterator[float]:
    """Train a model in place, each round over fresh sequences.

    Parameters
    ----------
    model : Sequential
        One-hot (n, base, position) -> logits (n, target).
    recipe : PanelRecipe
    draw : function (generator, n) -> sequences (n, position), labels (n, target), uint8

    Yields
    ------
    float, the share done after every round
    """
    generator = np.random.default_rng([recipe.seed, _TRAINING])
    n_steps = recipe.epochs * -(-recipe.n_train // recipe.batch)
    optimiser = torch.optim.AdamW(model.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=n_steps)
    loss = nn.BCEWithLogitsLoss()
    model.train()
    for epoch in range(recipe.epochs):
        x, y = (torch.from_numpy(array) for array in draw(generator, recipe.n_train))
        batches = zip(x.split(recipe.batch), y.float().split(recipe.batch), strict=True)
        for sequences, labels in batches:
            optimiser.zero_grad()
            loss(model(encoded(sequences)), labels).backward()
            optimiser.step()
            schedule.step()
        yield (epoch + 1) / recipe.epochs
    model.train(False)


def _draw(generator: np.random.Generator, n: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Draw sequences of the panel and their labels."""
    planted = generate_panel(generator, n)
    return planted.sequences, label_panel(generator, planted.start)


def encoded(sequences: Tensor) -> Tensor:
    """Turn coded sequences (n, position) into float32 (n, base, position)."""
    return torch.eye(4)[sequences.long()].transpose(1, 2).contiguous()
