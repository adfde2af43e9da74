"""Follow a graph backwards: what a node needs, and where the class scores are before squashing."""

from dataclasses import dataclass, replace

from deepresolve_dash.errors import LayerError
from deepresolve_dash.networks.graph import INPUT, Network, Node, Ref, find_output
from deepresolve_dash.networks.operations import OUTPUT_ACTIVATIONS, RESHAPES


@dataclass(frozen=True)
class Logits:
    """The node that holds the class scores before sigmoid or softmax, and what came after it."""

    node: str
    removed_activation: str | None


def find_logits(network: Network, output: str | None = None) -> Logits:
    """Find the scores of an output by walking back from it.

    *Source:* DeepResolve, section 2: the class score is taken before the final sigmoid or softmax.

    Raises
    ------
    LayerError
        When the output does not exist, or nothing lies before its activation.
    """
    nodes = {node.name: node for node in network.nodes}
    name = find_output(network, output).node
    activation = before_reshapes(nodes, name)
    if activation in nodes and nodes[activation].op in OUTPUT_ACTIVATIONS:
        name = before_reshapes(nodes, first_input(nodes[activation]))
        if name == INPUT:
            raise LayerError("This model has no layer before its output activation.")
        return Logits(name, OUTPUT_ACTIVATIONS[nodes[activation].op])
    return Logits(activation if activation in nodes else name, None)


def before_reshapes(nodes: dict[str, Node], name: str) -> str:
    """Walk back from a node through operations that only reshape."""
    while name in nodes and nodes[name].op in RESHAPES:
        name = first_input(nodes[name])
    return name


def first_input(node: Node) -> str:
    """Return the name of a node's first argument, which is its data."""
    data = node.args[0]
    return data.name if isinstance(data, Ref) else node.inputs[0]


def needed(network: Network, target: str, *, source: str = INPUT) -> set[str]:
    """Return the names that a node's value depends on, the node included, not going past `source`.

    The input is among them when it can be reached by a way around `source`.
    """
    nodes = {node.name: node for node in network.nodes}
    found: set[str] = set()
    waiting = [target]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        if name in nodes and name != source:
            waiting.extend(nodes[name].inputs)
    return found


def pruned(network: Network) -> Network:
    """Return the network without nodes, weights and layers that lead to no output."""
    names = set().union(*(needed(network, output.node) for output in network.outputs))
    nodes = tuple(node for node in network.nodes if node.name in names)
    layers = {node.layer for node in nodes}
    return replace(
        network,
        nodes=nodes,
        weights={name: array for name, array in network.weights.items() if name in names},
        layers={name: kind for name, kind in network.layers.items() if name in layers},
    )


def last_nodes(network: Network) -> dict[str, Node]:
    """Return the node that ends each layer, by the layer's name."""
    return {node.layer: node for node in network.nodes if node.layer}
