"""Which bases a position of a layer can see, measured on a graph of dependencies.

The same graph is run with every operation replaced by one that lets everything through
(`dependencies`). The gradient of a position is then non-zero just where it can see. (Gradients of
the network itself miss what a ReLU or a maximum happens to block.)
"""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from deepresolve_dash.networks.dependencies import dependency
from deepresolve_dash.networks.execute import entering
from deepresolve_dash.networks.graph import Network
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
    wanted = set().union(*(needed(network, name) for name in maps))
    values = entering(sequence)
    for node in network.nodes:
        if node.name in wanted:
            values[node.name] = dependency(node, values, network)
    return {
        name: _measure(values[name].reshape(n_channels, width).sum(0), sequence)
        for name, (n_channels, width) in maps.items()
    }


def _measure(positions: Tensor, sequence: Tensor) -> ReceptiveField:
    """Measure the stride in the middle, and the window where no edge of the sequence cuts it."""
    last = len(positions) - 1
    middle = last // 2
    after = min(middle + 1, last)
    windows = {i: _window(positions[i], sequence) for i in (middle, after, last, 0)}
    stride = max(new - old for old, new in zip(windows[middle], windows[after], strict=True))
    width = max(stop - start for start, stop in windows.values())
    whole = next(i for i, (start, stop) in windows.items() if stop - start == width)
    return ReceptiveField(width, stride, windows[whole][0] - whole * stride)


def _window(position: Tensor, sequence: Tensor) -> tuple[int, int]:
    """Return the first base that a position sees and the one after the last."""
    if not position.requires_grad:
        return 0, 0
    (gradient,) = torch.autograd.grad(position, sequence, retain_graph=True)
    seen = gradient[0].sum(0).nonzero().flatten()
    return (int(seen[0]), int(seen[-1]) + 1) if len(seen) else (0, 0)
