"""Dense layers, and layers that move, repeat or drop values, of Keras."""

from math import prod

from deepresolve_dash.networks.formats.keras.activations import activate
from deepresolve_dash.networks.formats.keras.config import LayerConfig, border, per_axis
from deepresolve_dash.networks.formats.keras.convolution import entering
from deepresolve_dash.networks.formats.keras.values import (
    Reading,
    Value,
    from_keras,
    to_keras,
    with_order,
)


def global_pooling(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """GlobalMaxPooling and GlobalAveragePooling."""
    builder = reading.builder
    value = entering(reading, value, layer)
    n_spatial = len(builder.shape(value.ref)) - 1
    pool = builder.global_max if "Max" in layer.kind else builder.global_average
    x = pool(value.ref)
    if layer.options.get("keepdims"):
        for _ in range(n_spatial):
            x = builder.add("aten.unsqueeze.default", x, 2)
    return Value(x, value.channels_last)


def dense(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """Dense, over the last axis as Keras counts them."""
    builder = reading.builder
    x = to_keras(builder, value)
    shapes = [(builder.shape(x)[-1], int(layer.options["units"]))]
    shapes += [(shapes[0][1],)] if layer.options.get("use_bias", True) else []
    kernel, *bias = reading.take(layer, shapes)
    x = builder.linear(x, kernel.T, *bias)
    value = from_keras(builder, x, channels_last=value.channels_last)
    return activate(reading, value, layer.options.get("activation"))


def flatten(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """Flatten; told "channels_first", Keras 2 and 3 move the channels last before they flatten."""
    builder = reading.builder
    if layer.options.get("data_format") == "channels_first":
        first = with_order(builder, value, channels_last=False)
        value = Value(first.ref, channels_last=True)
    return Value(builder.flatten(to_keras(builder, value)), value.channels_last)


def reshape(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """Reshape, as Keras counts the axes; "dims" are its words in Keras 0."""
    builder, options = reading.builder, layer.options
    wanted = options["target_shape"] if "target_shape" in options else options["dims"]
    target = [int(size) for size in wanted]
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
    value = entering(reading, value, layer)
    pairs = border(layer, layer.options.get("padding", 1))
    return Value(reading.builder.pad(value.ref, pairs), value.channels_last)


def cropping(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """Cropping in one and two dimensions."""
    value = entering(reading, value, layer)
    pairs = border(layer, layer.options.get("cropping", 1))
    off = [(-before, -after) for before, after in pairs]
    return Value(reading.builder.pad(value.ref, off), value.channels_last)


def upsampling(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """UpSampling by repeating, in one and two dimensions; "length" is its word in Keras 0 and 1."""
    builder = reading.builder
    value = entering(reading, value, layer)
    layer.options.setdefault("size", layer.options.get("length", 2))
    if layer.options.get("interpolation", "nearest") != "nearest":
        raise ValueError(layer.options["interpolation"])
    sizes = per_axis(layer, "size", 2)
    x = value.ref
    for axis, times in enumerate(sizes, start=2):
        shape = builder.shape(x)
        x = builder.add("aten.unsqueeze.default", x, axis + 1)
        apart = (*shape[:axis], times, *shape[axis:])
        x = builder.add("aten.expand.default", x, (-1, *apart))
        together = (*shape[: axis - 1], shape[axis - 1] * times, *shape[axis:])
        x = builder.add("aten.reshape.default", x, (-1, *together))
    return Value(x, value.channels_last)


def repeat_vector(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """RepeatVector: (n, features) to (n, times, features)."""
    builder = reading.builder
    (n_features,) = builder.shape(value.ref)
    x = builder.add("aten.unsqueeze.default", value.ref, 1)
    x = builder.add("aten.expand.default", x, (-1, int(layer.options["n"]), n_features))
    return from_keras(builder, x, channels_last=value.channels_last)


def rescaling(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """Rescaling by two numbers."""
    builder, options = reading.builder, layer.options
    x = builder.add("aten.mul.Tensor", value.ref, float(options.get("scale", 1.0)))
    x = builder.add("aten.add.Tensor", x, float(options.get("offset", 0.0)))
    return Value(x, value.channels_last)


def keep(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """Layers that do nothing at prediction."""
    return value
