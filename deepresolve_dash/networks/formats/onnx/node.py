"""One node of an ONNX model: its inputs, its attributes, and whole numbers among them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import onnx

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.constants import Constant, Pair, fixed
from deepresolve_dash.networks.formats.onnx.file import array
from deepresolve_dash.networks.formats.sizes import Size
from deepresolve_dash.networks.formats.tracing import Traced


@dataclass(frozen=True)
class OnnxNode:
    """A node on its way into our graph.

    Attributes
    ----------
    operation : str
    inputs : list
        Values in order, None for those left out.
    attributes : dict
        Numbers, lists, text, arrays.
    n_outputs : int
    opset : int
        Version of the standard operations.
    """

    operation: str
    inputs: Sequence[Traced | None]
    attributes: dict[str, Any]
    n_outputs: int
    opset: int

    def data(self, place: int = 0) -> Traced:
        """Return an input that must be there."""
        found = self.input(place)
        if found is None:
            raise ModelFileError(f"{self.operation} lacks an input.")
        return found

    def input(self, place: int) -> Traced | None:
        """Return an input, None when it is left out."""
        return self.inputs[place] if place < len(self.inputs) else None

    def sizes(self, name: str, place: int | None = None) -> list[Size] | None:
        """Return whole numbers that are an attribute, or in newer versions an input."""
        if name in self.attributes:
            return list(self.attributes[name])
        found = None if place is None else self.input(place)
        if found is None:
            return None
        if not isinstance(found, Constant):
            raise ModelFileError(f"{self.operation} has a '{name}' that the sequence decides.")
        return sizes_of(found)

    def ints(self, name: str, place: int | None = None) -> list[int] | None:
        """Return whole numbers that do not follow the batch."""
        found = self.sizes(name, place)
        if found is not None and any(isinstance(each, Pair) for each in found):
            raise ModelFileError(f"{self.operation} has a '{name}' that follows the batch.")
        return found  # pyright: ignore[reportReturnType]

    def number(self, name: str, place: int, otherwise: float | None = None) -> float | None:
        """Return a number that is an attribute, or in newer versions an input."""
        if name in self.attributes:
            return float(self.attributes[name])
        found = self.input(place)
        if found is None:
            return otherwise
        if not isinstance(found, Constant) or not found.fixed or found.two.numel() != 1:
            raise ModelFileError(f"{self.operation} has a '{name}' that is not one number.")
        return float(found.two)


def sizes_of(constant: Constant) -> list[Size]:
    """Return whole numbers of a known array; those that follow the batch as pairs."""
    two, three = (each.flatten().tolist() for each in (constant.two, constant.three))
    return [int(a) if a == b else Pair(int(a), int(b)) for a, b in zip(two, three, strict=True)]


def attributes_of(node: onnx.NodeProto) -> dict[str, Any]:
    """Return the attributes of a node.

    Raises
    ------
    ModelFileError
        When one is a graph, as of a loop or a condition.
    """
    found: dict[str, Any] = {}
    kinds = onnx.AttributeProto
    for attribute in node.attribute:
        kind = attribute.type
        if kind == kinds.TENSOR:
            found[attribute.name] = fixed(array(attribute.t, node.name or node.op_type))
        elif kind == kinds.STRING:
            found[attribute.name] = attribute.s.decode(errors="replace")
        elif kind == kinds.STRINGS:
            found[attribute.name] = [each.decode(errors="replace") for each in attribute.strings]
        elif kind == kinds.INT:
            found[attribute.name] = attribute.i
        elif kind == kinds.INTS:
            found[attribute.name] = list(attribute.ints)
        elif kind == kinds.FLOAT:
            found[attribute.name] = attribute.f
        elif kind == kinds.FLOATS:
            found[attribute.name] = list(attribute.floats)
        else:
            raise ModelFileError(
                f"{node.op_type} has graphs inside, as loops and conditions have, which are not "
                "read."
            )
    return found
