"""Read Keras 1 and 2 models, architecture and weights, as data; Keras itself is never imported."""

from pathlib import Path

import h5py

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.builder import Builder
from deepresolve_dash.networks.formats.keras.config import (
    Architecture,
    LayerConfig,
    parse_architecture,
)
from deepresolve_dash.networks.formats.keras.hdf5 import WeightFile, text_attribute, weight_root
from deepresolve_dash.networks.formats.keras.layers import LAYERS
from deepresolve_dash.networks.formats.keras.values import Reading, Value, enter, input_length
from deepresolve_dash.networks.graph import Finding, Network

_FIRST_LAYERS = ("InputLayer", "Input")


def read_keras(data: object, file: h5py.File, path: Path) -> Network:
    """Make a network from the JSON of a Sequential Keras model and its open weight file.

    Raises
    ------
    ModelFileError
        When something in them is broken or not supported.
    """
    holders = (weight_root(file), file)
    version, backend = (
        next(filter(None, (text_attribute(holder, name) for holder in holders)), None)
        for name in ("keras_version", "backend")
    )
    architecture = parse_architecture(data, version=version, backend=backend)
    shape = _input_shape(architecture.layers[0])
    layers = [layer for layer in architecture.layers if layer.kind not in _FIRST_LAYERS]
    if not layers:
        raise ModelFileError("The Keras model has no layers.")
    weights = WeightFile(file, path, [layer.name for layer in layers])
    builder = Builder(input_length(shape))
    reading = Reading(builder, weights, architecture.is_keras1, architecture.theano)
    value = _read_layers(reading, layers, shape)
    weights.check_all_taken()
    return builder.network(
        value.ref,
        format=f"Keras {architecture.version} Sequential",
        findings=_findings(architecture, by_order=weights.by_order),
    )


def _read_layers(reading: Reading, layers: list[LayerConfig], shape: tuple[int, ...]) -> Value:
    """Add all layers to the graph and return the last value."""
    first_order = next(
        (layer.options["data_format"] for layer in layers if layer.options.get("data_format")), ""
    )
    value: Value | None = None
    for layer in layers:
        if layer.kind not in LAYERS:
            raise ModelFileError(*_refusal(layer))
        read, kind = LAYERS[layer.kind]
        with reading.builder.layer(layer.name, kind):
            if value is None:
                value = enter(reading.builder, shape, channels_last=first_order != "channels_first")
            before = value
            try:
                value = read(reading, value, layer)
            except (KeyError, TypeError, ValueError, IndexError) as error:
                raise ModelFileError(
                    f"The configuration of layer '{layer.name}' is broken: {error!r}."
                ) from None
            if value.ref == before.ref:
                value = Value(reading.builder.keep(value.ref), value.channels_last)
    assert value is not None
    return value


def _input_shape(first: LayerConfig) -> tuple[int, ...]:
    """Return the input shape without the batch axis."""
    shape = first.options.get("batch_input_shape")
    if shape is None and "input_shape" in first.options:
        shape = [None, *first.options["input_shape"]]
    if not isinstance(shape, list) or len(shape) < 2:
        raise ModelFileError("The Keras model does not say the shape of its input.")
    if not all(isinstance(size, int) and size > 0 for size in shape[1:]):
        raise ModelFileError(
            f"The Keras model leaves its input shape open: {tuple(shape)}.",
            "Save it with a fixed sequence length.",
        )
    return tuple(shape[1:])


def _refusal(layer: LayerConfig) -> tuple[str, str]:
    """Say why a kind of layer is not read."""
    if layer.kind == "Lambda":
        message = f"Layer '{layer.name}' is a Lambda: it holds program code, which is never run."
    else:
        message = f"Layer '{layer.name}' is of the kind {layer.kind}, which is not supported."
    hint = "Supported are convolutions, pooling, dense layers, normalisation and activations."
    return message, hint


def _findings(architecture: Architecture, *, by_order: bool) -> list[Finding]:
    """Say what was assumed."""
    findings = [
        Finding(
            "The rows of the input are taken as A, C, G, T.",
            "Keras files do not record the order of the bases.",
            "If motifs come out wrong, set the order that the model was trained with.",
        )
    ]
    if architecture.theano:
        findings.append(
            Finding(
                "The kernels of all convolutions were reversed.",
                f"{architecture.evidence} Theano reads kernels backwards.",
                "If the model was trained with another backend, flip the kernels back.",
            )
        )
    elif architecture.is_keras1:
        findings.append(
            Finding(
                "The kernels of all convolutions were left as they are.",
                architecture.evidence,
                "If the model was trained with Theano, flip the kernels.",
            )
        )
    if by_order:
        findings.append(
            Finding(
                "The weights were matched with the layers by their order.",
                "The weight file and the architecture name the layers differently.",
                "Check that the two files belong together.",
            )
        )
    return findings
