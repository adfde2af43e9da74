"""Batch, layer, group and unit normalisation of Keras."""

import numpy as np

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.keras.config import LayerConfig
from deepresolve_dash.networks.formats.keras.merging import unit
from deepresolve_dash.networks.formats.keras.values import (
    Reading,
    Value,
    from_keras,
    inside_axis,
    to_keras,
)


def batch_normalisation(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """BatchNormalization as it is at prediction, over any one axis.

    *Choice:* what Keras 0 calls `running_std` is a standard deviation; Keras 1 kept the name, and
    stored the variance.
    """
    builder, options = reading.builder, layer.options
    if options.get("mode", 0) == 1:
        raise ModelFileError(f"Layer '{layer.name}' normalises each sample: not supported.")
    axes = options.get("axis", -1)
    axis = inside_axis(builder, value, int(axes[0] if isinstance(axes, list) else axes))
    rank = len(builder.shape(value.ref)) + 1
    if options.get("mode", 0) == 2:
        axis = inside_axis(builder, value, -1)
    size = builder.shape(value.ref)[axis - 1]
    has_scale, has_shift = options.get("scale", True), options.get("center", True)
    arrays = reading.take(layer, [(size,)] * (2 + has_scale + has_shift))
    mean, variance = arrays[-2:]
    if reading.major == 0:
        variance = np.square(variance.astype(np.float64))
    scale = arrays[0] if has_scale else np.ones(size)
    shift = arrays[has_scale] if has_shift else np.zeros(size)
    epsilon = float(options.get("epsilon", 1e-3))
    if axis == 1:
        x = builder.batch_norm(value.ref, scale, shift, mean, variance, epsilon=epsilon)
        return Value(x, value.channels_last)
    factor = scale / np.sqrt(variance.astype(np.float64) + epsilon)
    trailing = (size,) + (1,) * (rank - 1 - axis)
    x = builder.add("aten.mul.Tensor", value.ref, builder.weight("scale", factor.reshape(trailing)))
    offset = builder.weight("shift", (shift - mean * factor).reshape(trailing))
    return Value(builder.add("aten.add.Tensor", x, offset), value.channels_last)


def layer_normalisation(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """LayerNormalization and RMSNormalization over the last axes."""
    builder, options = reading.builder, layer.options
    x = to_keras(builder, value)
    shape = builder.shape(x)
    axes = options.get("axis", -1)
    axes = sorted(
        range(len(shape) + 1)[int(a)] for a in (axes if isinstance(axes, list) else [axes])
    )
    if not axes or axes != list(range(axes[0], len(shape) + 1)) or axes[0] == 0:
        raise ModelFileError(f"Layer '{layer.name}' normalises over axes that are not the last.")
    sizes = shape[axes[0] - 1 :]
    if options.get("rms_scaling"):  # whether the mean is taken off changed between versions
        raise ModelFileError(f"Layer '{layer.name}' has rms_scaling, which is not supported.")
    only_scaled = layer.kind == "RMSNormalization"
    has_scale, has_shift = options.get("scale", True), options.get("center", True)
    has_shift = has_shift and not only_scaled
    arrays = reading.take(layer, [sizes] * (has_scale + has_shift)) if has_scale + has_shift else []
    scale = builder.weight("scale", arrays[0]) if has_scale else None
    shift = builder.weight("shift", arrays[-1]) if has_shift else None
    epsilon = float(options.get("epsilon", 1e-6 if only_scaled else 1e-3))
    if only_scaled:
        x = builder.add("aten.rms_norm.default", x, sizes, scale, epsilon)
    else:
        x = builder.add("aten.layer_norm.default", x, sizes, scale, shift, epsilon)
    return from_keras(builder, x, channels_last=value.channels_last)


def group_normalisation(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """GroupNormalization of the channels."""
    builder, options = reading.builder, layer.options
    if inside_axis(builder, value, int(options.get("axis", -1))) != 1:
        raise ModelFileError(f"Layer '{layer.name}' normalises over an unusual axis.")
    n_channels = builder.shape(value.ref)[0]
    has_scale, has_shift = options.get("scale", True), options.get("center", True)
    n_arrays = has_scale + has_shift
    arrays = reading.take(layer, [(n_channels,)] * n_arrays) if n_arrays else []
    scale = builder.weight("scale", arrays[0]) if has_scale else None
    shift = builder.weight("shift", arrays[-1]) if has_shift else None
    groups = int(options.get("groups", 32))
    groups = n_channels if groups == -1 else groups
    epsilon = float(options.get("epsilon", 1e-3))
    x = builder.add("aten.group_norm.default", value.ref, groups, scale, shift, epsilon)
    return Value(x, value.channels_last)


def unit_normalisation(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """UnitNormalization along one axis."""
    axes = layer.options.get("axis", -1)
    axes = axes if isinstance(axes, list) else [axes]
    if len(axes) != 1:
        raise ModelFileError(f"Layer '{layer.name}' normalises over several axes: not supported.")
    axis = inside_axis(reading.builder, value, int(axes[0]))
    return Value(unit(reading.builder, value.ref, axis), value.channels_last)
