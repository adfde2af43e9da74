"""ATen operations with weights or windows: convolutions, poolings, products."""

# ruff: noqa: A002
from collections.abc import Callable, Sequence

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.constants import Constant, Pair
from deepresolve_dash.networks.formats.tracing import Known, Traced, Tracing

Ints = int | Sequence[int]


def convolution(n_axes: int) -> Callable[..., Traced]:
    """Return the reader of a convolution over so many axes."""

    def read(
        t: Tracing,
        input: Traced,
        weight: Traced,
        bias: Traced | None = None,
        stride: Ints = 1,
        padding: Ints | str = 0,
        dilation: Ints = 1,
        groups: int = 1,
    ) -> Traced:
        steps, apart = each(stride, n_axes), each(dilation, n_axes)
        if isinstance(padding, str):
            reach = [(t.size(weight, i + 2) - 1) * apart[i] for i in range(n_axes)]
            reach = reach if padding == "same" else [0] * n_axes
            borders = [(total // 2, total - total // 2) for total in reach]
        else:
            borders = [(size, size) for size in each(padding, n_axes)]
        if any(before != after for before, after in borders):
            flat = [size for pair in reversed(borders) for size in pair]
            input = t.add("aten.constant_pad_nd.default", input, flat, 0.0)
            borders = [(0, 0)] * n_axes
        zeros = [before for before, _ in borders]
        op = f"aten.conv{n_axes}d.default"
        return t.add(op, input, weight, bias, steps, zeros, apart, groups)

    return read


def transposed(n_axes: int) -> Callable[..., Traced]:
    """Return the reader of a transposed convolution over so many axes."""

    def read(
        t: Tracing,
        input: Traced,
        weight: Traced,
        bias: Traced | None = None,
        stride: Ints = 1,
        padding: Ints = 0,
        output_padding: Ints = 0,
        groups: int = 1,
        dilation: Ints = 1,
    ) -> Traced:
        op = "aten.conv_transpose1d.default" if n_axes == 1 else "aten.conv_transpose2d.input"
        sizes = [each(value, n_axes) for value in (stride, padding, output_padding)]
        return t.add(op, input, weight, bias, *sizes, groups, each(dilation, n_axes))

    return read


def any_convolution(
    t: Tracing,
    input: Traced,
    weight: Traced,
    bias: Traced | None,
    stride: Ints,
    padding: Ints,
    dilation: Ints,
    transposed_: bool,
    output_padding: Ints,
    groups: int,
) -> Traced:
    """Convolve, as decomposed programs say it."""
    n_axes = t.rank(weight) - 2
    if n_axes not in (1, 2):
        raise ModelFileError(f"A convolution over {n_axes} axes is not supported.")
    if transposed_:
        read = transposed(n_axes)
        return read(t, input, weight, bias, stride, padding, output_padding, groups, dilation)
    return convolution(n_axes)(t, input, weight, bias, stride, padding, dilation, groups)


def max_pool(n_axes: int, *, places: bool = False) -> Callable[..., Traced | list]:
    """Return the reader of max-pooling, and of that which tells the places too."""

    def read(
        t: Tracing,
        self: Traced,
        kernel_size: Ints,
        stride: Ints = (),
        padding: Ints = 0,
        dilation: Ints = 1,
        ceil_mode: bool = False,
    ) -> Traced | list:
        size = each(kernel_size, n_axes)
        rest = (each(padding, n_axes), each(dilation, n_axes), ceil_mode)
        step = each(stride, n_axes) if stride else size
        found = t.add(f"aten.max_pool{n_axes}d.default", self, size, step, *_short(rest, n_axes))
        return [found, None] if places else found

    return read


def average_pool(n_axes: int) -> Callable[..., Traced]:
    """Return the reader of average-pooling."""

    def read(
        t: Tracing,
        self: Traced,
        kernel_size: Ints,
        stride: Ints = (),
        padding: Ints = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: Known = None,
    ) -> Traced:
        if divisor_override is not None:
            raise ModelFileError("An average pooling with a divisor of its own is not supported.")
        size = each(kernel_size, n_axes)
        step = each(stride, n_axes) if stride else size
        border = each(padding, n_axes)
        rest = (border, ceil_mode, count_include_pad) if any(border) or ceil_mode else ()
        return t.add(f"aten.avg_pool{n_axes}d.default", self, size, step, *rest)

    return read


def adaptive_average(t: Tracing, self: Traced, output_size: Ints) -> Traced:
    """Average pooling to a number of positions."""
    return _adaptive(t, self, output_size, "aten.mean.dim", "aten.adaptive_avg_pool1d.default")


def adaptive_maximum(t: Tracing, self: Traced, output_size: Ints) -> list:
    """Max-pooling to a number of positions; their places are not told."""
    op = "own.adaptive_max_pool1d"
    return [_adaptive(t, self, output_size, "aten.amax.default", op), None]


def linear(t: Tracing, input: Traced, weight: Traced, bias: Traced | None = None) -> Traced:
    """Return a dense layer."""
    if isinstance(weight, Constant):
        return t.add("aten.linear.default", input, weight, bias)
    product = t.matmul(input, t.swap(weight, -2, -1))
    return product if bias is None else t.add("aten.add.Tensor", product, bias)


def add_product(
    t: Tracing,
    self: Traced,
    mat1: Traced | None = None,
    mat2: Traced | None = None,
    batch1: Traced | None = None,
    batch2: Traced | None = None,
    beta: float = 1,
    alpha: float = 1,
) -> Traced:
    """Add a product of matrices, as decomposed dense layers say it."""
    left, right = mat1 or batch1, mat2 or batch2
    if left is None or right is None or (beta, alpha) != (1, 1):
        raise ModelFileError("A product of matrices is scaled in a way that is not supported.")
    if isinstance(right, Constant) and isinstance(self, Constant) and t.rank(self) == 1:
        return t.add("aten.linear.default", left, t.permute(right, (1, 0)), self)
    return t.add("aten.add.Tensor", t.matmul(left, right), self)


def matmul(
    t: Tracing,
    self: Traced,
    other: Traced | None = None,
    mat2: Traced | None = None,
) -> Traced:
    """Multiply matrices."""
    right = other if other is not None else mat2
    assert right is not None
    return t.matmul(self, right)


def einsum(t: Tracing, equation: str, tensors: Sequence[Traced], **_: Known) -> Traced:
    """Sum products of one or two values; an ellipsis stands for the axes it leaves out."""
    given, arrow, out = equation.replace(" ", "").partition("->")
    terms = given.split(",")
    if len(terms) != len(tensors) or not 1 <= len(terms) <= 2:
        raise ModelFileError(f"The product '{equation[:40]}' is not supported.")
    spelled = []
    for term, tensor in zip(terms, tensors, strict=True):
        n_left_out = t.rank(tensor) - len(term.replace("...", ""))
        spelled.append(term.replace("...", "".join(chr(0x100 + i) for i in range(n_left_out))))
    left_out = sorted({letter for term in spelled for letter in term if ord(letter) >= 0x100})
    letters = sorted({letter for term in spelled for letter in term})
    if not arrow:
        both = "".join(spelled)
        out = "".join(letter for letter in letters if both.count(letter) == 1)
    numbers = {letter: number for number, letter in enumerate(letters)}
    axes = [[numbers[letter] for letter in term] for term in spelled]
    wanted = [numbers[letter] for letter in out.replace("...", "".join(left_out))]
    return t.add("own.einsum", list(tensors), axes, wanted)


def each(value: Ints, n_axes: int) -> list[int]:
    """Return one whole number per axis."""
    values = [value] if isinstance(value, int) else list(value)
    return values * n_axes if len(values) == 1 else values


def _short(rest: tuple, n_axes: int) -> tuple:
    """Leave out arguments that say nothing, so that the plain case stays plain."""
    return () if rest == ([0] * n_axes, [1] * n_axes, False) else rest


def _adaptive(t: Tracing, x: Traced, size: Ints, whole: str, part: str) -> Traced:
    """Pool to a number of positions; to one, over all."""
    n_axes = t.rank(x) - 2
    sizes = each(size, n_axes)
    own = [s if not isinstance(s, Pair) else None for s in t.shape(x)[2:]]
    axes = [i + 2 for i, (wanted, s) in enumerate(zip(sizes, own, strict=True)) if wanted != s]
    if all(wanted == 1 for wanted in sizes):
        return t.add(whole, x, list(range(2, n_axes + 2)), True)
    if n_axes == 1:
        return t.add(part, x, sizes)
    if len(axes) == 1 and own[3 - axes[0]] == 1:
        flat = t.squeeze(x, [5 - axes[0]])
        return t.unsqueeze(t.add(part, flat, [sizes[axes[0] - 2]]), 5 - axes[0])
    raise ModelFileError("An adaptive pooling over two axes is not supported.")
