"""Operations between the layers of a Keras model: x + y, flips, slices, means and the like.

Keras 3 stores them with a class each, tf.keras of Keras 2 as a name.
"""

from math import prod
from typing import Any

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.builder import Builder
from deepresolve_dash.networks.formats.keras.activations import activation_operation
from deepresolve_dash.networks.formats.keras.config import FUNCTION, LayerConfig
from deepresolve_dash.networks.formats.keras.merging import alike
from deepresolve_dash.networks.formats.keras.values import (
    Given,
    Reading,
    Value,
    from_keras,
    softmax,
    to_keras,
)
from deepresolve_dash.networks.graph import Ref

_PAIRS = {
    "add": "aten.add.Tensor",
    "subtract": "aten.sub.Tensor",
    "multiply": "aten.mul.Tensor",
    "truedivide": "aten.div.Tensor",
    "maximum": "aten.maximum.default",
    "minimum": "aten.minimum.default",
}
_SINGLES = {
    "abs": "aten.abs.default",
    "exp": "aten.exp.default",
    "log": "aten.log.default",
    "log1p": "aten.log1p.default",
    "negative": "aten.neg.default",
    "rsqrt": "aten.rsqrt.default",
    "sqrt": "aten.sqrt.default",
}
_REDUCTIONS = {
    "sum": "aten.sum.dim_IntList",
    "mean": "aten.mean.dim",
    "max": "aten.amax.default",
    "min": "aten.amin.default",
}
_ACTIVATIONS = frozenset(
    ["relu", "sigmoid", "tanh", "elu", "selu", "gelu", "silu", "softplus", "softsign", "relu6"]
)
_SAME = {
    "absolute": "abs",
    "addv2": "add",
    "div": "truedivide",
    "divide": "truedivide",
    "sub": "subtract",
    "mul": "multiply",
    "neg": "negative",
    "truediv": "truedivide",
    "realdiv": "truedivide",
    "concat": "concatenate",
    "reverse": "flip",
    "stridedslice": "getitem",
    "swish": "silu",
    "reducesum": "sum",
    "reducemean": "mean",
    "reducemax": "max",
    "reducemin": "min",
}


def is_function(layer: LayerConfig) -> bool:
    """Tell whether an entry of the file is an operation and not a layer."""
    return layer.kind.startswith(FUNCTION)


def apply_function(reading: Reading, given: Given, layer: LayerConfig) -> Value:
    """Add one operation.

    Raises
    ------
    ModelFileError
        When it is not supported, or works on the axis of samples.
    """
    name = layer.kind.removeprefix(FUNCTION)
    name = _SAME.get(name, name)
    builder, values = reading.builder, given.values()
    if not values:
        raise ModelFileError(f"The operation '{layer.name}' takes no value.")
    first = values[0]
    if name in _PAIRS:
        return _pair(reading, _PAIRS[name], given, layer)
    if name in _SINGLES:
        return Value(builder.add(_SINGLES[name], first.ref), first.channels_last)
    if name == "square":
        x = builder.add("aten.mul.Tensor", first.ref, first.ref)
        return Value(x, first.channels_last)
    if name == "power":
        exponent = given.positional[1] if len(given.positional) > 1 else None
        if not isinstance(exponent, int | float):
            raise ModelFileError(f"The operation '{layer.name}' has a power that is no number.")
        x = builder.add("aten.pow.Tensor_Scalar", first.ref, exponent)
        return Value(x, first.channels_last)
    if name == "clip":
        low, high = (float(_option(given, layer, bound)) for bound in ("x_min", "x_max"))
        return Value(builder.add("aten.clamp.default", first.ref, low, high), first.channels_last)
    if name == "matmul" and len(values) == 2:
        both = [to_keras(builder, value) for value in values]
        x = builder.add("aten.matmul.default", *both)
        return from_keras(builder, x, channels_last=True)
    if name == "softmax":
        return softmax(builder, first, int(_option(given, layer, "axis", -1)))
    if name in _ACTIVATIONS:
        op, arguments = activation_operation(reading, name)
        return Value(builder.add(op, first.ref, *arguments), first.channels_last)
    if name in _MOVES or name in _REDUCTIONS:
        x = to_keras(builder, first)
        move = _reduce if name in _REDUCTIONS else _MOVES[name]
        return from_keras(builder, move(builder, x, given, layer, name), channels_last=True)
    if name in ("concatenate", "stack"):
        refs = tuple(to_keras(builder, value) for value in values)
        rank = len(builder.shape(refs[0])) + 1 + (name == "stack")
        axis = _axes(_option(given, layer, "axis", 0), rank, layer)[0]
        op = "aten.cat.default" if name == "concatenate" else "aten.stack.default"
        return from_keras(builder, builder.add(op, refs, axis), channels_last=True)
    raise ModelFileError(f"The operation '{layer.name}' ({name}) is not supported.")


def _pair(reading: Reading, op: str, given: Given, layer: LayerConfig) -> Value:
    """Add an operation on two values, or a value and a number."""
    builder = reading.builder
    names = ("x1", "x2", "x", "y")
    items = [*given.positional, *(given.named[name] for name in names if name in given.named)]
    if len(items) != 2 or not all(isinstance(item, Value | int | float) for item in items):
        raise ModelFileError(f"The operation '{layer.name}' does not take two values.")
    values = [item for item in items if isinstance(item, Value)]
    refs, channels_last = alike(builder, values, in_front=0)
    ready = iter(refs)
    both = [
        next(ready) if isinstance(item, Value) else builder.weight("number", float(item))  # pyright: ignore
        for item in items
    ]
    return Value(builder.add(op, *both), channels_last)


