"""The compiled comparison of motifs: one process of a machine compiles it, the others wait for it.

Compiling takes a minute and a half of processor time. What is compiled is kept beside the library,
and read from there in a second. Before anybody waits for it:

    python -m deepresolve_dash.motifs.compiled
"""

import atexit
import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

_known: list[Callable] = []


def compare(queries: list, targets: list) -> tuple:
    """Call memelite's tomtom; the first call of a process waits while another one compiles it."""
    if _known:
        return _known[0](queries, targets)
    with _alone():
        tomtom = _library()
        found = tomtom(queries, targets)
    _known.append(tomtom)
    return found


def warm() -> None:
    """Compile what is not compiled yet."""
    motifs = [np.ascontiguousarray(np.full((4, 6), 0.25)) for _ in range(30)]
    compare(motifs[:2], motifs)


def _library() -> Callable:
    """Return memelite's tomtom; where no folder can be written, this process keeps it alone."""
    try:
        from memelite import tomtom
    except RuntimeError:  # of numba: neither the library's folder nor the home can be written
        from numba.core import config

        folder = mkdtemp(prefix="deepresolve-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        config.__dict__["CACHE_DIR"] = folder
        from memelite import tomtom
    return tomtom


@contextmanager
def _alone() -> Iterator[None]:
    """Keep other processes out, unless nothing can be kept for them anyway."""
    spec = find_spec("memelite")
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    try:
        lock = (folder / ".compiling").open("a")
    except OSError:
        yield
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    warm()
