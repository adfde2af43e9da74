"""Arrays that an ONNX model keeps in a file beside it."""

import math
import os
import re
import stat
from pathlib import Path

import onnx

from deepresolve_dash.errors import ModelFileError

_BYTES: dict[int, int] = {
    onnx.TensorProto.BFLOAT16: 2,
    onnx.TensorProto.BOOL: 1,
    onnx.TensorProto.DOUBLE: 8,
    onnx.TensorProto.FLOAT: 4,
    onnx.TensorProto.FLOAT16: 2,
    onnx.TensorProto.INT8: 1,
    onnx.TensorProto.INT16: 2,
    onnx.TensorProto.INT32: 4,
    onnx.TensorProto.INT64: 8,
    onnx.TensorProto.UINT8: 1,
}
"""Kind of numbers -> bytes of each."""

_BOTH = (
    "Give both files together, in one folder or one upload, with the names that they were saved "
    "under; or save the model as one file: `onnx.save(onnx.load(FILE), NEW_FILE)`."
)


def bring_in(model: onnx.ModelProto, folder: Path) -> None:
    """Read the arrays of a model that lie in files of its own folder into it.

    Raises
    ------
    ModelFileError
        When a file has a path for a name, is a link, is missing, or is too short.
    """
    for tensor in model.graph.initializer:
        if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
            told = {entry.key: entry.value for entry in tensor.external_data}
            tensor.raw_data = _stretch(tensor, told, folder)
            tensor.ClearField("external_data")
            tensor.data_location = onnx.TensorProto.DEFAULT


def _stretch(tensor: onnx.TensorProto, told: dict[str, str], folder: Path) -> bytes:
    """Return the bytes of an array."""
    name = told.get("location", "")
    size = math.prod(tensor.dims) * _BYTES.get(tensor.data_type, 0)
    offset, length = (
        _number(told.get(key), usual) for key, usual in (("offset", 0), ("length", size))
    )
    if min(tensor.dims, default=0) < 0 or offset is None or length != size:
        raise ModelFileError(
            f"The array '{tensor.name}' claims the shape {tuple(tensor.dims)}, and its place in "
            f"the file '{name[:80]}' is of another size."
        )
    with os.fdopen(_opened(name, folder), "rb") as file:
        if offset + size > os.fstat(file.fileno()).st_size:
            raise ModelFileError(
                f"The file '{name}' of the model is too short: it was cut off, or is another one.",
                "Copy or download it again.",
            )
        file.seek(offset)
        return file.read(size)


def _opened(name: str, folder: Path) -> int:
    """Open a file of the folder, and nothing else: no path, no link, no device."""
    if not name or re.search(r"[/\\:\0]", name) or name.startswith("."):
        raise ModelFileError(
            f"The model has arrays in '{name[:80]}', which is not the name of a file beside it: "
            "not followed.",
            _BOTH,
        )
    for each in (name, re.sub(r"[^\w.+-]", "_", name)):  # as it is, and as an upload is called
        try:
            found = os.open(folder / each, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            continue
        except (OSError, ValueError):
            break
        if stat.S_ISREG(os.fstat(found).st_mode):
            return found
        os.close(found)
        break
    else:
        raise ModelFileError(
            f"The model has its numbers in a second file, '{name[:80]}', which is not there.", _BOTH
        )
    raise ModelFileError(
        f"The model has its numbers in '{name[:80]}', which is no plain file.", _BOTH
    )


def _number(told: str | None, usual: int) -> int | None:
    """Return a whole number that is told as text; None for what is none."""
    if told is None:
        return usual
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 19 else None
