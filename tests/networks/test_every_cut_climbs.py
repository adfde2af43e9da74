"""A few steps of the ascent at every cut of every network that is at hand."""

from pathlib import Path

import pytest
import torch

from deepresolve_dash.core.ascent.base import make_base
from deepresolve_dash.core.ascent.climb import climb
from deepresolve_dash.core.ascent.memory import fitting_rows
from deepresolve_dash.core.ascent.objective import Objective, squared_norm
from deepresolve_dash.core.ascent.optimisers import make_step
from deepresolve_dash.core.ascent.rows import background_generator, make_rows, start_maps
from deepresolve_dash.core.settings import ascent_settings, start_scale
from deepresolve_dash.networks.cut import Cut, cut, find_layers
from deepresolve_dash.networks.graph import Network
from deepresolve_dash.networks.read import read_network
from deepresolve_dash.networks.sequences import random_sequences
from tests.networks.test_published_models import MODELS
from tests.networks.zoo_files import ZOO

SETTINGS = ascent_settings(n_trials=2, steps=3)
MODES = SETTINGS.regimes[-1]
KINDS = (".pt2", ".keras", ".h5", ".onnx")  # the first that there is: all hold the same network


def each_network() -> list[Path]:
    """One file of every network of the zoo."""
    found: dict[Path, Path] = {}
    for kind in KINDS:
        for path in sorted(ZOO.glob(f"*/*{kind}")):
            if not path.name.endswith(".weights.h5"):
                found.setdefault(path.parent / path.name.partition(".")[0], path)
    return sorted(found.values())


def cuts(network: Network) -> list[tuple[str, str]]:
    """Output and layer of every cut that is offered."""
    return [
        (output.name, layer.name)
        for output in network.outputs
        for layer in find_layers(network, output.name, measure=False)
        if layer.can_cut
    ]


def climbs(network: Network, parts: Cut) -> None:
    """Climb from two starts of the last class, with the l2 that is exact for a linear tail."""
    letters = random_sequences(background_generator(0), 16, network.input_length)
    base = make_base(parts.head, torch.from_numpy(letters), SETTINGS)
    assert fitting_rows(parts.tail, base) >= 8
    shape = parts.n_channels, parts.width
    rows = make_rows([parts.n_outputs - 1], 2)
    start = start_maps(rows, shape, start_scale(SETTINGS, MODES, base.distance, shape), SETTINGS)
    objective = Objective(parts.tail, base.map, torch.from_numpy(rows.target), torch.ones(2))
    _, gradient = objective.score(start)
    l2 = squared_norm(gradient).sqrt() / (2 * base.distance)
    objective = Objective(parts.tail, base.map, objective.target, l2)
    step = make_step(SETTINGS, l2=l2, scale=1.0)
    climbed = climb(objective, start, step, SETTINGS, lambda: None)
    assert not climbed.diverged.any()
    assert climbed.u.shape == (2, *shape)
    assert torch.isfinite(climbed.u).all()
    assert torch.isfinite(climbed.score).all()
    assert (climbed.objective > climbed.trace[:, 0]).all()


@pytest.mark.parametrize("path", each_network(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_cut_of_the_zoo_climbs(path):
    network = read_network(path, length=100 if path.parent.name == "any_length" else None)
    for output, layer in cuts(network):
        climbs(network, cut(network, layer, output=output))


@pytest.mark.shared
@pytest.mark.skipif(not MODELS.is_dir(), reason="the sample models are not here")
def test_every_cut_of_published_models_climbs():
    for folder in sorted(path for path in MODELS.iterdir() if path.is_dir())[::10]:
        network = read_network(folder)
        found = cuts(network)
        assert len(found) >= 3
        for output, layer in found:
            climbs(network, cut(network, layer, output=output))
