"""What each Keras layer does, as nodes of the graph; one function per kind of layer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.builder import Builder
from deepresolve_dash.networks.hdf5 import WeightFile
from deepresolve_dash.networks.keras_config import (
    LayerConfig,
    border,
    channels_last,
    n_axes,
    per_axis,
)
from deepresolve_dash.networks.keras_values import (
    Value,
    from_keras,
    keras_order,
    to_keras,
    with_order,
)
from deepresolve_dash.networks.padding import convolution_padding, inside_share, pooling_padding


@dataclass(frozen=True)
class Reading:
    """What all layers share while a model is read."""

    builder: Builder
    weights: WeightFile
    keras1: bool
    theano: bool


def convolution(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """Convolution1D and Convolution2D."""
    builder, options = reading.builder, layer.options
    value = with_order(
        builder, value, channels_last=channels_last(layer, default=value.channels_last)
    )
    n_inputs, *lengths = builder.shape(value.ref)
    if options.get("groups", 1) != 1 or len(lengths) != n_axes(layer):
        raise ModelFileError(f"Layer '{layer.name}' is a convolution of an unsupported kind.")
    size = per_axis(layer, "kernel_size")
    stride = per_axis(layer, "strides", 1)
    dilation = per_axis(layer, "dilation_rate", 1)
    padding = convolution_padding(
        options.get("padding", "valid"), lengths, size, stride, dilation, theano=reading.theano
    )
    kernel, bias = _kernel(reading, layer, size, n_inputs, value.channels_last)
    x = builder.conv(value.ref, kernel, bias, stride=stride, padding=padding, dilation=dilation)
    return activate(reading, Value(x, value.channels_last), options.get("activation"))


def pooling(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """MaxPooling and AveragePooling in one and two dimensions."""
    builder = reading.builder
    value = with_order(
        builder, value, channels_last=channels_last(layer, default=value.channels_last)
    )
    lengths = builder.shape(value.ref)[1:]
    size = per_axis(layer, "pool_size", 2)
    stride = per_axis(layer, "strides", size)
    mode = layer.options.get("padding", "valid")
    padding = pooling_padding(mode, lengths, size, stride, theano=reading.theano)
    if layer.kind.startswith("Max"):
        x = builder.max_pool(builder.pad(value.ref, padding, -np.inf), size, stride)
        return Value(_crop(builder, x, mode, lengths, stride), value.channels_last)
    x = builder.average_pool(builder.pad(value.ref, padding), size, stride)
    if any(map(any, padding)):
        share = inside_share(lengths, size, stride, padding)
        x = builder.add("aten.mul.Tensor", x, builder.weight("share", 1 / share))
    return Value(_crop(builder, x, mode, lengths, stride), value.channels_last)


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


def activate(reading: Reading, value: Value, name: object) -> Value:
    """Apply an activation by its Keras name; None is linear."""
    builder = reading.builder
    if name in (None, "linear"):
        return value
    if name in ("softmax", "log_softmax") and not value.channels_last:
        last = len(builder.shape(value.ref))
        return Value(builder.add(f"aten.{name}.int", value.ref, last), False)
    return Value(builder.activation(value.ref, str(name)), value.channels_last)


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


def _kernel(
    reading: Reading, layer: LayerConfig, size: tuple[int, ...], n_inputs: int, is_last: bool
) -> tuple[NDArray, NDArray | None]:
    """Return kernel (out, in, *size) in reading direction, and bias, from any Keras layout."""
    n_outputs = int(layer.options["filters"])
    inside = (n_inputs, n_outputs)
    outside = (n_outputs, n_inputs)
    if reading.keras1:
        size2 = size if len(size) == 2 else (*size, 1)
        first = (*outside, *size2)
        last = (*size, *inside) if len(size) == 2 else (*size, 1, *inside)
        layouts = [last, first] if is_last else [first]
    else:
        layouts = [(*size, *inside)]
    bias_shape = [(n_outputs,)] if layer.options.get("use_bias", True) else []
    kernel, *bias = reading.weights.take(layer.name, *([s, *bias_shape] for s in layouts))
    if kernel.shape != (*outside, *size) and kernel.shape[-2:] == inside:
        kernel = np.moveaxis(kernel, (-1, -2), (0, 1))
    kernel = kernel.reshape(*outside, *size)
    if reading.theano:
        kernel = np.flip(kernel, tuple(range(2, kernel.ndim)))
    return kernel, bias[0] if bias else None


def _crop(builder: Builder, x, mode: str, lengths: Sequence[int], stride: Sequence[int]):  # noqa: ANN001, ANN202
    """Cut surplus windows off: Theano's border can make one more than length / stride."""
    if mode != "same":
        return x
    surplus = [
        -(-length // step) - n
        for length, step, n in zip(lengths, stride, builder.shape(x)[1:], strict=True)
    ]
    return builder.pad(x, [(0, min(extra, 0)) for extra in surplus])


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
