"""Layers that make one value of several: sums, products, maxima, concatenation, dot products."""

from functools import reduce

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.builder import Builder
from deepresolve_dash.networks.formats.keras.config import LayerConfig
from deepresolve_dash.networks.formats.keras.values import (
    Given,
    Reading,
    Value,
    from_keras,
    inside_axis,
    to_keras,
    with_order,
)
from deepresolve_dash.networks.graph import Ref

_PAIRWISE = {
    "Add": "aten.add.Tensor",
    "Subtract": "aten.sub.Tensor",
    "Multiply": "aten.mul.Tensor",
    "Average": "aten.add.Tensor",
    "Maximum": "aten.maximum.default",
    "Minimum": "aten.minimum.default",
}
_MODES = {
    "sum": "Add",
    "sub": "Subtract",
    "mul": "Multiply",
    "ave": "Average",
    "max": "Maximum",
    "min": "Minimum",
    "concat": "Concatenate",
    "dot": "Dot",
    "cos": "Dot",
}
"""Modes of the Merge of Keras 0 and 1."""


def merging(reading: Reading, given: Given, layer: LayerConfig) -> Value:
    """Add, Subtract, Multiply, Average, Maximum and Minimum, number by number."""
    builder, values = reading.builder, _several(given, layer)
    op = _PAIRWISE[layer.kind]
    if layer.kind == "Subtract" and len(values) != 2:
        raise ModelFileError(f"Layer '{layer.name}' subtracts {len(values)} values, not two.")
    refs, channels_last = alike(builder, values, in_front=1)
    x = reduce(lambda one, other: builder.add(op, one, other), refs)
    if layer.kind == "Average":
        x = builder.add("aten.mul.Tensor", x, 1 / len(values))
    return Value(x, channels_last)


def concatenate(reading: Reading, given: Given, layer: LayerConfig) -> Value:
    """Concatenate, over an axis as Keras counts it."""
    builder, values = reading.builder, _several(given, layer)
    channels_last = any(value.channels_last for value in values)
    values = [with_order(builder, value, channels_last=channels_last) for value in values]
    axis = int(layer.options.get("axis", layer.options.get("concat_axis", -1)))
    inside = inside_axis(builder, values[0], axis)
    if inside == 0:
        raise ModelFileError(f"Layer '{layer.name}' joins samples: not supported.")
    refs = tuple(value.ref for value in values)
    return Value(builder.add("aten.cat.default", refs, inside), channels_last)


def dot(reading: Reading, given: Given, layer: LayerConfig) -> Value:
    """Dot: products summed over one axis of each of two values."""
    builder, values = reading.builder, _several(given, layer)
    if len(values) != 2:
        raise ModelFileError(f"Layer '{layer.name}' multiplies {len(values)} values, not two.")
    channels_last = any(value.channels_last for value in values)
    refs = [to_keras(builder, value) for value in values]
    ranks = [len(builder.shape(ref)) + 1 for ref in refs]
    axes = layer.options.get("axes", layer.options.get("dot_axes", -1))
    axes = axes if isinstance(axes, list) else [axes, axes]
    axes = [axis[0] if isinstance(axis, list) else axis for axis in axes]
    summed = [range(rank)[int(axis)] for rank, axis in zip(ranks, axes, strict=True)]
    if 0 in summed:
        raise ModelFileError(f"Layer '{layer.name}' sums over samples: not supported.")
    if layer.options.get("normalize"):
        refs = [unit(builder, ref, axis) for ref, axis in zip(refs, summed, strict=True)]
    first = tuple(range(ranks[0]))
    second = [*range(ranks[0], sum(ranks))]
    second[0], second[summed[1]] = 0, summed[0]
    out = tuple(axis for axis in (*first, *second[1:]) if axis != summed[0])
    x = builder.add("own.einsum", tuple(refs), (first, tuple(second)), out)
    if len(out) == 1:
        x = builder.add("aten.unsqueeze.default", x, 1)
    return from_keras(builder, x, channels_last=channels_last)


def legacy_merge(reading: Reading, given: Given, layer: LayerConfig) -> Value:
    """Merge of Keras 0 and 1, by its mode."""
    mode = layer.options.get("mode", "sum")
    if not isinstance(mode, str) or mode not in _MODES:
        kind = "program code" if layer.options.get("mode_type") in ("lambda", "function") else mode
        raise ModelFileError(f"Layer '{layer.name}' merges by {kind}, which is not supported.")
    if len(given.values()) == 1:
        return given.one(layer)
    options = {**layer.options, "normalize": mode == "cos"}
    named = LayerConfig(_MODES[mode], layer.name, options)
    return {"concat": concatenate, "dot": dot, "cos": dot}.get(mode, merging)(reading, given, named)


def unit(builder: Builder, x: Ref, axis: int, smallest: float = 1e-12) -> Ref:
    """Divide by the length of the vectors along an axis."""
    squares = builder.add("aten.mul.Tensor", x, x)
    total = builder.add("aten.sum.dim_IntList", squares, (axis,), True)
    inverse = builder.add("aten.rsqrt.default", builder.add("aten.clamp.default", total, smallest))
    return builder.add("aten.mul.Tensor", x, inverse)


def _several(given: Given, layer: LayerConfig) -> list[Value]:
    """Return the values to merge."""
    values = given.values()
    if not values:
        raise ModelFileError(f"Layer '{layer.name}' merges nothing.")
    return values


def alike(builder: Builder, values: list[Value], *, in_front: int) -> tuple[list[Ref], bool]:
    """Return values in one order of axes, and with as many axes.

    Parameters
    ----------
    builder : Builder
    values : list of Value
    in_front : int
        Where missing axes are added: before the others by arrays (0), after the samples by layers
        of Keras (1). No axis can come before the samples.
    """
    channels_last = any(value.channels_last for value in values)
    ranks = {len(builder.shape(value.ref)) for value in values}
    values = [with_order(builder, value, channels_last=channels_last) for value in values]
    if len(ranks) > 1:
        if in_front == 0:
            raise ModelFileError("An operation joins values with different numbers of axes.")
        values = [_raised(builder, value, max(ranks)) for value in values]
    return [value.ref for value in values], channels_last


def _raised(builder: Builder, value: Value, rank: int) -> Value:
    """Return a value with more axes, of length 1 after the samples."""
    ref = to_keras(builder, value)
    while len(builder.shape(ref)) < rank:
        ref = builder.add("aten.unsqueeze.default", ref, 1)
    return from_keras(builder, ref, channels_last=value.channels_last)
