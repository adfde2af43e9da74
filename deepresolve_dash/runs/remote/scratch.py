"""Where a worker keeps the files of a run that lies elsewhere."""

import os
import shutil
import socket
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from deepresolve_dash.runs.locks import FileLock, holder

_LOCK = "worker.lock"
_YOUNG_S = 60.0  # a folder may be so old without a lock while its worker makes it


def make_scratch(place: Path | None, owner: str) -> Path:
    """Make a folder for this process; what killed workers of this host and user left is removed.

    Parameters
    ----------
    place : Path or None
        Where to make it; the system's folder for temporary files without one.
    owner : str
        Name of this process, who holds the folder until its end.
    """
    place = place or Path(tempfile.gettempdir())
    prefix = f"deepresolve-{socket.gethostname()}-"  # the place may be shared by hosts
    for folder in place.glob(f"{prefix}*"):
        if _is_left(folder):
            shutil.rmtree(folder, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
    with suppress(OSError):  # a file system without locks, where nothing is removed then
        FileLock(made / _LOCK).take(owner)
    return made


def _is_left(folder: Path) -> bool:
    """Tell whether a folder is ours and nobody computes in it any more."""
    with suppress(OSError):
        found = folder.lstat()
        old = time.time() - found.st_mtime > _YOUNG_S
        return found.st_uid == os.getuid() and old and holder(folder / _LOCK) is None
    return False
