"""Convolution, in frequency space where that takes far fewer products."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.weak import WeakTensorKeyDictionary

FEWEST_ROWS = 8  # for fewer, reading the transformed kernel takes longer than is gained
LONGEST_TILE = 64  # positions; a longer one would make the kernel large and gain little
_GAIN = 2.5  # times fewer products from which it is quicker, on CPU and GPU
_LARGEST = 2**28  # numbers of a transformed kernel: 1 GB
_KNOWN: WeakTensorKeyDictionary = WeakTensorKeyDictionary()


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

    *Choice:* where the gradient to the maps is wanted, wide kernels of many channels are applied in
    frequency space: DeepSEA's third convolution takes a third of the time on a CPU, a quarter on a
    GPU, with rounding errors of the same size (`python -m bench.convolutions`).

    Parameters
    ----------
    x : (row, channel, position)
    kernel : (out, channel / groups, width)
    bias : (out,), optional
    stride, padding, dilation : sequence of one int
    groups : int
    """
    made = None
    if stride[0] == dilation[0] == groups == 1:
        made = _in_frequency_space(x, kernel, bias, padding[0])
    if made is None:
        return functional.conv1d(x, kernel, bias, stride, padding, dilation, groups)
    return made


def conv2d(
    x: Tensor,
    kernel: Tensor,
    bias: Tensor | None = None,
    stride: Sequence[int] = (1, 1),
    padding: Sequence[int] = (0, 0),
    dilation: Sequence[int] = (1, 1),
    groups: int = 1,
) -> Tensor:
    """Convolve as `aten.conv2d` does; maps and kernels of height 1 as `conv1d` does.

    Parameters
    ----------
    x : (row, channel, height, position)
    kernel : (out, channel / groups, height, width)
    bias : (out,), optional
    stride, padding, dilation : sequence of two ints
    groups : int
    """
    made, flat = None, x.shape[2] == kernel.shape[2] == 1 and padding[0] == 0
    if flat and stride[1] == dilation[1] == groups == 1:
        made = _in_frequency_space(x[:, :, 0], kernel, bias, padding[1])
    if made is None:
        return functional.conv2d(x, kernel, bias, stride, padding, dilation, groups)
    return made[:, :, None]


def exact_gradient(x: Tensor) -> bool:
    """Tell whether a gradient is wanted, without rounding."""
    wanted = x.requires_grad and torch.is_grad_enabled()
    full = x.dtype in (torch.float32, torch.float64)
    return wanted and full and not torch.is_autocast_enabled(x.device.type)


def _in_frequency_space(
    x: Tensor, kernel: Tensor, bias: Tensor | None, padding: int
) -> Tensor | None:
    """Convolve maps (row, channel, position), or return None where it does not pay."""
    if len(x) < FEWEST_ROWS or kernel.requires_grad or not exact_gradient(x):
        return None
    n_out, n_channels, *_, width = kernel.shape
    tile = tile_length(n_channels, n_out, width, x.shape[2] + 2 * padding)
    if tile is None:
        return None
    padded = functional.pad(x, (padding, padding)) if padding else x
    made: Any = FrequencyConvolution.apply(padded, kernel, tile)
    return made if bias is None else made + bias[:, None]


@dataclass(frozen=True)
class Transformed:
    """A kernel in frequency space: its convolution is `back @ (kernel * (into @ x))`.

    Attributes
    ----------
    into : (product, position of a tile)
    kernel : (product, channel, out)
    back : (product, position of the result)
    """

    into: Tensor
    kernel: Tensor
    back: Tensor


@lru_cache(maxsize=1024)
def tile_length(n_channels: int, n_out: int, width: int, length: int) -> int | None:
    """Return the positions of a tile that take fewest products, or None where no tile pays.

    Parameters
    ----------
    n_channels, n_out, width : int
        Of the kernel.
    length : int
        Positions of the maps, padding included.
    """
    most = _LARGEST // (n_channels * n_out)
    tiles = [t for t in range(width, min(length, LONGEST_TILE) + 1) if _n_products(t) <= most]
    shape = n_channels, n_out, width, length
    best = min(tiles, key=lambda tile: tiled_macs(*shape, tile), default=None)
    usual = (length - width + 1) * width * n_channels * n_out
    return best if best and tiled_macs(*shape, best) * _GAIN < usual else None


