"""Open sizes of a program: what their text says is parsed, and never evaluated."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deepresolve_dash.networks.formats.inputs import Declared, find_sequence
from deepresolve_dash.networks.formats.lengths import length_outside

_LONGEST = 500  # letters of an expression
_ENDLESS = 2**31


@dataclass(frozen=True)
class Linear:
    """A size that is `times` x symbol + `plus`."""

    times: int
    plus: int
    symbol: str | None = None


def input_shapes(
    inputs: Mapping[str, Sequence[Mapping[str, Any]]],
    ranges: Mapping[str, Any],
    length: int | None,
) -> tuple[dict[str, Declared], int | None]:
    """Return the shapes of the inputs, and how long the sequences of the example were.

    Parameters
    ----------
    inputs : dict
        Input -> its sizes, as the file tells them.
    ranges : dict
        Symbol -> {"min_val", "max_val"}.
    length : int or None
        Length of the sequences, bp.

    Returns
    -------
    dict
        Input -> shape; sizes of others that follow the length are worked out where it is given.
    int or None
        None for a fixed length.

    Raises
    ------
    LengthNeeded
        When the program does not take this length.
    """
    shapes = {name: [_declared(each) for each in sizes] for name, sizes in inputs.items()}
    found = find_sequence(shapes)
    if found is None or shapes[found[0]][found[1]][1]:
        return shapes, None
    size = inputs[found[0]][found[1]]
    told = _told(size)
    if length is None or told is None or told.symbol is None or told.times < 1:
        return shapes, _hint(size)
    value = _value(told, ranges.get(told.symbol) or {}, length)
    for name, sizes in inputs.items():
        for axis, each in enumerate(sizes):
            other = _told(each)
            if axis > 0 and name != found[0] and not shapes[name][axis][1]:
                follows = other is not None and other.symbol == told.symbol
                of_this = value * other.times + other.plus if other and follows else _hint(each)
                shapes[name][axis] = (of_this, False)
    return shapes, None


def _value(told: Linear, ends: Mapping[str, Any], length: int) -> int:
    """Return the value of a symbol for a length, within its ends."""
    value, left = divmod(length - told.plus, told.times)
    least, most = _bound(ends.get("min_val")) or 1, _bound(ends.get("max_val"))
    if left or value < least or (most is not None and value > most):
        longest = None if most is None else most * told.times + told.plus
        raise length_outside(length, least * told.times + told.plus, longest, told.times)
    return value


def _declared(size: Mapping[str, Any]) -> tuple[int | None, bool]:
    """Return a size and whether it is fixed; None for one that is open."""
    return (int(size["as_int"]), True) if "as_int" in size else (None, False)


def _told(size: Mapping[str, Any]) -> Linear | None:
    """Return an open size as its text tells it."""
    return None if "as_int" in size else linear(str(size["as_expr"].get("expr_str", "")))


def _hint(size: Mapping[str, Any]) -> int | None:
    """Return what a size was in the example that the program was exported with."""
    told = size["as_int"] if "as_int" in size else (size["as_expr"].get("hint") or {}).get("as_int")
    return None if told is None else int(told)


def linear(text: str) -> Linear | None:
    """Return a size that is told as text, such as Mul(Integer(2), Symbol('s0')), or None."""
    try:
        return _linear(ast.parse(text[:_LONGEST], mode="eval").body)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _linear(node: ast.expr) -> Linear | None:
    """Return what a call of Symbol, Integer, Add or Mul says."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
        return None
    first = node.args[0]
    if node.func.id == "Symbol" and isinstance(first, ast.Constant):
        return Linear(1, 0, str(first.value))
    if node.func.id == "Integer":
        value = ast.literal_eval(first)
        return Linear(0, value) if isinstance(value, int) else None
    if node.func.id not in ("Add", "Mul"):
        return None
    parts = [_linear(each) for each in node.args]
    made = parts[0]
    for part in parts[1:]:
        made = _joined(made, part, node.func.id)
    return made


def _joined(one: Linear | None, other: Linear | None, how: str) -> Linear | None:
    """Add or multiply two sizes."""
    if one is None or other is None or (one.symbol and other.symbol and one.symbol != other.symbol):
        return None
    symbol = one.symbol or other.symbol
    if how == "Add":
        return Linear(one.times + other.times, one.plus + other.plus, symbol)
    if one.times and other.times:
        return None
    return Linear(one.times * other.plus + other.times * one.plus, one.plus * other.plus, symbol)


def _bound(told: object) -> int | None:
    """Return an end of a range; None for none."""
    return told if isinstance(told, int) and -_ENDLESS < told < _ENDLESS else None
