"""What each Keras layer does, as nodes of the graph; one function per kind of layer."""

from collections.abc import Callable
from math import prod

import numpy as np

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.keras.config import LayerConfig, border, channels_last
from deepresolve_dash.networks.formats.keras.convolution import convolution, pooling
from deepresolve_dash.networks.formats.keras.values import (
    Reading,
    Value,
    activate,
    from_keras,
    keras_order,
    to_keras,
    with_order,
)


def global_pooling(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """GlobalMaxPooling and GlobalAveragePooling."""
    builder = reading.builder
    if layer.options.get("keepdims"):
        raise ModelFileError(f"Layer '{layer.name}' keeps axes of length 1: not supported.")
    value = with_order(
        builder, value, channels_last=channels_last(layer, default=value.channels_last)
    )
    pool = builder.global_max if "Max" in layer.kind else builder.global_average
    return Value(pool(value.ref), value.channels_last)


def dense(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """Dense, over the last axis as Keras counts them."""
    builder = reading.builder
    x = to_keras(builder, value)
    shapes = [(builder.shape(x)[-1], int(layer.options["units"]))]
    shapes += [(shapes[0][1],)] if layer.options.get("use_bias", True) else []
    kernel, *bias = reading.weights.take(layer.name, shapes)
    x = builder.linear(x, kernel.T, *bias)
    value = from_keras(builder, x, channels_last=value.channels_last)
    return activate(reading, value, layer.options.get("activation"))


def batch_normalisation(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """BatchNormalization as it is at prediction, over any one axis."""
    builder, options = reading.builder, layer.options
    if options.get("mode", 0) == 1:
        raise ModelFileError(f"Layer '{layer.name}' normalises each sample: not supported.")
    axes = options.get("axis", -1)
    axis = int(axes[0] if isinstance(axes, list) else axes)
    rank = len(builder.shape(value.ref)) + 1
    order = keras_order(rank) if value.channels_last else tuple(range(rank))
    axis = order[axis]
    size = builder.shape(value.ref)[axis - 1]
    has_scale, has_shift = options.get("scale", True), options.get("center", True)
    arrays = reading.weights.take(layer.name, [(size,)] * (2 + has_scale + has_shift))
    mean, variance = arrays[-2:]
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


def activation(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """Activation and Softmax."""
    name = "softmax" if layer.kind == "Softmax" else layer.options.get("activation")
    if layer.options.get("axis", -1) != -1:
        raise ModelFileError(f"Layer '{layer.name}' is a softmax over an unusual axis.")
    return activate(reading, value, name)


def rectifier(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """LeakyReLU, ELU, ThresholdedReLU and ReLU with options."""
    options = layer.options
    op, arguments = {
        "LeakyReLU": ("aten.leaky_relu.default", (float(options.get("alpha", 0.3)),)),
        "ELU": ("aten.elu.default", (float(options.get("alpha", 1.0)),)),
        "ThresholdedReLU": ("aten.threshold.default", (float(options.get("theta", 1.0)), 0.0)),
        "ReLU": ("aten.clamp.default", (0.0, options.get("max_value"))),
    }[layer.kind]
    if options.get("negative_slope") or options.get("threshold"):
        raise ModelFileError(f"Layer '{layer.name}' has a slope or threshold: not supported.")
    return Value(reading.builder.add(op, value.ref, *arguments), value.channels_last)


def parametric_rectifier(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """PReLU: a learned slope below zero."""
    builder = reading.builder
    shape = builder.shape(value.ref)
    order = keras_order(len(shape) + 1) if value.channels_last else range(len(shape) + 1)
    shared = layer.options.get("shared_axes") or ()
    keras_shape = [1 if i in shared else shape[axis - 1] for i, axis in enumerate(order) if axis]
    (slope,) = reading.weights.take(layer.name, [keras_shape])
    if value.channels_last and slope.ndim > 1:
        slope = np.moveaxis(slope, -1, 0)
    above = builder.activation(value.ref, "relu")
    below = builder.add("aten.sub.Tensor", value.ref, above)
    below = builder.add("aten.mul.Tensor", below, builder.weight("slope", slope))
    return Value(builder.add("aten.add.Tensor", above, below), value.channels_last)


def flatten(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """Flatten; told "channels_first", Keras 2 moves the channels last before it flattens."""
    builder = reading.builder
    if layer.options.get("data_format") == "channels_first":
        value = Value(value.ref, channels_last=True)
    return Value(builder.flatten(to_keras(builder, value)), value.channels_last)


def reshape(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """Reshape, as Keras counts the axes."""
    builder = reading.builder
    target = [int(size) for size in layer.options["target_shape"]]
    known = prod(size for size in target if size != -1)
    total = prod(builder.shape(value.ref))
    target = [total // max(known, 1) if size == -1 else size for size in target]
    x = builder.add("aten.reshape.default", to_keras(builder, value), (-1, *target))
    return from_keras(builder, x, channels_last=value.channels_last)


def permute(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """Permute, as Keras counts the axes."""
    builder = reading.builder
    order = (0, *(int(axis) for axis in layer.options["dims"]))
    x = builder.permute(to_keras(builder, value), order)
    return from_keras(builder, x, channels_last=value.channels_last)


def zero_padding(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """ZeroPadding in one and two dimensions."""
    builder = reading.builder
    value = with_order(
        builder, value, channels_last=channels_last(layer, default=value.channels_last)
    )
    pairs = border(layer, layer.options.get("padding", 1))
    return Value(builder.pad(value.ref, pairs), value.channels_last)


def keep(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """Layers that do nothing at prediction."""
    return value


LayerReader = Callable[[Reading, Value, LayerConfig], Value]


def _kinds(names: str, reader: LayerReader, words: str) -> dict[str, tuple[LayerReader, str]]:
    """Return table entries for several Keras names of one kind."""
    return dict.fromkeys(names.split(), (reader, words))


LAYERS: dict[str, tuple[LayerReader, str]] = {
    **_kinds("Conv1D Conv2D Convolution1D Convolution2D", convolution, "convolution"),
    **_kinds("AtrousConvolution1D AtrousConvolution2D", convolution, "convolution"),
    **_kinds("MaxPooling1D MaxPooling2D MaxPool1D MaxPool2D", pooling, "max pooling"),
    **_kinds("AveragePooling1D AveragePooling2D AvgPool1D AvgPool2D", pooling, "average pooling"),
    **_kinds("GlobalMaxPooling1D GlobalMaxPooling2D", global_pooling, "max pooling"),
    **_kinds("GlobalMaxPool1D GlobalMaxPool2D", global_pooling, "max pooling"),
    **_kinds("GlobalAveragePooling1D GlobalAveragePooling2D", global_pooling, "average pooling"),
    **_kinds("GlobalAvgPool1D GlobalAvgPool2D", global_pooling, "average pooling"),
    **_kinds("Dense", dense, "dense"),
    **_kinds("BatchNormalization", batch_normalisation, "batch normalisation"),
    **_kinds("Activation Softmax", activation, "activation"),
    **_kinds("LeakyReLU ELU ThresholdedReLU ReLU", rectifier, "activation"),
    **_kinds("PReLU", parametric_rectifier, "activation"),
    **_kinds("Flatten", flatten, "flatten"),
    **_kinds("Reshape", reshape, "reshape"),
    **_kinds("Permute", permute, "permute"),
    **_kinds("ZeroPadding1D ZeroPadding2D", zero_padding, "padding"),
    **_kinds("Dropout SpatialDropout1D SpatialDropout2D AlphaDropout", keep, "dropout"),
    **_kinds("GaussianNoise GaussianDropout", keep, "noise"),
    **_kinds("ActivityRegularization", keep, "regularisation"),
}
"""Keras class -> (function, kind in words)."""
