"""The drawing of a network and what is told of its layers."""

import json

import pytest

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.runs.costs import layer_costs
from deepresolve_dash.views import network_graph
from deepresolve_dash.views.layer_details import details, run_cost


def made(layers, outputs, advised):
    """Return a card of (name, kind, from, can_cut) and of (name, from, cuts)."""
    told = [
        {
            "name": name,
            "kind": kind,
            "channels": 8,
            "width": 120,
            "receptive_field_bp": 11,
            "can_cut": can_cut,
            "why_not": None if can_cut else "There is a way around it.",
            "tail_macs": 1920,
            "tail_values": 600,
            "from": sources,
            "weights": [],
        }
        for name, kind, sources, can_cut in layers
    ]
    ends = [
        {"name": name, "n": 3, "classes": list("abc"), "advised_layer": advised}
        | {"cuts": cuts, "from": sources}
        for name, sources, cuts in outputs
    ]
    return {
        "hash": "0" * 64,
        "input": {"length": 120, "alphabet": "ACGT"},
        "layers": told,
        "advised_layer": advised,
        "outputs": ends,
    }


@pytest.fixture(scope="module")
def residual():
    layers = [
        ("first", "convolution", [None], True),
        ("skip", "convolution", ["first"], False),
        ("norm", "batch normalisation", ["first"], False),
        ("relu", "activation", ["norm"], False),
        ("conv0", "convolution", ["relu"], False),
        ("norm0", "batch normalisation", ["conv0"], False),
        ("relu0", "activation", ["norm0"], False),
        ("conv1", "convolution", ["relu0"], False),
        ("add", "sum", ["first", "conv1"], False),
        ("both", "sum", ["add", "skip"], True),
        ("last", "dense", ["both"], False),
    ]
    return made(layers, [("output", ["last"], ["first", "both"])], "both")


@pytest.fixture(scope="module")
def two_heads():
    layers = [
        ("control", "held input", [], False),
        ("stem", "convolution", [None], True),
        ("relu", "activation", ["stem"], True),
        ("profile", "convolution", ["relu", "control"], False),
        ("mean", "mean", ["relu"], False),
    ]
    outputs = [("0", ["profile"], ["stem", "relu"]), ("1", ["mean"], ["stem", "relu", "mean"])]
    return made(layers, outputs, "relu")


def drawn(told, **options):
    return network_graph.data(told, layer_costs(told, None, "cpu"), **options)


def box_named(data, name):
    return next(box for box in data["boxes"] if box["full"] == name)


def test_each_layer_is_in_one_box_between_the_sequence_and_the_outputs(residual):
    for whole in (False, True):
        data = drawn(residual, whole=whole)
        members = sorted(place for box in data["boxes"] for place in box["members"])
        assert members == list(range(len(residual["layers"])))
        assert data["boxes"][0]["kind"] == "sequence"
        assert data["boxes"][-1]["kind"] == "output"
        assert data["folded"] == len(members) - len(data["boxes"]) + 2
        json.dumps(data)
    assert data["folded"] == 0


def test_activations_and_normalisations_stand_with_the_layer_before(residual):
    data = drawn(residual)
    names = [residual["layers"][place]["name"] for place in box_named(data, "conv0")["members"]]
    assert names == ["conv0", "norm0", "relu0"]
    assert box_named(data, "conv0")["says"] == "convolution + 2 · 8 × 120"


def test_a_layer_behind_a_branch_keeps_its_own_box(residual):
    assert box_named(drawn(residual), "norm")["members"] == [2, 3]  # `first` goes three ways


def test_lines_join_boxes_and_pass_beside_them(residual):
    data = drawn(residual)
    box = box_named(data, "first")
    start = f"M{box['x'] + data['box'][0] / 2:g} {box['y'] + data['box'][1]}"
    leaving = [line for line in data["lines"] if line.startswith(start)]
    assert len(leaving) == 3
    assert all(
        box["x"] >= 0 and box["x"] + data["box"][0] <= data["width"] for box in data["boxes"]
    )


def test_cuts_are_those_of_the_card(residual):
    data = drawn(residual)
    cuts = [layer["name"] for layer in data["layers"] if layer["cuts"]]
    assert cuts == [layer["name"] for layer in residual["layers"] if layer["can_cut"]]
    assert sum(box["cuts"] for box in data["boxes"]) == len(cuts)
    assert box_named(data, residual["advised_layer"])["advised"]
    assert data["layers"][data["advised"]]["advised"]


def test_a_layer_says_for_which_output_it_can_be_cut(two_heads):
    told = {one["name"]: one for one in details(two_heads, layer_costs(two_heads, None, "cpu"))}
    second = two_heads["outputs"][1]["name"]
    assert told["relu"]["cuts"] == [None, second]
    assert told["mean"]["cuts"] == [second]
    assert told["mean"]["why_not"]
    assert told["control"]["cuts"] == []
    assert {"time of a run", "memory of a run"} <= {row[0] for row in told["relu"]["rows"]}
    assert "time of a run" not in {row[0] for row in told["mean"]["rows"]}


def test_the_time_of_a_run_says_what_it_rests_on(residual):
    layer = residual["advised_layer"]
    guessed, measured = (layer_costs(residual, speed, "cpu") for speed in (None, 0.01))
    assert "a rough guess" in run_cost(guessed, guessed.layers[layer])[1]
    time, meaning = run_cost(measured, measured.layers[layer])
    assert "from runs here before" in meaning
    assert "3 classes, 10 trials" in meaning
    assert time.endswith("on this machine's CPU")
    assert measured.layers[layer].seconds > guessed.layers[layer].seconds


def test_an_older_card_and_a_huge_network_are_said_to_be_so(residual, monkeypatch):
    old = residual | {"layers": [{"name": "conv", "kind": "convolution"}]}
    with pytest.raises(ModelFileError, match="earlier version"):
        network_graph.data(old, layer_costs(residual, None, "cpu"))
    monkeypatch.setattr(network_graph, "MOST_BOXES", 5)
    with pytest.raises(ModelFileError, match="too large to be drawn"):
        drawn(residual)


def test_long_names_lose_their_middle():
    assert network_graph.shortened("a" * 60) == "a" * 14 + "…" + "a" * 14
    assert network_graph.shortened("conv1") == "conv1"
