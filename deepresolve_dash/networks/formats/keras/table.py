"""Which layers of Keras are read, by whom, and what is said of the others."""

from collections.abc import Callable
from typing import NamedTuple

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.keras.activations import (
    activation,
    parametric_rectifier,
    rectifier,
    softmax_layer,
)
from deepresolve_dash.networks.formats.keras.attention import attention, multi_head_attention
from deepresolve_dash.networks.formats.keras.config import LayerConfig, layer_config
from deepresolve_dash.networks.formats.keras.convolution import (
    convolution,
    depthwise,
    pooling,
    separable,
    transposed,
)
from deepresolve_dash.networks.formats.keras.functions import apply_function, is_function
from deepresolve_dash.networks.formats.keras.layers import (
    cropping,
    dense,
    flatten,
    global_pooling,
    keep,
    permute,
    repeat_vector,
    rescaling,
    reshape,
    upsampling,
    zero_padding,
)
from deepresolve_dash.networks.formats.keras.merging import (
    concatenate,
    dot,
    legacy_merge,
    merging,
)
from deepresolve_dash.networks.formats.keras.normalisation import (
    batch_normalisation,
    group_normalisation,
    layer_normalisation,
    unit_normalisation,
)
from deepresolve_dash.networks.formats.keras.recurrent import bidirectional, recurrent
from deepresolve_dash.networks.formats.keras.values import (
    Given,
    Reading,
    Value,
    from_keras,
    to_keras,
)

OfOne = Callable[[Reading, Value, LayerConfig], Value]
OfMany = Callable[[Reading, Given, LayerConfig], Value]


class Reader(NamedTuple):
    """How a kind of layer is read, and what kind it is in words."""

    read: OfMany
    words: str


def reader(layer: LayerConfig, reading: Reading) -> Reader:
    """Return how a layer is read.

    Raises
    ------
    ModelFileError
        When it is not; the hint says what was read before it.
    """
    if is_function(layer):
        return Reader(apply_function, "function")
    if layer.kind in LAYERS:
        return LAYERS[layer.kind]
    before = list(reading.builder.layers)
    names = f"{', '.join(before[:3])} to {before[-1]}" if len(before) > 4 else ", ".join(before)
    hint = f"The layers before it were read: {names}." if before else "Nothing before it was read."
    name = reading.named(layer.name)
    if layer.kind == "Lambda":
        raise ModelFileError(
            f"Layer '{name}' is a Lambda: it holds program code, which is never run.",
            f"Rebuild the model with a layer of Keras in its place, or export it as ONNX. {hint}",
        )
    why = _REASONS.get(layer.kind, "which is not supported")
    raise ModelFileError(f"Layer '{name}' is of the kind {layer.kind}, {why}.", hint)


def time_distributed(reading: Reading, given: Given, layer: LayerConfig) -> Value:
    """TimeDistributed: another layer at each step by itself."""
    builder = reading.builder
    inner = layer_config(layer.options["layer"], 0)
    found = reader(inner, reading)
    inner = LayerConfig(inner.kind, layer.name, inner.options)  # its weights are the wrapper's
    x = to_keras(builder, given.one(layer))
    n_steps, *shape = builder.shape(x)
    x = builder.add("aten.reshape.default", x, (-1, *shape))
    value = found.read(reading, Given([from_keras(builder, x, channels_last=True)], {}), inner)
    x = to_keras(builder, value)
    x = builder.add("aten.reshape.default", x, (-1, n_steps, *builder.shape(x)))
    return from_keras(builder, x, channels_last=True)


def _of_one(names: str, read: OfOne, words: str) -> dict[str, Reader]:
    """Return table entries for several Keras names of one kind that takes one value."""

    def read_one(reading: Reading, given: Given, layer: LayerConfig) -> Value:
        return read(reading, given.one(layer), layer)

    return dict.fromkeys(names.split(), Reader(read_one, words))


def _of_many(names: str, read: OfMany, words: str) -> dict[str, Reader]:
    """Return table entries for several Keras names of one kind that takes several values."""
    return dict.fromkeys(names.split(), Reader(read, words))


