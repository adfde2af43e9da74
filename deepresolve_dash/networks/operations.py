"""The operations that a graph may use, and what we need to know about them."""

from collections.abc import Callable

import torch
from torch import Tensor

RESHAPES = frozenset(
    [
        "aten.alias.default",
        "aten.flatten.using_ints",
        "aten.reshape.default",
        "aten.squeeze.dim",
        "aten.unsqueeze.default",
    ]
)
"""Operations that keep all values in their order."""

REARRANGEMENTS = RESHAPES | {"aten.permute.default", "aten.constant_pad_nd.default"}
"""Operations whose output is nothing new; a cut there is offered one step earlier."""

OUTPUT_ACTIVATIONS = {
    "aten.sigmoid.default": "sigmoid",
    "aten.softmax.int": "softmax",
    "aten.log_softmax.int": "log_softmax",
    "own.hard_sigmoid": "hard_sigmoid",
}
"""Activations that turn a logit into a probability."""

POINTWISE = frozenset(OUTPUT_ACTIVATIONS) - {
    "aten.softmax.int",
    "aten.log_softmax.int",
} | frozenset(
    [
        "aten.clamp.default",
        "aten.elu.default",
        "aten.exp.default",
        "aten.gelu.default",
        "aten.leaky_relu.default",
        "aten.relu.default",
        "aten.selu.default",
        "aten.silu.default",
        "aten.softplus.default",
        "aten.tanh.default",
        "aten.threshold.default",
        "own.softsign",
    ]
)
"""Functions of one number."""

CONVOLUTIONS = frozenset(["aten.conv1d.default", "aten.conv2d.default"])

POOLINGS = frozenset(
    [
        "aten.amax.default",
        "aten.avg_pool1d.default",
        "aten.avg_pool2d.default",
        "aten.max_pool1d.default",
        "aten.max_pool2d.default",
        "aten.mean.dim",
    ]
)

ARITHMETIC = frozenset(
    [
        "aten.add.Tensor",
        "aten.batch_norm.default",
        "aten.cat.default",
        "aten.linear.default",
        "aten.maximum.default",
        "aten.mul.Tensor",
        "aten.sub.Tensor",
    ]
)

CHANNELWISE = (
    POINTWISE
    | POOLINGS
    | (ARITHMETIC - {"aten.cat.default", "aten.linear.default"})
    | (RESHAPES - {"aten.flatten.using_ints", "aten.reshape.default"})
    | {"aten.constant_pad_nd.default"}
)
"""Operations after which a channel is still the same channel."""

WHITELIST = (
    REARRANGEMENTS
    | frozenset(OUTPUT_ACTIVATIONS)
    | POINTWISE
    | CONVOLUTIONS
    | POOLINGS
    | ARITHMETIC
)
"""All operations; a graph with any other is refused."""


def function(op: str) -> Callable[..., Tensor]:
    """Return the function of an operation.

    Raises
    ------
    KeyError
        When it is not in the whitelist.
    """
    if op not in WHITELIST:
        raise KeyError(op)
    if op in _OWN:
        return _OWN[op]
    _, name, overload = op.split(".")
    return getattr(getattr(torch.ops.aten, name), overload)


def _hard_sigmoid(x: Tensor, slope: float, offset: float) -> Tensor:
    """Return the piecewise linear sigmoid; its slope differs between versions of Keras."""
    return (slope * x + offset).clamp(0.0, 1.0)


_OWN = {"own.hard_sigmoid": _hard_sigmoid, "own.softsign": torch.nn.functional.softsign}
