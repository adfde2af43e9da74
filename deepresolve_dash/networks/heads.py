"""Inputs beside the sequence, and outputs that are more than one number per class.

A network here is a function from a sequence to a number per class. Other inputs are held constant;
an output with positions, such as a profile, is made one number per class. Both can be chosen
(`corrections`).
"""

import math
from contextlib import suppress

import numpy as np
from numpy.typing import ArrayLike

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.builder import Builder
from deepresolve_dash.networks.choices import (
    SAME,
    STRAND,
    constant_text,
    held_start,
    positions_start,
)
from deepresolve_dash.networks.execute import node_shapes
from deepresolve_dash.networks.graph import BATCH, Finding, Network, Node, Ref
from deepresolve_dash.networks.operations import OUTPUT_ACTIVATIONS
from deepresolve_dash.networks.paths import first_input
from deepresolve_dash.networks.strand import HELD, beside, sequence_axes

CHOOSE = "on the card or with the command correct"

_REDUCTIONS = {"aten.mean.dim": "mean", "aten.sum.dim_IntList": "sum"}

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
    what = f"{held_start(name, shape)} held constant, at 0."
    if sequence_axes(shape, builder.input_length):
        return held, Finding(
            what,
            "The model has a second input of the sequence's shape.",
            f"If it saw the {STRAND} or the {SAME} there, choose so {CHOOSE}.",
        )
    return held, Finding(
        what,
        "The model has an input beside the sequence.",
        f"If the model never saw zeros there, choose another constant {CHOOSE}.",
    )


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
    what = f"{positions_start(name, n_positions)} a class score is their mean."
    evidence = f"Its shape is {n_classes} classes by {n_positions} positions."
    return x, [Finding(what, evidence, f"For the sum or one position choose so {CHOOSE}.")]


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


def choices(network: Network) -> list[dict]:
    """Return what can be chosen of inputs beside the sequence and of outputs with positions.

    Returns
    -------
    list of dict
        `kind` "held" with `name`, `shape`, `value` (text; empty when it is too long) and `alike`
        (whether it has the shape of the sequence); `kind` "positions" with `name`, `n` and `value`
        ("mean", "sum" or the number of a position). `start` begins the finding that it belongs to.
    """
    found: list[dict] = []
    for name, node in beside(network).items():
        shape = node_shapes(network)[node.name] or ()
        kind = network.layers[name]
        held = kind == HELD
        found.append(
            {
                "kind": "held",
                "name": name,
                "start": held_start(name, shape),
                "shape": list(shape),
                "value": constant_text(network.weights[node.inputs[0]][0]) if held else kind,
                "alike": sequence_axes(shape, network.input_length) is not None,
            }
        )
    for output in network.outputs:
        with suppress(ModelFileError):
            node = position_node(network, output.name)
            n_positions = positions_of(network, node)
            start = positions_start(output.name, n_positions)
            value = _REDUCTIONS.get(node.op) or str(node.args[2])
            one = {"kind": "positions", "name": output.name, "start": start, "n": n_positions}
            found.append(one | {"value": value})
    return found


def positions_of(network: Network, node: Node) -> int:
    """Return how many positions a node of `position_node` makes one number of."""
    (n_positions,) = (node_shapes(network)[first_input(node)] or (0, 0))[1:]
    return n_positions


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
