"""Convolutions and poolings of Keras, whose layouts and borders differ between its versions."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.builder import Builder
from deepresolve_dash.networks.formats.keras.config import (
    LayerConfig,
    channels_last,
    n_axes,
    per_axis,
)
from deepresolve_dash.networks.formats.keras.values import Reading, Value, activate, with_order
from deepresolve_dash.networks.graph import Ref
from deepresolve_dash.networks.padding import convolution_padding, inside_share, pooling_padding


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
