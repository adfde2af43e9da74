"""Convolution on a GPU as one product of matrices, where the gradient to the maps is wanted."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional


def conv1d(
    x: Tensor,
    kernel: Tensor,
    bias: Tensor | None = None,
    stride: Sequence[int] = (1,),
    padding: Sequence[int] = (0,),
    dilation: Sequence[int] = (1,),
    groups: int = 1,
) -> Tensor:
    """Convolve as `aten.conv1d` does, by the quicker way for what is asked.

    *Choice:* on an H100, in full float32, a whole ascent takes 0.85 of the time with products, and
    a twentieth of the memory, that it takes with cuDNN, whose ways need not be tried out
    (`python -m bench.gpu`).

    Parameters
    ----------
    x : (row, channel, position)
    kernel : (out, channel / groups, width)
    bias : (out,), optional
    stride, padding, dilation : sequence of one int
    groups : int
    """
    if not (_by_product(x) and groups == 1 and not kernel.requires_grad):
        return functional.conv1d(x, kernel, bias, stride, padding, dilation, groups)
    if padding[0]:
        x = functional.pad(x, (padding[0], padding[0]))
    product: Any = ProductConvolution.apply(x, kernel, stride[0], dilation[0])
    return product if bias is None else product + bias[:, None]


def _by_product(x: Tensor) -> bool:
    """Tell whether a gradient is wanted, on a GPU and without rounding."""
    full = x.dtype == torch.float32 and not torch.is_autocast_enabled("cuda")
    return x.is_cuda and x.requires_grad and torch.is_grad_enabled() and full


class ProductConvolution(torch.autograd.Function):
    """Convolution without padding as a product; its gradient is with respect to the maps alone."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: Tensor, stride: int, dilation: int) -> Tensor:
        """Multiply the windows of the maps, (row x position, width x channel), by the kernel."""
        n_out, n_channels, width = kernel.shape
        rows, _, length = x.shape
        positions = (length - dilation * (width - 1) - 1) // stride + 1
        last = x.transpose(1, 2).contiguous()  # channels last: a window is a stretch of memory
        windows = last.as_strided(
            (rows, positions, width, n_channels),
            (length * n_channels, stride * n_channels, dilation * n_channels, 1),
        )
        ctx.save_for_backward(kernel)
        ctx.length, ctx.stride, ctx.dilation = length, stride, dilation
        matrix = kernel.permute(2, 1, 0).reshape(width * n_channels, n_out)
        product = windows.reshape(rows * positions, width * n_channels) @ matrix
        return product.view(rows, positions, n_out).transpose(1, 2).contiguous()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        """Give each position of the maps its share of every window that holds it."""
        (kernel,), (gradient,) = ctx.saved_tensors, gradients
        n_out, n_channels, width = kernel.shape
        rows, _, positions = gradient.shape
        matrix = kernel.permute(0, 2, 1).reshape(n_out, width * n_channels)
        last = gradient.transpose(1, 2).reshape(rows * positions, n_out)
        windows = (last @ matrix).view(rows, positions, width, n_channels)
        to_maps = windows.new_zeros(rows, ctx.length, n_channels)
        for place in range(width):
            first = place * ctx.dilation
            reached = slice(first, first + (positions - 1) * ctx.stride + 1, ctx.stride)
            to_maps[:, reached] += windows[:, :, place]
        return to_maps.transpose(1, 2).contiguous(), None, None, None
