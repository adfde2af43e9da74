"""Tell what a file is by what is in it; its name is believed only where the content cannot tell."""

import zipfile
from enum import StrEnum
from pathlib import Path

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.zip_files import checked_sizes

_HDF5 = b"\x89HDF\r\n\x1a\n"
_LEGACY_CHECKPOINT = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # PyTorch before 1.6
_PROGRAMS = ("models/model.json", "serialized_exported_program.json")
_LONGEST_HEADER = 2**27  # bytes
KNOWN = (
    "Give a Keras model (.keras, one .h5, or JSON + HDF5), a PyTorch program (.pt2), an ONNX "
    "model, or weights of PyTorch (.safetensors, .pt) with an architecture file (TOML)."
)
EXPORT = (
    "Export it where it was made: `python -m deepresolve_dash export-snippet` prints ten lines of "
    "Python that do so."
)
_OTHERS = (
    (b"caffe.", "a binary model of Caffe"),
    (b"\x04\x00\x00\x00", "a model of Torch for Lua"),
    (b"4\n1\n3\nV 1", "a model of Torch for Lua"),
    (b"\x1f\x8b", "a compressed file, perhaps one of R"),
    (b"RDX", "a file of R"),
    (b"X\n", "a file of R"),
    (b"layer {", "a description of a network for Caffe"),
    (b"name:", "a description of a network for Caffe"),
)
"""First bytes -> what a file is that is not read."""


class Kind(StrEnum):
    """What a file of a model can be."""

    KERAS_ARCHIVE = "archive of Keras 3"
    HDF5 = "HDF5"
    JSON = "JSON"
    TOML = "TOML"
    STATE_DICT = "state dict"
    PT2 = "program of PyTorch"
    ONNX = "ONNX"


ARCHITECTURES = frozenset([Kind.JSON, Kind.TOML])
"""Files that say how a network is wired, and have no weights."""


def file_kind(path: Path) -> Kind:
    """Return what a file is.

    Raises
    ------
    ModelFileError
        When it cannot be read, is empty, or is nothing that is read here; the message says why.
    """
    try:
        with path.open("rb") as file:
            start = file.read(64)
    except OSError:
        raise ModelFileError(f"{path} cannot be read as a file.") from None
    if not start:
        raise ModelFileError(f"{path} is empty.", "Copy or download it again.")
    if start.startswith(_HDF5):
        return Kind.HDF5
    if start.startswith(b"PK"):
        return _zip_kind(path)
    if start.startswith(_LEGACY_CHECKPOINT) or is_safetensors(start):
        return Kind.STATE_DICT
    if start.startswith(b"\x80"):
        raise ModelFileError(
            f"{path} is a Python pickle, which could run code: it is not opened.", EXPORT
        )
    if path.suffix.lower() == ".toml":
        return Kind.TOML
    if start.lstrip()[:1] in (b"{", b'"'):
        return Kind.JSON
    if is_onnx(start):
        return Kind.ONNX
    for first, what in _OTHERS:
        if start.startswith(first):
            raise ModelFileError(f"{path} is {what}, which is not read.", EXPORT)
    raise ModelFileError(f"{path} is not a model file.", KNOWN)


def is_safetensors(start: bytes) -> bool:
    """Tell a safetensors file by its start: the length of a JSON header, and its first letter."""
    length = int.from_bytes(start[:8], "little")
    return start[8:9] == b"{" and 2 <= length < _LONGEST_HEADER


def is_onnx(start: bytes) -> bool:
    """Tell an ONNX model by its start: a version below 32 and, next, a text or a graph."""
    return (
        start[:1] == b"\x08" and start[1:2] < b"\x20" and start[2:3] in (b"\x12", b":", b"B", b"r")
    )


def _zip_kind(path: Path) -> Kind:
    """Tell what a zip archive holds, from its directory."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = checked_sizes(archive, path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise ModelFileError(
            f"{path} is a damaged zip archive.", "Copy or download it again."
        ) from None
    if {"config.json", "model.weights.h5"} & set(names):
        return Kind.KERAS_ARCHIVE
    if any(name.endswith(_PROGRAMS) for name in names):
        return Kind.PT2
    if any(name.endswith("/constants.pkl") for name in names):
        raise ModelFileError(f"{path} is a program (TorchScript), which is never run.", EXPORT)
    if any(name.endswith("/data.pkl") for name in names):
        return Kind.STATE_DICT
    raise ModelFileError(f"{path} is a zip archive, and not one of a model.", KNOWN)
