"""A `.keras` file of Keras 3: a zip of the architecture as JSON and the weights as HDF5."""

import io
import json
import zipfile
from pathlib import Path

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.keras.hdf5 import open_hdf5
from deepresolve_dash.networks.formats.keras.model import read_keras
from deepresolve_dash.networks.formats.zip_files import checked_sizes
from deepresolve_dash.networks.graph import Network

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"

_LARGEST_JSON = 64 * 2**20  # bytes
_LARGEST_WEIGHTS = 4 * 2**30  # bytes
_AGAIN = "Save the model again with model.save('model.keras')."


def read_keras_archive(path: Path, *, length: int | None = None) -> Network:
    """Read a `.keras` file; nothing is unpacked but the three members that are read.

    Parameters
    ----------
    path : Path
    length : int, optional
        Length of the sequences, bp, for models that leave it open.

    Raises
    ------
    ModelFileError
        When the archive is broken, hostile or holds a model that is not supported.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = checked_sizes(archive, path)
            for name in (CONFIG, WEIGHTS):
                if name not in names:
                    raise ModelFileError(
                        f"{path} has no {name}: it is not a whole Keras model.", _AGAIN
                    )
            config = _json(archive, CONFIG, path)
            about = _json(archive, METADATA, path) if METADATA in names else {}
            weights = io.BytesIO(_bytes(archive, WEIGHTS, path, _LARGEST_WEIGHTS))
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError) as error:
        raise ModelFileError(
            f"{path} is not a readable .keras archive: {str(error)[:120]}",
            "Copy or download it again.",
        ) from None
    version = str(about.get("keras_version") or "3") if isinstance(about, dict) else "3"
    with open_hdf5(path, weights) as file:
        return read_keras(config, file, path, version=version, length=length)


def _json(archive: zipfile.ZipFile, name: str, path: Path) -> object:
    """Return the JSON of a member."""
    try:
        return json.loads(_bytes(archive, name, path, _LARGEST_JSON).decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise ModelFileError(f"The {name} of {path} is not readable as JSON.") from None


def _bytes(archive: zipfile.ZipFile, name: str, path: Path, limit: int) -> bytes:
    """Return a member, of no more bytes than the directory and the limit say."""
    member = archive.getinfo(name)
    with archive.open(member) as file:
        data = file.read(min(member.file_size, limit) + 1)
    if len(data) != member.file_size:
        raise ModelFileError(f"The {name} of {path} is larger than it may be.", _AGAIN)
    return data
