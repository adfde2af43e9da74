"""Files that were saved for a fixed number of sequences: which axis follows the batch."""

import numpy as np
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.execute import forward
from deepresolve_dash.networks.formats.constants import Pair
from deepresolve_dash.networks.formats.guesses import Guesses, first_that_fits
from deepresolve_dash.networks.formats.sizes import followed
from deepresolve_dash.networks.read import read_network
from tests.networks.stacks import random_one_hots

LENGTH = 12


def meanings(own, sizes, static=1):
    guesses, found = Guesses(), []
    while True:
        found.append(followed(own, sizes, static, guesses))
        if not guesses.go_on():
            return found


def test_all_meanings_of_a_reshape_are_tried_the_likeliest_first():
    rows = Pair(2, 3)
    assert meanings([rows, 6], [1, 2, 3])[0] == [rows, 2, 3]
    assert meanings([rows, 6], [1, 6])[0] == [rows, 6]
    assert meanings([rows, 6], [6]) == [[Pair(12, 18)]]
    among_features, among_positions = [16, Pair(16, 24)], [Pair(32, 48), 8]
    assert meanings([16, rows, 8], [16, 8]) == [among_features, among_positions]
    assert meanings([Pair(32, 48), 8], [16, 1, 8]) == [
        [Pair(32, 48), 1, 8],
        [16, rows, 8],
        [16, 1, Pair(16, 24)],
    ]
    assert meanings([rows, 5], [3, 5]) == [[3, 5]]  # not of the same size: refused later
    assert meanings([rows, 8], [4, 8], static=4) == [[rows, 8]]


def test_what_was_wrong_first_is_said_when_no_meaning_fits():
    asked = []

    def read(guesses):
        asked.append([guesses.meaning(name, "xyz") for name in "ab"])
        raise ModelFileError(f"Wrong: {asked[-1]}.")

    with pytest.raises(ModelFileError, match="Wrong: .'x', 'x'"):
        first_that_fits(read)
    assert asked == [[a, b] for a in "xyz" for b in "xyz"]


def saved_for_one(path, *nodes, weights):
    graph = helper.make_graph(
        [*nodes],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, 4, LENGTH))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    path.write_bytes(model.SerializeToString())
    return path


def test_positions_and_sequences_on_one_axis_are_told_apart(tmp_path):
    """As older exporters write a dense layer of every position: (L, 1, 4) -> (L, 4) -> (L, 1, 3)"""
    kernel = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    path = saved_for_one(
        tmp_path / "m.onnx",
        helper.make_node("Transpose", ["x"], ["t"], perm=[2, 0, 1]),
        helper.make_node("Reshape", ["t", "flat"], ["f"]),
        helper.make_node("MatMul", ["f", "kernel"], ["m"]),
        helper.make_node("Reshape", ["m", "apart"], ["a"]),
        helper.make_node("Relu", ["a"], ["r"]),
        helper.make_node("ReduceMax", ["r"], ["y"], axes=[0], keepdims=0),
        weights={
            "kernel": kernel,
            "flat": np.array([LENGTH, 4]),
            "apart": np.array([LENGTH, 1, 3]),
        },
    )
    network = read_network(path)
    x = random_one_hots(5, LENGTH)
    found = forward(network, torch.tensor(x))[network.outputs[0].node]
    expected = np.maximum(np.einsum("ncl,ck->nlk", x, kernel), 0).max(1)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_sequences_that_change_each_other_are_refused(tmp_path):
    """A softmax over the axis of the one sequence is 1 in the file, and less for several."""
    path = saved_for_one(
        tmp_path / "m.onnx",
        helper.make_node("Softmax", ["x"], ["s"], axis=0),
        helper.make_node("ReduceMean", ["s"], ["y"], axes=[2], keepdims=0),
        weights={},
    )
    with pytest.raises(ModelFileError, match="fixed number of sequences, and they change"):
        read_network(path)
