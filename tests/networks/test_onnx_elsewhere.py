"""ONNX models of other programs than PyTorch: of tf2onnx, and by hand as others write them."""

import numpy as np
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from deepresolve_dash.networks.cut import find_layers
from deepresolve_dash.networks.execute import forward
from deepresolve_dash.networks.paths import find_logits, last_nodes
from deepresolve_dash.networks.read import read_network
from tests.networks.stacks import random_one_hots
from tests.networks.test_keras_zoo import examples, tail
from tests.networks.zoo_files import ZOO

OFFERED = {"bpnet.18": 12, "danq.13": 6, "picture.9": 1, "residual.13": 10}
"""File -> the number of layers that the network can be cut at, for its first head."""

LENGTH, FILTERS, CLASSES = 22, 5, 3


@pytest.mark.parametrize("name", OFFERED)
def test_a_conversion_answers_as_keras_did_and_cuts_agree(name):
    network = read_network(ZOO / "tf2onnx" / f"{name}.onnx")
    x, answers = examples(f"keras2/{name.partition('.')[0]}.h5")
    found = forward(network, x)
    for output, expected in zip(network.outputs, answers, strict=True):
        np.testing.assert_allclose(found[output.node], expected, atol=1e-5)
    layers = [layer.name for layer in find_layers(network, measure=False) if layer.can_cut]
    assert len(layers) == OFFERED[name]
    logits, ends = find_logits(network).node, last_nodes(network)
    layers = layers[:: max(1, len(layers) // 3)]
    whole = forward(network, x, wanted=[logits, *(ends[layer].name for layer in layers)])
    for layer in layers:
        scores = tail(network, ends[layer].name, logits, whole[ends[layer].name])
        np.testing.assert_allclose(scores, whole[logits], rtol=1e-4, atol=1e-5)


def drawn(*shape):
    return np.random.default_rng(len(shape)).normal(size=shape).astype(np.float32)


KERNEL, SHIFT = drawn(FILTERS, 4, 6), drawn(FILTERS)
DENSE, LAST = drawn(FILTERS * 8, CLASSES), drawn(CLASSES)


def by_hand(opset):
    """Channels last from outside, borders by name, a product and a sum for a dense layer."""
    nodes = [
        helper.make_node("Transpose", ["x"], ["t"], perm=[0, 2, 1]),
        helper.make_node("Conv", ["t", "kernel", "shift"], ["c"], auto_pad="SAME_UPPER"),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node(
            "MaxPool", ["r"], ["m"], kernel_shape=[4], strides=[3], auto_pad="SAME_UPPER"
        ),
        helper.make_node("Transpose", ["m"], ["last"], perm=[0, 2, 1]),
        helper.make_node("Reshape", ["last", "flat"], ["f"]),
        helper.make_node("Dropout", ["f"], ["d"]),
        helper.make_node("MatMul", ["d", "dense"], ["p"]),
        helper.make_node("Add", ["p", "end"], ["s"]),
        helper.make_node("Softmax", ["s"], ["y"], axis=1),
    ]
    weights = {
        "kernel": KERNEL, "shift": SHIFT, "flat": np.array([-1, FILTERS * 8]), "dense": DENSE,
        "end": LAST,
    }  # fmt: skip
    shape = ["n", LENGTH, 4]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", CLASSES])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    made = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset)], producer_name="by hand"
    )
    made.ir_version = 3 if opset < 9 else 8
    return made


@pytest.mark.parametrize("opset", [7, 9, 11, 13, 15, 17, 21])
def test_every_version_of_the_operations_reads_the_same(tmp_path, opset):
    path = tmp_path / "m.onnx"
    path.write_bytes(by_hand(opset).SerializeToString())
    network = read_network(path)
    x = torch.tensor(random_one_hots(6, LENGTH))
    kernel, shift, dense, last = map(torch.tensor, (KERNEL, SHIFT, DENSE, LAST))
    maps = torch.conv1d(torch.nn.functional.pad(x, (2, 3)), kernel, shift).relu()
    pooled = torch.max_pool1d(torch.nn.functional.pad(maps, (1, 2)), 4, 3)
    expected = (pooled.transpose(1, 2).flatten(1) @ dense + last).softmax(1)
    found = forward(network, x)[network.outputs[0].node]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
    layers = {layer.name: layer for layer in find_layers(network)}
    assert layers["m"][1:5] == ("max pooling", FILTERS, 8, 9)
    assert layers["s"].kind == "dense" or layers["p"].kind == "dense"


def test_gates_with_a_hard_sigmoid_and_a_turned_sequence(tmp_path):
    """As converters write an LSTM of older Keras that reads its sequence backwards."""
    n = 3
    weights = {
        "w": drawn(1, 4 * n, 4), "r": drawn(1, 4 * n, n), "b": drawn(1, 8 * n),
        "lengths": np.array([LENGTH]), "first": np.array([1]), "axis": np.array([0]),
    }  # fmt: skip
    nodes = [
        helper.make_node("Transpose", ["x"], ["t"], perm=[1, 0, 2]),
        helper.make_node("Shape", ["t"], ["size"]),
        helper.make_node("Gather", ["size", "first"], ["rows"]),
        helper.make_node("Expand", ["lengths", "rows"], ["each"]),
        helper.make_node("ReverseSequence", ["t", "each"], ["turned"], batch_axis=1, time_axis=0),
        helper.make_node(
            "LSTM", ["turned", "w", "r", "b"], ["", "state"], hidden_size=n,
            activations=["HardSigmoid", "Tanh", "Tanh"],
            activation_alpha=[0.25], activation_beta=[0.4],
        ),
        helper.make_node("Squeeze", ["state", "axis"], ["y"]),
    ]  # fmt: skip
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", LENGTH, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    path = tmp_path / "m.onnx"
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(made.SerializeToString())
    network = read_network(path)
    x = random_one_hots(4, LENGTH)
    hidden = memory = np.zeros((4, n))
    for place in reversed(range(LENGTH)):
        given = x[:, :, place] @ weights["w"][0].T + hidden @ weights["r"][0].T
        gates = given + weights["b"][0][: 4 * n] + weights["b"][0][4 * n :]
        i, o, f, c = np.split(gates, 4, 1)  # the order of ONNX
        i, o, f = (np.clip(0.25 * gate + 0.4, 0, 1) for gate in (i, o, f))
        memory = f * memory + i * np.tanh(c)
        hidden = o * np.tanh(memory)
    found = forward(network, torch.tensor(x))[network.outputs[0].node]
    np.testing.assert_allclose(found, hidden, rtol=1e-4, atol=1e-5)