_REASONS = {
    "Masking": "which hides positions from the layers after it: that is not supported",
    "Embedding": "which needs whole numbers for words: a sequence is one-hot here",
    "ConvLSTM1D": "a recurrence of convolutions, which is not supported",
}

LAYERS: dict[str, Reader] = {
    **_of_one("Conv1D Conv2D Convolution1D Convolution2D", convolution, "convolution"),
    **_of_one("AtrousConvolution1D AtrousConvolution2D", convolution, "convolution"),
    **_of_one("DepthwiseConv1D DepthwiseConv2D", depthwise, "convolution"),
    **_of_one("SeparableConv1D SeparableConv2D", separable, "convolution"),
    **_of_one("SeparableConvolution1D SeparableConvolution2D", separable, "convolution"),
    **_of_one("Conv1DTranspose Conv2DTranspose", transposed, "transposed convolution"),
    **_of_one(
        "Convolution1DTranspose Convolution2DTranspose", transposed, "transposed convolution"
    ),
    **_of_one("MaxPooling1D MaxPooling2D MaxPool1D MaxPool2D", pooling, "max pooling"),
    **_of_one("AveragePooling1D AveragePooling2D AvgPool1D AvgPool2D", pooling, "average pooling"),
    **_of_one("GlobalMaxPooling1D GlobalMaxPooling2D", global_pooling, "max pooling"),
    **_of_one("GlobalMaxPool1D GlobalMaxPool2D", global_pooling, "max pooling"),
    **_of_one("GlobalAveragePooling1D GlobalAveragePooling2D", global_pooling, "average pooling"),
    **_of_one("GlobalAvgPool1D GlobalAvgPool2D", global_pooling, "average pooling"),
    **_of_one("Dense TimeDistributedDense", dense, "dense"),
    **_of_one("BatchNormalization", batch_normalisation, "batch normalisation"),
    **_of_one("SyncBatchNormalization", batch_normalisation, "batch normalisation"),
    **_of_one("LayerNormalization RMSNormalization", layer_normalisation, "layer normalisation"),
    **_of_one("GroupNormalization", group_normalisation, "group normalisation"),
    **_of_one("UnitNormalization", unit_normalisation, "unit normalisation"),
    **_of_one("Activation", activation, "activation"),
    **_of_one("Softmax", softmax_layer, "activation"),
    **_of_one("LeakyReLU ELU ThresholdedReLU ReLU", rectifier, "activation"),
    **_of_one("PReLU", parametric_rectifier, "activation"),
    **_of_one("Flatten", flatten, "flatten"),
    **_of_one("Reshape", reshape, "reshape"),
    **_of_one("Permute", permute, "permute"),
    **_of_one("ZeroPadding1D ZeroPadding2D", zero_padding, "padding"),
    **_of_one("Cropping1D Cropping2D", cropping, "cropping"),
    **_of_one("UpSampling1D UpSampling2D", upsampling, "upsampling"),
    **_of_one("RepeatVector", repeat_vector, "repetition"),
    **_of_one("Rescaling", rescaling, "rescaling"),
    **_of_one("Dropout SpatialDropout1D SpatialDropout2D AlphaDropout", keep, "dropout"),
    **_of_one("GaussianNoise GaussianDropout", keep, "noise"),
    **_of_one("ActivityRegularization Identity", keep, "regularisation"),
    **_of_one("LSTM GRU SimpleRNN CuDNNLSTM CuDNNGRU", recurrent, "recurrent"),
    **_of_one("Bidirectional", bidirectional, "recurrent"),
    **_of_many("TimeDistributed", time_distributed, "layer at each step"),
    **_of_many("MultiHeadAttention", multi_head_attention, "attention"),
    **_of_many("Attention", attention, "attention"),
    **_of_many("Add Subtract Multiply Average Maximum Minimum", merging, "merge"),
    **_of_many("Concatenate", concatenate, "merge"),
    **_of_many("Dot", dot, "merge"),
    **_of_many("Merge", legacy_merge, "merge"),
}
"""Keras class -> how it is read."""
