"""Corrections that a user makes to what was read; each gives another network with another hash."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.check import check_finite, check_network
from deepresolve_dash.networks.execute import node_shapes
from deepresolve_dash.networks.graph import Finding, Network, Ref
from deepresolve_dash.networks.heads import held_inputs, position_node
from deepresolve_dash.networks.operations import CONVOLUTIONS
from deepresolve_dash.networks.paths import first_input

_EVIDENCE = "Corrected by the user."


def flip_kernels(network: Network) -> Network:
    """Return the network with the kernels of all convolutions read in the other direction."""
    kernels = {
        node.args[1].name
        for node in network.nodes
        if node.op in CONVOLUTIONS and isinstance(node.args[1], Ref)
    }
    weights = {
        name: _flipped(array) if name in kernels else array
        for name, array in network.weights.items()
    }
    what = "The kernels of all convolutions were flipped."
    return _noted(replace(network, weights=weights), what, "Flip them again to go back.")


def with_alphabet(network: Network, alphabet: str) -> Network:
    """Return the network with another order of the bases in its input, such as "AGCT".

    Raises
    ------
    ModelFileError
        When it does not hold A, C, G and T once each.
    """
    changed = check_network(replace(network, alphabet=alphabet.upper()))
    what = f"The order of the bases is {', '.join(changed.alphabet)}."
    return _noted(changed, what, "Set another order to change it.")


def with_class_names(network: Network, names: Sequence[str]) -> Network:
    """Return the network with names for the classes of its first output.

    Raises
    ------
    ModelFileError
        When there are more or fewer names than classes.
    """
    first, *others = network.outputs
    if len(names) != len(first.class_names):
        raise ModelFileError(
            f"There are {len(names)} class names, and the model has {len(first.class_names)} "
            "classes."
        )
    return replace(network, outputs=(replace(first, class_names=tuple(names)), *others))


def hold_input(network: Network, name: str, value: ArrayLike) -> Network:
    """Return the network with another constant in an input beside the sequence.

    Parameters
    ----------
    network : Network
    name : str
        One of `heads.held_inputs`.
    value : number or array
        Broadcast to the input's shape.

    Raises
    ------
    ModelFileError
        When there is no such input, or the value does not fit or is not finite.
    """
    held = held_inputs(network)
    if name not in held:
        known = ", ".join(held) or "none"
        raise ModelFileError(f"There is no input '{name}' beside the sequence; there are: {known}.")
    shape = network.weights[held[name]].shape
    try:
        array = np.broadcast_to(np.asarray(value, dtype=np.float32), shape).copy()
    except ValueError:
        raise ModelFileError(
            f"The constant for '{name}' must be a number or have the shape {shape[1:]}."
        ) from None
    check_finite({name: array})
    described = f"{array.flat[0]:g}" if (array == array.flat[0]).all() else "an array of its own"
    what = f"The input '{name}' is held constant, at {described}."
    changed = replace(network, weights={**network.weights, held[name]: array})
    others = [each for each in network.findings if not each.what.startswith(f"The input '{name}'")]
    return _noted(replace(changed, findings=tuple(others)), what, "Choose another constant.")


def reduce_positions(network: Network, output: str, how: str | int) -> Network:
    """Return the network with another way to make one number of an output's positions.

    Parameters
    ----------
    network : Network
    output : str
        An output with positions, such as a profile.
    how : "mean", "sum" or int
        A number is the position that is picked, the first being 0.

    Raises
    ------
    ModelFileError
        When the output has no positions, or not this one.
    """
    node = position_node(network, output)
    (n_positions,) = (node_shapes(network)[first_input(node)] or (0, 0))[1:]
    if how == "mean":
        op, args, said = "aten.mean.dim", ((2,),), "their mean"
    elif how == "sum":
        op, args, said = "aten.sum.dim_IntList", ((2,),), "their sum"
    elif isinstance(how, int) and 0 <= how < n_positions:
        op, args, said = "aten.select.int", (2, how), f"that of position {how}"
    else:
        raise ModelFileError(
            f"The output '{output}' has the positions 0 to {n_positions - 1}, not '{how}'.",
            "Give mean, sum or the number of a position.",
        )
    changed = replace(node, op=op, args=(node.args[0], *args))
    nodes = tuple(changed if each is node else each for each in network.nodes)
    start = f"The output '{output}' has {n_positions} positions"
    others = tuple(each for each in network.findings if not each.what.startswith(start))
    what = f"{start}; a class score is {said}."
    changed = check_network(replace(network, nodes=nodes, findings=others))
    return _noted(changed, what, "Choose the mean, the sum or one position.")


def _flipped(kernel: np.ndarray) -> np.ndarray:
    """Turn all spatial axes of a kernel around."""
    return np.ascontiguousarray(np.flip(kernel, tuple(range(2, kernel.ndim))))


def _noted(network: Network, what: str, fix: str) -> Network:
    """Add a finding, so that the card tells of the correction."""
    return replace(network, findings=(*network.findings, Finding(what, _EVIDENCE, fix)))
