"""ATen operations on numbers: functions of one, arithmetic, sums along axes."""

# ruff: noqa: A002
import math
from collections.abc import Callable, Sequence

import torch

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.constants import Constant, fixed
from deepresolve_dash.networks.formats.tracing import Known, Traced, Tracing

Number = Traced | int | float


def gelu(t: Tracing, self: Traced, approximate: str = "none") -> Traced:
    """GELU, or its approximation."""
    return t.add("own.gelu_tanh" if approximate == "tanh" else "aten.gelu.default", self)


def hard_sigmoid(t: Tracing, self: Traced) -> Traced:
    """Return the piecewise linear sigmoid of PyTorch."""
    return t.add("own.hard_sigmoid", self, 1 / 6, 0.5)


def relu6(t: Tracing, self: Traced) -> Traced:
    """Return a ReLU that ends at 6."""
    return t.add("aten.hardtanh.default", self, 0.0, 6.0)


def square(t: Tracing, self: Traced) -> Traced:
    """Return the square."""
    return t.add("aten.pow.Tensor_Scalar", self, 2)


def prelu(t: Tracing, self: Traced, weight: Traced) -> Traced:
    """Return x where positive, a slope times x elsewhere, a slope per channel."""
    n = t.size(weight, 0)
    return t.add("own.prelu", self, t.reshape(weight, [n, *[1] * (t.rank(self) - 2)]))


def binary(name: str) -> Callable[..., Traced]:
    """Return the reader of an operation of two values."""

    def read(t: Tracing, self: Number, other: Number, alpha: float = 1) -> Traced:
        if alpha != 1:
            other = other * alpha if isinstance(other, int | float) else times(t, other, alpha)
        if isinstance(self, int | float):
            self = fixed(torch.tensor(float(self)))
        if name == "add":
            self, other = (_finite(t, each) for each in (self, other))
        return t.add(f"aten.{name}.Tensor", self, other)

    return read


def compare(name: str) -> Callable[..., Traced]:
    """Return the reader of a comparison."""

    def read(t: Tracing, self: Traced, other: Number) -> Traced:
        kind = "Scalar" if isinstance(other, int | float) else "Tensor"
        return t.add(f"aten.{name}.{kind}", self, other)

    return read


def times(t: Tracing, x: Traced, number: float) -> Traced:
    """Multiply by a number."""
    return t.add("aten.mul.Tensor", x, number)


def reverse_subtract(t: Tracing, self: Traced, other: Number, alpha: float = 1) -> Traced:
    """Subtract the other way around."""
    return binary("sub")(t, other, self, alpha)


def power(t: Tracing, self: Number, exponent: Number) -> Traced:
    """Raise to a power."""
    if isinstance(exponent, int | float) and not isinstance(self, int | float):
        return t.add("aten.pow.Tensor_Scalar", self, exponent)
    if isinstance(self, int | float):
        return t.add("aten.exp.default", t.add("aten.mul.Tensor", exponent, math.log(self)))
    return t.add("aten.pow.Tensor_Tensor", self, exponent)


def extreme(name: str) -> Callable[..., Traced]:
    """Return the reader of the larger or the smaller of two values."""

    def read(t: Tracing, self: Number, other: Number) -> Traced:
        return t.add(f"aten.{name}.default", self, other)

    return read


def clamp(t: Tracing, self: Traced, min: Number | None = None, max: Number | None = None) -> Traced:
    """Keep values between two bounds."""
    if all(isinstance(bound, int | float | None) for bound in (min, max)):
        return t.add("aten.clamp.default", self, min, max)
    for name, bound in (("maximum", min), ("minimum", max)):
        if isinstance(bound, int | float):
            bound = fixed(torch.tensor(float(bound)))
        self = self if bound is None else t.add(f"aten.{name}.default", self, bound)
    return self


def where(t: Tracing, condition: Traced, self: Number, other: Number) -> Traced:
    """Take one value or the other."""
    return t.add("own.where", condition, _finite(t, self), _finite(t, other))


