"""The arrays that a weight file holds, taken layer by layer."""

from collections.abc import Sequence
from pathlib import Path

import h5py
from numpy.typing import NDArray

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.keras.hdf5 import read_array

Place = tuple[str, ...]  # names of models inside models, and of the layer at last
Named = list[tuple[str, h5py.Dataset]]

_LARGEST_FILE = 4 * 2**30  # bytes of arrays, unpacked


class Weights:
    """An open weight file, from which each layer takes its arrays.

    Parameters
    ----------
    arrays : dict of datasets
        Of each layer, in the order of Keras.
    pool : datasets
        Those that the file does not give to a layer; layers take as many as they need, in turn.
    path : Path
        File, for messages.
    by_order : bool
        The names of the file are not those of the architecture: layers went by their order, as
        Keras itself goes.
    """

    def __init__(
        self, arrays: dict[Place, Named], pool: Named, path: Path, *, by_order: bool = False
    ) -> None:
        self.path = path
        self.by_order = by_order
        self._waiting = arrays
        self._pool = pool
        self._taken: dict[Place, Named] = {}
        self._n_bytes = 0

    def take(self, place: Place, *options: Sequence[Sequence[int]]) -> list[NDArray]:
        """Return the arrays of a layer; a layer that is used twice gets the same again.

        Parameters
        ----------
        place : tuple of str
            Its name in the architecture, after those of the models that it is in.
        options : sequences of shapes
            Shapes that the arrays may have; checked before anything is read.

        Raises
        ------
        ModelFileError
            When there are none, or their shapes are others.
        """
        if place not in self._taken:
            found = self._waiting.pop(place, None)
            if found is None:
                size = len(options[0])
                found, self._pool = self._pool[:size], self._pool[size:]
            self._taken[place] = found
        datasets = [item for _, item in self._taken[place]]
        shapes = [item.shape for item in datasets]
        if shapes not in [[tuple(shape) for shape in option] for option in options]:
            expected = " or ".join(_words(option) for option in options)
            raise ModelFileError(
                f"Layer '{place[-1]}' needs weights of shape {expected}; {self.path.name} has "
                f"{_words(shapes)}.",
                "Check that architecture and weights belong together.",
            )
        return [self._read(item) for item in datasets]

    def has(self, place: Place) -> int:
        """Return the number of arrays that the file gives to a layer."""
        return len(self._waiting.get(place) or self._taken.get(place) or ())

    def check_all_taken(self) -> None:
        """Refuse a file with arrays that no layer of the architecture asked for."""
        left = ["/".join(place) for place in self._waiting] + [name for name, _ in self._pool]
        if left:
            raise ModelFileError(
                f"{self.path.name} has weights for {', '.join(left[:20])}, which the "
                "architecture does not have.",
                "Check that architecture and weights belong together.",
            )

    def _read(self, item: h5py.Dataset) -> NDArray:
        """Read an array, within the limit of the whole file."""
        self._n_bytes += item.nbytes
        if self._n_bytes > _LARGEST_FILE:
            raise ModelFileError(f"{self.path.name} holds more than 4 GiB of weights.")
        return read_array(item)


def _words(shapes: Sequence[Sequence[int]]) -> str:
    """Say a list of shapes."""
    return ", ".join(str(tuple(shape)) for shape in shapes) or "none"
