"""Labels that are given to a run after it was computed: their correlation, kept beside the runs."""

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from deepresolve_dash.confined.ask import ReaderStopped, ReaderTooSlow, ask
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.runs.arrays import read_array
from deepresolve_dash.runs.label_table import match_labels, read_label_table
from deepresolve_dash.runs.place import make_private
from deepresolve_dash.runs.store import Run
from deepresolve_dash.runs.whole_file import write_whole

_WALL_S, _MEMORY_BYTES = 120, 5 * 2**30


@dataclass(frozen=True)
class AddedLabels:
    """What is known of a file of labels and of how it fits a run.

    Attributes
    ----------
    file : str
        Its name.
    targets : tuple of int
        Output indices of the classes of the run.
    n : int
        Sequences.
    by_name, by_index : int
        Classes that were found so.
    missing, constant : tuple of int
        Output indices without a column, and of classes whose label never changes.
    unused : tuple of str
        Columns that are no class of the run.
    """

    file: str
    targets: tuple[int, ...]
    n: int
    by_name: int
    by_index: int
    missing: tuple[int, ...]
    constant: tuple[int, ...]
    unused: tuple[str, ...]


class AddedLabelsStore:
    """A matrix `RUN.npy`, and what is known of it as JSON, for each run that was given labels."""

    def __init__(self, folder: Path) -> None:
        """Keep them in a folder, which is made when the first ones come."""
        self.folder = Path(folder)

    def add(self, run: Run, path: Path, name: str) -> AddedLabels:
        """Read a file of labels in a child of this process and keep what a run needs of it.

        Raises
        ------
        SettingsError
            When the file cannot be used; what was there before stays.
        """
        make_private(self.folder)
        request = {
            "path": str(path.absolute()),
            "name": name,
            "targets": run.summary.target.values.tolist(),
            "names": [str(one) for one in run.summary.target_name.values],
            "out": str(path.absolute()) + ".npy",
        }
        answer = _ask(request)
        if "error" in answer:
            raise SettingsError(answer["error"], answer["hint"])
        made = Path(request["out"])
        write_whole(self._path(run.id, ".npy"), made.read_bytes())
        made.unlink()
        told = _from_json({"file": name, "targets": request["targets"], **answer["labels"]})
        write_whole(self._path(run.id, ".json"), json.dumps(asdict(told)).encode())
        return told

    def remove(self, run_id: str) -> None:
        """Forget the labels that a run was given."""
        for suffix in (".json", ".npy"):
            self._path(run_id, suffix).unlink(missing_ok=True)

    def of(self, run: Run) -> AddedLabels | None:
        """Return what is known of the labels of a run; None without any that fit its classes."""
        try:
            told = _from_json(json.loads(self._path(run.id, ".json").read_bytes()))
        except (OSError, ValueError, TypeError):
            return None
        return told if list(told.targets) == run.summary.target.values.tolist() else None

    def stamp(self, run_id: str) -> int:
        """Return what changes when a run is given other labels."""
        path = self._path(run_id, ".json")
        return path.stat().st_mtime_ns if path.is_file() else 0

    def size(self, run_id: str) -> int:
        """Return the bytes that the labels of a run take on the disk."""
        paths = (self._path(run_id, suffix) for suffix in (".json", ".npy"))
        return sum(path.stat().st_size for path in paths if path.is_file())

    def with_labels(self, run: Run) -> xr.Dataset | None:
        """Return the summary of a run with the correlation of its labels, None without any."""
        if not self.stamp(run.id) or self.of(run) is None:
            return None
        try:
            matrix = read_array(self._path(run.id, ".npy"))
        except (OSError, ValueError):
            return None
        dims = ("target", "other_target")
        return run.summary.assign(label_correlation=(dims, matrix.astype(np.float64)))

    def _path(self, run_id: str, suffix: str) -> Path:
        name = run_id if run_id.isalnum() else sha256(run_id.encode()).hexdigest()
        return self.folder / f"{name}{suffix}"


def _from_json(values: dict[str, Any]) -> AddedLabels:
    plain: dict[str, Any] = {
        key: tuple(v) if isinstance(v, list) else v for key, v in values.items()
    }
    return AddedLabels(**plain)


def _ask(request: dict) -> dict:
    """Return what a confined reader, which alone opens the file, says of it."""
    try:
        return ask(__name__, request, memory_bytes=_MEMORY_BYTES, wall_s=_WALL_S)
    except (ReaderStopped, ReaderTooSlow) as error:
        raise SettingsError(error.message, error.hint) from None


def answer(request: dict) -> dict:
    """Return what the child says of a file; it writes the correlation to `out`."""
    try:
        table = read_label_table(Path(request["path"]), request["name"])
        found = match_labels(table, request["targets"], request["names"])
    except SettingsError as error:
        return {"error": error.message, "hint": error.hint}
    np.save(request["out"], found.correlation.astype(np.float32))
    told = asdict(found)
    del told["correlation"]
    return {"labels": told}
