"""Which bases a position of a layer can see, measured on a graph of dependencies.

The same graph is run with every operation replaced by one that lets everything through: equal
positive weights, means instead of maxima, no activations. The gradient of a position is then
non-zero just where it can see. (Gradients of the network itself miss what a ReLU or a maximum
happens to block.)
"""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from deepresolve_dash.networks.execute import evaluate
from deepresolve_dash.networks.graph import INPUT, Network, Node, Ref
from deepresolve_dash.networks.operations import ARITHMETIC, CONVOLUTIONS, POINTWISE
from deepresolve_dash.networks.paths import needed

_IDENTITIES = POINTWISE | {"aten.batch_norm.default"}
_SUMS = ARITHMETIC - {"aten.batch_norm.default", "aten.cat.default", "aten.linear.default"}


class ReceptiveField(NamedTuple):
    """Position i sees the bases [offset + stride * i, offset + stride * i + width), in bp.

    The stride is 0 when every position sees the same bases.
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
    values = {INPUT: sequence}
    for node in network.nodes:
        if node.name in wanted:
            values[node.name] = _dependency(node, values, network)
    return {
        name: _measure(values[name].reshape(n_channels, width).sum(0), sequence)
        for name, (n_channels, width) in maps.items()
    }


def _dependency(node: Node, values: Mapping[str, Tensor], network: Network) -> Tensor:
    """Return the value of a node in the graph of dependencies."""
    x = _data(node, 0, values, network)
    if node.op in _IDENTITIES:
        return x
    if node.op in CONVOLUTIONS:
        return _convolve(x, node, network)
    if node.op == "aten.linear.default":
        n_features = _weight_shape(node, network)[0]
        return x.mean(-1, keepdim=True).expand(*x.shape[:-1], n_features)
    if node.op in _SUMS:
        return x + _data(node, 1, values, network)
    if "softmax" in node.op:
        return x + x.mean(dim=int(node.args[1]), keepdim=True)  # pyright: ignore[reportArgumentType]
    name = node.op.replace("max_pool", "avg_pool").replace("aten.amax.default", "aten.mean.dim")
    args = (*node.args[:2], 0.0) if name == "aten.constant_pad_nd.default" else node.args
    return evaluate(Node(node.name, name, args, node.kwargs), values)


def _convolve(x: Tensor, node: Node, network: Network) -> Tensor:
    """Convolve with equal weights; all channels are alike, so one is enough."""
    n_channels, _, *size = _weight_shape(node, network)
    kernel = torch.full((1, 1, *size), 1.0 / torch.Size(size).numel(), dtype=x.dtype)
    args = (Ref("x"), Ref("kernel"), None, *node.args[3:6])
    one = evaluate(Node("", node.op, args), {"x": x.mean(1, keepdim=True), "kernel": kernel})
    return one.expand(-1, n_channels, *one.shape[2:])


def _data(node: Node, index: int, values: Mapping[str, Tensor], network: Network) -> Tensor:
    """Return an argument of a node; weights are zero here, as they depend on nothing."""
    argument = node.args[index]
    if isinstance(argument, Ref) and argument.name in values:
        return values[argument.name]
    if isinstance(argument, Ref):
        return torch.zeros(network.weights[argument.name].shape, dtype=torch.float64)
    return torch.zeros((), dtype=torch.float64)


def _weight_shape(node: Node, network: Network) -> tuple[int, ...]:
    """Return the shape of the kernel of a convolution or a dense layer."""
    kernel = node.args[1]
    assert isinstance(kernel, Ref)
    return network.weights[kernel.name].shape


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
