"""Recurrent layers of ONNX, values (position, n, feature), and sequences turned around."""

import torch
from torch import Tensor

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.constants import Constant, Pair, fixed
from deepresolve_dash.networks.formats.onnx.node import OnnxNode
from deepresolve_dash.networks.formats.tracing import Traced, Tracing
from deepresolve_dash.networks.recurrent import MEMORY, OUTPUTS, STATE

_ORDERS = {"LSTM": (0, 2, 3, 1), "GRU": (1, 0, 2), "RNN": (0,)}
"""Where the gates of torch (i f g o; r z n) are among those of ONNX (i o f c; z r h)."""

_ACTIVATIONS = {"LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"], "RNN": ["Tanh"]}
_OPS = {"LSTM": "own.lstm", "GRU": "own.gru", "RNN": "own.rnn"}


def recurrent(t: Tracing, node: OnnxNode) -> list[Traced]:
    """LSTM, GRU and RNN: all positions, the last state, the last memory."""
    direction = node.attributes.get("direction", "forward")
    n_directions = 2 if direction == "bidirectional" else 1
    _check(node, n_directions)
    x = t.permute(node.data(), (1, 0, 2))
    if direction == "reverse":
        x = t.add("aten.flip.default", x, [1])
    weights = _weights(node, n_directions)
    after = bool(node.attributes.get("linear_before_reset"))
    hard = _is_hard(node)
    if hard or (node.operation == "GRU" and not after):
        gates = _hard_gates(node) if hard else (None, 0.0)
        made = _by_steps(t, x, weights, node.operation, after, gates)
    else:
        parts = (OUTPUTS, STATE, MEMORY)[: 3 if node.operation == "LSTM" else 2]
        both = n_directions == 2
        flat = [each for four in weights for each in four]
        made = [t.add(_OPS[node.operation], x, flat, 1, both, part) for part in parts]
    rows = made[0]
    assert rows is not None
    if direction == "reverse":
        rows = t.add("aten.flip.default", rows, [1])
    n_units = t.size(rows, 2) // n_directions
    rows = t.reshape(rows, [*t.shape(rows)[:2], n_directions, n_units])
    states = [None if state is None else t.permute(state, (1, 0, 2)) for state in made[1:]]
    return [t.permute(rows, (1, 2, 0, 3)), *states]  # pyright: ignore[reportReturnType]


def reverse(t: Tracing, node: OnnxNode) -> Traced:
    """Turn an axis around, the whole of it in every sequence."""
    x, lengths = node.data(), node.data(1)
    rows, positions = node.attributes.get("batch_axis", 1), node.attributes.get("time_axis", 0)
    whole = isinstance(lengths, Constant) and bool((lengths.two == t.size(x, positions)).all())
    if not whole or not isinstance(t.shape(x)[t.axis(x, rows)], Pair):
        raise ModelFileError("The model turns a part of its sequences around.")
    return t.add("aten.flip.default", x, [t.axis(x, positions)])


def _check(node: OnnxNode, n_directions: int) -> None:
    """Refuse forms that are not read."""
    activations = node.attributes.get("activations")
    usual = _ACTIVATIONS[node.operation] * n_directions
    known = (None, [], usual, [each.replace("Sig", "HardSig") for each in usual])
    odd = activations not in known or node.attributes.get("clip")
    peepholes = node.operation == "LSTM" and node.input(7) is not None
    if odd or peepholes or node.attributes.get("input_forget") or node.attributes.get("layout"):
        raise ModelFileError(f"A {node.operation} of this kind is not supported.")
    for place in (5, 6)[: 2 if node.operation == "LSTM" else 1]:
        state = node.input(place)
        if state is not None and not (isinstance(state, Constant) and not state.two.any()):
            raise ModelFileError("A recurrent layer that does not start at 0 is not supported.")


def _weights(node: OnnxNode, n_directions: int) -> list[list[Constant]]:
    """Return, by direction, the four arrays that torch has."""
    kernel, state = node.data(1), node.data(2)
    bias = node.input(3)
    if not isinstance(kernel, Constant) or not isinstance(state, Constant):
        raise ModelFileError("A recurrent layer with weights that are computed is not supported.")
    n_gates = len(_ORDERS[node.operation])
    if bias is None:
        width = 2 * kernel.two.shape[1]
        bias = fixed(torch.zeros(n_directions, width), f"{kernel.name}.bias")
    if not isinstance(bias, Constant):
        raise ModelFileError("A recurrent layer with weights that are computed is not supported.")
    found = []
    for direction in range(n_directions):
        biases = bias.two[direction].chunk(2)
        arrays = [kernel.two[direction], state.two[direction], *biases]
        ending = "_reverse" if direction else ""
        names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
        found.append(
            [
                fixed(_reordered(each, node.operation, n_gates), f"{name}{ending}")
                for each, name in zip(arrays, names, strict=True)
            ]
        )
    return found


def _reordered(array: Tensor, operation: str, n_gates: int) -> Tensor:
    """Put the gates in the order of torch."""
    gates = array.chunk(n_gates)
    return torch.cat([gates[place] for place in _ORDERS[operation]]).contiguous()


def _is_hard(node: OnnxNode) -> bool:
    """Tell whether the gates have the piecewise linear sigmoid, as those of older Keras."""
    return "HardSigmoid" in (node.attributes.get("activations") or [])


def _hard_gates(node: OnnxNode) -> tuple[float, float]:
    """Return slope and offset of the piecewise linear sigmoid."""
    slopes = set(node.attributes.get("activation_alpha") or [0.2])
    offsets = set(node.attributes.get("activation_beta") or [0.5])
    if len(slopes) > 1 or len(offsets) > 1:
        raise ModelFileError(f"A {node.operation} of this kind is not supported.")
    return slopes.pop(), offsets.pop()


def _by_steps(
    t: Tracing,
    x: Traced,
    weights: list[list[Constant]],
    operation: str,
    reset_after: bool,
    gates: tuple[float | None, float],
) -> list[Traced | None]:
    """Return all positions and the last states of a layer that the fast kernels do not have."""
    made, last = [], []
    for direction, (kernel, state, *biases) in enumerate(weights):
        turned = t.add("aten.flip.default", x, [1]) if direction else x
        if operation == "LSTM":
            bias = fixed(biases[0].two + biases[1].two, biases[0].name)
            rows = t.add("own.lstm_steps", turned, kernel, state, bias, *gates)
        else:
            given = (kernel, state, *biases, reset_after, *gates)
            rows = t.add("own.gru_steps", turned, *given)
        last.append(t.select(rows, 1, -1))
        made.append(t.add("aten.flip.default", rows, [1]) if direction else rows)
    if len(made) == 1:
        return [made[0], t.unsqueeze(last[0], 1), None]
    both = t.add("aten.stack.default", last, 1)
    return [t.add("aten.cat.default", made, 2), both, None]
