"""Networks that PyTorch wrote, in every format, against what PyTorch answered."""

import numpy as np
import pytest
import torch

from deepresolve_dash.networks.card import card
from deepresolve_dash.networks.corrections import reduce_positions
from deepresolve_dash.networks.cut import cut, find_layers
from deepresolve_dash.networks.execute import forward
from deepresolve_dash.networks.graph import network_hash
from deepresolve_dash.networks.neutral import load_network, save_network
from deepresolve_dash.networks.predict import predict
from deepresolve_dash.networks.read import read_network
from tests.networks.zoo_files import TORCH, stored

FILES = {path.name: path for path in sorted(TORCH.iterdir()) if path.suffix != ".npz"}
PROFILES = ("bpnet", "enformer", "spliceai")


@pytest.fixture(scope="module")
def read():
    known = {}

    def read(name):
        if name not in known:
            known[name] = read_network(FILES[name])
        return known[name]

    return read


def is_profile(name):
    return name.startswith(PROFILES)


@pytest.mark.parametrize("name", [name for name in FILES if not is_profile(name)])
def test_answers_are_those_of_pytorch(read, name):
    network = read(name)
    x, outputs = stored(FILES[name])
    assert len(network.outputs) == len(outputs)
    found = forward(network, torch.tensor(x))
    for expected, output in zip(outputs, network.outputs, strict=True):
        np.testing.assert_allclose(found[output.node], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", [name for name in FILES if is_profile(name)])
@pytest.mark.parametrize("position", [0, 17])
def test_a_profile_is_that_of_pytorch_at_every_position(read, name, position):
    x, outputs = stored(FILES[name])
    first = read(name).outputs[0].name
    network = reduce_positions(read(name), first, position)
    profile = outputs[0] if "enformer" not in name else outputs[0].transpose(0, 2, 1)
    found = forward(network, torch.tensor(x))[network.outputs[0].node]
    np.testing.assert_allclose(found, profile[:, :, position], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", FILES)
def test_every_offered_cut_gives_the_scores_and_a_gradient(read, name):
    network = read(name)
    x = torch.tensor(stored(FILES[name])[0])
    for output in network.outputs:
        expected, _ = predict(network, x.numpy(), output=output.name)
        layers = find_layers(network, output.name, measure=False)
        assert any(layer.can_cut for layer in layers)
        for layer in layers:
            if layer.can_cut:
                made = cut(network, layer.name, output=output.name)
                maps = made.head(x).requires_grad_()
                scores = made.tail(maps)
                np.testing.assert_allclose(scores.detach(), expected, rtol=1e-4, atol=1e-5)
                scores.sum().backward()
                assert maps.grad is not None
                assert torch.isfinite(maps.grad).all()
                assert maps.grad.abs().max() > 0


OFFERED = {
    "basset": (11, 15),
    "both_strands": (12, 13),
    "bpnet": (6, 6),
    "danq": (6, 6),
    "deepsea": (10, 10),
    "deepsea_2d": (10, 10),
    "enformer": (7, 7),
    "recurrent": (5, 5),
    "spliceai": (3, 3),
    "transformer": (9, 9),
}


@pytest.mark.parametrize("name", FILES)
def test_as_many_cuts_are_offered_as_there_are(read, name):
    layers = find_layers(read(name), measure=False)
    fewest, most = OFFERED[name.partition(".")[0]]
    assert fewest <= sum(layer.can_cut for layer in layers) <= most


def test_the_neutral_form_keeps_every_network(read, tmp_path):
    for name in ("danq.pt2", "transformer.pt2", "bpnet.pt2", "both_strands.core.pt2"):
        save_network(read(name), tmp_path / name)
        again = load_network(tmp_path / name)
        assert network_hash(again) == network_hash(read(name))
        assert card(again)["advised_layer"] == card(read(name))["advised_layer"]


def layers_of(network):
    return {layer.name: layer for layer in find_layers(network)}


def test_layers_have_the_names_of_their_modules_and_maps_have_channels_first(read):
    danq = layers_of(read("danq.pt2"))
    assert list(danq) == [
        "conv", "relu", "pool", "dropout", "lstm", "dense", "relu_1", "out", "sigmoid"
    ]  # fmt: skip
    assert danq["lstm"][1:5] == ("recurrent", 12, 19, 120)
    assert danq["pool"][1:5] == ("max pooling", 10, 19, 12)
    block = layers_of(read("transformer.pt2"))
    assert block["blocks.0.attention"][1:4] == ("attention", 8, 16)
    assert block["blocks.1.add_4"].can_cut
    assert layers_of(read("recurrent.pt2"))["gru"][2:4] == (20, 1)
    assert layers_of(read("enformer.pt2"))["pool2.sum_2"][2:5] == (8, 30, 12)


def test_names_of_layers_are_those_of_modules_in_onnx_too(read):
    expected = layers_of(read("transformer.pt2"))
    for name in ("transformer.legacy.onnx", "transformer.dynamo.onnx"):
        found = layers_of(read(name))
        assert found["blocks.1.norm2"][1:5] == expected["blocks.1.norm2"][1:5]
        assert found["blocks.0.attention"][1:5] == expected["blocks.0.attention"][1:5]
        assert found["pool"][1:6] == expected["pool"][1:6]
    for name in ("danq.legacy.onnx", "danq.dynamo.onnx"):
        assert layers_of(read(name))["lstm"][1:5] == ("recurrent", 12, 19, 120)


def test_what_was_assumed_is_said(read):
    said = [finding.what for finding in read("bpnet.pt2").findings]
    assert "The input 'control' of shape (2, 120) is held constant, at 0." in said
    assert any("has 90 positions; a class score is their mean" in each for each in said)
    for name in ("danq.one.pt2", "transformer.one.onnx"):
        said = [finding.what for finding in read(name).findings]
        assert "The model was saved for 1 sequences at a time; it is read for any number." in said
