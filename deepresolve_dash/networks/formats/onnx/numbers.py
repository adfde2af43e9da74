"""ONNX operations on numbers: functions of one, arithmetic, sums along axes."""

from collections.abc import Callable, Sequence
from functools import reduce as fold_left
from typing import TypeGuard

import torch

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.constants import Constant, fold
from deepresolve_dash.networks.formats.onnx.node import OnnxNode
from deepresolve_dash.networks.formats.tracing import Traced, Tracing, is_live

_KNOWN_ONLY = {
    "And": torch.logical_and,
    "Ceil": torch.ceil,
    "Floor": torch.floor,
    "Mod": torch.remainder,
    "Or": torch.logical_or,
    "Round": torch.round,
    "Sign": torch.sign,
}
"""Operations that are evaluated, and only when all that goes in is known beforehand."""


def simple(op: str, *names: tuple[str, float]) -> Callable[..., Traced]:
    """Return the reader of a function of one number with attributes (name, usual value)."""

    def read(t: Tracing, node: OnnxNode) -> Traced:
        given = [node.attributes.get(name, usual) for name, usual in names]
        return t.add(op, node.data(), *given)

    return read


def gelu(t: Tracing, node: OnnxNode) -> Traced:
    """GELU, or its approximation."""
    tanh = node.attributes.get("approximate", "none") == "tanh"
    return t.add("own.gelu_tanh" if tanh else "aten.gelu.default", node.data())


def prelu(t: Tracing, node: OnnxNode) -> Traced:
    """Return x where positive, a slope times x elsewhere."""
    return t.add("own.prelu", node.data(), node.data(1))


def clip(t: Tracing, node: OnnxNode) -> Traced:
    """Keep values between two bounds."""
    return t.add("aten.clamp.default", node.data(), node.number("min", 1), node.number("max", 2))


def power(t: Tracing, node: OnnxNode) -> Traced:
    """Raise to a power."""
    exponent = node.data(1)
    if _is_number(exponent):
        return t.add("aten.pow.Tensor_Scalar", node.data(), float(exponent.two))
    return t.add("aten.pow.Tensor_Tensor", node.data(), exponent)


def arithmetic(op: str) -> Callable[..., Traced]:
    """Return the reader of an operation of two values."""

    def read(t: Tracing, node: OnnxNode) -> Traced:
        both = node.data(), node.data(1)
        if op == "div" and all(_is_whole(each) for each in both):
            return fold(torch.div, list(both), {"rounding_mode": "trunc"})
        if not is_live(both):
            return fold(getattr(torch, op), list(both))
        first, second = (_finite(t, each) if op == "add" else each for each in both)
        if is_live(first) and _is_number(second) and t.rank(second) <= t.rank(first):
            return t.add(f"aten.{op}.Tensor", first, float(second.two))
        return t.add(f"aten.{op}.Tensor", first, second)

    return read


def compare(name: str) -> Callable[..., Traced]:
    """Return the reader of a comparison."""

    def read(t: Tracing, node: OnnxNode) -> Traced:
        return t.add(f"aten.{name}.Tensor", node.data(), node.data(1))

    return read


def variadic(op: str) -> Callable[..., Traced]:
    """Return the reader of an operation of any number of values."""

    def read(t: Tracing, node: OnnxNode) -> Traced:
        values = [each for each in node.inputs if each is not None]
        found = fold_left(lambda a, b: t.add(op, a, b), values)
        if node.operation == "Mean":
            return t.add("aten.mul.Tensor", found, 1 / len(values))
        return found

    return read


def where(t: Tracing, node: OnnxNode) -> Traced:
    """Take one value or the other."""
    if not is_live(node.inputs):
        return fold(torch.where, list(node.inputs))
    return t.add("own.where", node.data(), *(_finite(t, node.data(place)) for place in (1, 2)))


def negate(t: Tracing, node: OnnxNode) -> Traced:
    """Return what is not true."""
    return t.add("aten.logical_not.default", node.data())


def known_only(t: Tracing, node: OnnxNode) -> Traced:
    """Evaluate an operation of known values."""
    if is_live(node.inputs):
        raise ModelFileError(f"The model uses {node.operation} on what the sequence changes.")
    return fold(_KNOWN_ONLY[node.operation], [each for each in node.inputs if each is not None])


def reduction(op: str) -> Callable[..., Traced]:
    """Return the reader of an operation that makes one number of some axes."""

    def read(t: Tracing, node: OnnxNode) -> Traced:
        x = node.data()
        axes = node.ints("axes", 1)
        if not axes:
            if node.attributes.get("noop_with_empty_axes"):
                return x
            axes = list(range(t.rank(x)))
        axes = sorted(t.axis(x, axis) for axis in axes)
        keep = bool(node.attributes.get("keepdims", 1))
        if not isinstance(x, Constant) and any(
            not isinstance(t.shape(x)[axis], int) for axis in axes
        ):
            raise ModelFileError("The model computes across the sequences of a batch.")
        return _reduced(t, op, x, axes, keep)

    return read


def softmax(name: str) -> Callable[..., Traced]:
    """Return the reader of softmax and log_softmax."""

    def read(t: Tracing, node: OnnxNode) -> Traced:
        x = node.data()
        axis = t.axis(x, node.attributes.get("axis", -1 if node.opset > 12 else 1))
        if node.opset < 13 and axis != t.rank(x) - 1:
            raise ModelFileError("A softmax over several axes at once is not supported.")
        return t.add(f"aten.{name}.int", x, axis)

    return read


def _reduced(t: Tracing, op: str, x: Traced, axes: Sequence[int], keep: bool) -> Traced:
    """Make one number of some axes."""
    if op == "product":
        return fold(lambda value, _: value.prod().reshape(1 if keep else []), [x, axes])
    if op == "norm":
        total = t.add("aten.sum.dim_IntList", t.add("aten.pow.Tensor_Scalar", x, 2), axes, keep)
        return t.add("aten.sqrt.default", total)
    if op == "squares":
        return t.add("aten.sum.dim_IntList", t.add("aten.pow.Tensor_Scalar", x, 2), axes, keep)
    return t.add(op, x, list(axes), keep)


def _is_whole(value: Traced) -> bool:
    """Tell whether a value is a known array of whole numbers."""
    return isinstance(value, Constant) and not value.two.is_floating_point()


def _is_number(value: Traced) -> TypeGuard[Constant]:
    """Tell whether a value is a known array of a single number."""
    return isinstance(value, Constant) and value.fixed and value.two.numel() == 1


def _finite(t: Tracing, value: Traced) -> Traced:
    """Return a value that may be a mask of minus infinity."""
    if isinstance(value, Constant) and value.two.is_floating_point() and value.two.isinf().any():
        return t.weight(value, mask=True)
    return value