def _reduce(builder: Builder, x: Ref, given: Given, layer: LayerConfig, name: str) -> Ref:
    """Make one number of some axes."""
    axis = _option(given, layer, "axis", None)
    rank = len(builder.shape(x)) + 1
    if axis is None:
        raise ModelFileError(f"The operation '{layer.name}' works across samples: not supported.")
    axes = _axes(axis, rank, layer)
    return builder.add(_REDUCTIONS[name], x, axes, bool(_option(given, layer, "keepdims", False)))


def _flip(builder: Builder, x: Ref, given: Given, layer: LayerConfig, _: str) -> Ref:
    rank = len(builder.shape(x)) + 1
    return builder.add("aten.flip.default", x, _axes(_option(given, layer, "axis"), rank, layer))


def _transpose(builder: Builder, x: Ref, given: Given, layer: LayerConfig, _: str) -> Ref:
    order = [int(axis) for axis in _either(given, layer, "axes", "perm")]
    if order[0] != 0:
        raise ModelFileError(f"The operation '{layer.name}' moves the axis of samples.")
    return builder.permute(x, order)


def _reshape(builder: Builder, x: Ref, given: Given, layer: LayerConfig, _: str) -> Ref:
    shape = _either(given, layer, "newshape", "shape")
    rest = [int(size) for size in shape[1:]]
    total = prod(builder.shape(x))
    known = prod(size for size in rest if size != -1)
    rest = [total // max(known, 1) if size == -1 else size for size in rest]
    if prod(rest) != total:
        raise ModelFileError(f"The operation '{layer.name}' mixes samples: not supported.")
    return builder.add("aten.reshape.default", x, (-1, *rest))


def _expand(builder: Builder, x: Ref, given: Given, layer: LayerConfig, _: str) -> Ref:
    (axis,) = _axes(_option(given, layer, "axis"), len(builder.shape(x)) + 2, layer)
    return builder.add("aten.unsqueeze.default", x, axis)


def _squeeze(builder: Builder, x: Ref, given: Given, layer: LayerConfig, _: str) -> Ref:
    for axis in sorted(_axes(_option(given, layer, "axis"), len(builder.shape(x)) + 1, layer))[
        ::-1
    ]:
        x = builder.add("aten.squeeze.dim", x, axis)
    return x


def _get_item(builder: Builder, x: Ref, given: Given, layer: LayerConfig, _: str) -> Ref:
    """Take slices and places of axes."""
    keys: list[object] = []
    rest = [*given.positional[1:], *(v for k, v in given.named.items() if k == "slice_spec")]
    for item in rest:
        keys += item if isinstance(item, list | tuple) else [item]
    rank = len(builder.shape(x)) + 1
    kinds = [key.get("class_name") if isinstance(key, dict) else None for key in keys]
    if "__ellipsis__" in kinds:
        at = kinds.index("__ellipsis__")
        keys[at : at + 1] = [_ALL] * (rank - len(keys) + 1)
    axis = 0
    for key in keys:
        start, stop, step = _bounds(key, layer)
        if isinstance(key, int):
            x = builder.add("aten.select.int", x, axis, key)
            continue
        if axis == 0 and (start, stop, step) != (0, None, 1):
            raise ModelFileError(f"The operation '{layer.name}' takes some of the samples.")
        if (start, stop, step) != (0, None, 1):
            x = builder.add("aten.slice.Tensor", x, axis, start, stop, step)
        axis += 1
    return x


_ALL = {"class_name": "__slice__", "config": {"start": None, "stop": None, "step": None}}


def _bounds(key: object, layer: LayerConfig) -> tuple[int, int | None, int]:
    """Return start, stop and step of a slice."""
    config = key.get("config", key) if isinstance(key, dict) else {}
    start, stop, step = (config.get(name) for name in ("start", "stop", "step"))
    numbers = [item for item in (start, stop, step) if item is not None]
    is_slice = isinstance(key, dict) and "step" in config
    if not (is_slice or type(key) is int) or not all(type(item) is int for item in numbers):
        raise ModelFileError(f"The operation '{layer.name}' takes places that are not numbers.")
    return start or 0, stop, step or 1


def _option(given: Given, layer: LayerConfig, name: str, default: Any = ...) -> Any:
    """Return an option, told when the operation is made or when it is called."""
    found = given.named.get(name, layer.options.get(name, default))
    if found is ...:
        raise KeyError(name)
    return found


def _either(given: Given, layer: LayerConfig, name: str, other: str) -> Any:
    """Return an option that has one of two names."""
    found = _option(given, layer, name, None)
    return _option(given, layer, other) if found is None else found


def _axes(given: Any, rank: int, layer: LayerConfig) -> tuple[int, ...]:
    """Return axes counted from the front; the axis of samples is refused."""
    axes = given if isinstance(given, list | tuple) else [given]
    found = tuple(range(rank)[int(axis)] for axis in axes)
    if 0 in found:
        raise ModelFileError(f"The operation '{layer.name}' works across samples: not supported.")
    return found


_MOVES = {
    "flip": _flip,
    "transpose": _transpose,
    "reshape": _reshape,
    "expanddims": _expand,
    "squeeze": _squeeze,
    "getitem": _get_item,
}
