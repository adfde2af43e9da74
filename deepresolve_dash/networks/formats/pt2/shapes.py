"""ATen operations that move, repeat or drop values."""

# ruff: noqa: A002
import math
from collections.abc import Sequence

import torch

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.constants import Constant, Pair
from deepresolve_dash.networks.formats.sizes import Size
from deepresolve_dash.networks.formats.tracing import Known, Traced, Tracing


def same(t: Tracing, self: Traced, **_: Known) -> Traced:
    """Operations that change nothing here: copies, conversions, layouts."""
    return self


def convert(
    t: Tracing,
    self: Traced,
    other: Traced | None = None,
    dtype: torch.dtype | None = None,
    **_: Known,
) -> Traced:
    """Conversions; every floating-point number is a float32 here."""
    if dtype is not None and not dtype.is_floating_point:
        raise ModelFileError("The model rounds values to whole numbers, which is not supported.")
    return self


def dropout(t: Tracing, input: Traced, p: Known = None, train: Known = None) -> Traced:
    """Dropout, which is off at prediction."""
    return t.keep(input)


def reshape(
    t: Tracing, self: Traced, size: Sequence[Size] = (), shape: Sequence[Size] = ()
) -> Traced:
    """View, reshape."""
    return t.reshape(self, list(size or shape))


def flatten(t: Tracing, self: Traced, start_dim: int = 0, end_dim: int = -1) -> Traced:
    """Flatten several axes into one."""
    sizes = t.shape(self)
    start, end = t.axis(self, start_dim), t.axis(self, end_dim)
    if start == 1 and end == len(sizes) - 1 and not isinstance(self, Constant):
        return self if end == 1 else t.add("aten.flatten.using_ints", self, 1)
    return t.reshape(self, [*sizes[:start], _product(sizes[start : end + 1]), *sizes[end + 1 :]])


def unflatten(t: Tracing, self: Traced, dim: int, sizes: Sequence[Size]) -> Traced:
    """Make several axes of one."""
    own = t.shape(self)
    axis = t.axis(self, dim)
    inner = list(sizes)
    if -1 in inner:
        known = math.prod(int(s) for s in inner if not isinstance(s, Pair) and s != -1)
        inner[inner.index(-1)] = _divided(own[axis], known)
    return t.reshape(self, [*own[:axis], *inner, *own[axis + 1 :]])


def transpose(t: Tracing, self: Traced, dim0: int, dim1: int) -> Traced:
    """Swap two axes."""
    return t.swap(self, dim0, dim1)


def matrix_transpose(t: Tracing, self: Traced) -> Traced:
    """Swap the last two axes."""
    return t.swap(self, -2, -1) if t.rank(self) > 1 else self


def permute(t: Tracing, self: Traced, dims: Sequence[int]) -> Traced:
    """Give the axes another order."""
    return t.permute(self, dims)


def move_axes(
    t: Tracing, self: Traced, source: int | Sequence[int], destination: int | Sequence[int]
) -> Traced:
    """Move axes elsewhere, the others keeping their order."""
    sources, targets = (
        [t.axis(self, axis) for axis in ([axes] if isinstance(axes, int) else axes)]
        for axes in (source, destination)
    )
    order = [axis for axis in range(t.rank(self)) if axis not in sources]
    for target, axis in sorted(zip(targets, sources, strict=True)):
        order.insert(target, axis)
    return t.permute(self, order)


def expand(t: Tracing, self: Traced, size: Sequence[Size], implicit: bool = False) -> Traced:
    """Repeat axes of size 1."""
    return t.expand(self, size)


def expand_as(t: Tracing, self: Traced, other: Traced) -> Traced:
    """Repeat axes of size 1 as another value has them."""
    return t.expand(self, t.shape(other))


