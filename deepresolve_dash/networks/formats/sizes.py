"""Sizes that follow the batch."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.constants import Constant, Pair
from deepresolve_dash.networks.formats.guesses import Guesses

Size = int | Pair


def followed(
    own: Sequence[Size], sizes: Sequence[Size], static: int | None, guesses: Guesses
) -> list[Size]:
    """Return the sizes of a reshape without -1; those of a file for one batch alone follow it.

    Parameters
    ----------
    own : list of int or Pair
        Shape before.
    sizes : list of int or Pair
        Shape after, as the file says it.
    static : int or None
        Number of rows that the file was saved for, when it allows no other.
    guesses : Guesses
        What is meant where sizes for one batch have several meanings.
    """
    if static is None or any(isinstance(size, Pair) for size in sizes):
        two, three = (_filled(for_rows(sizes, which), for_rows(own, which)) for which in (0, 1))
        return [a if a == b else Pair(a, b) for a, b in zip(two, three, strict=True)]
    saved = [
        size if size == other else size // 2 * static
        for size, other in zip(for_rows(own, 0), for_rows(own, 1), strict=True)
    ]
    filled = _filled(for_rows(sizes, 0), saved)
    axes = _possible_axes(own, saved, filled, static)
    if not axes:
        return list(filled)
    axis = guesses.meaning((tuple(own), tuple(filled)), axes)
    times = filled[axis] // static
    return [*filled[:axis], Pair(2 * times, 3 * times), *filled[axis + 1 :]]


def _possible_axes(
    own: Sequence[Size], saved: Sequence[int], filled: Sequence[int], static: int
) -> list[int]:
    """Return the axes that may follow the batch after a reshape, the likeliest first.

    Numbers keep their order in a reshape: as many of them lie before the next sequence as did.
    """
    place = next((i for i, size in enumerate(own) if isinstance(size, Pair)), None)
    if place is None or math.prod(saved) != math.prod(filled):
        return []
    outside, among = math.prod(saved[:place]), saved[place] // static
    likely, possible = [], []
    for axis, size in enumerate(filled):
        before = math.prod(filled[:axis])
        if size % static:
            continue
        if before == outside:
            likely.append(axis)
        elif any(
            among % more == 0 and (size // static) % (outside * more // before) == 0
            for more in range(1, among + 1)
            if before and outside * more % before == 0
        ):
            possible.append(axis)
    return likely + possible


def for_rows(sizes: Sequence[Size], which: int) -> list[int]:
    """Return the sizes for two rows (0) or three (1)."""
    return [
        int((size.two, size.three)[which]) if isinstance(size, Pair) else size for size in sizes
    ]


def _filled(sizes: Sequence[int], own: Sequence[int]) -> list[int]:
    """Replace -1 by what is left."""
    known = math.prod(size for size in sizes if size != -1)
    return [math.prod(own) // max(known, 1) if size == -1 else size for size in sizes]


def for_one_row(constant: Constant) -> tuple[int, Tensor]:
    """Return the axis along which a known array repeats itself with the batch, and one stretch."""
    two, three = constant.two, constant.three
    for axis in range(two.ndim if two.ndim == three.ndim else 0):
        size = three.shape[axis] - two.shape[axis]
        if size > 0 and two.shape[axis] == 2 * size:
            one = two.narrow(axis, 0, size)
            if torch.equal(torch.cat([one] * 2, axis), two) and torch.equal(
                torch.cat([one] * 3, axis), three
            ):
                return axis, one
    raise ModelFileError("The model has a constant that differs between the rows of a batch.")
