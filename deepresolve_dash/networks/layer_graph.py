"""The graph of a network's layers, as a user would draw it: what each takes from which."""

from deepresolve_dash.networks.graph import INPUT, Network, Node

_Layers = dict[str | None, None]  # a set that keeps its order; None is the sequence


def layer_sources(network: Network) -> dict[str, list[str | None]]:
    """Return the layers that each layer takes values from, None for the sequence; each once.

    Operations that belong to no layer, such as a change of axes, are looked through. A layer that
    takes nothing holds a constant.
    """
    behind = _behind(network)
    takes: dict[str, _Layers] = {name: {} for name in network.layers}
    for node in network.nodes:
        if node.layer:
            takes[node.layer] |= _merged(node, behind)
    return {name: [one for one in found if one != name] for name, found in takes.items()}


def output_sources(network: Network) -> list[list[str | None]]:
    """Return the layers that each output is made of, None for the sequence."""
    behind = _behind(network)
    return [list(behind[output.node]) for output in network.outputs]


def _behind(network: Network) -> dict[str, _Layers]:
    """Return the layer that each node belongs to, or those of what it takes if it has none."""
    behind: dict[str, _Layers] = {INPUT: {None: None}}
    for node in network.nodes:
        behind[node.name] = {node.layer: None} if node.layer else _merged(node, behind)
    return behind


def _merged(node: Node, behind: dict[str, _Layers]) -> _Layers:
    """Return the layers behind all that a node takes; weights have none."""
    return {layer: None for name in node.inputs for layer in behind.get(name, {})}
