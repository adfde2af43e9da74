"""The maps of a layer before their last pooling, where a position still knows which bases it sees.

A pooled position is the best of several places: fragments cut at it would not lie on each other.
"""

from dataclasses import dataclass, replace

import torch

from deepresolve_dash.networks.cut import Part
from deepresolve_dash.networks.execute import entering, execute, node_shapes, weight_tensors
from deepresolve_dash.networks.graph import INPUT, Network, Node, Ref
from deepresolve_dash.networks.layer_info import check_layer
from deepresolve_dash.networks.layers import advised_layer, as_map, find_layers
from deepresolve_dash.networks.operations import CONVOLUTIONS, POINTWISE, POOLINGS
from deepresolve_dash.networks.paths import first_input, last_nodes, needed
from deepresolve_dash.networks.receptive_field import ReceptiveField, receptive_fields

_TOLERANCE = 1e-4  # of the largest value, float32 rounding in another order of sums
_MORE_STRIDES = 8  # that a window is widened by, at most, until it shows a position


@dataclass(frozen=True, eq=False)
class Unpooled:
    """What the channels of a layer say at each place of a sequence, before pooling.

    Attributes
    ----------
    head : function
        float32 (n, 4, length) -> maps (n, channel, position).
    field : ReceptiveField
        Position i sees the bases [offset + stride * i, offset + stride * i + width).
    n_channels : int
    width : int
        Positions.
    """

    head: Part
    field: ReceptiveField
    n_channels: int
    width: int

    def to(self, device: torch.device | str) -> "Unpooled":
        """Return the same on a device."""
        return replace(self, head=self.head.to(device))


@dataclass(frozen=True, eq=False)
class Window:
    """The part of a head that one position needs.

    Attributes
    ----------
    head : function
        float32 (n, 4, length of the window) -> maps (n, channel, position).
    start : int
        Where in the window the receptive field begins; the bases before and after mean nothing.
    length : int
        Bases of the window.
    position : int
        The position of the maps that is meant.
    """

    head: Part
    start: int
    length: int
    position: int


def unpooled(network: Network, layer: str, *, output: str | None = None) -> Unpooled:
    """Return the maps of a layer without the pooling that ends it.

    *Choice:* poolings that only functions of one number follow are left out; what lies before them
    stays as it is.

    Parameters
    ----------
    network : Network
    layer : str
        A layer that `find_layers` offers, or `advised`.
    output : str, optional
        Head that the layer must lead to; the first when left out.

    Raises
    ------
    LayerError
        When the layer does not exist or cannot be cut at.
    """
    if layer == "advised" and layer not in network.layers:
        layer = advised_layer(network, output)
    check_layer(find_layers(network, output, measure=False), layer)
    end = last_nodes(network)[layer]
    nodes, measured = _without_pooling(network, end)
    before = needed(network, measured)
    kept = tuple(node for node in network.nodes if node.name in before) + nodes
    shape = node_shapes(network)[measured]
    assert shape is not None
    n_channels, width = as_map(shape) or (0, 0)
    names = before.union(*(node.inputs for node in nodes))
    weights = {name: array for name, array in network.weights.items() if name in names}
    target = nodes[-1].name if nodes else measured
    tensors = weight_tensors(replace(network, weights=weights))
    head = Part(kept, tensors, INPUT, target, (4, network.input_length), (n_channels, width))
    field = receptive_fields(network, {measured: (n_channels, width)})[measured]
    return Unpooled(head, field, n_channels, width)


