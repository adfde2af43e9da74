"""The layers of a network as a user sees them, and where it can be cut."""

from deepresolve_dash.errors import LayerError
from deepresolve_dash.networks.execute import node_shapes
from deepresolve_dash.networks.graph import INPUT, Network, Node
from deepresolve_dash.networks.layer_info import LayerInfo
from deepresolve_dash.networks.operations import CONVOLUTIONS, POOLINGS, REARRANGEMENTS
from deepresolve_dash.networks.paths import find_logits, last_nodes, needed
from deepresolve_dash.networks.receptive_field import receptive_fields


def as_map(shape: tuple[int, ...]) -> tuple[int, int] | None:
    """Return (n_channels, width) of a value that is a map, None when it has two real axes.

    Maps of "1 x n" two-dimensional convolutions count as (channel, position); a vector of features
    has one position.
    """
    if len(shape) == 1:
        return shape[0], 1
    if len(shape) == 2:
        return shape[0], shape[1]
    if len(shape) == 3 and 1 in shape[1:]:
        return shape[0], shape[1] * shape[2]
    return None


def find_layers(
    network: Network, output: str | None = None, *, measure: bool = True
) -> tuple[LayerInfo, ...]:
    """Describe all layers in order.

    A layer is offered for a cut when everything that the class scores know of the sequence passes
    through its output (it dominates them in the graph) and the output is a map.

    Parameters
    ----------
    network : Network
        The network.
    output : str, optional
        Head whose class scores are meant; the first when left out.
    measure : bool
        Measure the receptive fields, which takes a moment on long inputs; None otherwise.

    Raises
    ------
    LayerError
        When the output does not exist.
    """
    ends = last_nodes(network)
    shapes = node_shapes(network)
    maps = {
        node.name: found
        for node in ends.values()
        if (shape := shapes[node.name]) is not None and (found := as_map(shape)) is not None
    }
    fields = receptive_fields(network, maps) if measure else {}
    logits = find_logits(network, output).node
    layers: list[LayerInfo] = []
    for name, end in ends.items():
        why_not = _why_not(network, end, logits, end.name in maps)
        if why_not is None and _only_rearranges(network, name):
            offered = [layer.name for layer in layers if layer.can_cut]
            instead = f"; cut at '{offered[-1]}' instead." if offered else "."
            why_not = f"It only passes on or rearranges values{instead}"
        layers.append(
            LayerInfo(
                name,
                network.layers[name],
                *maps.get(end.name, (None, None)),
                fields[end.name].width if end.name in fields else None,
                why_not is None,
                why_not,
            )
        )
    return tuple(layers)


def advised_layer(network: Network, output: str | None = None) -> str:
    """Return the layer to cut at when the user has no wish.

    *Choice:* with one convolution its pooled output, with more the input of the last one, as the
    paper did; without any the first layer that can be cut.

    Raises
    ------
    LayerError
        When the network cannot be cut anywhere.
    """
    layers = find_layers(network, output, measure=False)
    offered = [layer.name for layer in layers if layer.can_cut]
    if not offered:
        raise LayerError("This model has no layer at which it can be cut.")
    upstream = needed(network, find_logits(network, output).node)
    convolutions = [
        node for node in network.nodes if node.op in CONVOLUTIONS and node.name in upstream
    ]
    if not convolutions:
        return offered[0]
    if len(convolutions) == 1:
        return _pooled(network, convolutions[0].layer, offered)
    before = needed(network, convolutions[-1].name) - {convolutions[-1].name}
    ends = last_nodes(network)
    inputs = [name for name in offered if ends[name].name in before]
    return inputs[-1] if inputs else offered[0]


def _why_not(network: Network, end: Node, logits: str, is_map: bool) -> str | None:
    """Say why the network cannot be cut at the node that ends a layer; None when it can."""
    upstream = needed(network, logits)
    if end.name == logits or end.name not in upstream:
        return "It holds the class scores, or does not lead to them."
    if INPUT not in needed(network, end.name):
        return "It does not know the sequence."
    if not is_map:
        return "Its output has no single axis of positions."
    if INPUT in needed(network, logits, source=end.name):
        return "The class scores also know the sequence by a way around it."
    return None


def _only_rearranges(network: Network, layer: str) -> bool:
    """Tell whether a layer makes no new values."""
    return all(node.op in REARRANGEMENTS for node in network.nodes if node.layer == layer)


def _pooled(network: Network, layer: str, offered: list[str]) -> str:
    """Return the last pooling after a layer and before any dense one, else the last layer there."""
    names = list(network.layers)
    dense = {node.layer for node in network.nodes if node.op == "aten.linear.default"}
    stretch: list[str] = []
    for name in names[names.index(layer) :]:
        if name in dense:
            break
        if name in offered:
            stretch.append(name)
    pooling = {node.layer for node in network.nodes if node.op in POOLINGS}
    pooled = [name for name in stretch if name in pooling]
    return (pooled or stretch or offered)[-1]
