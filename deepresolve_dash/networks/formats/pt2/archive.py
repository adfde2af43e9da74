"""The zip of a .pt2 file: its graph as JSON, its arrays as raw bytes, nothing else."""

import json
import zipfile
from pathlib import Path
from typing import NoReturn

import numpy as np
import torch
from torch import Tensor

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.execute import LARGEST_TENSOR
from deepresolve_dash.networks.formats.zip_files import checked_sizes

DTYPES = {
    1: torch.uint8,
    2: torch.int8,
    3: torch.int16,
    4: torch.int32,
    5: torch.int64,
    6: torch.float16,
    7: torch.float32,
    8: torch.float64,
    12: torch.bool,
    13: torch.bfloat16,
}
"""Kinds of numbers by the code that torch.export writes."""

AGAIN = "Export it again: `python -m deepresolve_dash export-snippet` prints ten lines that do so."
_LARGEST_JSON = 64 * 2**20  # bytes
_GRAPH = "models/model.json"
_WEIGHTS = "data/weights/"
_CONSTANTS = "data/constants/"
_OLD = (
    "serialized_exported_program.json",
    "serialized_state_dict.json",
    "serialized_state_dict.pt",
)


class Archive:
    """An open .pt2 file.

    Parameters
    ----------
    file : zipfile.ZipFile
    path : Path
        For messages.

    Raises
    ------
    ModelFileError
        When it is no program of torch.export, or of a version that is not read, or claims too much.
    """

    def __init__(self, file: zipfile.ZipFile, path: Path) -> None:
        self._file = file
        self._path = path
        self._sizes = checked_sizes(file, path)
        graphs = [name for name in self._sizes if f"/{name}".endswith(f"/{_GRAPH}")]
        if len(graphs) != 1:
            self._refuse_other()
        self._root = graphs[0].removesuffix(_GRAPH)
        order = self._sizes.get(f"{self._root}byteorder")
        if order is not None and self._read("byteorder") != b"little":
            raise ModelFileError(f"{path} was written on a machine with another order of bytes.")
        self.program = self._json(_GRAPH)

    def arrays(self) -> dict[str, Tensor]:
        """Return all arrays of the file by name: parameters, buffers, constants.

        Raises
        ------
        ModelFileError
            When one is pickled, missing, or does not fit its bytes.
        """
        found = {}
        if f"{self._root}{_WEIGHTS}model_weights_config.json" not in self._sizes:
            self._refuse_old()
        for folder, kind in ((_WEIGHTS, "weights"), (_CONSTANTS, "constants")):
            about = self._json(f"{folder}model_{kind}_config.json", {"config": {}})
            for name, entry in about["config"].items():
                found[name] = self._array(name, entry, folder)
        return found

    def _array(self, name: str, entry: dict, folder: str) -> Tensor:
        """Return one array; it may be a view of more bytes than it holds."""
        if entry.get("use_pickle") or not entry.get("tensor_meta"):
            raise ModelFileError(
                f"The array '{name}' of {self._path} is a Python pickle, which could run code: "
                "it is not opened.",
                AGAIN,
            )
        meta = entry["tensor_meta"]
        sizes, strides = (
            [int(each["as_int"]) for each in meta[key]] for key in ("sizes", "strides")
        )
        offset = int(meta["storage_offset"]["as_int"])
        kind = DTYPES.get(meta["dtype"])
        if kind is None or meta.get("layout", 7) != 7:
            raise ModelFileError(f"The array '{name}' of {self._path} is of an unknown kind.")
        data = self._read(f"{folder}{entry['path_name']}")
        values = (
            torch.frombuffer(bytearray(data), dtype=kind) if data else torch.empty(0, dtype=kind)
        )
        last = offset + sum((n - 1) * step for n, step in zip(sizes, strides, strict=True))
        empty = 0 in sizes
        bad = min([offset, *sizes, *strides], default=0) < 0
        too_many = np.prod([float(n) for n in sizes]) > LARGEST_TENSOR
        if bad or too_many or (not empty and last >= len(values)):
            raise ModelFileError(
                f"The array '{name}' of {self._path} claims the shape {tuple(sizes)}, and the file "
                f"holds {len(values)} numbers of it."
            )
        return values[:0].reshape(sizes) if empty else values.as_strided(sizes, strides, offset)

    def _read(self, name: str) -> bytes:
        """Return the bytes of a member."""
        name = f"{self._root}{name}"
        if name not in self._sizes:
            raise ModelFileError(f"{self._path} lacks its part '{name}'.", "Copy it again.")
        try:
            return self._file.read(name)
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError):
            raise ModelFileError(
                f"{self._path} is broken inside: '{name}' cannot be read.", "Copy it again."
            ) from None

    def _json(self, name: str, otherwise: dict | None = None) -> dict:
        """Return the JSON of a member."""
        if otherwise is not None and f"{self._root}{name}" not in self._sizes:
            return otherwise
        if self._sizes.get(f"{self._root}{name}", 0) > _LARGEST_JSON:
            raise ModelFileError(f"{self._path} is too large for a description of a network.")
        try:
            found = json.loads(self._read(name))
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise ModelFileError(
                f"{self._path} is broken inside: '{name}' is not readable as JSON."
            )
        return found

    def _refuse_other(self) -> NoReturn:
        """Say what the zip is, when it is no program that is read."""
        names = {name.rpartition("/")[2] for name in self._sizes}
        if names & set(_OLD):
            self._refuse_old()
        raise ModelFileError(f"{self._path} is not a program of torch.export.", AGAIN)

    def _refuse_old(self) -> NoReturn:
        """Say that the file is of the time when weights were pickled."""
        raise ModelFileError(
            f"{self._path} was exported with an older PyTorch, whose files hold pickled weights.",
            "Export it with a newer PyTorch, or as ONNX: "
            "`python -m deepresolve_dash export-snippet` prints ten lines that do so.",
        )
