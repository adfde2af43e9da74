"""Single ONNX operations against the reference implementation that comes with the onnx package."""

import numpy as np
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from deepresolve_dash.networks.execute import forward
from deepresolve_dash.networks.read import read_network

LENGTH = 11
G = np.random.default_rng(0)


def draw(*shape):
    return (G.normal(size=shape) * 0.5).astype(np.float32)


def ints(*values):
    return np.array(values, dtype=np.int64)


def number(value):
    return np.array(value, dtype=np.float32)


def case(op, *arrays, version=18, n_outputs=1, **attributes):
    return op, arrays, version, n_outputs, attributes


POOL = {"kernel_shape": [3], "strides": [2]}
CASES = {
    "conv, uneven": case("Conv", draw(5, 4, 4), draw(5), pads=[1, 2], kernel_shape=[4]),
    "conv, grouped": case("Conv", draw(6, 2, 3), group=2, dilations=[2], strides=[2]),
    "conv, same upper": case("Conv", draw(5, 4, 4), auto_pad="SAME_UPPER"),
    "conv, same lower": case("Conv", draw(5, 4, 4), auto_pad="SAME_LOWER", strides=[2]),
    "transposed": case("ConvTranspose", draw(4, 3, 4), draw(3), strides=[2], pads=[1, 1]),
    "transposed, uneven": case("ConvTranspose", draw(4, 3, 4), strides=[2], pads=[0, 2]),
    "max pool": case("MaxPool", **POOL, pads=[1, 0]),
    "max pool, rounded up": case("MaxPool", **POOL, ceil_mode=1),
    "average pool": case("AveragePool", **POOL, pads=[1, 1]),
    "average pool, border counts": case("AveragePool", **POOL, pads=[1, 1], count_include_pad=1),
    "average pool, uneven": case("AveragePool", kernel_shape=[3], strides=[2], pads=[0, 2]),
    "global average": case("GlobalAveragePool"),
    "batch norm": case("BatchNormalization", draw(4), draw(4), draw(4), np.abs(draw(4)) + 1),
    "instance norm": case("InstanceNormalization", draw(4), draw(4)),
    "layer norm": case("LayerNormalization", draw(4, 11), draw(4, 11), axis=1),
    "group norm": case("GroupNormalization", draw(4), draw(4), num_groups=2, version=21),
    "clip": case("Clip", number(-0.1), number(0.5)),
    "elu": case("Elu", alpha=0.7),
    "gelu": case("Gelu", version=20),
    "gelu by tanh": case("Gelu", approximate="tanh", version=20),
    "hard sigmoid": case("HardSigmoid", alpha=0.3, beta=0.4),
    "leaky relu": case("LeakyRelu", alpha=0.3),
    "prelu": case("PRelu", draw(4, 1)),
    "thresholded relu": case("ThresholdedRelu", alpha=0.4),
    "softsign": case("Softsign"),
    "power": case("Pow", number(3)),
    "add": case("Add", draw(4, 1)),
    "add one number of three axes": case("Add", draw(1, 1, 1)),
    "subtract": case("Sub", draw(11)),
    "divide": case("Div", number(3)),
    "mean of three": case("Mean", draw(4, 1), draw(11)),
    "maximum": case("Max", draw(4, 1), draw(11)),
    "mean": case("ReduceMean", ints(2), keepdims=0),
    "sum": case("ReduceSum", ints(-1)),
    "norm": case("ReduceL2", ints(1)),
    "maximum of an axis": case("ReduceMax", ints(1), keepdims=0),
    "log sum": case("ReduceLogSumExp", ints(2), keepdims=0),
    "softmax": case("Softmax", axis=1),
    "log softmax": case("LogSoftmax"),
    "matmul": case("MatMul", draw(11, 3)),
    "einsum": case("Einsum", draw(4, 6), equation="bcl,cd->bdl"),
    "pad": case("Pad", ints(0, 0, 2, 0, 0, 1), number(0.5)),
    "pad an axis": case("Pad", ints(1, 2), number(0), ints(2)),
    "reflect": case("Pad", ints(0, 0, 2, 0, 0, 1), mode="reflect"),
    "repeat the edge": case("Pad", ints(0, 0, 2, 0, 0, 1), mode="edge"),
    "slice": case("Slice", ints(1, 2), ints(3, 9), ints(1, 2), ints(1, 3)),
    "slice backwards": case("Slice", ints(-1), ints(-(2**62)), ints(2), ints(-1)),
    "slice backwards by two": case("Slice", ints(9), ints(2), ints(2), ints(-2)),
    "gather": case("Gather", ints(3, -1, 0), axis=2),
    "gather pairs": case("Gather", ints(3, 1, 0, 2).reshape(2, 2), axis=1),
    "split": case("Split", axis=1, num_outputs=2, n_outputs=2),
    "split, uneven": case("Split", ints(3, 1), axis=1, n_outputs=2),
    "tile": case("Tile", ints(1, 2, 1)),
    "expand": case("Expand", ints(2, 1, 4, 11)[1:]),
    "unsqueeze": case("Unsqueeze", ints(1, -1)),
    "reshape": case("Reshape", ints(0, 2, -1)),
    "transpose": case("Transpose", perm=[0, 2, 1]),
    "cumulative": case("CumSum", np.array(2, dtype=np.int64)),
    "repeat positions": case(
        "Resize", np.zeros(0, np.float32), np.array([1, 1, 2], np.float32), mode="nearest",
        coordinate_transformation_mode="asymmetric",
    ),
    "interpolate": case(
        "Resize", np.zeros(0, np.float32), np.array([1, 1, 2], np.float32), mode="linear"
    ),
}  # fmt: skip


