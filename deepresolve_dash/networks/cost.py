"""What one pass through the tail of a network costs, told from its graph."""

import math
from dataclasses import dataclass

from deepresolve_dash.networks.execute import node_shapes
from deepresolve_dash.networks.graph import Network, Node
from deepresolve_dash.networks.operations import CONVOLUTIONS
from deepresolve_dash.networks.paths import find_logits, last_nodes, needed


@dataclass(frozen=True)
class Cost:
    """Cost of one row of a tail, forward.

    Attributes
    ----------
    macs : int
        Multiply-adds of convolutions and dense layers.
    values : int
        Numbers that its operations make, all together.
    """

    macs: int
    values: int


def tail_costs(network: Network) -> dict[str, Cost]:
    """Return what lies between each layer's output and the class scores of the first output."""
    shapes = node_shapes(network)
    logits = find_logits(network).node
    costs = {}
    for layer, end in last_nodes(network).items():
        names = needed(network, logits, source=end.name) - {end.name}
        nodes = [node for node in network.nodes if node.name in names]
        made = {node.name: math.prod(shapes[node.name] or ()) for node in nodes}
        macs = sum(made[node.name] * _inputs_per_value(network, node) for node in nodes)
        costs[layer] = Cost(macs, sum(made.values()))
    return costs


def _inputs_per_value(network: Network, node: Node) -> int:
    """Return the multiply-adds behind one number of a node's output."""
    if node.op not in (*CONVOLUTIONS, "aten.linear.default"):
        return 0
    kernels = [network.weights[name] for name in node.inputs if name in network.weights]
    largest = max(kernels, key=lambda kernel: kernel.ndim, default=None)
    return 0 if largest is None else math.prod(largest.shape[1:])