def window_of(whole: Unpooled) -> Window:
    """Return the shortest window that shows what one position sees, all else left out.

    Falls back on the whole sequence where the network does not let itself be cut so, as when it
    has an operation over all positions.
    """
    found = _cut_window(whole)
    if found is not None and _agrees(whole, found):
        return found
    width, stride, offset = whole.field
    fits = [i for i in range(whole.width) if 0 <= offset + stride * i <= _length(whole) - width]
    position = fits[len(fits) // 2] if fits else whole.width // 2
    return Window(whole.head, offset + stride * position, _length(whole), position)


def narrowed(head: Part, low: int, high: int) -> Part:
    """Return a head that makes only the channels from `low` on, before `high`.

    Where the channels do not come out of one convolution, the head itself comes back: it makes all
    of them.
    """
    by_name = {node.name: node for node in head.nodes}
    per_channel: list[str] = []
    node = by_name.get(head.target)
    while node is not None and node.op in POINTWISE | {"aten.batch_norm.default"}:
        per_channel += [name for name in node.inputs[1:] if name in head.weights]
        node = by_name.get(first_input(node))
    if node is None or node.op not in CONVOLUTIONS or (len(node.args) > 6 and node.args[6] != 1):
        return head
    per_channel += [name for name in node.inputs[1:] if name in head.weights]
    n_channels, width = head.target_shape
    sliced = {name: head.weights[name] for name in per_channel}
    if any(weight.shape[:1] != (n_channels,) for weight in sliced.values()):
        return head
    weights = head.weights | {name: weight[low:high] for name, weight in sliced.items()}
    return replace(head, weights=weights, target_shape=(high - low, width))


def _without_pooling(network: Network, end: Node) -> tuple[tuple[Node, ...], str]:
    """Return the nodes that follow the pooling, reading what lies before it, and its name."""
    by_name = {node.name: node for node in network.nodes}
    chain: list[Node] = []
    node: Node | None = end
    pooled = None
    while node is not None and node.op in POINTWISE | POOLINGS | {"aten.batch_norm.default"}:
        if node.op in POOLINGS:
            pooled = len(chain)
        chain.append(node)
        node = by_name.get(first_input(node))
    if pooled is None or node is None:
        return (), end.name
    source = first_input(chain[pooled])
    after: list[Node] = []
    for one in reversed([one for one in chain[:pooled] if one.op not in POOLINGS]):
        came = after[-1].name if after else source
        args = (Ref(came), *one.args[1:])
        after.append(replace(one, name=f"{one.name}.unpooled", args=args))
    return tuple(after), source


def _length(whole: Unpooled) -> int:
    return whole.head.source_shape[1]


def _cut_window(whole: Unpooled) -> Window | None:
    """Return a window whose poolings fall as in the whole, None when there is none."""
    width, stride, offset = whole.field
    if stride == 0:
        return None
    position = max(0, -(offset // stride)) if offset < 0 else 0
    start = offset + stride * position
    for more in range(_MORE_STRIDES):
        length = start + width + more * stride
        if length >= _length(whole):
            return None
        shape = _map_shape(whole, length)
        if shape is not None and shape[1] > position:
            head = replace(whole.head, source_shape=(4, length), target_shape=shape)
            return Window(head, start, length, position)
    return None


def _map_shape(whole: Unpooled, length: int) -> tuple[int, int] | None:
    """Return the shape of the maps of a shorter sequence, None when it cannot be read."""
    part = whole.head
    weight = next(iter(part.weights.values()), None)
    device = weight.device if weight is not None else torch.device("cpu")
    sequence = torch.zeros((1, 4, length), device=device)
    try:
        with torch.no_grad():
            known = {**part.weights, **entering(sequence, part.source)}
            values = execute(part.nodes, known, [part.target])
    except RuntimeError:
        return None
    return as_map(tuple(values[part.target].shape[1:]))


def _agrees(whole: Unpooled, window: Window) -> bool:
    """Tell whether the window says of its bases what the whole network says of them."""
    width, stride, offset = whole.field
    length = _length(whole)
    places = [i for i in range(whole.width) if 0 <= offset + stride * i <= length - width]
    if not places:
        return False
    generator = torch.Generator().manual_seed(0)
    letters = torch.randint(4, (3, length), generator=generator)
    sequences = torch.nn.functional.one_hot(letters, 4).transpose(1, 2).float()
    place = places[len(places) // 2]
    begin = offset + stride * place
    cut = torch.full((3, 4, window.length), 0.25)
    cut[:, :, window.start : window.start + width] = sequences[:, :, begin : begin + width]
    device = next(iter(whole.head.weights.values())).device
    with torch.no_grad():
        expected = whole.head(sequences.to(device))[:, :, place]
        error = (window.head(cut.to(device))[:, :, window.position] - expected).abs().max()
    return bool(error <= _TOLERANCE * max(1.0, float(expected.abs().max())))
