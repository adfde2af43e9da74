"""Run a graph: a loop over its nodes, nothing compiled, nothing generated."""

from collections.abc import Mapping, Sequence
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.graph import BATCH, INPUT, Argument, Network, Node, Ref
from deepresolve_dash.networks.operations import function

LARGEST_TENSOR = 2**28  # numbers per sequence; beyond this a file is broken or hostile
_TRACED: WeakKeyDictionary[Network, dict[str, tuple[Tensor, Tensor]]] = WeakKeyDictionary()
_MISFITS = (RuntimeError, TypeError, ValueError, IndexError, AttributeError, ArithmeticError)


def evaluate(node: Node, values: Mapping[str, Tensor]) -> Tensor:
    """Return the value of one node from the values it refers to."""
    kwargs = {name: _resolve(value, values) for name, value in node.kwargs.items()}
    return function(node.op)(*(_resolve(value, values) for value in node.args), **kwargs)


def execute(
    nodes: Sequence[Node], values: Mapping[str, Tensor], wanted: Sequence[str]
) -> dict[str, Tensor]:
    """Return the wanted values, letting go of each other value after its last use.

    Parameters
    ----------
    nodes : sequence of Node
        In order of execution.
    values : dict of tensors
        Weights and inputs by name.
    wanted : sequence of str
        Names of the values to return.
    """
    return run(with_last_uses(nodes, wanted), values, wanted)


def with_last_uses(nodes: Sequence[Node], wanted: Sequence[str]) -> list[tuple[Node, list[str]]]:
    """Pair each node with the values that nothing needs after it."""
    last_use = {name: node.name for node in nodes for name in node.inputs if name not in wanted}
    return [
        (node, [name for name in set(node.inputs) if last_use.get(name) == node.name])
        for node in nodes
    ]


def run(
    paired: Sequence[tuple[Node, list[str]]], values: Mapping[str, Tensor], wanted: Sequence[str]
) -> dict[str, Tensor]:
    """Do what `execute` does, given `with_last_uses` of the nodes: for many calls."""
    live = dict(values)
    for node, spent in paired:
        live[node.name] = evaluate(node, live)
        for name in spent:
            live.pop(name, None)
    return {name: live[name] for name in wanted}


def forward(network: Network, inputs: Tensor, *, wanted: Sequence[str] = ()) -> dict[str, Tensor]:
    """Run the whole network.

    Parameters
    ----------
    network : Network
        Left as it is.
    inputs : float32 tensor (n, 4, length)
        One-hot sequences; the run is on their device.
    wanted : sequence of str
        Nodes whose values are returned; all outputs when empty.
    """
    wanted = wanted or [output.node for output in network.outputs]
    weights = weight_tensors(network, inputs.device)
    return execute(network.nodes, weights | entering(inputs.contiguous()), wanted)


def entering(x: Tensor, name: str = INPUT) -> dict[str, Tensor]:
    """Return what enters a graph: a value and, told from it, the number of rows."""
    return {name: x, BATCH: x}


def weight_tensors(network: Network, device: torch.device | str = "cpu") -> dict[str, Tensor]:
    """Return copies of the weights as tensors that never require a gradient."""
    return {name: torch.tensor(array, device=device) for name, array in network.weights.items()}


def check_node(node: Node, values: Mapping[str, Tensor]) -> Tensor:
    """Evaluate a node; values on the meta device give its shape only.

    Raises
    ------
    ModelFileError
        When its operation is unknown, or its arguments do not fit, or it is absurdly large.
    """
    layer = node.layer or node.name
    try:
        value = evaluate(node, values)
    except KeyError as error:
        raise ModelFileError(
            f"Layer '{layer}' uses the operation {error}, which is not supported."
        ) from None
    except _MISFITS as error:
        reason = str(error).strip().partition("\n")[0]
        raise ModelFileError(
            f"Layer '{layer}' does not fit what comes before it: {reason}",
            "Check that architecture and weights belong together.",
        ) from None
    if not isinstance(value, Tensor) or value.numel() > 3 * LARGEST_TENSOR:
        raise ModelFileError(f"Layer '{layer}' would make more numbers than fit into memory.")
    return value


def node_shapes(network: Network) -> dict[str, tuple[int, ...] | None]:
    """Return the shape of every node without the batch axis.

    None stands for a value whose first axis is not the batch. Nothing is computed, so a file may
    claim any size.

    Raises
    ------
    ModelFileError
        When an operation does not fit its arguments.
    """
    return {
        name: tuple(two.shape[1:]) if _leads_with_batch(two, three) else None
        for name, (two, three) in _two_batches(network).items()
    }


def row_sizes(network: Network) -> dict[str, int]:
    """Return how many numbers each node makes of one sequence, wherever its batch axis is."""
    return {
        name: three.numel() - two.numel() for name, (two, three) in _two_batches(network).items()
    }


def traced_shapes(network: Network) -> dict[str, tuple[int, ...]]:
    """Return the whole shape of every node for two sequences."""
    return {name: tuple(two.shape) for name, (two, _) in _two_batches(network).items()}


def one_row_shape(network: Network, name: str) -> tuple[int, ...]:
    """Return the whole shape of a node for one sequence."""
    two, three = _two_batches(network)[name]
    return tuple(2 * a - b for a, b in zip(two.shape, three.shape, strict=True))


def batch_axes(network: Network) -> dict[str, tuple[int | None, int]]:
    """Return the batch axis of every node, None when there is not just one, and its rank."""
    found = {}
    for name, (two, three) in _two_batches(network).items():
        follow = [axis for axis in range(two.ndim) if two.shape[axis] != three.shape[axis]]
        alone = len(follow) == 1 and two.shape[follow[0]] == 2 and three.shape[follow[0]] == 3
        found[name] = (follow[0] if alone else None, two.ndim)
    return found


def _two_batches(network: Network) -> dict[str, tuple[Tensor, Tensor]]:
    """Return every node's value without its numbers, of two sequences and of three."""
    if network not in _TRACED:
        weights = {
            name: torch.empty(array.shape, device="meta") for name, array in network.weights.items()
        }
        two, three = (
            weights | entering(torch.empty((batch, 4, network.input_length), device="meta"))
            for batch in (2, 3)
        )
        for values in (two, three):
            for node in network.nodes:
                values[node.name] = check_node(node, values)
        _TRACED[network] = {node.name: (two[node.name], three[node.name]) for node in network.nodes}
    return _TRACED[network]


def _leads_with_batch(two: Tensor, three: Tensor) -> bool:
    """Tell whether only the first axis follows a change of the batch from 2 to 3."""
    return (
        two.ndim > 0
        and (2, *two.shape[1:]) == tuple(two.shape)
        and ((3, *two.shape[1:]) == tuple(three.shape))
    )


def _resolve(value: Argument, values: Mapping[str, Tensor]):  # noqa: ANN202
    """Replace references by their values."""
    if isinstance(value, Ref):
        found = values[value.name]
        return len(found) if value.name == BATCH else found
    if isinstance(value, tuple):
        return [_resolve(item, values) for item in value]
    return value
