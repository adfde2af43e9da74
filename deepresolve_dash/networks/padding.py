"""Borders of "same" and "causal" convolutions and poolings, which differ between backends."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.errors import ModelFileError

Pairs = list[tuple[int, int]]


def convolution_padding(
    mode: str,
    lengths: Sequence[int],
    sizes: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    *,
    theano: bool,
) -> Pairs:
    """Return the zeros (before, after) on each spatial axis.

    Theano centres an even kernel one base further left than TensorFlow.

    Raises
    ------
    ModelFileError
        When the mode is not "valid", "same" or "causal".
    """
    reaches = [(size - 1) * dilation + 1 for size, dilation in zip(sizes, dilations, strict=True)]
    if mode == "causal":
        return [(reach - 1, 0) for reach in reaches]
    before = [reach // 2 for reach in reaches] if theano else None
    return _padding(mode, lengths, reaches, strides, before)


def pooling_padding(
    mode: str, lengths: Sequence[int], sizes: Sequence[int], strides: Sequence[int], *, theano: bool
) -> Pairs:
    """Return the border (before, after) on each spatial axis of a pooling."""
    before = [max(size - 2 if size % 2 else size - 1, 0) for size in sizes] if theano else None
    return _padding(mode, lengths, sizes, strides, before)


def inside_share(
    lengths: Sequence[int], sizes: Sequence[int], strides: Sequence[int], padding: Pairs
) -> NDArray[np.float64]:
    """Return the share of each pooling window that is not border, one number per window."""
    shares = np.ones(())
    for length, size, stride, (before, after) in zip(lengths, sizes, strides, padding, strict=True):
        starts = np.arange(0, length + before + after - size + 1, stride) - before
        inside = np.minimum(starts + size, length) - np.maximum(starts, 0)
        shares = np.multiply.outer(shares, inside / size)
    return shares


def _padding(
    mode: str,
    lengths: Sequence[int],
    reaches: Sequence[int],
    strides: Sequence[int],
    before: Sequence[int] | None,
) -> Pairs:
    """Pad so that there are length / stride windows, rounded up; centred unless told otherwise."""
    if mode == "valid":
        return [(0, 0)] * len(lengths)
    if mode != "same":
        raise ModelFileError(f"The padding '{mode}' is not supported; it must be valid or same.")
    pairs = []
    for axis, (length, reach, stride) in enumerate(zip(lengths, reaches, strides, strict=True)):
        total = max((-(-length // stride) - 1) * stride + reach - length, 0)
        left = total // 2 if before is None else before[axis]
        pairs.append((left, max(total - left, 0)))
    return pairs
