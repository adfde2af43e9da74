"""Inputs beside the sequence, and outputs that are more than one number per class.

A network here is a function from a sequence to a number per class. Other inputs are held constant;
an output with positions, such as a profile, is made one number per class. Both can be changed
(`corrections`).
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.builder import Builder
from deepresolve_dash.networks.graph import BATCH, Finding, Network, Node, Ref
from deepresolve_dash.networks.operations import OUTPUT_ACTIVATIONS

HELD = "held input"
"""Kind of the layer of an input that is held constant."""

POSITIONS = "over positions"
"""Kind of the layer that makes one number per class of an output with positions."""


def hold(
    builder: Builder, name: str, shape: tuple[int, ...], value: ArrayLike = 0.0
) -> tuple[Ref, Finding]:
    """Add an input that is the same for every sequence, as a layer of its own.

    *Choice:* zeros, as of a control experiment without signal, unless told otherwise.

    Parameters
    ----------
    builder : Builder
    name : str
        The input's name in the file.
    shape : tuple of int
        Without the batch axis.
    value : number or array that broadcasts to the shape

    Returns
    -------
    Ref
        (n, *shape).
    Finding
        That says so.
    """
    with builder.layer(name, HELD):
        stored = builder.weight("held", np.broadcast_to(value, (1, *shape)))
        held = builder.add("aten.expand.default", stored, (Ref(BATCH), *shape))
    what = f"The input '{name}' of shape {shape} is held constant, at 0."
    return held, Finding(
        what,
        "The model has an input beside the sequence.",
        "If the model never saw zeros there, save it with that input fixed to what it saw.",
    )


def held_inputs(network: Network) -> dict[str, str]:
    """Return the inputs that are held constant: their names, and those of their weight arrays."""
    return {
        node.layer: node.inputs[0]
        for node in network.nodes
        if network.layers.get(node.layer) == HELD
    }


def head(builder: Builder, name: str, x: Ref) -> tuple[Ref, list[Finding]]:
    """Make an output one number per class.

    *Choice:* of an output with positions, the last axis, the mean; before a last activation that
    acts on each position by itself, so that class scores stay logits.

    Parameters
    ----------
    builder : Builder
    name : str
        The output's name.
    x : Ref
        (n,), (n, class), (n, class, position), or more axes of which some are 1.

    Raises
    ------
    ModelFileError
        When the output has no axis left.
    """
    shape = builder.shape(x)
    sizes = [size for size in shape if size != 1]
    if len(shape) == 1:
        return x, []
    if len(sizes) < 2:
        return builder.add("aten.reshape.default", x, (-1, math.prod(shape))), []
    n_classes, n_positions = math.prod(shape) // shape[-1], shape[-1]
    activation = _per_position(builder, x)
    if activation is not None:
        x = _data(activation)
    with builder.layer(f"{name}: over positions", POSITIONS):
        if len(shape) > 2:
            x = builder.add("aten.reshape.default", x, (-1, n_classes, n_positions))
        x = builder.add("aten.mean.dim", x, (2,))
    if activation is not None:
        with builder.layer(f"{name}: activation", "activation"):
            x = builder.add(activation.op, x, *activation.args[1:])
    what = f"The output '{name}' has {n_positions} positions; a class score is their mean."
    evidence = f"Its shape is {n_classes} classes by {n_positions} positions."
    return x, [
        Finding(
            what, evidence, "For the sum or one position save the model with that as its output."
        )
    ]


def position_node(network: Network, output: str) -> Node:
    """Return the node that makes one number of all positions of an output.

    Raises
    ------
    ModelFileError
        When the output has no positions.
    """
    layer = f"{output}: over positions"
    for node in network.nodes:
        if node.layer == layer and node.op != "aten.reshape.default":
            return node
    raise ModelFileError(f"The output '{output}' has no positions to choose from.")


def _per_position(builder: Builder, x: Ref) -> Node | None:
    """Return the last node when it is an activation of each position by itself."""
    node = builder.node(x)
    if node is None or node.op not in OUTPUT_ACTIVATIONS:
        return None
    softmax = "softmax" in node.op
    by_class = node.args[1:2] in ((1,), (-len(builder.shape(x)),))
    if softmax and (not by_class or len(builder.shape(x)) > 2):
        return None
    return node


def _data(node: Node) -> Ref:
    """Return the data of an activation."""
    data = node.args[0]
    if not isinstance(data, Ref):
        raise ModelFileError(f"Node '{node.name}' does not name its data first.")
    return data
