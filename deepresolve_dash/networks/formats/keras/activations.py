"""Activations of Keras: by name, as a function, or as a layer of their own."""

from collections.abc import Mapping

import numpy as np

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.builder import ACTIVATIONS
from deepresolve_dash.networks.formats.keras.config import LayerConfig
from deepresolve_dash.networks.formats.keras.values import Reading, Value, keras_order, softmax
from deepresolve_dash.networks.graph import Argument

_Operation = tuple[str, tuple[Argument, ...]]

_MORE: dict[str, _Operation] = {
    "silu": ("aten.silu.default", ()),
    "mish": ("aten.mish.default", ()),
    "exp": ("aten.exp.default", ()),
    "relu6": ("aten.clamp.default", (0.0, 6.0)),
    "leaky_relu": ("aten.leaky_relu.default", (0.2,)),
    "celu": ("aten.celu.default", (1.0,)),
    "log_sigmoid": ("aten.log_sigmoid.default", ()),
    "hard_silu": ("aten.hardswish.default", ()),
    "hard_swish": ("aten.hardswish.default", ()),
    "hard_tanh": ("aten.clamp.default", (-1.0, 1.0)),
}
_SIXTH: _Operation = ("own.hard_sigmoid", (1 / 6, 0.5))  # Keras 3


def activate(reading: Reading, value: Value, given: object) -> Value:
    """Apply an activation as a layer names it; None is linear.

    Raises
    ------
    ModelFileError
        When it is not one of Keras.
    """
    name = activation_name(given)
    if isinstance(name, LayerConfig):
        return rectifier(reading, value, name)
    if name in (None, "linear"):
        return value
    if name in ("softmax", "log_softmax"):
        return softmax(reading.builder, value, kind=str(name))
    op, arguments = activation_operation(reading, str(name))
    return Value(reading.builder.add(op, value.ref, *arguments), value.channels_last)


def activation_operation(reading: Reading, name: str) -> _Operation:
    """Return the operation of an activation that works on each number by itself."""
    if name == "hard_sigmoid" and reading.major == 3:
        return _SIXTH
    known = ACTIVATIONS | _MORE
    if name not in known:
        raise ModelFileError(f"The activation '{name}' of a layer is not one that is supported.")
    return known[name]


def activation(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """Activation."""
    return activate(reading, value, layer.options.get("activation"))


def softmax_layer(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """Softmax over an axis."""
    given = layer.options.get("axis", -1)
    (axis,) = given if isinstance(given, list) else [given]
    return softmax(reading.builder, value, int(axis))


def rectifier(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """LeakyReLU, ELU, ThresholdedReLU and ReLU with options."""
    options = layer.options
    slope = options.get("negative_slope", options.get("alpha"))
    op, arguments = {
        "LeakyReLU": ("aten.leaky_relu.default", (float(0.3 if slope is None else slope),)),
        "ELU": ("aten.elu.default", (float(options.get("alpha", 1.0)),)),
        "ThresholdedReLU": ("aten.threshold.default", (float(options.get("theta", 1.0)), 0.0)),
        "ReLU": ("aten.clamp.default", (0.0, options.get("max_value"))),
    }[layer.kind]
    if layer.kind == "ReLU" and (slope or options.get("threshold")):
        op, arguments = _sloped(layer, slope)
    return Value(reading.builder.add(op, value.ref, *arguments), value.channels_last)


def parametric_rectifier(reading: Reading, value: Value, layer: LayerConfig) -> Value:
    """PReLU: a learned slope below zero."""
    builder = reading.builder
    shape = builder.shape(value.ref)
    order = keras_order(len(shape) + 1) if value.channels_last else range(len(shape) + 1)
    shared = layer.options.get("shared_axes") or ()
    keras_shape = [1 if i in shared else shape[axis - 1] for i, axis in enumerate(order) if axis]
    (slope,) = reading.take(layer, [keras_shape])
    if value.channels_last and slope.ndim > 1:
        slope = np.moveaxis(slope, -1, 0)
    x = builder.add("own.prelu", value.ref, builder.weight("slope", slope))
    return Value(x, value.channels_last)


def _sloped(layer: LayerConfig, slope: object) -> _Operation:
    """Return a ReLU with a slope or a threshold."""
    threshold, limit = layer.options.get("threshold") or 0.0, layer.options.get("max_value")
    if limit is not None or (slope and threshold):
        raise ModelFileError(f"Layer '{layer.name}' has a slope and a limit: not supported.")
    if slope:
        return "aten.leaky_relu.default", (float(slope),)  # pyright: ignore[reportArgumentType]
    return "aten.threshold.default", (float(threshold), 0.0)


def activation_name(given: object) -> object:
    """Return the name of an activation, or the layer that is one."""
    if not isinstance(given, Mapping):
        return given
    kind, config = given.get("class_name"), given.get("config")
    if kind in ("LeakyReLU", "ELU", "ThresholdedReLU", "ReLU") and isinstance(config, dict):
        return LayerConfig(str(kind), str(config.get("name")), config)
    if kind == "function" and isinstance(config, str) and given.get("module") in (None, "builtins"):
        return config
    raise ModelFileError(
        f"A layer has the activation '{given.get('registered_name') or config or kind}', which is "
        "not from Keras: its program is not in the file."
    )
