"""What a confined reader does with a model file; torch is imported here, on the reader's side."""

from pathlib import Path

import numpy as np

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.networks.build import sequential_network
from deepresolve_dash.networks.card import card, save_with_card
from deepresolve_dash.networks.corrections import corrected
from deepresolve_dash.networks.formats.lengths import LengthNeeded
from deepresolve_dash.networks.formats.state_dict.stack import ArchitectureNeeded
from deepresolve_dash.networks.intake import Corrections
from deepresolve_dash.networks.read import read_network


def prepare() -> None:
    """Describe a small network, for torch loads much of itself only when it is used."""
    steps = [
        ("conv", "conv", {"kernel": np.ones((2, 4, 3)), "bias": np.ones(2)}),
        ("conv", "relu", {}),
        ("pool", "max_pool", {"size": 2}),
        ("flatten", "flatten", {}),
        ("dense", "linear", {"kernel": np.ones((1, 6)), "bias": np.ones(1)}),
        ("dense", "sigmoid", {}),
    ]
    card(sequential_network(steps, input_length=9))


def answer(request: dict) -> dict:
    """Return the card of a model, or the sentence that says why there is none."""
    try:
        return {"card": _read(request)}
    except LengthNeeded as error:
        return {"error": error.message, "hint": error.hint, "length": True}
    except ArchitectureNeeded as error:
        return {"error": error.message, "hint": error.hint, "weights": error.weights}
    except DeepResolveError as error:
        return {"error": error.message, "hint": error.hint}


def _read(request: dict) -> dict:
    """Read, correct, describe and write the network."""
    network = read_network(
        request["path"], architecture=request["architecture"], length=request["length"]
    )
    network = corrected(network, Corrections(**request["corrections"]))
    return save_with_card(network, Path(request["out"]))
