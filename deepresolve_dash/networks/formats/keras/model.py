"""Read Keras models of all versions, architecture and weights, as data; Keras is never imported."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import h5py

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.builder import Builder
from deepresolve_dash.networks.formats.keras.architecture import Model, parse_model
from deepresolve_dash.networks.formats.keras.calls import Call, Source
from deepresolve_dash.networks.formats.keras.containers import open_weights
from deepresolve_dash.networks.formats.keras.findings import findings
from deepresolve_dash.networks.formats.keras.hdf5 import text_attribute, weight_root
from deepresolve_dash.networks.formats.keras.inputs import enter_all, input_shapes
from deepresolve_dash.networks.formats.keras.origin import find_origin
from deepresolve_dash.networks.formats.keras.table import reader
from deepresolve_dash.networks.formats.keras.values import Entry, Given, Reading, Value
from deepresolve_dash.networks.graph import Network
from deepresolve_dash.networks.heads import head

Made = dict[Source, Value | Entry]


def read_keras(
    data: object,
    file: h5py.File,
    path: Path,
    *,
    version: str | None = None,
    length: int | None = None,
) -> Network:
    """Make a network from the JSON of a Keras model and its open weight file.

    Parameters
    ----------
    data : object
        Parsed JSON of the architecture.
    file : h5py.File
        Weights.
    path : Path
        Where they come from, for messages.
    version : str, optional
        Version of Keras, where another file tells it.
    length : int, optional
        Length of the sequences, bp, for models that leave it open.

    Raises
    ------
    ModelFileError
        When something in them is broken or not supported.
    """
    model = parse_model(data)
    assert isinstance(data, dict)
    holders = (weight_root(file), file)
    told, backend = (
        next(filter(None, (text_attribute(holder, name) for holder in holders)), None)
        for name in ("keras_version", "backend")
    )
    origin = find_origin(data, model, version=version or told, backend=backend)
    inputs = input_shapes(model, length)
    weights = open_weights(file, model, path)
    reading = Reading(Builder(inputs.length), weights, origin.major, origin.theano)
    entering, said = enter_all(reading, model, inputs)
    ends = apply_model(reading, model, entering)
    weights.check_all_taken()
    heads = {}
    for name, end in zip(model.outputs, ends, strict=True):
        heads[name], more = head(reading.builder, name, end.ref)
        said += more
    return reading.builder.network(
        heads if len(heads) > 1 else heads[next(iter(heads))],
        format=f"Keras {origin.version} {model.kind}",
        findings=[
            *findings(origin, inputs, forked=model.is_forked, by_order=weights.by_order),
            *said,
            *reading.said,
        ],
    )


def apply_model(reading: Reading, model: Model, inputs: Sequence[Value | Entry]) -> list[Value]:
    """Add all layers of a model to the graph and return its outputs.

    Raises
    ------
    ModelFileError
        When a layer is not supported, broken, or takes what is never made.
    """
    if len(inputs) != len(model.inputs):
        raise ModelFileError(
            f"A model inside the Keras model takes {len(model.inputs)} inputs and gets "
            f"{len(inputs)}."
        )
    made: Made = {Source(name): value for name, value in zip(model.inputs, inputs, strict=True)}
    waiting = model.calls
    while waiting:
        later = []
        for call in waiting:
            if all(source in made for source in call.sources):
                results = _call(reading, model, call, made)
                for number, value in enumerate(results):
                    made[Source(call.layer, call.index, number)] = value
            else:
                later.append(call)
        if len(later) == len(waiting):
            raise ModelFileError(
                f"Layer '{later[0].layer}' takes something that no layer before it makes."
            )
        waiting = tuple(later)
    missing = [source.layer for source in model.outputs.values() if source not in made]
    if missing:
        raise ModelFileError(f"The output of '{missing[0]}' is never made in the Keras model.")
    ends = [made[source] for source in model.outputs.values()]
    if any(isinstance(end, Entry) for end in ends):
        raise ModelFileError("An output of the Keras model is its input.")
    return [end for end in ends if isinstance(end, Value)]


def _call(reading: Reading, model: Model, call: Call, made: Made) -> list[Value]:
    """Add one call of a layer, or of a model inside."""
    layer = model.layers[call.layer]
    if call.layer in model.models:
        inside = replace(reading, place=(*reading.place, call.layer))
        inputs = [made[source] for source in call.sources]
        return apply_model(inside, model.models[call.layer], inputs)
    found = reader(layer, reading)
    with reading.builder.layer(reading.named(layer.name), found.words):
        positional = [_value(reading, item, made) for item in call.arguments]
        named = {name: _value(reading, item, made) for name, item in call.keywords.items()}
        try:
            value = found.read(reading, Given(positional, named), layer)
        except (KeyError, TypeError, ValueError, IndexError, ArithmeticError) as error:
            raise ModelFileError(
                f"The configuration of layer '{layer.name}' is broken: {error!r}."
            ) from None
        if any(isinstance(item, Value) and value.ref == item.ref for item in positional):
            value = Value(reading.builder.keep(value.ref), value.channels_last)
    return [value]


def _value(reading: Reading, item: object, made: Made) -> object:
    """Return the value of a source; what is not one stays as it is."""
    if type(item) is tuple:
        return tuple(_value(reading, each, made) for each in item)
    if not isinstance(item, Source):
        return item
    found = made[item]
    return found.value(reading.builder) if isinstance(found, Entry) else found
