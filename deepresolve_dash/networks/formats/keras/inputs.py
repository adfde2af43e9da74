"""The inputs of a Keras model: which of them is the sequence, and what the others are held at."""

from dataclasses import dataclass

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.keras.architecture import Model
from deepresolve_dash.networks.formats.keras.values import (
    Entry,
    Reading,
    Value,
    sequence_length,
)
from deepresolve_dash.networks.formats.lengths import length_needed
from deepresolve_dash.networks.graph import Finding
from deepresolve_dash.networks.heads import hold

Shape = tuple[int, ...]

_LONGEST = 2**31


@dataclass(frozen=True)
class Inputs:
    """Shapes of the inputs without the batch axis.

    Attributes
    ----------
    shapes : dict of tuples
        By name, in the order of the model.
    sequence : str
        The one that is DNA.
    length : int
        Length of its sequences, bp.
    given : bool
        The length was asked of the user, as the file leaves it open.
    """

    shapes: dict[str, Shape]
    sequence: str
    length: int
    given: bool


def input_shapes(model: Model, length: int | None) -> Inputs:
    """Find the sequence among the inputs by its shape, the first where several have it.

    Parameters
    ----------
    model : Model
    length : int or None
        Length of the sequences, bp, where the file leaves it open.

    Raises
    ------
    LengthNeeded
        When the file leaves the length open and none is given.
    ModelFileError
        When no input is one-hot DNA.
    """
    told = {name: _told(model, name) for name in model.inputs}
    candidates = {name: _filled(shape, length or 1) for name, shape in told.items()}
    dna = [name for name, shape in candidates.items() if sequence_length(shape)]
    if not dna:
        shapes = " and ".join(str(tuple(shape)) for shape in told.values())
        raise ModelFileError(
            f"The input has the shape {shapes}; one-hot DNA has an axis of 4 and one of positions."
        )
    sequence = dna[0]
    is_open = None in told[sequence]
    if is_open and length is None:
        raise length_needed(told[sequence])
    found = sequence_length(candidates[sequence])
    assert found is not None
    if length is not None and found != length:
        raise ModelFileError(f"The model reads sequences of {found} bp, not of {length} bp.")
    shapes = {name: _filled(shape, found) for name, shape in told.items()}
    return Inputs(shapes, sequence, found, is_open)


def enter_all(
    reading: Reading, model: Model, inputs: Inputs
) -> tuple[list[Value | Entry], list[Finding]]:
    """Return the inputs in the order of the model: the sequence, and constants; and what to say."""
    orders = [layer.options.get("data_format") for layer in model.all_layers()]
    first = next(filter(None, orders), "channels_first" if reading.major == 0 else "channels_last")
    values: list[Value | Entry] = []
    findings = []
    for name, shape in inputs.shapes.items():
        last = first != "channels_first" or (reading.major == 0 and len(shape) == 2)
        if name == inputs.sequence:
            values.append(Entry(shape, channels_last=last))
        else:
            inside = (shape[-1], *shape[:-1]) if last else shape
            ref, finding = hold(reading.builder, name, inside)
            values.append(Value(ref, last))
            findings.append(finding)
    return values, findings


def _told(model: Model, name: str) -> list[int | None]:
    """Return the shape of an input as its file has it."""
    shape = model.layers[name].input_shape
    if not isinstance(shape, list) or not shape:
        raise ModelFileError("The Keras model does not say the shape of its input.")
    if not all(size is None or (isinstance(size, int) and 0 < size < _LONGEST) for size in shape):
        raise ModelFileError(f"The input '{name}' has the shape {shape}, which makes no sense.")
    return shape


def _filled(shape: list[int | None], length: int) -> Shape:
    """Return a shape with the length where it is open."""
    return tuple(length if size is None else size for size in shape)
