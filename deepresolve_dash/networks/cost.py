"""What one pass through the tail of a network costs, told from its graph."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deepresolve_dash.networks.convolution import tile_length, tiled_macs
from deepresolve_dash.networks.execute import row_sizes
from deepresolve_dash.networks.graph import Network, Node
from deepresolve_dash.networks.operations import ATTENTION, CONVOLUTIONS, RECURRENT, TRANSPOSED
from deepresolve_dash.networks.paths import find_logits, last_nodes, needed
from deepresolve_dash.networks.strand import held_weights

_LEFT_OUT = (None, None, None, (1,), (0,), (1,), 1)  # what a convolution takes where it is not told


@dataclass(frozen=True)
class Cost:
    """Cost of one row of a tail, forward.

    Attributes
    ----------
    macs : int
        Multiply-adds of convolutions, dense and recurrent layers, and attention.
    values : int
        Numbers that its operations make, all together.
    """

    macs: int
    values: int


def tail_costs(network: Network) -> dict[str, Cost]:
    """Return what lies between each layer's output and the class scores of the first output.

    Convolutions are counted in the way that an ascent takes.
    """
    sizes = row_sizes(network)
    logits = find_logits(network).node
    macs = {
        node.name: _tiled(network, node, sizes) or _macs(network, node, sizes)
        for node in network.nodes
    }
    costs = {}
    for layer, end in last_nodes(network).items():
        names = needed(network, logits, source=end.name) - {end.name}
        inside = [node.name for node in network.nodes if node.name in names]
        costs[layer] = Cost(sum(macs[name] for name in inside), sum(sizes[name] for name in inside))
    return costs


def network_cost(network: Network) -> Cost:
    """Return what one pass of one sequence through all of a network costs."""
    sizes = row_sizes(network)
    return Cost(sum(_macs(network, node, sizes) for node in network.nodes), sum(sizes.values()))


def n_parameters(network: Network) -> int:
    """Return how many numbers a network learnt or keeps, inputs that are held constant left out."""
    held = held_weights(network)
    return sum(array.size for name, array in network.weights.items() if name not in held)


def _tiled(network: Network, node: Node, sizes: Mapping[str, int]) -> int | None:
    """Return the multiply-adds of a convolution that an ascent takes to frequency space."""
    if node.op not in CONVOLUTIONS:
        return None
    given: list[Any] = [*node.args, *_LEFT_OUT[len(node.args) :]]
    _, kernel, _, stride, _, dilation, groups = given
    kernel = network.weights.get(kernel.name)
    if (
        kernel is None
        or {*stride, *dilation, groups} != {1}
        or kernel.shape[2:-1] not in ((), (1,))
    ):
        return None
    n_out, n_channels, *_, width = kernel.shape
    shape = n_channels, n_out, width, sizes[node.name] // n_out + width - 1
    tile = tile_length(*shape)
    return tiled_macs(*shape, tile) if tile else None


def _macs(network: Network, node: Node, sizes: Mapping[str, int]) -> int:
    """Return the multiply-adds of a node for one sequence."""
    kernels = [network.weights[name] for name in node.inputs if name in network.weights]
    kernel = max(kernels, key=lambda kernel: kernel.ndim, default=None)
    if kernel is None:
        return _of_values(node, sizes)
    if node.op in CONVOLUTIONS or node.op == "aten.linear.default":
        return sizes[node.name] * math.prod(kernel.shape[1:])
    if node.op in TRANSPOSED and node.inputs[0] in sizes:
        return sizes[node.inputs[0]] * math.prod(kernel.shape[1:])
    if node.op in RECURRENT and node.inputs[0] in sizes:
        n_positions = sizes[node.inputs[0]] // kernel.shape[1]
        return n_positions * sum(each.size for each in kernels if each.ndim > 1)
    if node.op == "aten.matmul.default":
        return sizes[node.name] * kernel.shape[-2 if node.inputs[1] in network.weights else -1]
    return 0


def _of_values(node: Node, sizes: Mapping[str, int]) -> int:
    """Return the multiply-adds of a product of values, such as attention.

    A product of (a, b) and (b, c) takes a * b * c, the root of the product of the three sizes.
    """
    factors = [sizes[name] for name in node.inputs if name in sizes]
    if node.op == ATTENTION and len(factors) > 2:
        keys_per_feature = factors[1] * sizes[node.name]
        return 2 * math.isqrt(factors[0] * keys_per_feature)
    if node.op in ("aten.matmul.default", "own.einsum") and len(factors) == 2:
        return math.isqrt(factors[0] * factors[1] * sizes[node.name])
    return 0
