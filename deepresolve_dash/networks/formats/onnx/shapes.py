"""ONNX operations that move, repeat or drop values."""

import math

import torch

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.constants import Constant, Pair, fixed, fold, side
from deepresolve_dash.networks.formats.onnx.node import OnnxNode
from deepresolve_dash.networks.formats.tracing import Traced, Tracing

_FAR = 2**31 - 1


def same(t: Tracing, node: OnnxNode) -> Traced:
    """Operations that change nothing here."""
    return node.data()


def dropout(t: Tracing, node: OnnxNode) -> Traced:
    """Dropout, which is off at prediction."""
    return t.keep(node.data())


def cast(t: Tracing, node: OnnxNode) -> Traced:
    """Conversions; every floating-point number that the sequence changes is a float32 here."""
    x, to = node.data(), node.attributes["to"]
    kinds = {1: torch.float32, 6: torch.int32, 7: torch.int64, 9: torch.bool, 10: torch.float32}
    kind = kinds.get(to, torch.float32 if to in (11, 16) else None)
    if kind is None or (not isinstance(x, Constant) and not kind.is_floating_point):
        raise ModelFileError("The model converts numbers in a way that is not supported.")
    return fold(torch.Tensor.to, [x, kind]) if isinstance(x, Constant) else x


def shape(t: Tracing, node: OnnxNode) -> Traced:
    """Return the shape of a value, or some of its sizes."""
    sizes = t.shape(node.data())
    sizes = sizes[node.attributes.get("start", 0) : node.attributes.get("end", _FAR)]
    return _known(sizes)


def reshape(t: Tracing, node: OnnxNode) -> Traced:
    """Give a value another shape; 0 keeps a size."""
    own, sizes = t.shape(node.data()), node.sizes("shape", 1) or []
    if not node.attributes.get("allowzero"):
        sizes = [own[axis] if size == 0 else size for axis, size in enumerate(sizes)]
    return t.reshape(node.data(), sizes)


def flatten(t: Tracing, node: OnnxNode) -> Traced:
    """Flatten to two axes."""
    x, axis = node.data(), node.attributes.get("axis", 1)
    if axis == 1 and not isinstance(x, Constant):
        return x if t.rank(x) == 2 else t.add("aten.flatten.using_ints", x, 1)
    raise ModelFileError(f"A flattening from axis {axis} on is not supported.")


def transpose(t: Tracing, node: OnnxNode) -> Traced:
    """Give the axes another order."""
    order = node.ints("perm") or list(reversed(range(t.rank(node.data()))))
    return t.permute(node.data(), order)


def squeeze(t: Tracing, node: OnnxNode) -> Traced:
    """Drop axes of size 1."""
    return t.squeeze(node.data(), node.ints("axes", 1))


def unsqueeze(t: Tracing, node: OnnxNode) -> Traced:
    """Add axes of size 1."""
    x, axes = node.data(), node.ints("axes", 1) or []
    rank = t.rank(x) + len(axes)
    for axis in sorted(axis % rank for axis in axes):
        x = t.unsqueeze(x, axis)
    return x


def concatenate(t: Tracing, node: OnnxNode) -> Traced:
    """Put values side by side."""
    values = [each for each in node.inputs if each is not None]
    if any(not isinstance(each, Constant) for each in values):
        values = t.rows(values)
    return t.add("aten.cat.default", values, t.axis(values[0], node.attributes["axis"]))