def repeat(
    t: Tracing, self: Traced, repeats: Sequence[Size] = (), dims: Sequence[Size] = ()
) -> Traced:
    """Repeat a value along its axes."""
    times = list(repeats or dims)
    if not any(isinstance(each, Pair) for each in times):
        return t.add("aten.repeat.default", self, times)
    if any(size != 1 for each, size in zip(times, t.shape(self), strict=True) if each != 1):
        raise ModelFileError("The model repeats its batch in an odd way.")
    return t.expand(self, [-1 if each == 1 else each for each in times])


def repeat_each(t: Tracing, self: Traced, repeats: int, dim: int = 0, **_: Known) -> Traced:
    """Repeat every place of an axis."""
    sizes, axis = t.shape(self), t.axis(self, dim)
    x = t.expand(t.unsqueeze(self, axis + 1), [*sizes[: axis + 1], repeats, *sizes[axis + 1 :]])
    return t.reshape(x, [*sizes[:axis], _product([sizes[axis], repeats]), *sizes[axis + 1 :]])


def slice_(
    t: Tracing,
    self: Traced,
    dim: int = 0,
    start: Size | None = None,
    end: Size | None = None,
    step: int = 1,
) -> Traced:
    """Take a stretch of an axis."""
    if end == t.shape(self)[t.axis(self, dim)]:
        end = None
    if isinstance(start, Pair) or isinstance(end, Pair):
        raise ModelFileError("The model takes a stretch that follows the batch.")
    return t.slice(self, dim, start or 0, 2**63 - 1 if end is None else end, step)


def narrow(t: Tracing, self: Traced, dim: int, start: int, length: int) -> Traced:
    """Take a stretch of an axis."""
    return t.slice(self, dim, start, start + length)


def select(t: Tracing, self: Traced, dim: int, index: int) -> Traced:
    """Take one place of an axis."""
    return t.select(self, dim, index)


def split(t: Tracing, self: Traced, split_size: int, dim: int = 0) -> list[Traced]:
    """Cut an axis into pieces of a size, the last one shorter."""
    size = t.size(self, dim)
    sizes = [min(split_size, size - start) for start in range(0, size, max(split_size, 1))]
    return t.split(self, sizes, t.axis(self, dim))


def split_sizes(t: Tracing, self: Traced, split_sizes: Sequence[int], dim: int = 0) -> list[Traced]:
    """Cut an axis into pieces of these sizes."""
    return t.split(self, split_sizes, t.axis(self, dim))


