"""The neutral form of a network on disk: graph in `net.json`, weights in `net.safetensors`."""

import json
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.check import check_network
from deepresolve_dash.networks.graph import (
    Argument,
    Finding,
    Network,
    Node,
    Output,
    Ref,
    definition,
)

GRAPH_FILE = "net.json"
WEIGHTS_FILE = "net.safetensors"

_VERSION = 1
_LARGEST_GRAPH = 64 * 2**20  # bytes of JSON


def save_network(network: Network, folder: Path | str) -> None:
    """Write a network in the neutral form into a folder, which is made if needed."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    about = {
        "version": _VERSION,
        "format": network.format,
        "findings": [vars(finding) for finding in network.findings],
    }
    text = json.dumps(about | definition(network), indent=1, allow_nan=False)
    (folder / GRAPH_FILE).write_text(text)
    arrays = {name: np.ascontiguousarray(array) for name, array in network.weights.items()}
    save_file(arrays, folder / WEIGHTS_FILE)


def load_network(folder: Path | str) -> Network:
    """Read a network in the neutral form.

    Raises
    ------
    ModelFileError
        When a file is missing, broken, or holds a graph that is not sound.
    """
    folder = Path(folder)
    graph = _read_graph(folder / GRAPH_FILE)
    weights = _read_weights(folder / WEIGHTS_FILE)
    try:
        network = _network(graph, weights)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelFileError(
            f"{folder / GRAPH_FILE} is not a network in the neutral form: {error!r} is wrong in it."
        ) from None
    return check_network(network)


def _read_graph(path: Path) -> dict:
    """Return the JSON of a graph."""
    try:
        if path.stat().st_size > _LARGEST_GRAPH:
            raise ModelFileError(f"{path} is too large for a description of a network.")
        graph = json.loads(path.read_text())
    except OSError:
        raise ModelFileError(f"There is no {path.name} in {path.parent}.") from None
    except (ValueError, RecursionError):
        raise ModelFileError(f"{path} is not readable as JSON.") from None
    if not isinstance(graph, dict) or graph.get("version") != _VERSION:
        raise ModelFileError(f"{path} is not a network in the neutral form, version {_VERSION}.")
    return graph


def _read_weights(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of a safetensors file, all float32."""
    if not path.is_file():
        raise ModelFileError(f"There is no {path.name} in {path.parent}.")
    try:
        arrays = load_file(path)
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise ModelFileError(f"{path} is not a readable safetensors file: {error}") from None
    for name, array in arrays.items():
        if array.dtype != np.float32:
            raise ModelFileError(f"The weight array '{name}' is {array.dtype}, not float32.")
    return arrays


def _network(graph: dict, weights: dict[str, np.ndarray]) -> Network:
    """Make a network from checked-as-we-go JSON."""
    return Network(
        nodes=tuple(_node(entry) for entry in graph["nodes"]),
        weights=weights,
        input_length=_whole(graph["input_length"]),
        outputs=tuple(
            Output(_text(entry["name"]), _text(entry["node"]), _texts(entry["class_names"]))
            for entry in graph["outputs"]
        ),
        layers={_text(entry["name"]): _text(entry["kind"]) for entry in graph["layers"]},
        alphabet=_text(graph["alphabet"]),
        unknown_base=float(graph["unknown_base"]),
        format=_text(graph["format"]),
        findings=tuple(
            Finding(_text(entry["what"]), _text(entry["evidence"]), _text(entry["fix"]))
            for entry in graph["findings"]
        ),
    )


def _node(entry: dict) -> Node:
    """Make a node from JSON."""
    return Node(
        _text(entry["name"]),
        _text(entry["op"]),
        tuple(_decode(value) for value in entry["args"]),
        {_text(name): _decode(value) for name, value in entry["kwargs"].items()},
        _text(entry["layer"]),
    )


def _decode(value: object) -> Argument:
    """Undo `graph.encode`."""
    if isinstance(value, list):
        return tuple(_decode(item) for item in value)
    if isinstance(value, dict):
        return Ref(_text(value["ref"])) if "ref" in value else float(value["float"])
    if value is None or isinstance(value, bool | int | float):
        return value
    raise ValueError(value)


def _text(value: object) -> str:
    """Return a value that must be a string."""
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _texts(values: object) -> tuple[str, ...]:
    """Return a value that must be a list of strings."""
    if not isinstance(values, list):
        raise TypeError(values)
    return tuple(_text(value) for value in values)


def _whole(value: object) -> int:
    """Return a value that must be a whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(value)
    return value
