"""Arrays in NumPy's files, read by one thread at a time."""

from pathlib import Path
from threading import Lock
from typing import IO

import numpy as np
from numpy.typing import NDArray

# NumPy parses the header of an array as Python; two threads that parse at the same time can end in
# a SystemError of Python 3.11 (python/cpython issue 106905)
_ONE_PARSES = Lock()


def read_arrays(file: Path | IO[bytes]) -> dict[str, NDArray]:
    """Return all arrays of an `.npz` file.

    Raises
    ------
    OSError, ValueError, TypeError, AttributeError, EOFError, zipfile.BadZipFile
        When it cannot be read, or is not such a file.
    """
    with _ONE_PARSES, np.load(file, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def read_array(file: Path | IO[bytes]) -> NDArray:
    """Return the array of an `.npy` file.

    Raises
    ------
    OSError, ValueError, EOFError
        When it cannot be read, or is not such a file.
    """
    with _ONE_PARSES:
        return np.load(file, allow_pickle=False)