def masked_fill(t: Tracing, self: Traced, mask: Traced, value: Number) -> Traced:
    """Put a value where a mask is true."""
    return where(t, mask, value, self)


def reduce(op: str) -> Callable[..., Traced]:
    """Return the reader of an operation that makes one number of some axes."""

    def read(
        t: Tracing,
        self: Traced,
        dim: int | Sequence[int] | None = None,
        keepdim: bool = False,
        **_: Known,
    ) -> Traced:
        return t.add(op, self, _axes(t, self, dim), bool(keepdim))

    return read


def maxima(name: str) -> Callable[..., list]:
    """Return the reader of maxima or minima along an axis; their places are not told."""

    def read(t: Tracing, self: Traced, dim: int | None = None, keepdim: bool = False) -> list:
        return [t.add(f"aten.{name}.default", self, _axes(t, self, dim), bool(keepdim)), None]

    return read


def any_of(t: Tracing, self: Traced, dim: int, keepdim: bool = False) -> Traced:
    """Tell whether anything along an axis is true."""
    return t.add("aten.any.dim", self, t.axis(self, dim), bool(keepdim))


def variance(
    t: Tracing,
    self: Traced,
    dim: int | Sequence[int] | None = None,
    unbiased: bool = True,
    correction: float | None = None,
    keepdim: bool = False,
) -> Traced:
    """Return the variance along axes."""
    correction = (1 if unbiased else 0) if correction is None else correction
    options = {"correction": correction, "keepdim": bool(keepdim)}
    return t.add("aten.var.correction", self, _axes(t, self, dim), **options)


def deviation(t: Tracing, self: Traced, **options: Known) -> Traced:
    """Return the standard deviation along axes."""
    return t.add("aten.sqrt.default", variance(t, self, **options))  # pyright: ignore


def variance_and_mean(t: Tracing, self: Traced, dim: Sequence[int], **options: Known) -> list:
    """Return both."""
    keep = bool(options.get("keepdim", False))
    mean = reduce("aten.mean.dim")(t, self, dim, keep)
    return [variance(t, self, dim, **options), mean]  # pyright: ignore[reportArgumentType]


def norm(
    t: Tracing,
    self: Traced,
    ord: float | None = None,
    dim: Sequence[int] | None = None,
    keepdim: bool = False,
    p: float | None = None,
    **_: Known,
) -> Traced:
    """Return the length of vectors."""
    if (ord if ord is not None else p) not in (None, 2):
        raise ModelFileError("The model uses a norm other than the Euclidean.")
    total = t.add("aten.sum.dim_IntList", square(t, self), _axes(t, self, dim), bool(keepdim))
    return t.add("aten.sqrt.default", total)


def cumulative(t: Tracing, self: Traced, dim: int, **_: Known) -> Traced:
    """Return sums from the first place of an axis on."""
    return t.add("aten.cumsum.default", self, t.axis(self, dim))


def softmax(name: str) -> Callable[..., Traced]:
    """Return the reader of softmax and log_softmax."""

    def read(t: Tracing, self: Traced, dim: int, **_: Known) -> Traced:
        return t.add(f"aten.{name}.int", self, t.axis(self, dim))

    return read


def gated(t: Tracing, self: Traced, dim: int = -1) -> Traced:
    """Return one half of the channels, gated by the other."""
    return t.add("aten.glu.default", self, t.axis(self, dim))


def _axes(t: Tracing, x: Traced, dim: int | Sequence[int] | None) -> list[int]:
    """Return axes counted from the front; all but the batch are meant by none."""
    if dim is None or dim == []:
        raise ModelFileError("The model computes across the sequences of a batch.")
    return sorted(t.axis(x, axis) for axis in ([dim] if isinstance(dim, int) else dim))


def _finite(t: Tracing, value: Number) -> Number:
    """Return a value that may be a mask of minus infinity."""
    if isinstance(value, Constant) and value.two.is_floating_point() and value.two.isinf().any():
        return t.weight(value, mask=True)
    if isinstance(value, float) and value == -math.inf:
        return -1e30
    return value
