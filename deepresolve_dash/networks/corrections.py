"""Corrections that a user makes to what was read; each gives another network with another hash."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.check import check_finite, check_network
from deepresolve_dash.networks.choices import (
    SAME,
    STRAND,
    constant_text,
    fitted,
    held_start,
    positions_start,
    read_constant,
    read_reduction,
)
from deepresolve_dash.networks.execute import node_shapes
from deepresolve_dash.networks.graph import Finding, Network, Ref
from deepresolve_dash.networks.heads import CHOOSE, position_node, positions_of
from deepresolve_dash.networks.intake import Corrections
from deepresolve_dash.networks.operations import CONVOLUTIONS
from deepresolve_dash.networks.strand import beside, constant, from_sequence

_EVIDENCE = "Corrected by the user."
_INPUT = "something else"


def corrected(network: Network, corrections: Corrections) -> Network:
    """Return the network with all these corrections.

    Raises
    ------
    ModelFileError
        When one of them does not fit it.
    """
    if corrections.flip_kernels:
        network = flip_kernels(network)
    if corrections.alphabet:
        network = with_alphabet(network, corrections.alphabet)
    if corrections.class_names:
        network = with_class_names(network, corrections.class_names)
    for name, text in corrections.held.items():
        network = hold_input(network, name, text)
    for name, text in corrections.positions.items():
        network = reduce_positions(network, name, read_reduction(name, text))
    return network


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
    for name in beside(changed):
        if changed.layers[name] == STRAND:
            changed = from_sequence(changed, name, STRAND)
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


def hold_input(network: Network, name: str, value: str | ArrayLike) -> Network:
    """Return the network with something else in an input beside the sequence.

    Parameters
    ----------
    network : Network
    name : str
        One of `strand.beside`.
    value : str or numbers
        A constant as `read_constant` and `fitted` understand it; in an input of the sequence's
        shape also "reverse complement" or "same sequence".

    Raises
    ------
    ModelFileError
        When there is no such input, or the value does not fit or is not finite.
    """
    held = beside(network)
    if name not in held:
        known = ", ".join(held) or "none"
        raise ModelFileError(f"There is no input '{name}' beside the sequence; there are: {known}.")
    shape = node_shapes(network)[held[name].name] or ()
    if isinstance(value, str) and (kind := value.strip().lower()) in (STRAND, SAME):
        changed = check_network(from_sequence(network, name, kind))
        said = f"the {STRAND} of the sequence." if kind == STRAND else "the sequence as well."
        return _chosen(changed, held_start(name, shape), said, _INPUT)
    if isinstance(value, str):
        array = read_constant(name, value, shape)
    else:
        array = fitted(name, np.asarray(value, dtype=np.float32), shape)
    check_finite({name: array})
    described = constant_text(array) or "an array of its own"
    changed = constant(network, name, array)
    return _chosen(changed, held_start(name, shape), f"held constant, at {described}.", _INPUT)


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
    n_positions = positions_of(network, node)
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
    start = positions_start(output, n_positions)
    network = check_network(replace(network, nodes=nodes))
    return _chosen(network, start, f"a class score is {said}.", "the mean, the sum or one position")


def _flipped(kernel: np.ndarray) -> np.ndarray:
    """Turn all spatial axes of a kernel around."""
    return np.ascontiguousarray(np.flip(kernel, tuple(range(2, kernel.ndim))))


def _chosen(network: Network, start: str, what: str, among: str) -> Network:
    """Say what was chosen, in the place of what was said of it before."""
    found = Finding(f"{start} {what}", _EVIDENCE, f"Choose {among} {CHOOSE} to change it.")
    before = [each.what.startswith(start) for each in network.findings]
    place = before.index(True) if True in before else len(before)
    others = [each for each, same in zip(network.findings, before, strict=True) if not same]
    others.insert(place, found)
    return replace(network, findings=tuple(others))


def _noted(network: Network, what: str, fix: str) -> Network:
    """Add a finding, so that the card tells of the correction."""
    return replace(network, findings=(*network.findings, Finding(what, _EVIDENCE, fix)))
