"""Arguments of a node, as the JSON of torch.export tells them."""

from collections.abc import Mapping
from typing import Any

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.pt2.archive import DTYPES

_PLAIN = (
    "as_int",
    "as_ints",
    "as_int_lists",
    "as_floats",
    "as_bool",
    "as_bools",
    "as_string",
)
_IGNORED = ("as_memory_format", "as_layout", "as_device")


def argument(entry: Mapping[str, Any], values: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return an argument: a value of the graph, a number, text, a kind of numbers, or lists.

    Raises
    ------
    ModelFileError
        When it is of a kind that is not supported, such as a graph inside the graph.
    KeyError
        When it names a value that is not there.
    """
    ((kind, told),) = entry.items()
    if kind == "as_float":
        return float(told)  # JSON has no infinity; it is told as text
    if kind in _PLAIN:
        return told
    if kind == "as_none" or kind in _IGNORED:
        return None
    if kind == "as_tensor":
        return values[told["name"]]
    if kind in ("as_tensors", "as_nested_tensors"):
        return [values[each["name"]] for each in told]
    if kind == "as_optional_tensor":
        return argument(told, values)
    if kind == "as_optional_tensors":
        return [argument(each, values) for each in told]
    if kind in ("as_sym_int", "as_sym_float", "as_sym_bool"):
        return _symbol(told, values)
    if kind in ("as_sym_ints", "as_sym_floats"):
        return [_symbol(each, values) for each in told]
    if kind == "as_scalar_type":
        return DTYPES.get(told)
    raise ModelFileError(
        f"The program has an argument of the kind '{kind}', which is not supported."
    )


def results(outputs: list) -> list[str | None]:
    """Return the names that a node gives its results."""
    names: list[str | None] = []
    for entry in outputs:
        ((kind, told),) = entry.items()
        if kind == "as_tensors":
            names += [each["name"] for each in told]
        elif kind in ("as_tensor",):
            names.append(told["name"])
        elif kind in ("as_sym_int", "as_sym_bool", "as_sym_float"):
            names.append(told.get("as_name"))
        elif kind == "as_optional_tensors":
            names += [each.get("as_tensor", {}).get("name") for each in told]
        else:
            names.append(None)
    return names


def _symbol(told: Mapping[str, Any], values: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return a number that is told as itself, or by the name of the value that it is."""
    ((kind, what),) = told.items()
    return values[what] if kind == "as_name" else what
