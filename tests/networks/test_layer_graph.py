"""Graph of the layers and statistics of the weights, as the card tells them."""

from pathlib import Path

import numpy as np
import pytest

from deepresolve_dash.networks.build import sequential_network
from deepresolve_dash.networks.card import card
from deepresolve_dash.networks.card_version import CARD_VERSION
from deepresolve_dash.networks.layer_graph import layer_sources, output_sources
from deepresolve_dash.networks.read import read_network
from deepresolve_dash.networks.weight_statistics import (
    N_BINS,
    array_statistics,
    weight_statistics,
)

ZOO = Path(__file__).parent / "zoo"


@pytest.fixture(scope="module")
def chain():
    kernel = np.linspace(-1, 1, 24, dtype="f4").reshape(2, 4, 3)
    steps = [
        ("conv", "conv", {"kernel": kernel, "bias": np.zeros(2)}),
        ("conv", "relu", {}),
        ("pool", "max_pool", {"size": 2}),
        ("flatten", "flatten", {}),
        ("dense", "linear", {"kernel": np.ones((1, 6)), "bias": np.ones(1)}),
    ]
    return sequential_network(steps, input_length=9)


def test_a_chain_is_a_chain(chain):
    sources = layer_sources(chain)
    assert sources == {"conv": [None], "pool": ["conv"], "flatten": ["pool"], "dense": ["flatten"]}
    assert output_sources(chain) == [["dense"]]


def test_a_sum_takes_both_branches_of_a_block():
    sources = layer_sources(read_network(ZOO / "keras3" / "residual.keras"))
    assert sources["sum1"] == ["stem", "dilated"]
    assert sources["add"] == ["sum1", "separable"]
    assert sources["stem"] == [None]


def test_operations_without_a_layer_are_looked_through_and_held_inputs_take_nothing():
    network = read_network(ZOO / "torch" / "bpnet.pt2")
    sources = layer_sources(network)
    assert sources["add"] == ["relu", "relu_1"]  # by way of a crop of no layer
    assert sources["control"] == []
    assert output_sources(network)[0] == ["output 0: over positions"]
    assert "control" not in {
        layer for layer, arrays in weight_statistics(network).items() if arrays
    }


def test_statistics_are_those_of_numpy():
    values = np.random.default_rng(1).normal(3, 2, 1000).astype("f4")
    values[:50] = 0
    found = array_statistics(values.reshape(10, 100))
    assert found["shape"] == [10, 100]
    assert found["mean"] == pytest.approx(values.mean(), rel=1e-3)
    assert found["sd"] == pytest.approx(values.std(), rel=1e-3)
    assert found["min"] == pytest.approx(values.min(), rel=1e-3)
    assert found["zeros"] == 0.05
    assert len(found["bins"]) == N_BINS
    assert sum(found["bins"]) == found["n"] == 1000


def test_statistics_are_merged_over_blocks(monkeypatch):
    monkeypatch.setattr("deepresolve_dash.networks.weight_statistics._BLOCK", 64)
    values = np.concatenate([np.full(100, 1e4), np.full(100, 1e4 + 1)]).astype("f4")
    found = array_statistics(values)
    assert found["sd"] == 0.5
    assert found["n"] == 200
    assert sum(found["bins"]) == 50  # every fourth


def test_numbers_that_are_not_finite_are_counted_and_left_out():
    found = array_statistics(np.array([1, np.nan, 3, -np.inf], dtype="f4"))
    assert (found["not_finite"], found["mean"], found["min"]) == (2, 2.0, 1.0)
    empty = array_statistics(np.array([np.nan], dtype="f4"))
    assert (empty["mean"], empty["bins"], empty["not_finite"]) == (None, [], 1)
    assert array_statistics(np.zeros((0, 3), dtype="f4"))["n"] == 0


def test_the_card_tells_version_sources_and_weights(chain):
    told = card(chain)
    assert told["card_version"] == CARD_VERSION
    conv = told["layers"][0]
    assert conv["from"] == [None]
    assert [array["name"] for array in conv["weights"]] == ["kernel", "bias"]
    assert conv["weights"][1]["zeros"] == 1.0
    assert conv["weights"][1]["bins"] == []  # all the same
    assert told["layers"][1]["weights"] == []
    assert told["outputs"][0]["from"] == ["dense"]
