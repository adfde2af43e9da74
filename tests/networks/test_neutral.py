import json

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.build import sequential_network
from deepresolve_dash.networks.builder import Builder
from deepresolve_dash.networks.corrections import flip_kernels, with_alphabet, with_class_names
from deepresolve_dash.networks.execute import forward
from deepresolve_dash.networks.graph import definition, network_hash
from deepresolve_dash.networks.neutral import load_network, save_network
from deepresolve_dash.networks.read import read_network
from tests.networks.stacks import LENGTH, one_convolution, random_one_hots, residual


@pytest.fixture
def folder(tmp_path):
    save_network(one_convolution(), tmp_path)
    return tmp_path


def test_saving_and_loading_is_identity(tmp_path):
    for name, network in (("one", one_convolution(class_names=["a", "a"])), ("two", residual())):
        save_network(network, tmp_path / name)
        again = load_network(tmp_path / name)
        assert definition(again) == definition(network)
        assert again.nodes == network.nodes
        assert network_hash(again) == network_hash(network)
        assert again.findings == network.findings
        x = torch.tensor(random_one_hots(3))
        for one, other in zip(
            forward(again, x).values(), forward(network, x).values(), strict=True
        ):
            assert torch.equal(one, other)


def test_infinite_borders_survive_json(tmp_path):
    b = Builder(LENGTH)
    with b.layer("pool", "max pooling"):
        x = b.max_pool(b.pad(b.input, [(1, 2)], -np.inf), 4)
    with b.layer("dense", "dense"):
        x = b.linear(b.flatten(x), np.ones((2, 32)))
    save_network(b.network(x), tmp_path)
    assert "Infinity" not in (tmp_path / "net.json").read_text()
    assert load_network(tmp_path).nodes[0].args[2] == -np.inf


def test_a_folder_or_either_file_of_the_neutral_form_is_read(folder):
    for path in (folder, folder / "net.json", folder / "net.safetensors"):
        assert network_hash(read_network(path)) == network_hash(one_convolution())


def test_the_hash_follows_weights_alphabet_names_and_nothing_else():
    network = one_convolution()
    same = network_hash(network)
    assert same == network_hash(one_convolution(format="Keras 1.2.0"))
    others = [
        one_convolution(seed=1),
        with_alphabet(network, "AGCT"),
        flip_kernels(network),
        with_class_names(network, ["bound", "free"]),
    ]
    changed = one_convolution()
    changed.weights["dense2.bias"][1] += 1e-6
    hashes = {network_hash(other) for other in [*others, changed]}
    assert len(hashes) == 5
    assert same not in hashes


def test_flipping_twice_gives_the_network_back():
    network = one_convolution()
    twice = flip_kernels(flip_kernels(network))
    assert network_hash(twice) == network_hash(network)
    assert len(twice.findings) == 2


def edit(folder, change):
    path = folder / "net.json"
    graph = json.loads(path.read_text())
    change(graph)
    path.write_text(json.dumps(graph))


def set_op(op):
    return lambda graph: graph["nodes"][1].update(op=op)


def set_argument(node, position, value):
    def change(graph):
        graph["nodes"][node]["args"][position] = value

    return change


