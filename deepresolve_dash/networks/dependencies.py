"""The same operations as far as who depends on whom: everything is let through.

Equal positive weights, means instead of maxima, no activations. Every function takes the values of
the graph of dependencies and returns one; weights are zeros here, as they depend on nothing. The
channels of a convolution are all alike here, so one of them stands for all until it matters.
"""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from deepresolve_dash.networks.execute import evaluate, one_row_shape
from deepresolve_dash.networks.graph import BATCH, INPUT, Argument, Network, Node, Ref
from deepresolve_dash.networks.operations import (
    ATTENTION,
    CONVOLUTIONS,
    ELEMENTWISE,
    MAX_POOLINGS,
    POINTWISE,
    RECURRENT,
    REDUCTIONS,
    TRANSPOSED,
)


def dependency(node: Node, values: Mapping[str, Tensor], network: Network) -> Tensor:
    """Return the value of a node in the graph of dependencies.

    Parameters
    ----------
    node : Node
    values : dict of float64 tensors
        Of the nodes before it, and of the input.
    network : Network
        For the shapes of its weights.
    """
    if node.op not in _ALIKE or (node.op in _BORDERS and _touches_channels(node, network)):
        known = [name for name in node.inputs if name in values and name not in (INPUT, BATCH)]
        values = {**values, **{name: whole(network, name, values[name]) for name in known}}
    x = _data(node.args[0], values, network)
    if node.op in POINTWISE:
        return x
    if node.op in ELEMENTWISE:
        return _sum(_data(argument, values, network) for argument in node.args)
    for operations, rule in _RULES:
        if node.op in operations:
            return rule(x, node, values, network)
    return _as_it_is(node, values, network)


def whole(network: Network, name: str, value: Tensor) -> Tensor:
    """Return a value of the graph of dependencies with all its channels."""
    return value.expand(one_row_shape(network, name))


def _touches_channels(node: Node, network: Network) -> bool:
    """Tell whether a border is put around more than positions."""
    sizes = node.args[1]
    return not isinstance(sizes, tuple) or len(sizes) > 2 * (
        len(one_row_shape(network, node.name)) - 2
    )


def _as_it_is(node: Node, values: Mapping[str, Tensor], network: Network) -> Tensor:
    """Evaluate an operation that only moves or adds values."""
    known = {name: _data(Ref(name), values, network) for name in node.inputs}
    return evaluate(node, known)


def _convolution(x: Tensor, node: Node, _: Mapping[str, Tensor], network: Network) -> Tensor:
    """Convolve with equal weights; all channels are alike, so one is enough."""
    size = _kernel_shape(node, network)[2:]
    kernel = torch.full((1, 1, *size), 1.0 / torch.Size(size).numel(), dtype=x.dtype)
    args = (Ref("x"), Ref("kernel"), None, *node.args[3:6])
    return evaluate(Node("", node.op, args), {"x": x.mean(1, keepdim=True), "kernel": kernel})


def _transposed(x: Tensor, node: Node, _: Mapping[str, Tensor], network: Network) -> Tensor:
    """Convolve the transposed way with equal weights."""
    size = _kernel_shape(node, network)[2:]
    kernel = torch.full((1, 1, *size), 1.0 / torch.Size(size).numel(), dtype=x.dtype)
    args = (Ref("x"), Ref("kernel"), None, *node.args[3:6], *([1] if len(node.args) > 6 else []))
    args += node.args[7:8]
    return evaluate(Node("", node.op, args), {"x": x.mean(1, keepdim=True), "kernel": kernel})


def _linear(x: Tensor, node: Node, _: Mapping[str, Tensor], network: Network) -> Tensor:
    """Mix all features."""
    return x.mean(-1, keepdim=True).expand(*x.shape[:-1], _kernel_shape(node, network)[0])