def chunk(t: Tracing, self: Traced, chunks: int, dim: int = 0) -> list[Traced]:
    """Cut an axis into a number of pieces."""
    return split(t, self, -(-t.size(self, dim) // chunks), dim)


def unbind(t: Tracing, self: Traced, dim: int = 0) -> list[Traced]:
    """Take all places of an axis."""
    return [t.select(self, dim, index) for index in range(t.size(self, dim))]


def index(t: Tracing, self: Traced, indices: Sequence[Traced | None]) -> Traced:
    """Take places of one axis by a list of numbers, or by a mask."""
    known = [(axis, each) for axis, each in enumerate(indices) if each is not None]
    if len(known) != 1:
        raise ModelFileError("The model picks values by indices in a way that is not supported.")
    axis, wanted = known[0]
    return index_select(t, self, axis, wanted)


def index_select(t: Tracing, self: Traced, dim: int, index: Traced) -> Traced:
    """Take places of one axis by a list of numbers."""
    if not isinstance(index, Constant) or not index.fixed:
        raise ModelFileError("The model picks values by indices that the sequence decides.")
    return _take(t, self, dim, index.two)


def concatenate(t: Tracing, tensors: Sequence[Traced], dim: int = 0) -> Traced:
    """Put values side by side."""
    values = [each for each in t.rows(tensors) if t.shape(each) != [0]]
    return t.add("aten.cat.default", values, t.axis(values[0], dim))


def stack(t: Tracing, tensors: Sequence[Traced], dim: int = 0) -> Traced:
    """Put values side by side on a new axis."""
    values = t.rows(tensors)
    return t.add("aten.stack.default", values, dim % (t.rank(values[0]) + 1))


def squeeze(t: Tracing, self: Traced, dim: int | Sequence[int] | None = None) -> Traced:
    """Drop axes of size 1."""
    return t.squeeze(self, [dim] if isinstance(dim, int) else dim)


def unsqueeze(t: Tracing, self: Traced, dim: int) -> Traced:
    """Add an axis of size 1."""
    return t.unsqueeze(self, dim)


def flip(t: Tracing, self: Traced, dims: Sequence[int]) -> Traced:
    """Turn axes around."""
    return t.add("aten.flip.default", self, [t.axis(self, axis) for axis in dims])


def roll(t: Tracing, self: Traced, shifts: Sequence[int], dims: Sequence[int] = ()) -> Traced:
    """Turn axes like a wheel."""
    return t.add("aten.roll.default", self, shifts, [t.axis(self, axis) for axis in dims])


def pad(
    t: Tracing, self: Traced, pad: Sequence[int], mode: str = "constant", value: float | None = None
) -> Traced:
    """Pad, or crop where a border is negative."""
    if mode == "constant":
        if not any(pad):
            return self
        return t.add("aten.constant_pad_nd.default", self, list(pad), value or 0.0)
    name = {"reflect": "reflection", "replicate": "replication"}.get(mode)
    if name is None or len(pad) != 2:
        raise ModelFileError(f"The padding '{mode}' is not supported.")
    return t.add(f"aten.{name}_pad1d.default", self, list(pad))


def size_of(t: Tracing, self: Traced, dim: int) -> Size:
    """Return the size of an axis."""
    return t.shape(self)[t.axis(self, dim)]


def upsample_nearest(
    t: Tracing,
    input: Traced,
    output_size: Sequence[int] | None = None,
    scale_factors: Sequence[float] | None = None,
    **_: Known,
) -> Traced:
    """Repeat positions to another length."""
    sizes = _upsampled(t, input, output_size, scale_factors)
    return t.add(f"aten.upsample_nearest{len(sizes)}d.default", input, sizes)


def upsample_linear(
    t: Tracing,
    input: Traced,
    output_size: Sequence[int] | None = None,
    align_corners: bool = False,
    scale_factors: Sequence[float] | None = None,
    **_: Known,
) -> Traced:
    """Interpolate positions to another length."""
    sizes = _upsampled(t, input, output_size, scale_factors)
    return t.add("aten.upsample_linear1d.default", input, sizes, align_corners)


def _upsampled(
    t: Tracing, x: Traced, sizes: Sequence[int] | None, factors: Sequence[float] | None
) -> list[int]:
    """Return the sizes after an upsampling."""
    if sizes is not None:
        return list(sizes)
    own = t.shape(x)[2:]
    return [int(int(size) * times) for size, times in zip(own, factors or (), strict=True)]  # pyright: ignore


def _take(t: Tracing, x: Traced, axis: int, wanted: torch.Tensor) -> Traced:
    """Take places of an axis; a mask takes those where it is true."""
    if wanted.ndim != 1:
        raise ModelFileError("The model picks values by indices in a way that is not supported.")
    if wanted.dtype == torch.bool:
        wanted = wanted.nonzero().flatten()
    size = t.size(x, axis)
    places = [int(each) % max(size, 1) for each in wanted]
    if not all(-size <= int(each) < size for each in wanted):
        raise ModelFileError(f"An axis of {size} places is asked for others.")
    return t.add("own.take", x, t.axis(x, axis), places)


def _product(sizes: Sequence[Size]) -> Size:
    """Multiply sizes."""
    two = math.prod(s.two if isinstance(s, Pair) else s for s in sizes)
    three = math.prod(s.three if isinstance(s, Pair) else s for s in sizes)
    return int(two) if two == three else Pair(two, three)


def _divided(size: Size, by: int) -> Size:
    """Divide a size."""
    by = max(by, 1)
    return Pair(size.two // by, size.three // by) if isinstance(size, Pair) else size // by
