"""Operations that ATen lacks, or that it writes with text, whole-number tensors or several results.

Arguments of a graph are values, numbers and tuples of them; here are the rest.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from deepresolve_dash.networks import recurrent


def hard_sigmoid(x: Tensor, slope: float, offset: float) -> Tensor:
    """Return the piecewise linear sigmoid; its slope differs between versions of Keras."""
    return (slope * x + offset).clamp(0.0, 1.0)


def gelu_tanh(x: Tensor) -> Tensor:
    """Return the approximation of GELU by tanh."""
    return functional.gelu(x, approximate="tanh")


def prelu(x: Tensor, slope: Tensor) -> Tensor:
    """Return x where positive, slope * x elsewhere; the slope's shape must broadcast to x."""
    return torch.where(x > 0, x, slope * x)


def where(condition: Tensor, yes: Tensor | float, no: Tensor | float) -> Tensor:
    """Return one or the other; a condition that is stored as numbers is true where not 0."""
    if condition.dtype != torch.bool:
        condition = condition != 0
    yes, no = (
        value if isinstance(value, Tensor) else torch.full((), value, device=condition.device)
        for value in (yes, no)
    )
    return torch.where(condition, yes, no)


def take(x: Tensor, axis: int, indices: Sequence[int]) -> Tensor:
    """Return the slices of an axis at these places."""
    return x.index_select(axis, torch.tensor(indices, dtype=torch.int64, device=x.device))


def batch_norm(
    x: Tensor,
    scale: Tensor | None,
    shift: Tensor | None,
    mean: Tensor,
    variance: Tensor,
    training: bool,
    momentum: float,
    epsilon: float,
    cudnn: bool,
) -> Tensor:
    """Normalise channels as `aten.batch_norm` does, whose moments cannot have a gradient.

    Moments that are computed want one: converters write a layer normalisation so.
    """
    if not (mean.requires_grad or variance.requires_grad):
        return torch.batch_norm(x, scale, shift, mean, variance, training, momentum, epsilon, cudnn)
    each = [-1, *[1] * (x.ndim - 2)]
    normal = (x - mean.view(each)) * torch.rsqrt(variance.view(each) + epsilon)
    scaled = normal if scale is None else normal * scale.view(each)
    return scaled if shift is None else scaled + shift.view(each)


def adaptive_max_pool1d(x: Tensor, size: Sequence[int]) -> Tensor:
    """Return the maxima of as many windows as wanted."""
    return functional.adaptive_max_pool1d(x, list(size))


def einsum(values: Sequence[Tensor], axes: Sequence[Sequence[int]], out: Sequence[int]) -> Tensor:
    """Return a sum of products; axes are numbered instead of lettered.

    Parameters
    ----------
    values : one or two tensors
    axes : one list per value
        Number of each axis; equal numbers are the same axis.
    out : list of int
        Numbers of the axes of the result.
    """
    operands = [part for pair in zip(values, map(list, axes), strict=True) for part in pair]
    return torch.einsum(*operands, list(out))


OWN: dict[str, Callable[..., Tensor]] = {
    "own.adaptive_max_pool1d": adaptive_max_pool1d,
    "own.einsum": einsum,
    "own.gelu_tanh": gelu_tanh,
    "own.gru": recurrent.gru,
    "own.gru_steps": recurrent.gru_steps,
    "own.hard_sigmoid": hard_sigmoid,
    "own.lstm": recurrent.lstm,
    "own.lstm_steps": recurrent.lstm_steps,
    "own.prelu": prelu,
    "own.rnn": recurrent.rnn,
    "own.rnn_steps": recurrent.rnn_steps,
    "own.softsign": functional.softsign,
    "own.take": take,
    "own.where": where,
}