def _max_pool(x: Tensor, node: Node, _: Mapping[str, Tensor], __: Network) -> Tensor:
    """Take means of the same windows; with a dilation, by convolution."""
    n_axes = x.ndim - 2
    size, *rest = node.args[1:]
    stride, padding, dilation, ceil = (*rest, *((), 0, 1, False)[len(rest) :])
    stride = stride or size
    if dilation not in (1, (1,) * n_axes):
        sizes = size if isinstance(size, tuple) else (size,) * n_axes
        kernel = torch.ones((x.shape[1], 1, *sizes), dtype=x.dtype)  # pyright: ignore
        args = (Ref("x"), Ref("kernel"), None, stride, padding, dilation, x.shape[1])
        return evaluate(Node("", f"aten.conv{n_axes}d.default", args), {"x": x, "kernel": kernel})
    op = f"aten.avg_pool{n_axes}d.default"
    return evaluate(Node("", op, (Ref("x"), size, stride, padding, ceil)), {"x": x})


def _reduction(x: Tensor, node: Node, _: Mapping[str, Tensor], __: Network) -> Tensor:
    """Take the mean of the same axes."""
    axes = node.args[1] if len(node.args) > 1 else None
    axes = (axes,) if isinstance(axes, int) else axes
    keep = bool(node.kwargs.get("keepdim", node.args[2] if len(node.args) > 2 else False))
    return evaluate(Node("", "aten.mean.dim", (Ref("x"), axes, keep)), {"x": x})


def _softmax(x: Tensor, node: Node, _: Mapping[str, Tensor], __: Network) -> Tensor:
    """Add what every value learns of the others on its axis."""
    return x + x.mean(dim=int(node.args[1]), keepdim=True)  # pyright: ignore[reportArgumentType]


def _layer_norm(x: Tensor, node: Node, _: Mapping[str, Tensor], __: Network) -> Tensor:
    """Add what every value learns of those it is normalised with."""
    shape = node.args[1]
    n_axes = len(shape) if isinstance(shape, tuple) else 1
    return x + x.mean(dim=tuple(range(-n_axes, 0)), keepdim=True)


def _batch_norm(x: Tensor, node: Node, values: Mapping[str, Tensor], _: Network) -> Tensor:
    """Add what every channel learns of its moments, where they are computed."""
    moments = [each for each in node.args[3:5] if isinstance(each, Ref) and each.name in values]
    return _sum([x, *(values[each.name].reshape(-1, *[1] * (x.ndim - 2)) for each in moments)])


def _group_norm(x: Tensor, _: Node, __: Mapping[str, Tensor], ___: Network) -> Tensor:
    """Add what every value learns of all positions and, as if in one group, all channels."""
    return x + x.mean(dim=tuple(range(1, x.ndim)), keepdim=True)


def _recurrent(x: Tensor, node: Node, _: Mapping[str, Tensor], network: Network) -> Tensor:
    """Let every position know of every other, and most of itself."""
    meta = {
        name: torch.empty(network.weights[name].shape, device="meta") for name in node.inputs[1:]
    }
    meta[node.inputs[0]] = torch.empty(x.shape, device="meta")
    shape = evaluate(node, meta).shape
    whole = x.mean((1, 2), keepdim=True)
    if shape[1] != x.shape[1]:
        return whole.expand(shape)
    return (x.mean(2, keepdim=True) + whole).expand(shape)


def _attention(x: Tensor, node: Node, values: Mapping[str, Tensor], network: Network) -> Tensor:
    """Let every position of the query know of all keys and values."""
    keys, content = (_data(argument, values, network) for argument in node.args[1:3])
    whole = content.mean(-2, keepdim=True) + keys.mean((-2, -1), keepdim=True)
    return x.mean(-1, keepdim=True) + whole


def _matmul(x: Tensor, node: Node, values: Mapping[str, Tensor], network: Network) -> Tensor:
    """Let every row know of its row and every column of its column."""
    other = _data(node.args[1], values, network)
    if x.ndim == 1 or other.ndim == 1:
        zeros = {"x": x, "other": torch.ones_like(other)}
        return evaluate(Node("", node.op, (Ref("x"), Ref("other"))), zeros)
    return x.mean(-1, keepdim=True) + other.mean(-2, keepdim=True)


