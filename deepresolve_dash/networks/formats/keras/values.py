"""Values on their way through a Keras model: channels-first inside, Keras's order remembered."""

from dataclasses import dataclass

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.builder import Builder
from deepresolve_dash.networks.formats.keras.hdf5 import WeightFile
from deepresolve_dash.networks.graph import Ref


@dataclass(frozen=True)
class Value:
    """A node that is always channels-first, and whether Keras would hold it channels-last."""

    ref: Ref
    channels_last: bool


@dataclass(frozen=True)
class Reading:
    """What all layers share while a model is read."""

    builder: Builder
    weights: WeightFile
    keras1: bool
    theano: bool


def keras_order(n_axes: int) -> tuple[int, ...]:
    """Return where Keras's channels-last axes lie in a channels-first tensor of so many axes."""
    return (0, *range(2, n_axes), 1) if n_axes > 2 else tuple(range(n_axes))


def to_keras(builder: Builder, value: Value) -> Ref:
    """Return the tensor as Keras holds it."""
    n_axes = len(builder.shape(value.ref)) + 1
    return builder.permute(value.ref, keras_order(n_axes)) if value.channels_last else value.ref


def from_keras(builder: Builder, ref: Ref, *, channels_last: bool) -> Value:
    """Take a tensor as Keras holds it."""
    n_axes = len(builder.shape(ref)) + 1
    if channels_last and n_axes > 2:
        ref = builder.permute(ref, (0, n_axes - 1, *range(1, n_axes - 1)))
    return Value(ref, channels_last)


def with_order(builder: Builder, value: Value, *, channels_last: bool) -> Value:
    """Read the same Keras tensor in the other order of axes."""
    if value.channels_last == channels_last:
        return value
    return from_keras(builder, to_keras(builder, value), channels_last=channels_last)


def input_length(shape: tuple[int, ...]) -> int:
    """Return the length of the sequences from Keras's input shape without the batch.

    Raises
    ------
    ModelFileError
        When the shape is not that of one-hot DNA.
    """
    axes = list(shape)
    if 4 in axes and len(axes) in (2, 3):
        axes.remove(4)
        if len(axes) == 1 or 1 in axes:
            return max(axes)
    raise ModelFileError(
        f"The input has the shape {shape}; one-hot DNA has an axis of 4 and one of positions."
    )


def enter(builder: Builder, shape: tuple[int, ...], *, channels_last: bool) -> Value:
    """Bring the sequence input (n, 4, length) into the shape that a Keras model wants."""
    wanted = (shape[-1], *shape[:-1]) if channels_last else shape  # channels-first
    x = builder.input
    if not (wanted[0] == 4 or (wanted[0] == 1 and wanted[1] == 4)):
        x = builder.permute(x, (0, 2, 1))  # positions come before bases
    if len(wanted) == 3:
        x = builder.add("aten.unsqueeze.default", x, wanted.index(1) + 1)
    return Value(x, channels_last)


def activate(reading: Reading, value: Value, name: object) -> Value:
    """Apply an activation by its Keras name; None is linear."""
    builder = reading.builder
    if name in (None, "linear"):
        return value
    if name in ("softmax", "log_softmax") and not value.channels_last:
        last = len(builder.shape(value.ref))
        return Value(builder.add(f"aten.{name}.int", value.ref, last), False)
    return Value(builder.activation(value.ref, str(name)), value.channels_last)
