"""ONNX operations with weights or windows: convolutions, poolings, normalisation, products."""

import math
from collections.abc import Sequence

import torch

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.constants import fixed
from deepresolve_dash.networks.formats.onnx.node import OnnxNode
from deepresolve_dash.networks.formats.pt2.layers import add_product
from deepresolve_dash.networks.formats.pt2.layers import einsum as read_einsum
from deepresolve_dash.networks.formats.tracing import Traced, Tracing
from deepresolve_dash.networks.padding import inside_share

_Pairs = list[tuple[int, int]]


def convolution(t: Tracing, node: OnnxNode) -> Traced:
    """Convolve."""
    x, kernel = node.data(), node.data(1)
    sizes = [t.size(kernel, axis) for axis in range(2, t.rank(kernel))]
    steps, apart = (_each(node, name, len(sizes)) for name in ("strides", "dilations"))
    borders = _borders(t, node, x, sizes, steps, apart)
    x, border = _padded(t, x, borders, 0.0)
    op = f"aten.conv{_axes(sizes)}d.default"
    groups = node.attributes.get("group", 1)
    return t.add(op, x, kernel, node.input(2), steps, border, apart, groups)


def transposed(t: Tracing, node: OnnxNode) -> Traced:
    """Convolve the transposed way."""
    x, kernel = node.data(), node.data(1)
    n_axes = _axes(range(2, t.rank(kernel)))
    steps, apart = (_each(node, name, n_axes) for name in ("strides", "dilations"))
    more = _each(node, "output_padding", n_axes, 0)
    pads = node.ints("pads") or [0] * (2 * n_axes)
    before, after = pads[:n_axes], pads[n_axes:]
    kind = node.attributes.get("auto_pad", "NOTSET")
    if kind not in ("NOTSET", "VALID") or node.attributes.get("output_shape"):
        raise ModelFileError("A transposed convolution of a given length is not supported.")
    op = "aten.conv_transpose1d.default" if n_axes == 1 else "aten.conv_transpose2d.input"
    groups, bias = node.attributes.get("group", 1), node.input(2)
    if before == after:
        return t.add(op, x, kernel, bias, steps, before, more, groups, apart)
    x = t.add(op, x, kernel, bias, steps, [0] * n_axes, more, groups, apart)
    return _padded(t, x, [(-a, -b) for a, b in zip(before, after, strict=True)], 0.0)[0]


def max_pool(t: Tracing, node: OnnxNode) -> Traced:
    """Max-pooling."""
    x, sizes = node.data(), node.attributes["kernel_shape"]
    steps, apart = (_each(node, name, len(sizes)) for name in ("strides", "dilations"))
    borders = _borders(t, node, x, sizes, steps, apart)
    x, border = _padded(t, x, borders, -math.inf)
    ceil = bool(node.attributes.get("ceil_mode", 0))
    plain = not any(border) and set(apart) == {1} and not ceil
    rest = () if plain else (border, apart, ceil)
    return t.add(f"aten.max_pool{_axes(sizes)}d.default", x, sizes, steps, *rest)


def average_pool(t: Tracing, node: OnnxNode) -> Traced:
    """Average-pooling; the border counts or not."""
    x, sizes = node.data(), node.attributes["kernel_shape"]
    steps = _each(node, "strides", len(sizes))
    apart = _each(node, "dilations", len(sizes))
    borders = _borders(t, node, x, sizes, steps, apart)
    ceil = bool(node.attributes.get("ceil_mode", 0))
    counts = bool(node.attributes.get("count_include_pad", 0))
    op = f"aten.avg_pool{_axes(sizes)}d.default"
    if set(apart) != {1}:
        raise ModelFileError("An average pooling with gaps is not supported.")
    if all(before == after for before, after in borders):
        border = [before for before, _ in borders]
        rest = (border, ceil, counts) if any(border) or ceil else ()
        return t.add(op, x, sizes, steps, *rest)
    if ceil:
        raise ModelFileError("An average pooling with uneven borders is not supported.")
    lengths = [int(size) for size in t.shape(x)[2:]]  # pyright: ignore[reportArgumentType]
    x = t.add(op, _padded(t, x, borders, 0.0)[0], sizes, steps)
    if counts:
        return x
    share = 1 / inside_share(lengths, sizes, steps, borders)
    weight = fixed(torch.tensor(share, dtype=torch.float32), "share")
    return t.add("aten.mul.Tensor", x, weight)


def pool_all(op: str):  # noqa: ANN201
    """Return the reader of a pooling over all positions."""

    def read(t: Tracing, node: OnnxNode) -> Traced:
        x = node.data()
        return t.add(op, x, list(range(2, t.rank(x))), True)

    return read


def batch_norm(t: Tracing, node: OnnxNode) -> Traced:
    """Normalise a batch as at prediction."""
    if node.attributes.get("training_mode"):
        raise ModelFileError("The model was saved while training.", "Save it after model.eval().")
    epsilon = node.attributes.get("epsilon", 1e-5)
    values = [node.data(place) for place in range(5)]
    return t.add("aten.batch_norm.default", *values, False, 0.0, epsilon, False)


