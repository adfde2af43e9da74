"""Read a trained network from a file or a folder, whatever its format; nothing in it is run."""

import json
from pathlib import Path

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.keras.archive import is_keras_archive, read_keras_archive
from deepresolve_dash.networks.formats.keras.hdf5 import open_hdf5, text_attribute
from deepresolve_dash.networks.formats.keras.model import read_keras
from deepresolve_dash.networks.graph import Network
from deepresolve_dash.networks.neutral import GRAPH_FILE, WEIGHTS_FILE, load_network

_HDF5_SUFFIXES = (".h5", ".hdf5", ".hdf", ".keras_weights", ".keras")
_LARGEST_JSON = 64 * 2**20  # bytes
_KNOWN = "Give a Keras model (.keras, one .h5, or JSON + HDF5), or a folder that holds it."


def read_network(
    path: Path | str,
    *,
    architecture: Path | str | None = None,
    weights: Path | str | None = None,
    length: int | None = None,
) -> Network:
    """Read a network.

    Parameters
    ----------
    path : path
        A file, or a folder that holds architecture and weights together.
    architecture : path, optional
        JSON of the architecture, when `path` holds just the weights.
    weights : path, optional
        File of the weights, when `path` holds just the architecture.
    length : int, optional
        Length of the sequences, bp, for a model that leaves it open.

    Raises
    ------
    ModelFileError
        When a file is missing, broken, or of a kind that is not supported; the message names it.
    """
    path = Path(path)
    if not path.exists():
        raise ModelFileError(f"There is no file or folder {path}.")
    if path.name in (GRAPH_FILE, WEIGHTS_FILE):
        path = path.parent
    if (path / GRAPH_FILE).is_file():
        return load_network(path)
    graph_path = Path(architecture) if architecture else None
    weight_path = Path(weights) if weights else None
    if path.is_dir():
        graph_path = graph_path or _only_file(path, (".json",))
        weight_path = weight_path or _only_file(path, _HDF5_SUFFIXES)
    elif not is_keras_archive(path) and _kind(path) == "json":
        graph_path = path
    else:
        weight_path = path
    if weight_path is None:
        raise ModelFileError(
            f"{path} has an architecture but no weights.", "Give the weights with --weights FILE."
        )
    if is_keras_archive(weight_path):
        return read_keras_archive(weight_path, length=length)
    return _read_pair(graph_path, weight_path, length)


def _read_pair(architecture: Path | None, weights: Path, length: int | None) -> Network:
    """Read a Keras architecture and weights; the weight file may hold both."""
    if _kind(weights) != "hdf5":
        raise ModelFileError(f"{weights} is not an HDF5 file of weights.", _KNOWN)
    with open_hdf5(weights) as file:
        config = text_attribute(file, "model_config")
        if architecture is not None:
            data = _read_json(architecture)
        elif config is not None:
            data = _parse(config, f"The model_config of {weights}")
        else:
            raise ModelFileError(
                f"{weights} holds weights only.", "Give the JSON file with --architecture FILE."
            )
        return read_keras(data, file, weights, length=length)


def _read_json(path: Path) -> object:
    """Return the JSON of an architecture."""
    if _kind(path) != "json":
        raise ModelFileError(f"{path} is not a JSON file.", _KNOWN)
    if path.stat().st_size > _LARGEST_JSON:
        raise ModelFileError(f"{path} is too large for a description of a network.")
    return _parse(path.read_text(errors="replace"), str(path))


def _parse(text: str, name: str) -> object:
    """Parse JSON; some exporters write it as a JSON string inside JSON."""
    try:
        data = json.loads(text)
        return json.loads(data) if isinstance(data, str) else data
    except (ValueError, TypeError, RecursionError):
        raise ModelFileError(f"{name} is not readable as JSON.") from None


def _only_file(folder: Path, suffixes: tuple[str, ...]) -> Path | None:
    """Return the one file with such a name; `architecture.json` wins among several."""
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in suffixes)
    preferred = [file for file in files if file.stem == "architecture"]
    if len(files) > 1 and not preferred:
        names = ", ".join(file.name for file in files)
        raise ModelFileError(
            f"{folder} holds several files that could be meant: {names}.",
            "Name them with --architecture FILE and --weights FILE.",
        )
    if not files and suffixes == _HDF5_SUFFIXES:
        raise ModelFileError(f"The folder {folder} holds no weights (.h5 or .hdf5).", _KNOWN)
    return (preferred or files or [None])[0]


def _kind(path: Path) -> str:
    """Tell "json" or "hdf5" from the first bytes; everything else is refused by name.

    Raises
    ------
    ModelFileError
        When the file is missing, empty or of another kind.
    """
    try:
        with path.open("rb") as file:
            start = file.read(64)
    except OSError:
        raise ModelFileError(f"{path} cannot be read as a file.") from None
    if not start:
        raise ModelFileError(f"{path} is empty.", "Copy or download it again.")
    if start.startswith(b"\x89HDF\r\n\x1a\n"):
        return "hdf5"
    if start.lstrip()[:1] in (b"{", b'"'):
        return "json"
    if start.startswith(b"PK"):
        raise ModelFileError(f"{path} is a zip archive, and not one of a Keras model.", _KNOWN)
    if start.startswith(b"\x80"):
        raise ModelFileError(
            f"{path} is a Python pickle, which could run code: it is not opened.", _KNOWN
        )
    raise ModelFileError(f"{path} is not a model file.", _KNOWN)
