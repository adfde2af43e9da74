"""An input beside the sequence that is made of it, in place of a constant."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.choices import SAME, STRAND
from deepresolve_dash.networks.execute import node_shapes
from deepresolve_dash.networks.graph import BATCH, INPUT, Argument, Network, Node, Ref

HELD = "held input"
"""Kind of the layer of an input that is held constant."""

_COMPLEMENT = dict(zip("ACGT", "TGCA", strict=True))
_FIRST = "/strand0"  # ends the name of the first of several nodes


class Axes(NamedTuple):
    """Where bases and positions are among the axes after the batch."""

    bases: int
    positions: int


def sequence_axes(shape: Sequence[int], length: int) -> Axes | None:
    """Return where bases and positions are; None when the shape is not that of the sequence.

    Parameters
    ----------
    shape : sequence of int
        Without the batch axis.
    length : int
        Of the sequence, bp.
    """
    for bases, size in enumerate(shape):
        real = [axis for axis, other in enumerate(shape) if axis != bases and other != 1]
        if size == 4 and len(shape) > 1 and [shape[axis] for axis in real] == [length]:
            return Axes(bases, real[0])
    return None


def beside(network: Network) -> dict[str, Node]:
    """Return the node that holds each input beside the sequence, by the input's name."""
    nodes: dict[str, Node] = {}
    by_name = {node.name: node for node in network.nodes}
    for node in network.nodes:
        kind = network.layers.get(node.layer)
        held = node.op == "aten.expand.default" and node.inputs[0] in network.weights
        if node.layer not in nodes and (kind in (STRAND, SAME) or (kind == HELD and held)):
            nodes[node.layer] = by_name.get(node.name.removesuffix(_FIRST), node)
    return nodes


def held_weights(network: Network) -> set[str]:
    """Return the names of the weight arrays that are constants of inputs beside the sequence."""
    used = {name for node in beside(network).values() for name in node.inputs}
    return used & network.weights.keys()


def from_sequence(network: Network, name: str, kind: str) -> Network:
    """Return the network with an input beside the sequence that is made of it.

    Parameters
    ----------
    network : Network
    name : str
        One of `beside`.
    kind : {"reverse complement", "same sequence"}

    Raises
    ------
    ModelFileError
        When the input has not the shape of the sequence.
    """
    end = beside(network)[name]
    shape = node_shapes(network)[end.name] or ()
    axes = sequence_axes(shape, network.input_length)
    if axes is None:
        raise ModelFileError(
            f"The input '{name}' of shape {shape} cannot be the {kind}.",
            "Give a constant.",
        )
    rows = tuple(network.alphabet.index(_COMPLEMENT[base]) for base in network.alphabet)
    steps: list[tuple[str, tuple[Argument, ...]]] = []
    if kind == STRAND and rows == (3, 2, 1, 0):
        steps = [("aten.flip.default", ((1, 2),))]
    elif kind == STRAND:
        steps = [("own.take", (1, rows)), ("aten.flip.default", ((2,),))]
    if axes.bases > axes.positions:
        steps.append(("aten.permute.default", ((0, 2, 1),)))
    if len(shape) > 2:
        steps.append(("aten.reshape.default", ((-1, *shape),)))
    steps = steps or [("aten.alias.default", ())]
    nodes: list[Node] = []
    for index, (op, arguments) in enumerate(steps):
        data = Ref(nodes[-1].name if nodes else INPUT)
        called = end.name if index == len(steps) - 1 else f"{end.name}{_FIRST[:-1]}{index}"
        nodes.append(Node(called, op, (data, *arguments), {}, name))
    kept = {name for node in network.nodes if node is not end for name in node.inputs}
    weights = {
        key: array for key, array in network.weights.items() if key not in end.inputs or key in kept
    }
    return _with(network, name, nodes, kind, weights)


def constant(network: Network, name: str, array: NDArray[np.float32]) -> Network:
    """Return the network with an input beside the sequence held at an array of its shape."""
    end = beside(network)[name]
    stored = end.inputs[0] if network.layers[name] == HELD else _free(f"{name}.held", network)
    held = Node(
        end.name, "aten.expand.default", (Ref(stored), (Ref(BATCH), *array.shape)), {}, name
    )
    weights = {**network.weights, stored: array[np.newaxis]}
    return _with(network, name, [held], HELD, weights)


def _with(
    network: Network, name: str, nodes: Sequence[Node], kind: str, weights: dict[str, NDArray]
) -> Network:
    """Put nodes in the place of those that hold an input."""
    end = beside(network)[name]
    old = {end.name} | {
        node.name for node in network.nodes if node.name.startswith(end.name + _FIRST[:-1])
    }
    made: list[Node] = []
    for node in network.nodes:
        if node.name == end.name:
            made += nodes
        elif node.name not in old or node.layer != name:
            made.append(node)
    layers = {each: kind if each == name else other for each, other in network.layers.items()}
    return replace(network, nodes=tuple(made), weights=weights, layers=layers)


def _free(name: str, network: Network) -> str:
    """Return a name that neither a weight nor a node has."""
    taken = network.weights.keys() | {node.name for node in network.nodes}
    while name in taken:
        name += "#"
    return name
