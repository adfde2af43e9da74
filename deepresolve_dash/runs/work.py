"""What a run has on disk while it is computed: finished units of work, results so far, a log."""

import errno
import os
import shutil
import time
import zipfile
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash import __version__
from deepresolve_dash.errors import DiskFull
from deepresolve_dash.runs.arrays import read_arrays
from deepresolve_dash.runs.place import make_private

_HALF_S = 60.0  # a file that nobody has written to for so long will not be finished
WORK, PARTIAL, LOGS = "work", "partial", "logs"


class WorkUnits(MutableMapping[str, dict[str, NDArray]]):
    """Finished units of work, one `.npz` each: written beside, flushed, renamed.

    *Choice:* units of another device or release are not taken up, since they may be other rows. A
    unit that cannot be read is computed again.
    """

    def __init__(self, folder: Path, device: str) -> None:
        """Keep units in a folder of their own below `folder`."""
        self.folder = folder / f"{device}-{__version__}"
        make_private(self.folder)
        self.recalled = 0  # units that were not computed again
        for half in self.folder.glob(".*"):
            with suppress(FileNotFoundError):  # others may write here, and end just now
                if time.time() - half.stat().st_mtime > _HALF_S:
                    half.unlink()

    def __getitem__(self, name: str) -> dict[str, NDArray]:
        arrays = self._read(name)
        if arrays is None:
            raise KeyError(name)
        self.recalled += 1
        return arrays

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._read(name) is not None

    def __setitem__(self, name: str, arrays: dict[str, NDArray]) -> None:
        half = self.folder / f".{os.getpid()}-{name}"
        with full_disk_said(), half.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        os.replace(half, self._path(name))

    def __delitem__(self, name: str) -> None:
        self._path(name).unlink()

    def __iter__(self) -> Iterator[str]:
        return (path.stem for path in self.folder.glob("*.npz"))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.npz"

    def _read(self, name: str) -> dict[str, NDArray] | None:
        """Return a unit, None when it is not there or broken."""
        try:
            with self._path(name).open("rb") as file:
                return read_arrays(file)
        except (OSError, ValueError, TypeError, AttributeError, EOFError, zipfile.BadZipFile):
            return None


@contextmanager
def full_disk_said() -> Iterator[None]:
    """Turn the system's error of a full disk into ours."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DiskFull("The disk is full.", "Make room on the disk of the state folder.") from error


def work_folder(state: Path, run_id: str) -> Path:
    """Return the folder of a run's units and results so far."""
    return state / WORK / run_id


def show_partial(state: Path, run_id: str, folder: Path) -> None:
    """Let the link of a run's results so far point to a folder, in one step."""
    link = state / PARTIAL / run_id
    make_private(link.parent)
    half = link.with_name(f".{run_id}-{os.getpid()}")
    half.unlink(missing_ok=True)
    half.symlink_to(os.path.relpath(folder, link.parent))
    os.replace(half, link)


def forget_work(state: Path, run_id: str) -> None:
    """Remove what a run has on disk, apart from its results and its log."""
    (state / PARTIAL / run_id).unlink(missing_ok=True)
    shutil.rmtree(work_folder(state, run_id), ignore_errors=True)


def log_path(state: Path, run_id: str) -> Path:
    """Return the file that tells what happened to a run."""
    return state / LOGS / f"{run_id}.txt"


def write_log(state: Path, run_id: str, text: str) -> None:
    """Add a line to the log of a run; a log that cannot be written stops nothing."""
    path = log_path(state, run_id)
    moment = time.time()
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment))
    try:
        make_private(path.parent)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{stamp}.{int(moment % 1 * 1000):03d} {text.rstrip()}\n")
    except OSError:
        return


def read_log(state: Path, run_id: str, *, most: int = 2**16) -> str:
    """Return the end of a run's log; empty when there is none."""
    try:
        with log_path(state, run_id).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - most))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