CHANGES = {
    "an operation outside the whitelist": (set_op("aten.from_file.default"), "not supported"),
    "an operation that is no name": (set_op("__import__"), "not supported"),
    "a cycle": (set_argument(0, 0, {"ref": "conv1/relu"}), "not defined before it"),
    "an undefined name": (set_argument(2, 0, {"ref": "nothing"}), "not defined before it"),
    "shapes that do not fit": (set_argument(4, 1, {"ref": "dense2.kernel"}), "does not fit"),
    "an argument of a wrong kind": (set_argument(2, 1, True), "does not fit"),
    "a dilation of zero": (set_argument(0, 5, [0]), "does not fit"),
    "a stride of zero": (set_argument(0, 3, [0]), "does not fit"),
    "a stride beyond counting": (set_argument(2, 2, [10**15]), "does not fit"),
    "a kernel that is no weight": (set_argument(4, 1, {"ref": "flat/flatten"}), "not a weight"),
    "data that is a number": (set_argument(1, 0, 3), "does not name its data"),
    "a name used twice": (lambda g: g["nodes"][1].update(name="conv1/conv1d"), "used twice"),
    "an output that is no node": (lambda g: g["outputs"][0].update(node="x"), "not a node"),
    "an output of another size": (
        lambda g: g["outputs"][0].update(class_names=["a", "b", "c"]),
        "not one number for each of 3 classes",
    ),
    "no output": (lambda g: g.update(outputs=[]), "no output"),
    "no nodes at all": (lambda g: g.pop("nodes"), "not a network in the neutral form"),
    "an unknown layer": (lambda g: g["nodes"][0].update(layer="x"), "unknown layer"),
    "a strange alphabet": (lambda g: g.update(alphabet="ACGU"), "alphabet"),
    "a length of zero": (lambda g: g.update(input_length=0), "input length"),
    "a length beyond memory": (lambda g: g.update(input_length=10**13), "does not fit|memory"),
    "text for a number": (lambda g: g.update(input_length="29"), "not a network"),
    "another version": (lambda g: g.update(version=99), "version"),
}


@pytest.mark.parametrize(("change", "message"), CHANGES.values(), ids=CHANGES)
def test_a_graph_that_is_not_sound_is_refused(folder, change, message):
    edit(folder, change)
    with pytest.raises(ModelFileError, match=message):
        load_network(folder)


@pytest.mark.parametrize("text", ["", "{", "[1]", "[" * 200_000, "null"])
def test_broken_json_is_refused(folder, text):
    (folder / "net.json").write_text(text)
    with pytest.raises(ModelFileError, match=r"net\.json"):
        load_network(folder)


@pytest.mark.parametrize("data", [b"", b"x", b"\xff" * 64, (10**12).to_bytes(8, "little") + b"{}"])
def test_broken_weights_are_refused(folder, data):
    (folder / "net.safetensors").write_bytes(data)
    with pytest.raises(ModelFileError, match="safetensors"):
        load_network(folder)


def test_weights_that_are_missing_not_finite_or_not_float32_are_refused(folder):
    (folder / "net.safetensors").unlink()
    with pytest.raises(ModelFileError, match=r"There is no net\.safetensors"):
        load_network(folder)
    weights = dict(one_convolution().weights)
    weights["conv1.bias"] = weights["conv1.bias"] * np.float32(np.nan)
    save_file(weights, folder / "net.safetensors")
    with pytest.raises(ModelFileError, match=r"'conv1\.bias' holds NaN"):
        load_network(folder)
    weights["conv1.bias"] = np.zeros(7, dtype=np.float64)
    save_file(weights, folder / "net.safetensors")
    with pytest.raises(ModelFileError, match="not float32"):
        load_network(folder)


def test_steps_that_do_not_fit_together_are_refused_by_layer():
    steps = [
        ("conv1", "conv", {"kernel": np.ones((7, 4, 5))}),
        ("dense1", "linear", {"kernel": np.ones((2, 3))}),
    ]
    with pytest.raises(ModelFileError, match="Layer 'dense1' does not fit"):
        sequential_network(steps, input_length=LENGTH)
    with pytest.raises(ModelFileError, match="activation 'magic'"):
        sequential_network([("a", "magic", {})], input_length=LENGTH)


def test_a_repeated_layer_name_gets_a_number():
    steps = [
        ("conv", "conv", {"kernel": np.ones((7, 4, 5))}),
        ("pool", "global_max", {}),
        ("conv", "linear", {"kernel": np.ones((2, 7))}),
    ]
    assert list(sequential_network(steps, input_length=LENGTH).layers) == ["conv", "pool", "conv#2"]
