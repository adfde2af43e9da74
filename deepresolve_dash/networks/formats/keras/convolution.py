"""Convolutions and poolings of Keras, whose layouts and borders differ between its versions."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.builder import Builder
from deepresolve_dash.networks.formats.keras.activations import activate
from deepresolve_dash.networks.formats.keras.config import (
    LayerConfig,
    channels_last,
    n_axes,
    per_axis,
)
from deepresolve_dash.networks.formats.keras.values import Reading, Value, with_order
from deepresolve_dash.networks.graph import Finding, Ref
from deepresolve_dash.networks.padding import convolution_padding, inside_share, pooling_padding


def convolution(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """Convolution1D and Convolution2D."""
    value = entering(reading, value, layer)
    groups = int(layer.options.get("groups") or 1)
    kernel, bias = _kernel(reading, layer, value, groups)
    x = _convolve(reading, value, layer, kernel, bias, groups)
    return activate(reading, Value(x, value.channels_last), layer.options.get("activation"))


def depthwise(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """DepthwiseConv1D and DepthwiseConv2D: each channel by itself."""
    value = entering(reading, value, layer)
    n_inputs = reading.builder.shape(value.ref)[0]
    multiple = int(layer.options.get("depth_multiplier", 1))
    shape = (*per_axis(layer, "kernel_size"), n_inputs, multiple)
    biases = [(n_inputs * multiple,)] if layer.options.get("use_bias", True) else []
    kernel, *bias = reading.take(layer, [shape, *biases])
    x = _convolve(reading, value, layer, _each_alone(kernel), bias[0] if bias else None, n_inputs)
    return activate(reading, Value(x, value.channels_last), layer.options.get("activation"))


def separable(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """SeparableConv1D and SeparableConv2D: each channel by itself, then all at each position."""
    value = entering(reading, value, layer)
    builder, size = reading.builder, per_axis(layer, "kernel_size")
    n_inputs = builder.shape(value.ref)[0]
    multiple = int(layer.options.get("depth_multiplier", 1))
    n_outputs = int(layer.options["filters"])
    inner = (*(1 for _ in size), n_inputs * multiple, n_outputs)
    biases = [(n_outputs,)] if layer.options.get("use_bias", True) else []
    alone, together, *bias = reading.take(layer, [(*size, n_inputs, multiple), inner, *biases])
    x = _convolve(reading, value, layer, _each_alone(alone), None, n_inputs)
    x = builder.conv(x, np.moveaxis(together, (-1, -2), (0, 1)), *bias)
    return activate(reading, Value(x, value.channels_last), layer.options.get("activation"))


def transposed(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """Conv1DTranspose and Conv2DTranspose."""
    builder, options = reading.builder, layer.options
    value = entering(reading, value, layer)
    n_inputs = builder.shape(value.ref)[0]
    n = n_axes(layer)
    size, stride = per_axis(layer, "kernel_size"), per_axis(layer, "strides", 1)
    dilation = per_axis(layer, "dilation_rate", 1)
    mode = options.get("padding", "valid")
    given = options.get("output_padding")
    more = any(given) if isinstance(given, list | tuple) else given
    if more or mode not in ("valid", "same"):
        raise ModelFileError(f"Layer '{layer.name}' has a border that is not supported.")
    n_outputs = int(options["filters"])
    biases = [(n_outputs,)] if options.get("use_bias", True) else []
    kernel, *bias = reading.take(layer, [(*size, n_outputs, n_inputs), *biases])
    kernel = builder.weight("kernel", np.moveaxis(kernel, (-1, -2), (0, 1)))
    op = "aten.conv_transpose1d.default" if n == 1 else "aten.conv_transpose2d.input"
    zeros = (0,) * n
    x = builder.add(op, value.ref, kernel, None, stride, zeros, zeros, 1, dilation)
    borders = []
    for width, step, spread in zip(size, stride, dilation, strict=True):
        surplus = (width - 1) * spread + 1 - step
        before = max(surplus, 0) // 2 if mode == "same" else 0
        after = surplus - before if mode == "same" else min(surplus, 0)
        borders.append((-before, -after))
    x = builder.pad(x, borders)
    if bias:
        shift = builder.weight("bias", bias[0].reshape(n_outputs, *(1 for _ in size)))
        x = builder.add("aten.add.Tensor", x, shift)
    return activate(reading, Value(x, value.channels_last), options.get("activation"))


def pooling(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """MaxPooling and AveragePooling in one and two dimensions."""
    builder = reading.builder
    value = entering(reading, value, layer)
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
        if reading.major == 3:
            reading.said.append(_border_finding(reading.named(layer.name)))
        share = inside_share(lengths, size, stride, padding)
        x = builder.add("aten.mul.Tensor", x, builder.weight("share", 1 / share))
    return Value(_crop(builder, x, mode, lengths, stride), value.channels_last)


def _border_finding(name: str) -> Finding:
    """Say what the border of an average pooling is."""
    return Finding(
        f"The border of the average pooling '{name}' is left out of its means.",
        "The backends of Keras 3 differ: TensorFlow leaves it out, PyTorch repeats the last value.",
        "Only the first and the last window differ; with PyTorch, choose a length that the pooling "
        "divides.",
    )


def entering(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """Return the value in the order of axes that a layer works in.

    Raises
    ------
    ModelFileError
        When it has another number of axes.
    """
    last = channels_last(layer, default=value.channels_last)
    value = with_order(reading.builder, value, channels_last=last)
    n_spatial = len(reading.builder.shape(value.ref)) - 1
    if n_spatial != n_axes(layer):
        raise ModelFileError(
            f"Layer '{layer.name}' works on {n_axes(layer)} axes of positions and gets {n_spatial}."
        )
    return value


def _convolve(
    reading: Reading,
    value: Value,
    layer: LayerConfig,
    kernel: NDArray,
    bias: NDArray | None,
    groups: int,
) -> Ref:
    """Add a convolution with the strides and the border of a layer."""
    size = kernel.shape[2:]
    stride = per_axis(layer, "strides", 1)
    dilation = per_axis(layer, "dilation_rate", 1)
    mode = layer.options.get("padding", "valid")
    if mode == "full":
        reaches = [(width - 1) * step for width, step in zip(size, dilation, strict=True)]
        padding = [(reach, reach) for reach in reaches]
    else:
        lengths = reading.builder.shape(value.ref)[1:]
        padding = convolution_padding(mode, lengths, size, stride, dilation, theano=reading.theano)
    builder = reading.builder
    if groups == 1:
        options = {"stride": stride, "padding": padding, "dilation": dilation}
        return builder.conv(value.ref, kernel, bias, **options)
    return builder.add(
        f"aten.conv{len(size)}d.default",
        builder.pad(value.ref, padding),
        builder.weight("kernel", kernel),
        None if bias is None else builder.weight("bias", bias),
        stride,
        (0,) * len(size),
        dilation,
        groups,
    )


def _each_alone(kernel: NDArray) -> NDArray:
    """Return a depthwise kernel (*size, in, multiple) as (in * multiple, 1, *size)."""
    moved = np.moveaxis(kernel, (-2, -1), (0, 1))
    return moved.reshape(-1, 1, *moved.shape[2:])


def _kernel(
    reading: Reading, layer: LayerConfig, value: Value, groups: int
) -> tuple[NDArray, NDArray | None]:
    """Return kernel (out, in / groups, *size) in reading direction, and bias, from any layout."""
    size = per_axis(layer, "kernel_size")
    n_outputs, n_inputs = int(layer.options["filters"]), reading.builder.shape(value.ref)[0]
    if groups < 1 or n_inputs % groups or n_outputs % groups:
        raise ModelFileError(f"Layer '{layer.name}' has {groups} groups, which makes no sense.")
    inside = (n_inputs // groups, n_outputs)
    outside = inside[::-1]
    if reading.major < 2:
        size2 = size if len(size) == 2 else (*size, 1)
        first = (*outside, *size2)
        last = (*size, *inside) if len(size) == 2 else (*size, 1, *inside)
        layouts = [last, first] if value.channels_last else [first]
    else:
        layouts = [(*size, *inside)]
    bias_shape = [(n_outputs,)] if layer.options.get("use_bias", True) else []
    kernel, *bias = reading.take(layer, *([shape, *bias_shape] for shape in layouts))
    if kernel.shape != (*outside, *size) and kernel.shape[-2:] == inside:
        kernel = np.moveaxis(kernel, (-1, -2), (0, 1))
    kernel = kernel.reshape(*outside, *size)
    if reading.theano:
        kernel = np.flip(kernel, tuple(range(2, kernel.ndim)))
    return kernel, bias[0] if bias else None


def _crop(
    builder: Builder, x: Ref, mode: str, lengths: Sequence[int], stride: Sequence[int]
) -> Ref:
    """Cut surplus windows off: Theano's border can make one more than length / stride."""
    if mode != "same":
        return x
    surplus = [
        -(-length // step) - n
        for length, step, n in zip(lengths, stride, builder.shape(x)[1:], strict=True)
    ]
    return builder.pad(x, [(0, min(extra, 0)) for extra in surplus])