def recurrent(op, n_gates, n_directions=1, **attributes):
    n = 3
    arrays = [
        draw(n_directions, n_gates * n, 4),
        draw(n_directions, n_gates * n, n),
        draw(n_directions, 2 * n_gates * n),
    ]
    return case(op, *arrays, hidden_size=n, n_outputs=2, **attributes)


RECURRENT = {
    "lstm": recurrent("LSTM", 4),
    "lstm backwards": recurrent("LSTM", 4, direction="reverse"),
    "lstm both ways": recurrent("LSTM", 4, 2, direction="bidirectional"),
    "gru": recurrent("GRU", 3, linear_before_reset=1),
    "gru, reset before": recurrent("GRU", 3),
    "gru both ways": recurrent("GRU", 3, 2, linear_before_reset=1, direction="bidirectional"),
    "rnn": recurrent("RNN", 1),
}


def model(kind, *, turned=False):
    """The operation, then the mean of all numbers of a sequence per place of axis 1."""
    op, arrays, version, n_outputs, attributes = kind
    weights = [numpy_helper.from_array(each, f"w{i}") for i, each in enumerate(arrays)]
    names = [each.name for each in weights]
    nodes, x = [], "x"
    if turned:
        nodes.append(helper.make_node("Transpose", ["x"], ["turned"], perm=[2, 0, 1]))
        x = "turned"
    outputs = [f"y{i}" for i in range(n_outputs)]
    nodes.append(helper.make_node(op, [x, *names], outputs, **attributes))
    if turned:
        nodes.append(helper.make_node("Transpose", ["y0"], ["rows"], perm=[2, 0, 1, 3]))
        outputs = ["rows"]
    made = []
    for name in outputs:
        nodes.append(helper.make_node("Flatten", [name], [f"{name}f"]))
        made.append(f"{name}f")
    shape = ["n", 4, LENGTH]
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    ends = [helper.make_tensor_value_info(each, TensorProto.FLOAT, None) for each in made]
    graph = helper.make_graph(nodes, "g", [given], ends, weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", version)], ir_version=8)


def read(tmp_path, made):
    path = tmp_path / "m.onnx"
    path.write_bytes(made.SerializeToString())
    return read_network(path)


def compare(tmp_path, made):
    network = read(tmp_path, made)
    x = draw(3, 4, LENGTH)
    expected = ReferenceEvaluator(made).run(None, {"x": x})
    found = forward(network, torch.tensor(x))
    assert len(expected) == len(network.outputs)
    for one, output in zip(expected, network.outputs, strict=True):
        np.testing.assert_allclose(found[output.node], one, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", CASES.values(), ids=CASES)
def test_an_operation_is_that_of_the_reference(tmp_path, kind):
    compare(tmp_path, model(kind))


@pytest.mark.parametrize("kind", RECURRENT.values(), ids=RECURRENT)
def test_a_recurrent_layer_is_that_of_the_reference(tmp_path, kind):
    compare(tmp_path, model(kind, turned=True))


WITHOUT_REFERENCE = {
    "global max": (case("GlobalMaxPool"), lambda x: x.max(2)),
    "crop": (case("Pad", ints(0, 0, -2, 0, 0, -1)), lambda x: x[:, :, 2:-1].reshape(len(x), -1)),
}
"""What the reference gets wrong, or does not do."""


@pytest.mark.parametrize(("kind", "expected"), WITHOUT_REFERENCE.values(), ids=WITHOUT_REFERENCE)
def test_an_operation_is_that_of_numpy(tmp_path, kind, expected):
    network = read(tmp_path, model(kind))
    x = draw(3, 4, LENGTH)
    (found,) = forward(network, torch.tensor(x)).values()
    np.testing.assert_allclose(found, expected(x), rtol=1e-5)
