"""Which bases a position of a layer can see, measured on a graph of dependencies.

The same graph is run with every operation replaced by one that lets everything through
(`dependencies`). The gradient of a position is then non-zero just where it can see. (Gradients of
the network itself miss what a ReLU or a maximum happens to block.)
"""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from deepresolve_dash.networks.dependencies import dependency, whole
from deepresolve_dash.networks.execute import entering, one_row_shape
from deepresolve_dash.networks.graph import INPUT, Network
from deepresolve_dash.networks.paths import needed


class ReceptiveField(NamedTuple):
    """Position i sees the bases [offset + stride * i, offset + stride * i + width), in bp.

    The stride is 0 when every position sees the same bases, as after a recurrent layer.
    """

    width: int
    stride: int
    offset: int


def receptive_fields(
    network: Network, maps: Mapping[str, tuple[int, int]]
) -> dict[str, ReceptiveField]:
    """Measure the receptive field of several nodes.

    Parameters
    ----------
    network : Network
        The network.
    maps : dict of (n_channels, width)
        Nodes to measure, with the shape that their value has as a map.
    """
    sequence = torch.ones((1, 4, network.input_length), dtype=torch.float64, requires_grad=True)
    values = entering(sequence)
    live = {INPUT}
    alike: dict[str, ReceptiveField] = {}  # nodes of which every position sees the same
    fields: dict[str, ReceptiveField] = {}
    for node in network.nodes:
        sources = live.intersection(node.inputs)
        live.update([node.name] if sources else [])
        if sources and sources <= alike.keys():
            alike[node.name] = max(alike[name] for name in sources)
            fields |= {node.name: alike[node.name]} if node.name in maps else {}
        elif node.name in maps:
            _fill(network, node.name, values)
            positions = _positions(network, node.name, values[node.name], maps[node.name])
            fields[node.name], all_alike = _measure(positions, sequence)
            alike |= {node.name: fields[node.name]} if all_alike and sources else {}
    return fields


def _fill(network: Network, target: str, values: dict[str, Tensor]) -> None:
    """Add the values of a node, and of all that it needs, in the graph of dependencies."""
    names = needed(network, target) - values.keys()
    for node in network.nodes:
        if node.name in names:
            values[node.name] = dependency(node, values, network)


def _positions(network: Network, name: str, value: Tensor, shape: tuple[int, int]) -> Tensor:
    """Return one number per position of a map, of all its channels together."""
    n_channels, width = shape
    if value.ndim > 2 and value.shape[1] == 1 != n_channels:
        return value.expand(1, 1, *one_row_shape(network, name)[2:]).reshape(width)
    return whole(network, name, value).reshape(n_channels, width).sum(0)


def _measure(positions: Tensor, sequence: Tensor) -> tuple[ReceptiveField, bool]:
    """Measure the stride in the middle, and the window where no edge of the sequence cuts it.

    Says, too, whether all positions see the same.
    """
    last = len(positions) - 1
    middle = last // 2
    after = min(middle + 1, last)
    windows = {i: _window(positions[i], sequence) for i in (middle, after, last, 0)}
    stride = max(new - old for old, new in zip(windows[middle], windows[after], strict=True))
    width = max(stop - start for start, stop in windows.values())
    widest = next(i for i, (start, stop) in windows.items() if stop - start == width)
    field = ReceptiveField(width, stride, windows[widest][0] - widest * stride)
    return field, len(set(windows.values())) == 1


def _window(position: Tensor, sequence: Tensor) -> tuple[int, int]:
    """Return the first base that a position sees and the one after the last."""
    if not position.requires_grad:
        return 0, 0
    (gradient,) = torch.autograd.grad(position, sequence, retain_graph=True)
    seen = gradient[0].sum(0).nonzero().flatten()
    return (int(seen[0]), int(seen[-1]) + 1) if len(seen) else (0, 0)
