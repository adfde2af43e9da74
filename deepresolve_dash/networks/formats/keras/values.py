"""Values on their way through a Keras model: channels-first inside, Keras's order remembered."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from numpy.typing import NDArray

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.builder import Builder
from deepresolve_dash.networks.formats.keras.config import LayerConfig
from deepresolve_dash.networks.formats.keras.weights import Place, Weights
from deepresolve_dash.networks.graph import Finding, Ref


@dataclass(frozen=True)
class Value:
    """A node that is always channels-first, and whether Keras would hold it channels-last."""

    ref: Ref
    channels_last: bool


@dataclass(frozen=True)
class Reading:
    """What all layers share while a model is read.

    Attributes
    ----------
    builder : Builder
    weights : Weights
    major : int
        First figure of the version of Keras.
    theano : bool
    place : tuple of str
        Names of the models inside models that the layers are in.
    said : list of Finding
        What layers have to say.
    """

    builder: Builder
    weights: Weights
    major: int
    theano: bool
    place: Place = ()
    said: list[Finding] = field(default_factory=list)

    def take(self, layer: LayerConfig, *options: Sequence[Sequence[int]]) -> list[NDArray]:
        """Return the arrays of a layer, whose shapes must be one of the options."""
        return self.weights.take((*self.place, layer.name), *options)

    def named(self, name: str) -> str:
        """Return the name that a layer has in the whole model."""
        return ".".join((*self.place, name))


@dataclass(frozen=True)
class Given:
    """What one call gives to a layer: values, and numbers and other data.

    Attributes
    ----------
    positional : list
        In the order of the arguments.
    named : dict
        By keyword.
    """

    positional: list[object]
    named: dict[str, object]

    def values(self) -> list[Value]:
        """Return all values, in the order of the arguments and then of the keywords."""
        found: list[Value] = []
        for item in (*self.positional, *self.named.values()):
            several = item if type(item) is tuple else (item,)
            found += [each for each in several if isinstance(each, Value)]
        return found

    def one(self, layer: LayerConfig) -> Value:
        """Return the only value.

        Raises
        ------
        ModelFileError
            When there are several, or none.
        """
        found = self.values()
        if len(found) != 1:
            raise ModelFileError(
                f"Layer '{layer.name}' takes {len(found)} values, where one is supported."
            )
        return found[0]


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


def sequence_length(shape: Sequence[int]) -> int | None:
    """Return the length of the sequences from an input shape, None when it is not one-hot DNA.

    One axis is 4, one the positions; a third has length 1.
    """
    axes = list(shape)
    if 4 in axes and len(axes) in (2, 3):
        axes.remove(4)
        if len(axes) == 1 or 1 in axes:
            return max(axes)
    return None


def enter(builder: Builder, shape: tuple[int, ...], *, channels_last: bool) -> Value:
    """Bring the sequence input (n, 4, length) into the shape that a Keras model wants."""
    wanted = (shape[-1], *shape[:-1]) if channels_last else shape  # channels-first
    x = builder.input
    if not (wanted[0] == 4 or (wanted[0] == 1 and wanted[1] == 4)):
        x = builder.permute(x, (0, 2, 1))  # positions come before bases
    if len(wanted) == 3:
        x = builder.add("aten.unsqueeze.default", x, wanted.index(1) + 1)
    return Value(x, channels_last)


class Entry:
    """The sequence before the first layer that takes it, whose nodes bring it into shape."""

    def __init__(self, shape: tuple[int, ...], *, channels_last: bool) -> None:
        self.shape = shape
        self.channels_last = channels_last
        self._value: Value | None = None

    def value(self, builder: Builder) -> Value:
        """Return the value, made by the layer that is open when it is first asked for."""
        if self._value is None:
            self._value = enter(builder, self.shape, channels_last=self.channels_last)
        return self._value


def inside_axis(builder: Builder, value: Value, axis: int) -> int:
    """Return where an axis, as Keras counts it, lies in the channels-first tensor."""
    n_axes = len(builder.shape(value.ref)) + 1
    return keras_order(n_axes)[axis] if value.channels_last else range(n_axes)[axis]


def softmax(builder: Builder, value: Value, axis: int = -1, kind: str = "softmax") -> Value:
    """Apply softmax or log_softmax over an axis, as Keras counts it."""
    inside = inside_axis(builder, value, axis)
    return Value(builder.add(f"aten.{kind}.int", value.ref, inside), value.channels_last)
