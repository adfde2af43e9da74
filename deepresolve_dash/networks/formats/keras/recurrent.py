"""Recurrent layers of Keras: their gates and weights in the order of torch."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.builder import Builder
from deepresolve_dash.networks.formats.keras.activations import activation_name
from deepresolve_dash.networks.formats.keras.config import LayerConfig, layer_config
from deepresolve_dash.networks.formats.keras.merging import concatenate, merging
from deepresolve_dash.networks.formats.keras.values import (
    Given,
    Reading,
    Value,
    from_keras,
    to_keras,
)
from deepresolve_dash.networks.graph import Ref
from deepresolve_dash.networks.recurrent import STEP_FUNCTIONS

_GATES = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}
_MERGES = {"sum": "Add", "mul": "Multiply", "ave": "Average"}
_OLD_ORDER = {"LSTM": (0, 2, 1, 3), "GRU": (0, 1, 2), "SimpleRNN": (0,)}  # i c f o -> i f c o
_TORCH_ORDER = {"LSTM": (0, 1, 2, 3), "GRU": (1, 0, 2), "SimpleRNN": (0,)}  # z r h -> r z h
_PLACES = {name: place for place, (name, _) in enumerate(STEP_FUNCTIONS)}
_STRAIGHT = ("hard_sigmoid of Keras 0 to 2", "hard_sigmoid of Keras 3")
_ALIASES = {"swish": "silu", "exp": "exponential"}

Shapes = list[tuple[int, ...]]


class _Arrays(NamedTuple):
    """Kernel (gate * h, feature), recurrent (gate * h, h), biases (gate * h,)."""

    kernel: NDArray
    recurrent: NDArray
    bias: NDArray
    recurrent_bias: NDArray


def recurrent(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """LSTM, GRU and SimpleRNN in one direction."""
    _functions(reading, layer)
    x = to_keras(reading.builder, value)
    options = _shapes(reading, layer, _features(reading.builder, x, layer))
    arrays = reading.take(layer, *options)
    x = _run(reading, x, layer, arrays, backwards=bool(layer.options.get("go_backwards")))
    return from_keras(reading.builder, x, channels_last=True)


def bidirectional(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """Bidirectional: one layer forwards and one backwards over the same sequence."""
    builder, options = reading.builder, layer.options
    forward = layer_config(options["layer"], 0)
    backward = layer_config(options.get("backward_layer") or options["layer"], 0)
    mode = options.get("merge_mode", "concat")
    if {_kind(forward), _kind(backward)} - _GATES.keys() or mode not in ("concat", *_MERGES):
        raise ModelFileError(
            f"Layer '{layer.name}' runs a {forward.kind} in both directions with {mode}: not "
            "supported."
        )
    for half in (forward, backward):
        _functions(reading, half)
    x = to_keras(builder, value)
    n_features = _features(builder, x, layer)
    halves = [_shapes(reading, half, n_features) for half in (forward, backward)]
    arrays = reading.take(layer, *([*one, *two] for one, two in zip(*halves, strict=True)))
    n_first = len(arrays) // 2
    there = bool(forward.options.get("go_backwards"))
    one = _run(reading, x, forward, arrays[:n_first], backwards=there)
    two = _run(reading, x, backward, arrays[n_first:], backwards=not there)
    if forward.options.get("return_sequences"):
        two = builder.add("aten.flip.default", two, (1,))
    both = Given([from_keras(builder, ref, channels_last=True) for ref in (one, two)], {})
    if mode == "concat":
        return concatenate(reading, both, LayerConfig("Concatenate", layer.name, {}))
    return merging(reading, both, LayerConfig(_MERGES[mode], layer.name, {}))


def _run(
    reading: Reading, x: Ref, layer: LayerConfig, arrays: list[NDArray], *, backwards: bool
) -> Ref:
    """Run one direction; the result is in the order in which the sequence was gone through."""
    builder, kind = reading.builder, _kind(layer)
    if backwards:
        x = builder.add("aten.flip.default", x, (1,))
    found = _arrays(layer, arrays)
    inside, gates = _functions(reading, layer)
    usual = inside == "tanh" and gates == "sigmoid"
    reset_after = layer.kind == "CuDNNGRU" or bool(layer.options.get("reset_after"))
    if kind != "GRU" and not usual:
        both = found.bias + found.recurrent_bias
        refs = _stored(builder, kernel=found.kernel, recurrent=found.recurrent, bias=both)
        if kind == "LSTM":
            x = builder.add("own.lstm_steps", x, *refs, *_steps(inside, gates, 0.0))
        else:
            x = builder.add("own.rnn_steps", x, *refs, _PLACES[inside])
    elif kind == "GRU" and not (usual and reset_after):
        refs = _stored(builder, **found._asdict())
        x = builder.add("own.gru_steps", x, *refs, reset_after, *_steps(inside, gates, None))
    else:
        op = {"LSTM": "own.lstm", "GRU": "own.gru", "SimpleRNN": "own.rnn"}[kind]
        x = builder.add(op, x, _stored(builder, **found._asdict()), 1, False)
    if layer.options.get("return_sequences"):
        return x
    return builder.add("aten.select.int", x, 1, -1)


def _stored(builder: Builder, **arrays: NDArray) -> tuple[Ref, ...]:
    """Store the arrays of one direction."""
    return tuple(builder.weight(name, array) for name, array in arrays.items())


def _kind(layer: LayerConfig) -> str:
    """Return the kind of a layer, those for one library alone as well."""
    return layer.kind.removeprefix("CuDNN")


def _features(builder: Builder, x: Ref, layer: LayerConfig) -> int:
    """Return the number of features at each position."""
    shape = builder.shape(x)
    if len(shape) != 2:
        raise ModelFileError(f"Layer '{layer.name}' needs positions and features, not {shape}.")
    return shape[1]


def _shapes(reading: Reading, layer: LayerConfig, n_features: int) -> list[Shapes]:
    """Return the shapes that the arrays of one direction may have."""
    kind, h = _kind(layer), int(layer.options["units"])
    gates = _GATES[kind]
    kernels: Shapes = [(n_features, gates * h), (h, gates * h)]
    if not layer.options.get("use_bias", True):
        return [kernels]
    if layer.kind.startswith("CuDNN"):
        return [[*kernels, (2 * gates * h,)]]
    found: list[Shapes] = [[*kernels, (gates * h,)]]
    if kind == "GRU" and layer.options.get("reset_after"):
        found = [[*kernels, (2, gates * h)]]
    if reading.major < 2 and gates > 1:
        found.append([(n_features, h), (h, h), (h,)] * gates)
    return found


def _arrays(layer: LayerConfig, arrays: Sequence[NDArray]) -> _Arrays:
    """Return the arrays of one direction as torch has them."""
    kind, h = _kind(layer), int(layer.options["units"])
    gates = _GATES[kind]
    if len(arrays) > 3:  # of Keras 0 and 1, gate by gate
        arrays = [
            np.concatenate([arrays[3 * gate + part] for gate in _OLD_ORDER[kind]], axis=-1)
            for part in range(3)
        ]
    kernel, inner, *rest = arrays
    biases = rest[0].reshape(-1, gates * h) if rest else np.zeros((1, gates * h))
    if layer.kind.startswith("CuDNN"):
        kernel = np.hstack([k.T.reshape(k.shape, order="F") for k in np.hsplit(kernel, gates)])
        inner = np.hstack([k.T for k in np.hsplit(inner, gates)])
    second = biases[1] if len(biases) > 1 else np.zeros(gates * h)
    order = _TORCH_ORDER[kind]
    return _Arrays(*(_ordered(item.T, order) for item in (kernel, inner, biases[0], second)))


def _ordered(array: NDArray, order: Sequence[int]) -> NDArray:
    """Return an array with its blocks, one per gate, in another order."""
    blocks = np.split(array, len(order))
    return np.concatenate([blocks[gate] for gate in order])


def _functions(reading: Reading, layer: LayerConfig) -> tuple[str, str]:
    """Return what is applied to new values and what to the gates, by names of `STEP_FUNCTIONS`.

    Raises
    ------
    ModelFileError
        When one is not among them.
    """
    kind, options = _kind(layer), layer.options
    default = "sigmoid" if reading.major == 3 else "hard_sigmoid"
    if layer.kind.startswith("CuDNN"):
        return "tanh", "sigmoid"
    found = []
    for given in (
        options.get("activation", "tanh"),
        "sigmoid" if kind == "SimpleRNN" else options.get("recurrent_activation", default),
    ):
        name = activation_name(given) or "linear"
        if name == "hard_sigmoid":
            name = _STRAIGHT[reading.major == 3]
        name = name.kind if isinstance(name, LayerConfig) else _ALIASES.get(str(name), str(name))
        if name not in _PLACES:
            raise ModelFileError(
                f"Layer '{layer.name}' is a {layer.kind} with the activation '{name[:40]}', which "
                "is not supported there."
            )
        found.append(name)
    return found[0], found[1]


def _steps(inside: str, gates: str, smooth: float | None) -> tuple[float | int | None, ...]:
    """Return the arguments of an operation that tell its functions; `smooth` stands for no slope.

    Those of straight sigmoids and tanh are their slope and offset alone.
    """
    if inside == "tanh" and gates == "sigmoid":
        return smooth, 0.0
    if inside == "tanh" and gates in _STRAIGHT:
        return (0.2, 1 / 6)[_STRAIGHT.index(gates)], 0.5
    return smooth, 0.0, _PLACES[inside], _PLACES[gates]