def tiled_macs(n_channels: int, n_out: int, width: int, length: int, tile: int) -> int:
    """Count the multiply-adds of a row in frequency space, the transforms among them."""
    new = tile - width + 1
    n_tiles = -(-(length - width + 1) // new)
    transforms = n_channels * tile + n_out * new
    return n_tiles * _n_products(tile) * (n_channels * n_out + transforms)


def _n_products(tile: int) -> int:
    """Count three products for each pair of frequencies, one for a real frequency."""
    return 3 * ((tile - 1) // 2) + 1 + (tile % 2 == 0)


def transformed(kernel: Tensor, tile: int) -> Transformed:
    """Return a kernel (out, channel, [1,] width) in frequency space, made once for each tile."""
    known: dict[int, Transformed] = _KNOWN.setdefault(kernel, {})  # type: ignore[assignment]
    if tile not in known:
        known[tile] = _transform(kernel.detach().flatten(2), tile)
    return known[tile]


def _transform(kernel: Tensor, tile: int) -> Transformed:
    """Transform in double precision; three real products make a complex one (Gauss).

    With X the spectrum of a tile and W that of the kernel, conjugated: Re(XW) = a - c and
    Im(XW) = a + b, of a = (Re X + Im X) Re W, b = Re X (Im W - Re W), c = Im X (Re W + Im W).
    """
    width = kernel.shape[2]
    n_real = 1 + (tile % 2 == 0)
    frequency = torch.arange(tile // 2 + 1, dtype=torch.float64)
    angle = 2 * math.pi / tile * frequency[:, None] * torch.arange(tile)
    cos, sin = torch.cos(angle), torch.sin(angle)
    real = torch.ones(len(frequency), dtype=torch.bool)
    real[1 : len(frequency) - n_real + 1] = False
    weight = (2 - real.double())[:, None] / tile
    c, s = cos[~real], sin[~real]
    into = torch.cat([cos[real], c - s, c, -s])
    of_kernel = torch.cat([cos[real], c, s - c, c + s])[:, :width]
    c, s = (weight * cos)[~real], (weight * sin)[~real]
    back = torch.cat([(weight * cos)[real], c - s, -s, -c])[:, : tile - width + 1]
    into, of_kernel, back = (matrix.to(kernel.device) for matrix in (into, of_kernel, back))
    products = torch.empty(
        len(into), kernel.shape[1], kernel.shape[0], dtype=kernel.dtype, device=kernel.device
    )
    places = kernel.permute(1, 0, 2).double()
    for product, row in zip(products, of_kernel, strict=True):  # one by one: they are large
        product.copy_(places @ row)
    return Transformed(into.to(kernel.dtype), products, back.to(kernel.dtype))


class FrequencyConvolution(torch.autograd.Function):
    """Convolution without padding in frequency space; its gradient is to the maps alone.

    The maps are cut into tiles that overlap by the kernel's width less one (overlap-save).
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: Tensor, tile: int) -> Tensor:
        """Convolve (row, channel, position) by (out, channel, [1,] width)."""
        by = ctx.by = transformed(kernel, tile)
        ctx.shape = x.shape
        n_out, width = kernel.shape[0], kernel.shape[-1]
        rows, n_channels, length = x.shape
        positions, new = length - width + 1, tile - width + 1
        n_tiles = -(-positions // new)
        tiles = _lengthened(x, (n_tiles - 1) * new + tile).unfold(2, tile, new).transpose(1, 2)
        spectra = by.into @ tiles.reshape(-1, tile).T
        del tiles  # each of these is as large as the maps or larger
        products = torch.bmm(spectra.view(-1, rows * n_tiles, n_channels), by.kernel)
        del spectra
        out = products.view(len(by.into), -1).T @ by.back
        del products
        out = out.view(rows, n_tiles, n_out, new).transpose(1, 2)
        return out.reshape(rows, n_out, -1)[:, :, :positions].contiguous()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        """Go the same way back, and add up where tiles overlap."""
        by, (gradient,) = ctx.by, gradients
        rows, n_channels, length = ctx.shape
        _, n_out, positions = gradient.shape
        tile, new = by.into.shape[1], by.back.shape[1]
        n_tiles = -(-positions // new)
        tiles = _lengthened(gradient, n_tiles * new).reshape(rows, n_out, n_tiles, new)
        spectra = by.back @ tiles.transpose(1, 2).reshape(-1, new).T
        del tiles
        products = torch.bmm(spectra.view(-1, rows * n_tiles, n_out), by.kernel.transpose(1, 2))
        del spectra
        to_tiles = products.view(len(by.into), -1).T @ by.into
        del products
        if n_tiles == 1:
            return to_tiles.view(rows, n_channels, tile), None, None
        to_tiles = to_tiles.view(rows, n_tiles, n_channels * tile).transpose(1, 2)
        whole = (1, (n_tiles - 1) * new + tile)
        to_maps = functional.fold(to_tiles, whole, (1, tile), stride=(1, new))
        return to_maps[:, :, 0, :length].contiguous(), None, None


def _lengthened(x: Tensor, length: int) -> Tensor:
    """Add zeros behind the last position."""
    missing = length - x.shape[2]
    return functional.pad(x, (0, missing)) if missing else x
