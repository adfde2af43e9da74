"""Arrays of a state dict that belong together, and the kind of layer they can only be."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.errors import ModelFileError

_GATES = {4: "lstm", 3: "gru"}


@dataclass(frozen=True, eq=False)
class Module:
    """The arrays of one module.

    Attributes
    ----------
    name : str
        Its path, such as "features.0".
    kind : str
        "conv", "dense", "batch_norm", "scale" (one number per channel: layer normalisation or
        PReLU), "lstm", "gru", or "unknown".
    arrays : dict of arrays
        By the name of the parameter, such as "weight".
    """

    name: str
    kind: str
    arrays: Mapping[str, NDArray[np.float32]]


def find_modules(tensors: Mapping[str, NDArray[np.float32]]) -> list[Module]:
    """Gather the arrays of a state dict by module.

    What all names begin with, such as "module." or "model.", is left out.

    Parameters
    ----------
    tensors : dict of arrays
        By name, in the order of the network as far as it is known.

    Raises
    ------
    ModelFileError
        When there is no array.
    """
    if not tensors:
        raise ModelFileError("The file holds no weights.")
    prefix = _common_prefix(tensors)
    gathered: dict[str, dict[str, NDArray[np.float32]]] = {}
    for name, array in tensors.items():
        module, _, parameter = name.removeprefix(prefix).rpartition(".")
        gathered.setdefault(module, {})[parameter] = array
    return [Module(name, _kind(arrays), arrays) for name, arrays in gathered.items()]


def natural_order(names: Iterable[str]) -> list[str]:
    """Sort names so that "layer.10" comes after "layer.2"."""
    return sorted(names, key=lambda name: [_key(part) for part in re.split(r"(\d+)", name)])


def _key(part: str) -> tuple[int, int, str]:
    return (0, int(part), "") if part.isdigit() else (1, 0, part)


def _common_prefix(names: Iterable[str]) -> str:
    """Return the modules that all arrays lie in, with the last dot."""
    paths = [name.split(".")[:-1] for name in names]
    shared = 0
    while (
        all(len(path) > shared + 1 for path in paths) and len({path[shared] for path in paths}) == 1
    ):
        shared += 1
    return "".join(f"{part}." for part in paths[0][:shared])


def _kind(arrays: Mapping[str, NDArray]) -> str:
    """Tell the kind of layer from the names and shapes of its arrays."""
    if {"running_mean", "running_var"} <= arrays.keys():
        return "batch_norm"
    if "weight_ih_l0" in arrays and "weight_hh_l0" in arrays:
        rows, n_units = arrays["weight_hh_l0"].shape
        return _GATES.get(rows // max(n_units, 1), "unknown")
    weight = arrays.get("weight")
    if weight is None or arrays.keys() - {"weight", "bias"}:
        return "unknown"
    return {1: "scale", 2: "dense", 3: "conv", 4: "conv"}.get(weight.ndim, "unknown")