def split(t: Tracing, node: OnnxNode) -> list[Traced]:
    """Cut an axis into pieces."""
    x, axis = node.data(), node.attributes.get("axis", 0)
    sizes = node.ints("split", 1)
    if sizes is None:
        each = -(-t.size(x, axis) // node.n_outputs)
        left = t.size(x, axis)
        sizes = [min(each, left - each * i) for i in range(node.n_outputs)]
    return t.split(x, sizes, t.axis(x, axis))


def slice_(t: Tracing, node: OnnxNode) -> Traced:
    """Take stretches of axes; a negative step goes backwards."""
    x = node.data()
    starts, ends = node.sizes("starts", 1) or [], node.sizes("ends", 2) or []
    axes = node.ints("axes", 3) or list(range(len(starts)))
    steps = node.ints("steps", 4) or [1] * len(starts)
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        size = t.shape(x)[t.axis(x, axis)]
        end = _FAR if end == size and step > 0 else end
        if isinstance(start, Pair) or isinstance(end, Pair):
            raise ModelFileError("The model takes a stretch that follows the batch.")
        x = (
            _backwards(t, x, axis, start, end, step)
            if step < 0
            else t.slice(x, axis, start, end, step)
        )
    return x


def gather(t: Tracing, node: OnnxNode) -> Traced:
    """Take places of an axis."""
    x, places = node.data(), node.data(1)
    axis = node.attributes.get("axis", 0)
    if not isinstance(places, Constant):
        raise ModelFileError("The model picks values by indices that the sequence decides.")
    if isinstance(x, Constant):
        return fold(_gathered, [x, places, axis])
    if not places.fixed:
        raise ModelFileError("The model picks values by indices that follow the batch.")
    if places.two.ndim == 0:
        return t.select(x, axis, int(places.two))
    size, axis = t.size(x, axis), t.axis(x, axis)
    taken = t.add("own.take", x, axis, [int(each) % size for each in places.two.flatten()])
    own = t.shape(x)
    return t.reshape(taken, [*own[:axis], *places.two.shape, *own[axis + 1 :]])


def gather_nd(t: Tracing, node: OnnxNode) -> Traced:
    """Take places of the first axes by known indices."""
    x, places = node.data(), node.data(1)
    if not isinstance(places, Constant) or not places.fixed or node.attributes.get("batch_dims"):
        raise ModelFileError("The model picks values by indices in a way that is not supported.")
    indices = places.two
    sizes = [t.size(x, axis) for axis in range(indices.shape[-1])]
    flat = torch.zeros(indices.shape[:-1], dtype=torch.int64)
    for size, index in zip(sizes, indices.unbind(-1), strict=True):
        flat = flat * size + torch.where(index < 0, index + size, index)
    rest = t.shape(x)[len(sizes) :]
    one_axis = t.reshape(x, [math.prod(sizes), *rest])
    taken = t.add("own.take", one_axis, 0, [int(each) for each in flat.flatten()])
    return t.reshape(taken, [*flat.shape, *rest])


def expand(t: Tracing, node: OnnxNode) -> Traced:
    """Repeat axes of size 1, in either value."""
    x, sizes = node.data(), node.sizes("shape", 1) or []
    own = t.shape(x)
    sizes = [1] * (len(own) - len(sizes)) + sizes
    own = [1] * (len(sizes) - len(own)) + own
    both = [a if b == 1 else b for a, b in zip(own, sizes, strict=True)]
    while t.rank(x) < len(both):
        x = t.unsqueeze(x, 0)
    return t.expand(x, both)


def tile(t: Tracing, node: OnnxNode) -> Traced:
    """Repeat a value along its axes."""
    times = node.sizes("repeats", 1) or []
    if isinstance(node.data(), Constant):
        return fold(torch.tile, [node.data(), times])
    if not any(isinstance(each, Pair) for each in times):
        return t.add("aten.repeat.default", node.data(), times)
    return t.expand(node.data(), [-1 if each == 1 else each for each in times])


def pad(t: Tracing, node: OnnxNode) -> Traced:
    """Pad, or crop where a border is negative."""
    x, sizes = node.data(), node.ints("pads", 1) or []
    axes = node.ints("axes", 3) or list(range(t.rank(x)))
    borders = {t.axis(x, axis): (sizes[i], sizes[i + len(axes)]) for i, axis in enumerate(axes)}
    flat = [n for axis in reversed(range(t.rank(x))) for n in borders.get(axis, (0, 0))]
    while flat[-2:] == [0, 0]:
        flat = flat[:-2]
    mode = node.attributes.get("mode", "constant")
    if not flat:
        return x
    if mode == "constant":
        return t.add("aten.constant_pad_nd.default", x, flat, node.number("value", 2, 0.0))
    name = {"reflect": "reflection", "edge": "replication"}.get(mode)
    if name is None or len(flat) != 2:
        raise ModelFileError(f"The padding '{mode}' is not supported.")
    return t.add(f"aten.{name}_pad1d.default", x, flat)


def constant_of_shape(t: Tracing, node: OnnxNode) -> Traced:
    """Make an array of one number."""
    value = node.attributes.get("value")
    fill = value.two.flatten()[0] if value is not None else torch.zeros(())
    options = {"dtype": fill.dtype}
    return fold(torch.full, [node.sizes("shape", 0) or [], fill.item()], options, factory=True)


def range_(t: Tracing, node: OnnxNode) -> Traced:
    """Make an array of numbers in a row."""
    if not all(isinstance(each, Constant) for each in node.inputs):
        raise ModelFileError("The model counts up to a number that the sequence decides.")
    ends = [_single(each) for each in node.inputs if isinstance(each, Constant)]
    return fold(torch.arange, ends, factory=True)


def resize(t: Tracing, node: OnnxNode) -> Traced:
    """Interpolate or repeat positions to another length."""
    x = node.data()
    new = node.operation == "Resize" and node.opset > 10
    sizes = node.ints("sizes", 3) if new else None
    if sizes is None:
        scales = node.attributes.get("scales") or _floats(node.input(2 if new else 1))
        own = [size if isinstance(size, int) else 0 for size in t.shape(x)]
        sizes = [int(size * scale) for size, scale in zip(own, scales, strict=True)]
    mode = node.attributes.get("mode", "nearest")
    spot = node.attributes.get("coordinate_transformation_mode", "half_pixel")
    spatial = sizes[2:]
    if mode == "nearest" and (spot == "asymmetric" or _whole(t, x, spatial)):
        return t.add(f"aten.upsample_nearest{len(spatial)}d.default", x, spatial)
    if mode == "linear" and len(spatial) == 1 and "half_pixel" in spot:
        return t.add("aten.upsample_linear1d.default", x, spatial, False)
    if mode == "linear" and len(spatial) == 1 and spot == "align_corners":
        return t.add("aten.upsample_linear1d.default", x, spatial, True)
    raise ModelFileError(f"A resizing of the kind '{mode}', '{spot}' is not supported.")


def cumulative(t: Tracing, node: OnnxNode) -> Traced:
    """Return sums from the first place of an axis on."""
    axis = node.number("axis", 1)
    if node.attributes.get("exclusive") or node.attributes.get("reverse") or axis is None:
        raise ModelFileError("A cumulative sum of this kind is not supported.")
    return t.add("aten.cumsum.default", node.data(), t.axis(node.data(), int(axis)))


def triangle(t: Tracing, node: OnnxNode) -> Traced:
    """Keep one half of a known matrix."""
    if not isinstance(node.data(), Constant):
        raise ModelFileError("The model masks values in a way that is not supported.")
    name = torch.triu if node.attributes.get("upper", 1) else torch.tril
    return fold(name, [node.data(), int(node.number("k", 1, 0) or 0)])


def constant(t: Tracing, node: OnnxNode) -> Traced:
    """Return a known array, or numbers."""
    if "value" in node.attributes:
        return node.attributes["value"]
    for name, kind in (("int", torch.int64), ("float", torch.float32)):
        for ending in ("", "s"):
            if f"value_{name}{ending}" in node.attributes:
                value = node.attributes[f"value_{name}{ending}"]
                return fixed(torch.tensor(value, dtype=kind))
    raise ModelFileError("A constant of the model is of a kind that is not read.")


def _backwards(t: Tracing, x: Traced, axis: int, start: int, end: int, step: int) -> Traced:
    """Take places of an axis backwards."""
    size = t.size(x, axis)
    places = list(range(size))[slice(start, None if end < -size else end, step)]
    if places == list(reversed(range(size))):
        return t.add("aten.flip.default", x, [t.axis(x, axis)])
    return t.add("own.take", x, t.axis(x, axis), places)


def _gathered(x: torch.Tensor, places: torch.Tensor, axis: int) -> torch.Tensor:
    """Return places of an axis of a known array."""
    places = torch.where(places < 0, places + x.shape[axis], places)
    found = x.index_select(axis, places.flatten())
    return found.reshape([*x.shape[:axis], *places.shape, *x.shape[axis:][1:]])


def _known(sizes: list) -> Constant:
    """Return sizes as a known array."""
    two, three = (torch.tensor(side(sizes, which), dtype=torch.int64) for which in (0, 1))
    return Constant(two, two if torch.equal(two, three) else three, "shape")


def _single(constant: Constant) -> Pair | int | float:
    """Return a known number."""
    two, three = constant.two.item(), constant.three.item()
    return two if two == three else Pair(two, three)


def _floats(value: Traced | None) -> list[float]:
    """Return known numbers."""
    if not isinstance(value, Constant):
        raise ModelFileError("The model resizes by a factor that is not known beforehand.")
    return [float(each) for each in value.two.flatten()]


def _whole(t: Tracing, x: Traced, sizes: list[int]) -> bool:
    """Tell whether sizes are whole multiples of what they were."""
    return all(size % int(own) == 0 for size, own in zip(sizes, t.shape(x)[2:], strict=True))  # pyright: ignore
