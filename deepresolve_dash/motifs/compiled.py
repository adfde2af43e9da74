"""The compiled comparison of motifs: one process of a machine compiles it, the others wait for it.

Compiling takes a minute and a half of processor time. What is compiled is kept beside the library,
and read from there in a second. Before anybody waits for it:

    python -m deepresolve_dash.motifs.compiled
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import numpy as np

_known: list[Callable] = []


def compare(queries: list, targets: list) -> tuple:
    """Call memelite's tomtom; the first call of a process waits while another one compiles it."""
    if _known:
        return _known[0](queries, targets)
    with _alone():
        from memelite import tomtom

        found = tomtom(queries, targets)
    _known.append(tomtom)
    return found


def warm() -> None:
    """Compile what is not compiled yet."""
    motifs = [np.ascontiguousarray(np.full((4, 6), 0.25)) for _ in range(30)]
    compare(motifs[:2], motifs)


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
