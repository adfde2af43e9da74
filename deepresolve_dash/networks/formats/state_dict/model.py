"""Read a state dict with the architecture file that says how it is wired."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.networks.formats.state_dict.architecture import (
    read_architecture,
    wired_network,
)
from deepresolve_dash.networks.formats.state_dict.modules import Module, find_modules
from deepresolve_dash.networks.formats.state_dict.stack import ArchitectureNeeded
from deepresolve_dash.networks.formats.state_dict.tensors import read_tensors
from deepresolve_dash.networks.graph import Network


def read_state_dict(weights: Path, architecture: Path | None = None) -> Network:
    """Make a network of the weights in a file, wired as another file tells.

    Parameters
    ----------
    weights : Path
        As `read_tensors` takes it.
    architecture : Path, optional
        TOML.

    Raises
    ------
    ArchitectureNeeded
        Without an architecture.
    ModelFileError
        When a file cannot be used, or the two do not belong together.
    """
    modules = find_modules(read_tensors(weights))
    if architecture is None:
        raise ArchitectureNeeded(
            f"{weights} holds weights, and not how they are wired.",
            "Give an architecture file (TOML) with it.",
            described(modules),
        )
    return wired_network(read_architecture(architecture), modules)


def described(modules: Sequence[Module]) -> list[dict[str, Any]]:
    """Return name, kind and shape of the weight of each module, as plain JSON data."""
    return [
        {"name": module.name, "kind": module.kind, "shape": list(_weight(module).shape)}
        for module in modules
    ]


def _weight(module: Module) -> NDArray[np.float32]:
    """Return what a module is told by: its weight, else the first of its arrays."""
    return module.arrays.get("weight", next(iter(module.arrays.values())))
