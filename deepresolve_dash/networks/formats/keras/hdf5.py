"""Read the arrays of a Keras weight file as data: nothing outside the file, nothing unasked."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count, takewhile
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.errors import ModelFileError

_LARGEST_FILE = 4 * 2**30  # bytes of arrays, unpacked


class WeightFile:
    """An open weight file, from which each layer takes its arrays.

    Keras itself goes by the order of layers, not by their names: when the names of the file are not
    those of the architecture, so do we, and `by_order` is true.
    """

    def __init__(self, file: h5py.File, path: Path, layer_names: Sequence[str]) -> None:
        self.path = path
        self._root = weight_root(file)
        if "layer_names" not in self._root.attrs and "layer_names0" not in self._root.attrs:
            raise ModelFileError(f"{path} holds no Keras weights.", "Give the file of weights.")
        names = {layer: self._array_names(layer) for layer in _texts(self._root, "layer_names")}
        self._waiting = {layer: arrays for layer, arrays in names.items() if arrays}
        self.by_order = not set(self._waiting) <= set(layer_names)
        self._n_bytes = 0

    def take(self, layer: str, *options: Sequence[Sequence[int]]) -> list[NDArray]:
        """Return the arrays of a layer.

        Parameters
        ----------
        layer : str
            Its name in the architecture.
        options : sequences of shapes
            Shapes that the arrays may have; checked before anything is read.

        Raises
        ------
        ModelFileError
            When there are none, or their shapes are others.
        """
        source = next(iter(self._waiting), layer) if self.by_order else layer
        datasets = [self._dataset(source, name) for name in self._waiting.pop(source, ())]
        shapes = [dataset.shape for dataset in datasets]
        if shapes not in [[tuple(shape) for shape in option] for option in options]:
            expected = " or ".join(_words(option) for option in options)
            raise ModelFileError(
                f"Layer '{layer}' needs weights of shape {expected}; {self.path.name} has "
                f"{_words(shapes)}.",
                "Check that architecture and weights belong together.",
            )
        return [self._read(dataset) for dataset in datasets]

    def check_all_taken(self) -> None:
        """Refuse a file with arrays that no layer of the architecture asked for."""
        if self._waiting:
            raise ModelFileError(
                f"{self.path.name} has weights for {', '.join(self._waiting)}, which the "
                "architecture does not have.",
                "Check that architecture and weights belong together.",
            )

    def _array_names(self, layer: str) -> list[str]:
        """Return the names of the arrays of a layer."""
        return _texts(_group(self._root, layer), "weight_names")

    def _dataset(self, layer: str, name: str) -> h5py.Dataset:
        """Return a dataset of a layer that lies in this very file."""
        dataset = _member(_group(self._root, layer), name)
        if not isinstance(dataset, h5py.Dataset) or dataset.dtype.kind != "f":
            raise ModelFileError(f"The weight array '{name}' does not hold floating-point numbers.")
        if dataset.external or dataset.is_virtual:
            raise ModelFileError(f"The weight array '{name}' lies outside its file: not followed.")
        return dataset

    def _read(self, dataset: h5py.Dataset) -> NDArray:
        """Read an array, within the limit of the whole file."""
        self._n_bytes += dataset.nbytes
        if self._n_bytes > _LARGEST_FILE:
            raise ModelFileError(f"{self.path.name} holds more than 4 GiB of weights.")
        array = dataset[()]
        if not np.isfinite(array).all():
            raise ModelFileError(
                f"The weight array '{str(dataset.name).rsplit('/', 1)[-1]}' holds NaN or infinite "
                "numbers.",
                "The training of this model diverged; use an earlier checkpoint.",
            )
        return array


@contextmanager
def open_hdf5(path: Path) -> Iterator[h5py.File]:
    """Open an HDF5 file for reading; whatever is broken in it becomes one sentence.

    Raises
    ------
    ModelFileError
        When the file is not readable HDF5.
    """
    try:
        with h5py.File(path, "r") as file:
            yield file
    except (OSError, RuntimeError, MemoryError) as error:
        raise ModelFileError(
            f"{path} is not a readable HDF5 file; it may be cut off. ({str(error).strip()[:120]})",
            "Copy or download it again.",
        ) from None


def weight_root(file: h5py.File) -> h5py.Group:
    """Return the group that holds the weights: in whole models they lie one level down."""
    return _group(file, "model_weights") if "model_weights" in set(file) else file


def text_attribute(item: h5py.Group, name: str) -> str | None:
    """Return an attribute as text, None when there is none."""
    value = item.attrs.get(name)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _texts(group: h5py.Group, name: str) -> list[str]:
    """Return a list of names; Keras splits long ones into name0, name1, ..."""
    numbered = takewhile(group.attrs.__contains__, (f"{name}{number}" for number in count()))
    parts = [name] if name in group.attrs else list(numbered)
    values = [value for part in parts for value in np.asarray(group.attrs[part]).ravel()]
    return [
        value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        for value in values
    ]


def _group(parent: h5py.Group, name: str) -> h5py.Group:
    """Return a group inside this very file."""
    group = _member(parent, name)
    if not isinstance(group, h5py.Group):
        raise ModelFileError(f"'{name}' is not a group of weights.")
    return group


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


def _words(shapes: Sequence[Sequence[int]]) -> str:
    """Say a list of shapes."""
    return ", ".join(str(tuple(shape)) for shape in shapes) or "none"
