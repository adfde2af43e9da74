"""What a traced graph knows beforehand: arrays, and numbers that depend on the batch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.execute import LARGEST_TENSOR

TWO, THREE = 0, 1
"""The two batches that everything is traced with, of two rows and of three."""


@dataclass(frozen=True)
class Pair:
    """A number that depends on the batch: what it is for two rows, and for three."""

    two: int | float
    three: int | float

    @property
    def multiple(self) -> int | None:
        """As a multiple of the number of rows; None when it is none."""
        times = self.three - self.two
        return int(times) if (self.two, self.three) == (2 * times, 3 * times) else None


@dataclass(frozen=True, eq=False)
class Constant:
    """An array that no sequence changes; `three` differs from `two` when the batch does."""

    two: Tensor
    three: Tensor
    name: str = "constant"

    @property
    def fixed(self) -> bool:
        """Tell whether the batch does not change it."""
        return self.two is self.three


def fixed(array: Tensor, name: str = "constant") -> Constant:
    """Return an array that the batch does not change."""
    return Constant(array, array, name)


def depends_on_batch(value: object) -> bool:
    """Tell whether a value, or one inside it, changes with the number of rows."""
    if isinstance(value, list | tuple):
        return any(map(depends_on_batch, value))
    return isinstance(value, Pair) or (isinstance(value, Constant) and not value.fixed)


def side(value: Any, which: int) -> Any:  # noqa: ANN401
    """Return what a value is for one of the two batches."""
    if isinstance(value, Pair | Constant):
        return value.three if which == THREE else value.two
    if isinstance(value, list | tuple):
        return [side(item, which) for item in value]
    return value


def fold(
    function: Callable[..., Any],
    args: list,
    options: dict[str, Any] | None = None,
    *,
    factory: bool = False,
) -> Any:  # noqa: ANN401
    """Evaluate a function of known values, for both batches where they differ.

    Shapes are found first, without any number, so that a file may claim any size.

    Parameters
    ----------
    function : function
    args, options : list, dict
        Constants, numbers, pairs, and lists of them.
    factory : bool
        The function makes an array of numbers alone, and takes a `device`.

    Raises
    ------
    ModelFileError
        When the arguments do not fit, or the result is absurdly large.
    """
    options = options or {}
    given = [*args, *options.values()]
    results = []
    try:
        for which in (TWO, THREE) if depends_on_batch(given) else (TWO,):
            plain, named = side(args, which), _sides(options, which)
            rehearsed = {**named, "device": "meta"} if factory else _meta(named)
            _small(function(*_meta(plain), **rehearsed))
            results.append(function(*plain, **named))
    except (RuntimeError, TypeError, ValueError, IndexError, ArithmeticError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise ModelFileError(f"A constant of the model cannot be computed: {reason}") from None
    return _joined(results[0], results[-1], _name(given))


def _sides(options: dict[str, Any], which: int) -> dict[str, Any]:
    """Return what named arguments are for one of the two batches."""
    return {name: side(value, which) for name, value in options.items()}


def _meta(value: Any) -> Any:  # noqa: ANN401
    """Return values without their numbers."""
    if isinstance(value, dict):
        return {name: _meta(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_meta(item) for item in value]
    return value.to("meta") if isinstance(value, Tensor) else value


def _small(value: object) -> None:
    """Refuse what does not fit into memory."""
    values = value if isinstance(value, list | tuple) else [value]
    for each in values:
        if isinstance(each, Tensor) and each.numel() > LARGEST_TENSOR:
            raise ModelFileError("A constant of the model is larger than fits into memory.")


def _joined(two: Any, three: Any, name: str) -> Any:  # noqa: ANN401
    """Put the results for both batches together; equal ones become one."""
    if isinstance(two, list | tuple):
        return [_joined(one, other, name) for one, other in zip(two, three, strict=True)]
    if isinstance(two, Tensor):
        same = two is three or (two.shape == three.shape and torch.equal(two, three))
        return Constant(two, two if same else three, name)
    return two if two == three else Pair(two, three)


def _name(given: list) -> str:
    """Return the name of the first array that went in."""
    flat = [each for value in given for each in (value if isinstance(value, list) else [value])]
    return next((each.name for each in flat if isinstance(each, Constant)), "constant")
