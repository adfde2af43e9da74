"""A trained network as data: a flat graph of named operations with weights, without torch."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.errors import LayerError

INPUT = "sequence"  # name of the graph's input, one-hot (n, 4, length)
BATCH = "batch"  # as a reference the number of rows, which sizes may name


@dataclass(frozen=True)
class Ref:
    """An argument that is the value of a node, a weight or the input."""

    name: str


Argument = Ref | None | bool | int | float | tuple["Argument", ...]


@dataclass(frozen=True)
class Node:
    """One operation of the graph.

    Attributes
    ----------
    name : str
        Unique among nodes, weights and the input.
    op : str
        Name of an operation in `operations.WHITELIST`.
    args, kwargs
        Its arguments: references, numbers, and tuples of them.
    layer : str
        The user's name for the layer that this node is part of; empty for none.
    """

    name: str
    op: str
    args: tuple[Argument, ...] = ()
    kwargs: Mapping[str, Argument] = field(default_factory=dict)
    layer: str = ""

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Names that the node refers to."""
        return tuple(_references((*self.args, *self.kwargs.values())))


@dataclass(frozen=True)
class Output:
    """One head: the node that holds its probabilities or scores (n, class), and class names."""

    name: str
    node: str
    class_names: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """Something odd that the user should know: what it is, how we know, what to do if wrong."""

    what: str
    evidence: str
    fix: str


@dataclass(frozen=True, eq=False)
class Network:
    """A trained network.

    Attributes
    ----------
    nodes : tuple of Node
        In the order of execution; a node refers only to what comes before it.
    weights : dict of float32 arrays
        By name.
    input_length : int
        Length of the sequences, bp.
    outputs : tuple of Output
        Heads; the first is the default.
    layers : dict of str
        Layer name -> kind ("convolution", "max pooling", ...), in order.
    alphabet : str
        Order of the four bases in the rows of the one-hot input.
    unknown_base : float
        Value of N in each of the four rows.
    format : str
        What the network was read from, in words.
    findings : tuple of Finding
        What the reader noticed.
    """

    nodes: tuple[Node, ...]
    weights: Mapping[str, NDArray[np.float32]] = field(repr=False)
    input_length: int
    outputs: tuple[Output, ...]
    layers: Mapping[str, str]
    alphabet: str = "ACGT"
    unknown_base: float = 0.25
    format: str = "neutral form"
    findings: tuple[Finding, ...] = ()

    @property
    def class_names(self) -> tuple[str, ...]:
        """Class names of the first output."""
        return self.outputs[0].class_names


def find_output(network: Network, name: str | None = None) -> Output:
    """Return the output of this name, the first one for None.

    Raises
    ------
    LayerError
        When there is none.
    """
    if name is None:
        return network.outputs[0]
    for output in network.outputs:
        if output.name == name:
            return output
    names = ", ".join(output.name for output in network.outputs)
    raise LayerError(f"Output '{name}' is not in this model; it has {names}.")


def definition(network: Network) -> dict:
    """Return everything but the weights that decides or names a result, as plain JSON data."""
    return {
        "input_length": network.input_length,
        "alphabet": network.alphabet,
        "unknown_base": network.unknown_base,
        "layers": [{"name": name, "kind": kind} for name, kind in network.layers.items()],
        "outputs": [
            {"name": output.name, "node": output.node, "class_names": list(output.class_names)}
            for output in network.outputs
        ],
        "nodes": [
            {
                "name": node.name,
                "op": node.op,
                "args": [encode(value) for value in node.args],
                "kwargs": {name: encode(value) for name, value in node.kwargs.items()},
                "layer": node.layer,
            }
            for node in network.nodes
        ],
    }


def encode(value: Argument) -> object:
    """Turn an argument into plain JSON data; JSON itself has no references and no infinity."""
    if isinstance(value, Ref):
        return {"ref": value.name}
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    if isinstance(value, float) and not np.isfinite(value):
        return {"float": str(value)}
    return value


def network_hash(network: Network) -> str:
    """Return the identity of a network, sha256 in hex.

    It covers graph, weights, alphabet and the names of layers and classes, not the findings nor the
    format, so that the same network read from two files is the same network.
    """
    digest = hashlib.sha256(json.dumps(definition(network), sort_keys=True).encode())
    for name in sorted(network.weights):
        array = np.ascontiguousarray(network.weights[name], dtype="<f4")
        digest.update(f"{name}{array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _references(values: tuple[Argument, ...]) -> Iterator[str]:
    """Yield the names in nested arguments."""
    for value in values:
        if isinstance(value, Ref):
            yield value.name
        elif isinstance(value, tuple):
            yield from _references(value)
