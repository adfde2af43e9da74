"""Read a trained network from a file or a folder, whatever its format; nothing in it is run."""

import json
from pathlib import Path

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.class_names import SIDECARS, with_names_beside
from deepresolve_dash.networks.formats.keras.archive import read_keras_archive
from deepresolve_dash.networks.formats.keras.hdf5 import open_hdf5, text_attribute
from deepresolve_dash.networks.formats.keras.model import read_keras
from deepresolve_dash.networks.formats.kinds import ARCHITECTURES, KNOWN, Kind, file_kind
from deepresolve_dash.networks.formats.onnx.model import read_onnx
from deepresolve_dash.networks.formats.pt2.model import read_pt2
from deepresolve_dash.networks.formats.state_dict.model import read_state_dict
from deepresolve_dash.networks.graph import Network
from deepresolve_dash.networks.neutral import GRAPH_FILE, WEIGHTS_FILE, load_network

_LARGEST_JSON = 64 * 2**20  # bytes


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
        A file, or a folder that holds architecture and weights together, and perhaps the names of
        the classes (see `class_names`).
    architecture : path, optional
        JSON or TOML of the architecture, when `path` holds just the weights.
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
    network = _read(path, architecture, weights, length)
    return with_names_beside(network, path) if path.is_dir() else network


def _read(
    path: Path, architecture: Path | str | None, weights: Path | str | None, length: int | None
) -> Network:
    """Read a network from what is there."""
    if path.name in (GRAPH_FILE, WEIGHTS_FILE):
        path = path.parent
    if (path / GRAPH_FILE).is_file():
        return load_network(path)
    told = Path(architecture) if architecture else None
    held = Path(weights) if weights else None
    if path.is_dir():
        told, held = _in_folder(path, told, held)
    elif file_kind(path) in ARCHITECTURES:
        told = path
    else:
        held = path
    if held is None:
        raise ModelFileError(
            f"{path} has an architecture but no weights.", "Give the weights with --weights FILE."
        )
    kind = file_kind(held)
    if kind == Kind.KERAS_ARCHIVE:
        return read_keras_archive(held, length=length)
    if kind == Kind.HDF5:
        return _read_hdf5(told, held, length)
    if kind == Kind.STATE_DICT:
        return read_state_dict(held, told)
    if kind == Kind.PT2:
        return read_pt2(held, length=length)
    if kind == Kind.ONNX:
        return read_onnx(held, length=length)
    raise ModelFileError(f"{held} holds no weights.", KNOWN)


def _in_folder(
    folder: Path, told: Path | None, held: Path | None
) -> tuple[Path | None, Path | None]:
    """Return the file of the architecture and that of the weights, as far as they are not given."""
    kinds, refusals = {}, []
    for file in sorted(folder.iterdir()):
        if file.name in SIDECARS:
            continue
        try:
            kinds[file] = file_kind(file)
        except ModelFileError as error:
            refusals.append(error)
    wirings = [file for file, kind in kinds.items() if kind in ARCHITECTURES]
    others = [file for file, kind in kinds.items() if kind not in ARCHITECTURES]
    whole = [file for file in others if kinds[file] == Kind.ONNX and file.suffix == ".onnx"]
    others = whole if len(whole) == 1 else others  # the rest are numbers of it, and look like any
    if held is None and not others:
        if refusals:
            raise refusals[0]
        raise ModelFileError(f"The folder {folder} holds no weights.", KNOWN)
    return told or _only(wirings, folder), held or _only(others, folder)


def _only(files: list[Path], folder: Path) -> Path | None:
    """Return the one file; `architecture.json` wins among several."""
    preferred = [file for file in files if file.stem == "architecture"]
    if len(files) > 1 and not preferred:
        names = ", ".join(file.name for file in files)
        raise ModelFileError(
            f"{folder} holds several files that could be meant: {names}.",
            "Name them with --architecture FILE and --weights FILE.",
        )
    return (preferred or files or [None])[0]


def _read_hdf5(architecture: Path | None, weights: Path, length: int | None) -> Network:
    """Read a Keras architecture and weights; the weight file may hold both."""
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
    if file_kind(path) != Kind.JSON:
        raise ModelFileError(f"{path} is not a JSON file.", KNOWN)
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
