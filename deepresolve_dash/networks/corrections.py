"""Corrections that a user makes to what was read; each gives another network with another hash."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.check import check_network
from deepresolve_dash.networks.graph import Finding, Network, Ref
from deepresolve_dash.networks.operations import CONVOLUTIONS

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


def _flipped(kernel: np.ndarray) -> np.ndarray:
    """Turn all spatial axes of a kernel around."""
    return np.ascontiguousarray(np.flip(kernel, tuple(range(2, kernel.ndim))))


def _noted(network: Network, what: str, fix: str) -> Network:
    """Add a finding, so that the card tells of the correction."""
    return replace(network, findings=(*network.findings, Finding(what, _EVIDENCE, fix)))
