"""The form that asks how weights are wired, and says at each change what that gives."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats import state_dict
from deepresolve_dash.networks.formats.state_dict.stack import (
    ACTIVATIONS,
    architecture_text,
    guess_layers,
    stack_shapes,
)

_EXAMPLES = Path(state_dict.__file__).parent / "examples"
_MOST = 200  # layers, and modules with weights
_LONGEST = 2**24  # bp
_BROKEN = ModelFileError("The wiring cannot be read.", "Load the page again.")


def wiring(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Say what a wiring gives.

    Parameters
    ----------
    asked : dict
        `weights`, as the refusal of an upload told them, `input_length` in bp, and `layers` as in
        an architecture file; without these they are guessed.

    Returns
    -------
    dict
        `layers`; `shapes` [{`kind`, `channels`, `width`}] up to the layer that does not fit, and
        what is `wrong` there; `text` of the architecture file; `activations` and `examples` there
        are; `ways` that fit, where they were guessed.

    Raises
    ------
    ModelFileError
        When the weights are not those of a plain network, or nothing of the kind was sent.
    """
    weights, layers, length = asked.get("weights"), asked.get("layers"), asked.get("input_length")
    try:
        if not isinstance(length, int) or not 1 <= length <= _LONGEST:
            raise ModelFileError("The length of the sequences is a whole number of bases.")
        if not isinstance(weights, list) or len(weights) > _MOST or len(layers or ()) > _MOST:
            raise _BROKEN
        ways = None
        if layers is None:
            found = guess_layers(weights, length)
            ways, layers = len(found), (found or guess_layers(weights, length, fit=False))[0]
        shapes, wrong = [], ""
        try:
            for shape in stack_shapes(layers, weights, length):
                shapes.append(shape._asdict())
        except ModelFileError as error:
            wrong = str(error)
        text = architecture_text(layers, length)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        raise _BROKEN from None
    return {
        "layers": layers,
        "shapes": shapes,
        "wrong": wrong,
        "text": text,
        "ways": ways,
        "activations": ACTIVATIONS,
        "examples": sorted(path.stem for path in _EXAMPLES.glob("*.toml")),
    }


def example_text(name: str) -> str | None:
    """Return the architecture file of a well-known network, None when there is none."""
    found = {path.stem: path for path in _EXAMPLES.glob("*.toml")}
    return found[name].read_text() if name in found else None
