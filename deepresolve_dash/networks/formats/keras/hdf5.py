"""Read the arrays of a Keras weight file as data: nothing outside the file, nothing unasked."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import count, takewhile
from mmap import ACCESS_READ, mmap
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.keras.heaps import check_heaps

_BROKEN = (
    OSError,
    RuntimeError,
    MemoryError,
    KeyError,
    OverflowError,
    TypeError,
    ValueError,
)
"""What h5py raises of broken files."""


@contextmanager
def open_hdf5(path: Path, source: BytesIO | None = None) -> Iterator[h5py.File]:
    """Open an HDF5 file for reading; whatever is broken in it becomes one sentence.

    Parameters
    ----------
    path : Path
        The file, or what holds it.
    source : BytesIO, optional
        The file itself, when it lies inside another.

    Raises
    ------
    ModelFileError
        When the file is not readable HDF5.
    """
    try:
        if source is None:
            with path.open("rb") as opened, mmap(opened.fileno(), 0, access=ACCESS_READ) as data:
                check_heaps(data, path)
        else:
            check_heaps(source.getvalue(), path)
        with h5py.File(source or path, "r") as file:
            yield file
    except _BROKEN as error:
        raise ModelFileError(
            f"{path} is not a readable HDF5 file; it may be cut off. ({str(error).strip()[:120]})",
            "Copy or download it again.",
        ) from None


def weight_root(file: h5py.File) -> h5py.Group:
    """Return the group that holds the weights: in whole models they lie one level down."""
    return group(file, "model_weights") if "model_weights" in set(file) else file


def text_attribute(item: h5py.Group, name: str) -> str | None:
    """Return an attribute as text, None when there is none."""
    value = item.attrs.get(name)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def texts(group: h5py.Group, name: str) -> list[str]:
    """Return a list of names; Keras splits long ones into name0, name1, ..."""
    numbered = takewhile(group.attrs.__contains__, (f"{name}{number}" for number in count()))
    parts = [name] if name in group.attrs else list(numbered)
    values = [value for part in parts for value in np.asarray(group.attrs[part]).ravel()]
    return [
        value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        for value in values
    ]


def group(parent: h5py.Group, name: str) -> h5py.Group:
    """Return a group inside this very file."""
    group = _member(parent, name)
    if not isinstance(group, h5py.Group):
        raise ModelFileError(f"'{name}' is not a group of weights.")
    return group


def dataset(parent: h5py.Group, name: str) -> h5py.Dataset:
    """Return an array of floating-point numbers that lies in this very file."""
    member = _member(parent, name)
    if not isinstance(member, h5py.Dataset) or member.dtype.kind != "f":
        raise ModelFileError(f"The weight array '{name}' does not hold floating-point numbers.")
    if member.external or member.is_virtual:
        raise ModelFileError(f"The weight array '{name}' lies outside its file: not followed.")
    return member


def read_array(item: h5py.Dataset) -> NDArray:
    """Return the numbers of an array; the caller has looked at its shape.

    Raises
    ------
    ModelFileError
        When they are not finite.
    """
    array = item[()]
    if not np.isfinite(array).all():
        name = str(item.name).rsplit("/", 1)[-1]
        raise ModelFileError(
            f"The weight array '{name}' holds NaN or infinite numbers.",
            "The training of this model diverged; use an earlier checkpoint.",
        )
    return array


def _member(parent: h5py.Group, path: str) -> object:
    """Follow a path by hard links only; other links can lead to other files."""
    member: object = parent
    for part in path.split("/"):
        if not isinstance(member, h5py.Group) or part not in set(member):
            raise ModelFileError(f"The weights '{path}' are named in the file, but not there.")
        if not isinstance(member.get(part, getlink=True), h5py.HardLink):
            raise ModelFileError(f"The weights '{path}' are a link out of the file: not followed.")
        try:
            member = member[part]
        except KeyError:
            raise ModelFileError(f"The weights '{path}' are broken in the file.") from None
    return member