def _einsum(x: Tensor, node: Node, values: Mapping[str, Tensor], network: Network) -> Tensor:
    """Add up what each operand brings, its summed axes as means."""
    operands, axes, out = node.args[:3]
    assert isinstance(operands, tuple)
    assert isinstance(axes, tuple)
    assert isinstance(out, tuple)
    sizes: dict = {}
    brought = []
    for operand, numbers in zip(operands, axes, strict=True):
        value = _data(operand, values, network)
        assert isinstance(numbers, tuple)
        sizes |= dict(zip(numbers, value.shape, strict=True))
        kept = [number for number in out if number in numbers]
        share = 1.0
        for number, size in zip(numbers, value.shape, strict=True):
            share /= 1 if number in kept else size
        moved = torch.einsum(value, list(numbers), kept) * share
        shape = [sizes[number] if number in kept else 1 for number in out]
        brought.append(moved.reshape(shape))
    return _sum(brought).expand([sizes[number] for number in out])


def _glu(x: Tensor, node: Node, _: Mapping[str, Tensor], __: Network) -> Tensor:
    """Add the two halves."""
    axis = int(node.args[1]) if len(node.args) > 1 else -1  # pyright: ignore[reportArgumentType]
    first, second = x.chunk(2, axis)
    return first + second


def _adaptive_max(x: Tensor, node: Node, _: Mapping[str, Tensor], __: Network) -> Tensor:
    """Take means of the same windows."""
    name = "aten.adaptive_avg_pool1d.default"
    return evaluate(Node("", name, (Ref("x"), node.args[1])), {"x": x})


def _pad(x: Tensor, node: Node, _: Mapping[str, Tensor], __: Network) -> Tensor:
    """Pad with nothing, whatever the border holds."""
    return evaluate(Node("", node.op, (Ref("x"), node.args[1], 0.0)), {"x": x})


_BORDERS = frozenset(["aten.constant_pad_nd.default"])

_ALIKE = (
    POINTWISE
    | {"aten.batch_norm.default", "aten.avg_pool1d.default", "aten.avg_pool2d.default"}
    | ELEMENTWISE
    | CONVOLUTIONS
    | TRANSPOSED
    | MAX_POOLINGS
    | _BORDERS
)
"""Operations to which one channel may stand for all."""

_Rule = Callable[[Tensor, Node, Mapping[str, Tensor], Network], Tensor]

_RULES: Sequence[tuple[frozenset[str], _Rule]] = (
    (CONVOLUTIONS, _convolution),
    (TRANSPOSED, _transposed),
    (MAX_POOLINGS, _max_pool),
    (REDUCTIONS, _reduction),
    (RECURRENT, _recurrent),
    (frozenset(["aten.softmax.int", "aten.log_softmax.int"]), _softmax),
    (frozenset(["aten.layer_norm.default", "aten.rms_norm.default"]), _layer_norm),
    (frozenset(["aten.batch_norm.default"]), _batch_norm),
    (frozenset(["aten.group_norm.default", "aten.instance_norm.default"]), _group_norm),
    (frozenset(["aten.linear.default"]), _linear),
    (frozenset(["aten.matmul.default"]), _matmul),
    (frozenset(["own.einsum"]), _einsum),
    (frozenset([ATTENTION]), _attention),
    (frozenset(["aten.glu.default"]), _glu),
    (frozenset(["own.adaptive_max_pool1d"]), _adaptive_max),
    (frozenset(["aten.constant_pad_nd.default"]), _pad),
)


def _sum(values) -> Tensor:  # noqa: ANN001
    """Add values with broadcasting."""
    first, *others = values
    for other in others:
        first = first + other
    return first


def _data(argument: Argument, values: Mapping[str, Tensor], network: Network) -> Tensor:
    """Return an argument of a node; weights and numbers are zero."""
    if isinstance(argument, tuple):
        argument = next((item for item in argument if isinstance(item, Ref)), None)
    if isinstance(argument, Ref) and argument.name in values:
        return values[argument.name]
    if isinstance(argument, Ref) and argument.name != BATCH:
        return torch.zeros(network.weights[argument.name].shape, dtype=torch.float64)
    return torch.zeros((), dtype=torch.float64)


def _kernel_shape(node: Node, network: Network) -> tuple[int, ...]:
    """Return the shape of the kernel of a convolution or a dense layer."""
    kernel = node.args[1]
    assert isinstance(kernel, Ref)
    return network.weights[kernel.name].shape