def layer_norm(t: Tracing, node: OnnxNode) -> Traced:
    """Normalise the last axes."""
    x, axis = node.data(), node.attributes.get("axis", -1)
    sizes = [t.size(x, each) for each in range(t.axis(x, axis), t.rank(x))]
    epsilon = node.attributes.get("epsilon", 1e-5)
    scale, shift = (
        None if each is None else t.reshape(each, sizes) for each in (node.input(1), node.input(2))
    )
    return t.add("aten.layer_norm.default", x, sizes, scale, shift, epsilon, False)


def rms_norm(t: Tracing, node: OnnxNode) -> Traced:
    """Divide by the root of the mean square of the last axes."""
    x, axis = node.data(), node.attributes.get("axis", -1)
    sizes = [t.size(x, each) for each in range(t.axis(x, axis), t.rank(x))]
    return t.add("aten.rms_norm.default", x, sizes, node.data(1), node.attributes["epsilon"])


def instance_norm(t: Tracing, node: OnnxNode) -> Traced:
    """Normalise every channel of every sequence."""
    epsilon = node.attributes.get("epsilon", 1e-5)
    rest = (None, None, True, 0.0, epsilon, False)
    return t.add("aten.instance_norm.default", node.data(), node.data(1), node.data(2), *rest)


def group_norm(t: Tracing, node: OnnxNode) -> Traced:
    """Normalise groups of channels; scales are per channel, in older versions per group."""
    n_groups, x = node.attributes["num_groups"], node.data()
    scale, shift = node.data(1), node.data(2)
    if node.opset < 21:
        times = t.size(x, 1) // n_groups
        scale, shift = (
            t.add("aten.flatten.using_ints", t.expand(t.unsqueeze(each, 1), [-1, times]), 0)
            for each in (scale, shift)
        )
    epsilon = node.attributes.get("epsilon", 1e-5)
    return t.add("aten.group_norm.default", x, n_groups, scale, shift, epsilon, False)


def gemm(t: Tracing, node: OnnxNode) -> Traced:
    """Multiply matrices and add."""
    alpha, beta = (node.attributes.get(name, 1.0) for name in ("alpha", "beta"))
    x = t.swap(node.data(), 0, 1) if node.attributes.get("transA") else node.data()
    kernel, shift = node.data(1), node.input(2)
    kernel = t.swap(kernel, 0, 1) if node.attributes.get("transB") else kernel
    if alpha != 1:
        kernel = t.add("aten.mul.Tensor", kernel, alpha)
    if shift is None:
        return t.matmul(x, kernel)
    shift = shift if beta == 1 else t.add("aten.mul.Tensor", shift, beta)
    return add_product(t, shift, x, kernel)


def matmul(t: Tracing, node: OnnxNode) -> Traced:
    """Multiply matrices."""
    return t.matmul(node.data(), node.data(1))


def einsum(t: Tracing, node: OnnxNode) -> Traced:
    """Sum products of one or two values."""
    values = [each for each in node.inputs if each is not None]
    return read_einsum(t, node.attributes["equation"], values)


def _each(node: OnnxNode, name: str, n_axes: int, otherwise: int = 1) -> list[int]:
    """Return one whole number per axis."""
    return list(node.attributes.get(name) or [otherwise] * n_axes)


def _axes(sizes: Sequence[int]) -> int:
    """Return the number of axes of positions."""
    if len(sizes) not in (1, 2):
        raise ModelFileError(f"Windows over {len(sizes)} axes are not supported.")
    return len(sizes)


def _borders(
    t: Tracing,
    node: OnnxNode,
    x: Traced,
    sizes: Sequence[int],
    steps: Sequence[int],
    apart: Sequence[int],
) -> _Pairs:
    """Return the border (before, after) of each axis, given or worked out."""
    kind = node.attributes.get("auto_pad", "NOTSET")
    if kind == "NOTSET":
        pads = node.attributes.get("pads") or [0] * (2 * len(sizes))
        return list(zip(pads[: len(sizes)], pads[len(sizes) :], strict=True))
    if kind == "VALID":
        return [(0, 0)] * len(sizes)
    pairs = []
    for axis, (size, step, gap) in enumerate(zip(sizes, steps, apart, strict=True)):
        length = t.size(x, axis + 2)
        total = max((-(-length // step) - 1) * step + (size - 1) * gap + 1 - length, 0)
        small, large = total // 2, total - total // 2
        pairs.append((small, large) if kind == "SAME_UPPER" else (large, small))
    return pairs


def _padded(t: Tracing, x: Traced, borders: _Pairs, value: float) -> tuple[Traced, list[int]]:
    """Pad where borders are uneven; returns what even border is left to do."""
    if all(before == after and before >= 0 for before, after in borders):
        return x, [before for before, _ in borders]
    flat = [size for pair in reversed(borders) for size in pair]
    return t.add("aten.constant_pad_nd.default", x, flat, value), [0] * len(borders)
