"""The operations that a graph may use, and what we need to know about them."""

from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor

from deepresolve_dash.networks.convolution import conv1d, conv2d
from deepresolve_dash.networks.own_operations import OWN, batch_norm

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

SELECTIONS = frozenset(
    [
        "aten.cat.default",
        "aten.expand.default",
        "aten.flip.default",
        "aten.reflection_pad1d.default",
        "aten.repeat.default",
        "aten.replication_pad1d.default",
        "aten.roll.default",
        "aten.select.int",
        "aten.slice.Tensor",
        "aten.stack.default",
        "aten.upsample_linear1d.default",
        "aten.upsample_nearest1d.default",
        "aten.upsample_nearest2d.default",
        "own.take",
    ]
)
"""Operations that put values elsewhere, some of them or several times."""

OUTPUT_ACTIVATIONS = {
    "aten.sigmoid.default": "sigmoid",
    "aten.softmax.int": "softmax",
    "aten.log_softmax.int": "log_softmax",
    "own.hard_sigmoid": "hard_sigmoid",
}
"""Activations that turn a logit into a probability."""

_SOFTMAXES = frozenset(["aten.softmax.int", "aten.log_softmax.int"])

POINTWISE = (frozenset(OUTPUT_ACTIVATIONS) - _SOFTMAXES) | frozenset(
    [
        "aten.abs.default",
        "aten.celu.default",
        "aten.clamp.default",
        "aten.cos.default",
        "aten.elu.default",
        "aten.erf.default",
        "aten.exp.default",
        "aten.expm1.default",
        "aten.gelu.default",
        "aten.hardshrink.default",
        "aten.hardswish.default",
        "aten.hardtanh.default",
        "aten.leaky_relu.default",
        "aten.log.default",
        "aten.log1p.default",
        "aten.log_sigmoid.default",
        "aten.logical_not.default",
        "aten.mish.default",
        "aten.neg.default",
        "aten.pow.Tensor_Scalar",
        "aten.reciprocal.default",
        "aten.relu.default",
        "aten.rsqrt.default",
        "aten.selu.default",
        "aten.silu.default",
        "aten.sin.default",
        "aten.softplus.default",
        "aten.softshrink.default",
        "aten.sqrt.default",
        "aten.tanh.default",
        "aten.threshold.default",
        "own.gelu_tanh",
        "own.softsign",
    ]
)
"""Functions of one number."""

CONVOLUTIONS = frozenset(["aten.conv1d.default", "aten.conv2d.default"])

TRANSPOSED = frozenset(["aten.conv_transpose1d.default", "aten.conv_transpose2d.input"])
"""Transposed convolutions; their kernels are (in, out / groups, width)."""

REDUCTIONS = frozenset(
    [
        "aten.amax.default",
        "aten.amin.default",
        "aten.any.dim",
        "aten.logsumexp.default",
        "aten.mean.dim",
        "aten.sum.dim_IntList",
        "aten.var.correction",
    ]
)
"""Operations that make one number of an axis."""

MAX_POOLINGS = frozenset(["aten.max_pool1d.default", "aten.max_pool2d.default"])

POOLINGS = (
    frozenset(
        [
            "aten.adaptive_avg_pool1d.default",
            "aten.avg_pool1d.default",
            "aten.avg_pool2d.default",
            "own.adaptive_max_pool1d",
        ]
    )
    | MAX_POOLINGS
    | (REDUCTIONS - {"aten.any.dim", "aten.var.correction"})
)

NORMALISATIONS = frozenset(
    [
        "aten.batch_norm.default",
        "aten.group_norm.default",
        "aten.instance_norm.default",
        "aten.layer_norm.default",
        "aten.rms_norm.default",
    ]
)

_SUMS = frozenset(
    [
        "aten.add.Tensor",
        "aten.div.Tensor",
        "aten.maximum.default",
        "aten.minimum.default",
        "aten.mul.Tensor",
        "aten.pow.Tensor_Tensor",
        "aten.sub.Tensor",
        "own.prelu",
    ]
)

COMPARISONS = frozenset(
    f"aten.{name}.{kind}"
    for name in ("eq", "ge", "gt", "le", "lt", "ne")
    for kind in ("Scalar", "Tensor")
)

ELEMENTWISE = _SUMS | COMPARISONS | {"own.where"}
"""Operations on several values, number by number."""

RECURRENT = frozenset(
    f"own.{name}" for name in ("gru", "gru_steps", "lstm", "lstm_steps", "rnn", "rnn_steps")
)
"""Operations in which every position may know of every other."""

ATTENTION = "aten.scaled_dot_product_attention.default"

PRODUCTS = frozenset(["aten.linear.default", "aten.matmul.default", "own.einsum"])

CHANNELWISE = (
    POINTWISE
    | POOLINGS
    | _SUMS
    | (NORMALISATIONS - {"aten.layer_norm.default", "aten.rms_norm.default"})
    | (RESHAPES - {"aten.flatten.using_ints", "aten.reshape.default"})
    | {"aten.constant_pad_nd.default"}
)
"""Operations after which a channel is still the same channel."""

WHITELIST = (
    REARRANGEMENTS
    | SELECTIONS
    | frozenset(OUTPUT_ACTIVATIONS)
    | POINTWISE
    | CONVOLUTIONS
    | TRANSPOSED
    | REDUCTIONS
    | POOLINGS
    | NORMALISATIONS
    | ELEMENTWISE
    | RECURRENT
    | PRODUCTS
    | {ATTENTION, "aten.cumsum.default", "aten.glu.default"}
)
"""All operations; a graph with any other is refused."""


_OURS: dict[str, Callable[..., Tensor]] = {
    "aten.batch_norm.default": batch_norm,
    "aten.conv1d.default": conv1d,
    "aten.conv2d.default": conv2d,
}
"""Operations of ATen that are computed in another way where a gradient is wanted."""


@cache
def function(op: str) -> Callable[..., Tensor]:
    """Return the function of an operation.

    Raises
    ------
    KeyError
        When it is not in the whitelist.
    """
    if op not in WHITELIST:
        raise KeyError(op)
    if op in OWN:
        return OWN[op]
    if op in _OURS:
        return _OURS[op]
    _, name, overload = op.split(".")
    return getattr(getattr(torch.ops.aten, name), overload)
