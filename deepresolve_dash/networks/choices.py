"""What a user can choose of a network that was read, as text: constants and ways over positions.

The same words stand in a form, on the command line and on the card; without torch.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.errors import ModelFileError

STRAND, SAME = "reverse complement", "same sequence"
"""What an input of the shape of the sequence can be: what a user chooses, and the kind of layer."""

_MOST = 2**16  # numbers of a constant that is typed
_SHOWN = 16  # numbers of a constant that a form holds


def held_start(name: str, shape: Sequence[int]) -> str:
    """Return how every sentence on an input beside the sequence begins."""
    return f"The input '{name}' of shape {tuple(shape)} is"


def positions_start(name: str, n_positions: int) -> str:
    """Return how every sentence on an output with positions begins."""
    return f"The output '{name}' has {n_positions} positions;"


def read_constant(name: str, text: str, shape: Sequence[int]) -> NDArray[np.float32]:
    """Return the array that an input is held at, as its text means it.

    Parameters
    ----------
    name : str
        Of the input.
    text : str
        One number; or numbers, set apart by commas or spaces: one for each place of an axis (the
        first axis that has as many), or one for each value.
    shape : sequence of int
        Of the input, without the batch.

    Raises
    ------
    ModelFileError
        When it is not numbers, or another number of them.
    """
    words = text.replace(",", " ").split()
    try:
        with np.errstate(over="ignore"):
            numbers = np.array([float(word) for word in words[: _MOST + 1]], dtype=np.float32)
    except ValueError:
        raise ModelFileError(
            f"The constant for '{name}' is '{text[:40]}', which is not a number.", _ways(shape)
        ) from None
    if not np.isfinite(numbers).all():
        raise ModelFileError(
            f"The constant for '{name}' is '{text[:40]}', which is too large or no number.",
            _ways(shape),
        )
    return fitted(name, numbers, shape)


def fitted(name: str, numbers: NDArray, shape: Sequence[int]) -> NDArray[np.float32]:
    """Spread one number, one for each place of an axis, or one for each value over a shape.

    Raises
    ------
    ModelFileError
        When they are another number of them.
    """
    n = numbers.size
    if n == 1:
        return np.full(shape, numbers.flat[0], dtype=np.float32)
    if n == math.prod(shape):
        return numbers.reshape(shape).astype(np.float32)
    if n not in shape:
        raise ModelFileError(
            f"For '{name}' there are {n or 'no'} numbers, and its shape is {tuple(shape)}.",
            _ways(shape),
        )
    axis = list(shape).index(n)
    along = [n if each == axis else 1 for each in range(len(shape))]
    return np.broadcast_to(numbers.reshape(along), shape).astype(np.float32)


def read_reduction(name: str, text: str) -> str | int:
    """Return "mean", "sum" or the number of a position.

    Raises
    ------
    ModelFileError
        When it is none of these.
    """
    word = text.strip().lower()
    if word in ("mean", "sum"):
        return word
    if word.isascii() and word.isdecimal() and len(word) < 10:
        return int(word)
    raise ModelFileError(
        f"The positions of '{name}' cannot become '{text[:40]}'.",
        "Give mean, sum or the number of a position.",
    )


def constant_text(array: NDArray[np.float32]) -> str:
    """Return the numbers of a constant as a user would type them; empty when they are too many."""
    if (array == array.flat[0]).all():
        return _number(array.flat[0])
    for axis, size in enumerate(array.shape):
        first = array[tuple(slice(None) if at == axis else 0 for at in range(array.ndim))]
        if size <= _SHOWN and np.array_equal(fitted("", first, array.shape), array):
            return ", ".join(map(_number, first))
    return ", ".join(map(_number, array.ravel())) if array.size <= _SHOWN else ""


def _ways(shape: Sequence[int]) -> str:
    """Say which numbers fit a shape."""
    along = " or ".join(str(size) for size in dict.fromkeys(shape) if size > 1)
    total = math.prod(shape)
    if len(shape) == 1 or not along:
        return f"Give one number, or {total}, one for each value."
    return f"Give one number, {along} for the places of an axis, or {total:,}, one for each value."


def _number(value: np.float32) -> str:
    """Return a number in as few digits as tell it apart."""
    return str(np.float32(value)).removesuffix(".0")
