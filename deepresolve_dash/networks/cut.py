"""Cut a network at a layer: a head from sequences to maps, a tail from maps to class scores."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import torch
from torch import Tensor

from deepresolve_dash.errors import LayerError
from deepresolve_dash.networks.execute import (
    entering,
    node_shapes,
    run,
    weight_tensors,
    with_last_uses,
)
from deepresolve_dash.networks.graph import INPUT, Network, Node, find_output
from deepresolve_dash.networks.layer_info import LayerInfo, check_layer
from deepresolve_dash.networks.layers import advised_layer, as_map, find_layers
from deepresolve_dash.networks.paths import find_logits, last_nodes, needed
from deepresolve_dash.networks.receptive_field import receptive_fields

__all__ = ["Cut", "LayerInfo", "Part", "advised_layer", "cut", "find_layers"]

_TOLERANCE = 1e-4  # of the largest class score, float32 rounding in another order of sums


@dataclass(frozen=True, eq=False)
class Part:
    """A piece of a network as a function of one tensor; its weights never require a gradient."""

    nodes: tuple[Node, ...]
    weights: dict[str, Tensor] = field(repr=False)
    source: str
    target: str
    source_shape: tuple[int, ...]
    target_shape: tuple[int, ...]

    def __call__(self, x: Tensor) -> Tensor:
        """Return the value of the target, (n, *target_shape), given that of the source."""
        source = x.reshape(len(x), *self.source_shape).contiguous()
        values = self.weights | entering(source, self.source)
        value = run(self._paired, values, [self.target])[self.target]
        return value.reshape(len(x), *self.target_shape)

    @cached_property
    def _paired(self) -> list[tuple[Node, list[str]]]:
        return with_last_uses(self.nodes, [self.target])

    def to(self, device: torch.device | str) -> "Part":
        """Return the same piece on a device."""
        weights = {name: weight.to(device) for name, weight in self.weights.items()}
        return replace(self, weights=weights)


@dataclass(frozen=True, eq=False)
class Cut:
    """A network cut at the output of a layer.

    Attributes
    ----------
    layer : str
        Name of the layer, whose output after its activation is the map H.
    n_channels, width : int
        K and W, the shape of the map.
    receptive_field_bp, receptive_field_stride_bp, receptive_field_offset_bp : int
        Position i of the map sees the bases from offset + i * stride on, as many as the field.
    n_outputs : int
        Number of classes C.
    head : function
        float32 (n, 4, length) -> H (n, K, W).
    tail : function
        H (n, K, W) -> class scores (n, C), before sigmoid or softmax.
    """

    layer: str
    n_channels: int
    width: int
    receptive_field_bp: int
    receptive_field_stride_bp: int
    receptive_field_offset_bp: int
    n_outputs: int
    head: Part
    tail: Part

    def to(self, device: torch.device | str) -> "Cut":
        """Return the same cut on a device."""
        return replace(self, head=self.head.to(device), tail=self.tail.to(device))


def cut(network: Network, layer: str, *, output: str | None = None) -> Cut:
    """Cut a network at a layer.

    *Source:* DeepResolve, section 2: the network is cut at a layer, the feature map there is H.

    Parameters
    ----------
    network : Network
        Left as it is; the parts hold copies of its weights.
    layer : str
        A layer that `find_layers` offers, or `advised`.
    output : str, optional
        Head whose class scores are meant; the first when left out.

    Raises
    ------
    LayerError
        When the layer or output does not exist, or the network cannot be cut there.
    """
    if layer == "advised" and layer not in network.layers:
        layer = advised_layer(network, output)
    check_layer(find_layers(network, output, measure=False), layer)
    node = last_nodes(network)[layer].name
    logits = find_logits(network, output).node
    shape = node_shapes(network)[node]
    assert shape is not None
    n_channels, width = as_map(shape) or (0, 0)
    n_outputs = len(find_output(network, output).class_names)
    field = receptive_fields(network, {node: (n_channels, width)})[node]
    made = Cut(
        layer,
        n_channels,
        width,
        field.width,
        field.stride,
        field.offset,
        n_outputs,
        head=_part(network, INPUT, node, (4, network.input_length), (n_channels, width)),
        tail=_part(network, node, logits, shape, (n_outputs,)),
    )
    _check_agreement(made, _part(network, INPUT, logits, (4, network.input_length), (n_outputs,)))
    return made


def _part(
    network: Network,
    source: str,
    target: str,
    source_shape: tuple[int, ...],
    target_shape: tuple[int, ...],
) -> Part:
    """Take the nodes and weights between two nodes out of a network."""
    names = needed(network, target, source=source) - {source}
    nodes = tuple(node for node in network.nodes if node.name in names)
    weights = {name: array for name, array in network.weights.items() if name in names}
    tensors = weight_tensors(replace(network, weights=weights))
    return Part(nodes, tensors, source, target, source_shape, target_shape)


def _check_agreement(made: Cut, whole: Part) -> None:
    """Refuse a cut whose parts do not give the scores of the whole on random sequences."""
    length = made.head.source_shape[1]
    letters = torch.randint(4, (3, length), generator=torch.Generator().manual_seed(0))
    sequences = torch.nn.functional.one_hot(letters, 4).transpose(1, 2).float()
    with torch.no_grad():
        expected = whole(sequences)
        error = (made.tail(made.head(sequences)) - expected).abs().max()
    if not error <= _TOLERANCE * max(1.0, float(expected.abs().max())):
        raise LayerError(
            f"Cut at '{made.layer}', this model does not give the scores of the whole model.",
            "Choose another layer.",
        )
