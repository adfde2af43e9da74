"""Check that a graph is sound before anything is computed with it."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.execute import check_node, entering, node_shapes, weight_tensors
from deepresolve_dash.networks.graph import BATCH, INPUT, Network, Node, Ref
from deepresolve_dash.networks.operations import CONVOLUTIONS, RECURRENT, TRANSPOSED


def check_network(network: Network) -> Network:
    """Return the network unchanged when it is sound.

    Raises
    ------
    ModelFileError
        When an operation is not in the whitelist, a name is undefined, used too early or twice, a
        weight is not finite, shapes do not fit, or an output is not one number per class.
    """
    _check_input(network)
    _check_text(network)
    check_finite(network.weights)
    _check_names(network)
    _check_outputs(network)
    _check_run(network)
    return network


def check_finite(weights: Mapping[str, NDArray]) -> None:
    """Refuse weights that are NaN or infinite."""
    for name, array in weights.items():
        if not np.isfinite(array).all():
            raise ModelFileError(
                f"The weight array '{name}' holds NaN or infinite numbers.",
                "The training of this model diverged; use an earlier checkpoint.",
            )


def _check_input(network: Network) -> None:
    """Refuse an impossible length, alphabet or value of N."""
    if network.input_length < 1:
        raise ModelFileError(f"The input length is {network.input_length}; it must be 1 or more.")
    if sorted(network.alphabet) != list("ACGT"):
        raise ModelFileError(
            f"The alphabet is '{network.alphabet}'; it must hold A, C, G and T once each."
        )
    if not np.isfinite(network.unknown_base):
        raise ModelFileError("The value of an unknown base is not a finite number.")


def _check_text(network: Network) -> None:
    """Refuse names with parts of characters, which can be neither stored nor shown."""
    names = [*network.weights, *network.layers, *(node.name for node in network.nodes)]
    for output in network.outputs:
        names += [output.name, *output.class_names]
    for finding in network.findings:
        names += [finding.what, finding.evidence, finding.fix]
    for name in names:
        try:
            name.encode()
        except UnicodeEncodeError:
            raise ModelFileError(
                f"The name '{name[:80]}' in the model is broken text.",
                "Save it again with names of plain letters.",
            ) from None


def _check_names(network: Network) -> None:
    """Refuse repeated names and references that point nowhere or ahead."""
    known = {INPUT, BATCH, *network.weights}
    for name in {INPUT, BATCH} & network.weights.keys():
        raise ModelFileError(f"A weight array is called '{name}', the name of the input.")
    for node in network.nodes:
        missing = [name for name in node.inputs if name not in known]
        if missing:
            raise ModelFileError(
                f"Node '{node.name}' uses '{missing[0]}', which is not defined before it."
            )
        if node.name in known:
            raise ModelFileError(f"The name '{node.name}' is used twice.")
        if node.layer and node.layer not in network.layers:
            raise ModelFileError(f"Node '{node.name}' names an unknown layer '{node.layer}'.")
        _check_arguments(node, network)
        known.add(node.name)


def _check_arguments(node: Node, network: Network) -> None:
    """Refuse a node whose data is not its first argument, or whose kernel is not a weight."""
    data = node.args[0] if node.args else None
    kernel = node.args[1] if len(node.args) > 1 else None
    has_kernel = node.op in CONVOLUTIONS | TRANSPOSED or node.op == "aten.linear.default"
    if not isinstance(data, Ref | tuple) or not node.inputs:
        raise ModelFileError(f"Node '{node.name}' does not name its data first.")
    if has_kernel and not (isinstance(kernel, Ref) and kernel.name in network.weights):
        raise ModelFileError(f"Node '{node.name}' has a kernel that is not a weight array.")
    if node.op in RECURRENT and not set(node.inputs[1:]) <= network.weights.keys():
        raise ModelFileError(f"Node '{node.name}' has a kernel that is not a weight array.")
    if node.kwargs and has_kernel:
        raise ModelFileError(f"Node '{node.name}' has named arguments; give them in order.")


def _check_run(network: Network) -> None:
    """Run one sequence: some arguments have a shape but no meaning, such as a dilation of 0."""
    sequence = torch.full((1, 4, network.input_length), 0.25)
    values = weight_tensors(network) | entering(sequence)
    last_use = {name: node.name for node in network.nodes for name in node.inputs}
    with torch.no_grad():
        for node in network.nodes:
            values[node.name] = check_node(node, values)
            for name in set(node.inputs):
                if last_use[name] == node.name:
                    del values[name]


def _check_outputs(network: Network) -> None:
    """Refuse outputs that are not one number per class."""
    if not network.outputs:
        raise ModelFileError("The model has no output.")
    shapes = node_shapes(network)
    for output in network.outputs:
        if output.node not in shapes:
            raise ModelFileError(f"The output '{output.name}' is not a node of the model.")
        shape = shapes[output.node]
        if shape != (len(output.class_names),):
            raise ModelFileError(
                f"The output '{output.name}' has the shape {shape}, not one number for each of "
                f"{len(output.class_names)} classes.",
                "Only models that score a whole sequence are supported.",
            )
