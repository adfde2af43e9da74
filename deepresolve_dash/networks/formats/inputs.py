"""The inputs of a file: the sequence, found by its shape, and others that are held constant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.guesses import Guesses
from deepresolve_dash.networks.formats.lengths import length_needed
from deepresolve_dash.networks.formats.tracing import Tracing
from deepresolve_dash.networks.graph import Finding, Ref
from deepresolve_dash.networks.heads import hold

Declared = list[tuple[int | None, bool]]
"""Shape of an input, the batch first: each size, None where it is open, and whether it is fixed."""

_SHAPES = "one-hot DNA has, after the batch, an axis of 4 and one of positions"


@dataclass(frozen=True)
class _Layout:
    """Where bases and positions are among the axes after the batch."""

    bases: int
    positions: int
    n_axes: int


def enter_inputs(
    shapes: Mapping[str, Declared],
    length: int | None = None,
    guesses: Guesses | None = None,
    *,
    example: int | None = None,
) -> tuple[Tracing, dict[str, Any], list[Finding]]:
    """Begin a graph with the inputs of a file.

    Parameters
    ----------
    shapes : dict
        Input -> declared shape.
    length : int, optional
        Length of the sequences where the file leaves it open, bp.
    guesses : Guesses, optional
        What is meant where a file for a fixed number of sequences has several meanings.
    example : int, optional
        Length of the sequences that it was saved with, bp, where it leaves the length open.

    Returns
    -------
    Tracing
        The graph.
    dict
        Input -> its value there.
    list of Finding
        What was assumed.

    Raises
    ------
    LengthNeeded
        When the file leaves the length open, and none is given.
    ModelFileError
        When no input is one-hot DNA, or its length is another than the one that is given.
    """
    found = find_sequence(shapes)
    if found is None:
        described = "; ".join(f"'{name}' {_words(shape)}" for name, shape in shapes.items())
        raise ModelFileError(
            f"No input is one-hot DNA: {described or 'there are none'}.",
            f"Of a model for sequences, {_SHAPES}.",
        )
    sequence, axis = found
    layout = _layout(shapes[sequence])
    assert layout is not None
    size, is_fixed = shapes[sequence][axis]
    if is_fixed and length not in (None, size):
        raise ModelFileError(f"The model reads sequences of {size} bp, not of {length} bp.")
    size = size if is_fixed else length
    if size is None:
        raise length_needed([each for each, _ in shapes[sequence][1:]], example)
    rows, rows_fixed = shapes[sequence][0]
    tracing = Tracing(size, rows if rows_fixed else None, guesses)
    values = {sequence: _entered(tracing, layout)}
    findings = _said(size, is_fixed, rows if rows_fixed else None)
    for name, shape in shapes.items():
        if name != sequence:
            values[name], finding = _held(tracing, name, shape, size)
            findings.append(finding)
    return tracing, values, findings


def find_sequence(shapes: Mapping[str, Declared]) -> tuple[str, int] | None:
    """Return the first input that has the shape of one-hot DNA, and its axis of positions."""
    for name, shape in shapes.items():
        layout = _layout(shape)
        if layout is not None:
            return name, layout.positions + 1
    return None


def _layout(shape: Declared) -> _Layout | None:
    """Return where bases and positions are; None when the shape is not that of one-hot DNA."""
    sizes = [size for size, _ in shape[1:]]
    if len(sizes) not in (2, 3):
        return None
    for bases, size in enumerate(sizes):
        others = [axis for axis in range(len(sizes)) if axis != bases]
        real = [axis for axis in others if sizes[axis] != 1]
        if size == 4 and len(real) == 1:
            return _Layout(bases, real[0], len(sizes))
    return None


def _entered(t: Tracing, layout: _Layout) -> Ref:
    """Bring the sequence (n, 4, length) into the shape that the file wants."""
    x = t.input
    if layout.bases > layout.positions:
        x = t.add("aten.permute.default", x, (0, 2, 1))
    for axis in range(layout.n_axes):
        if axis not in (layout.bases, layout.positions):
            x = t.add("aten.unsqueeze.default", x, axis + 1)
    return x


def _held(t: Tracing, name: str, shape: Declared, length: int) -> tuple[Ref, Finding]:
    """Hold an input beside the sequence constant; an open size is the length of the sequence."""
    sizes = tuple(length if size is None else size for size, _ in shape[1:])
    ref, finding = hold(t.builder, name, sizes)
    t.again(ref)
    return ref, finding


def _said(length: int, is_fixed: bool, rows: int | None) -> list[Finding]:
    """Say what was assumed."""
    findings = [
        Finding(
            "The bases of the input are taken in the order A, C, G, T.",
            "The file does not record it.",
            "If motifs come out wrong, set the order that the model was trained with.",
        )
    ]
    if not is_fixed:
        findings.append(
            Finding(
                f"Sequences are {length} bp long.",
                "The model leaves the length open; it was given.",
                "Read the model again with another length to change it.",
            )
        )
    if rows is not None:
        findings.append(
            Finding(
                f"The model was saved for {rows} sequences at a time; it is read for any number.",
                "The file has a fixed number of rows. That rows do not change each other was "
                "checked.",
                "Export it with an open number of rows if its answers look wrong.",
            )
        )
    return findings


def _words(shape: Sequence[tuple[int | None, bool]]) -> str:
    """Return a shape in words."""
    return "(" + ", ".join("?" if size is None else str(size) for size, _ in shape) + ")"
