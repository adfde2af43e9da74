"""Run folders on disk: find them, open them, write them whole or not at all."""

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from os.path import isfile
from pathlib import Path
from threading import Lock

import h5py
import xarray as xr

from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.runs.datasets import read_dataset, write_dataset
from deepresolve_dash.runs.formats import RUN_FORMAT, upgrade_run
from deepresolve_dash.runs.strict_json import to_json
from deepresolve_dash.runs.whole_file import flush
from deepresolve_dash.settings import read_settings

RUN, ENSEMBLE, SUMMARY = "run.json", "ensemble.nc", "summary.nc"
PRODUCTS = (RUN, ENSEMBLE, SUMMARY)
_LONGEST_ID = 64  # characters
_KEPT_BYTES = 2**29  # of datasets in memory, by default
_SETTLED_NS = 1_000_000_000  # after which another change of a folder shows in its time


@dataclass(frozen=True)
class Run:
    """One finished run: its folder, its description and its two datasets, loaded when asked for."""

    folder: Path
    info: dict

    @property
    def id(self) -> str:
        """Content hash of the spec."""
        return self.info["id"]

    @cached_property
    def ensemble(self) -> xr.Dataset:
        """Raw results of the ascent."""
        return _load(self.folder / ENSEMBLE)

    @property
    def offsets(self) -> int:
        """Positions of a filter, 0 without filters; the ensemble is not read for it."""
        if "ensemble" in self.__dict__:
            return self.ensemble.sizes.get("offset", 0)
        with h5py.File(self.folder / ENSEMBLE) as file:  # xarray would look at all variables
            kernels = file.get("filter")
            return kernels.shape[1] if isinstance(kernels, h5py.Dataset) else 0

    @cached_property
    def summary(self) -> xr.Dataset:
        """Numbers derived from the ensemble."""
        return _load(self.folder / SUMMARY)


@dataclass(frozen=True)
class BrokenRun:
    """A folder that looks like a run and cannot be opened, with the reason in words."""

    folder: Path
    reason: str


class RunStore:
    """The run folders below a few roots; each root's children are looked at afresh every time."""

    def __init__(
        self,
        roots: Sequence[Path],
        *,
        partial: Path | None = None,
        keep: int = 64,
        keep_bytes: int = _KEPT_BYTES,
    ) -> None:
        """Keep the datasets of the runs that were opened last in memory.

        They are `keep` at most, and fewer, but for one, when they take more than `keep_bytes`.
        `partial` holds links, by run id, to the results so far of runs that are still computed;
        they can be opened and are not listed.
        """
        self.roots = tuple(Path(root) for root in roots)
        self.partial = partial
        self._keep = keep
        self._keep_bytes = keep_bytes
        self._open: dict[tuple[Path, int], tuple[Run, int]] = {}  # with the bytes of its files
        self._told: dict[Path, tuple[tuple[int, int], dict]] = {}  # run.json by folder and times
        self._listed: tuple[tuple[int, ...] | None, dict[str, Path]] = None, {}  # folders by id
        self._lock = Lock()
        self._looking = Lock()  # by one thread at a time: the first reads every run.json

    def look(self) -> tuple[list[Run], list[BrokenRun]]:
        """Return all runs that can be opened, newest first, and the folders that cannot be."""
        with self._looking:
            times = self._times()
            found = [self._read(folder) for root in self.roots for folder in _folders(root)]
            unique = {run.id: run for run in reversed(found) if isinstance(run, Run)}
            self._listed = times, {run.id: run.folder for run in unique.values()}
        runs = sorted(unique.values(), key=_started, reverse=True)
        return runs, [run for run in found if isinstance(run, BrokenRun)]

    def runs(self) -> list[Run]:
        """Return all runs that can be opened, newest first."""
        return self.look()[0]

    def open(self, run_id: str) -> Run:
        """Return the run of this id.

        Raises
        ------
        RunNotFound
            When no folder below the roots holds it.
        """
        places = self._named, self._of, self._so_far, self._filled
        for folder in chain.from_iterable(place(run_id) for place in places):
            run = self._read(folder)
            if isinstance(run, Run) and run.id == run_id:
                return self._remember(run)
        raise RunNotFound(f"There is no run '{run_id}' here.", "The gallery lists those there are.")

    def has(self, run_id: str) -> bool:
        """Tell whether there is a whole run of this id."""
        folders = chain(self._named(run_id), self._of(run_id))
        return any(isinstance(r := self._read(f), Run) and r.id == run_id for f in folders)

    def _named(self, run_id: str) -> list[Path]:
        """Return the folders that bear a run's id, where it is looked for first."""
        if not is_id(run_id):
            return []
        return [root / run_id for root in self.roots if (root / run_id / RUN).is_file()]

    def _so_far(self, run_id: str) -> list[Path]:
        """Return the results so far of a run; its link moves on while they are read."""
        if self.partial is None or not is_id(run_id):
            return []
        return [(self.partial / run_id).resolve()]

    def _of(self, run_id: str) -> list[Path]:
        """Return the folder that had a run, whatever it is called, when one last came or went."""
        times = self._times()
        if times is None or times != self._listed[0]:
            self.look()
        folder = self._listed[1].get(run_id)
        return [folder] if folder else []

    def _filled(self, run_id: str) -> list[Path]:
        """Return the folder of a run that was filled after it had come."""
        return [run.folder for run in self.runs() if run.id == run_id]

    def _times(self) -> tuple[int, ...] | None:
        """Return when a folder last came or went below each root, None just after it."""
        times = tuple(root.stat().st_mtime_ns if root.is_dir() else 0 for root in self.roots)
        return times if time.time_ns() - max(times, default=0) > _SETTLED_NS else None

    def _read(self, folder: Path) -> Run | BrokenRun:
        try:
            written = os.stat(folder).st_mtime_ns, os.stat(f"{folder}/{RUN}").st_mtime_ns
            known = self._told.get(folder)
            if known and known[0] == written:
                return Run(folder, known[1])
            run = open_run(folder)
        except OSError as error:
            return BrokenRun(folder, f"{folder / RUN} cannot be read: {error}.")
        except RunNotFound as error:
            return BrokenRun(folder, error.message)
        self._told[folder] = written, run.info
        return run

    def _remember(self, run: Run) -> Run:
        """Return the run already in memory unless its folder has changed since."""
        key = (run.folder, (run.folder / SUMMARY).stat().st_mtime_ns)
        with self._lock:
            known = self._open.pop(key, None) or (run, _bytes(run))
            self._open[key] = known
            while len(self._open) > self._keep or (
                len(self._open) > 1 and sum(n for _, n in self._open.values()) > self._keep_bytes
            ):
                self._open.pop(next(iter(self._open)))
        return known[0]


def open_run(folder: Path) -> Run:
    """Open one run folder.

    Raises
    ------
    RunNotFound
        When the folder is not there, is incomplete, was written by a newer program, or its
        `run.json` cannot be read or bears an id that is none: ids become names of folders.
    """
    folder = Path(folder)
    missing = [name for name in PRODUCTS if not (folder / name).is_file()]
    if missing:
        raise RunNotFound(
            f"{folder} is not a run: {', '.join(missing)} is missing.",
            "A run folder holds run.json, ensemble.nc and summary.nc.",
        )
    try:
        info = json.loads((folder / RUN).read_text())
        if not {"id", "spec"} <= info.keys():
            raise KeyError("id or spec")
        if not is_id(info["id"]):
            raise ValueError("its id is not made of letters and digits")
        info = upgrade_run(info, folder)
    except (ValueError, KeyError, AttributeError, OSError) as error:
        raise RunNotFound(f"{folder / RUN} cannot be read: {error}.") from error
    return Run(folder, info)


def find_run(run: str) -> Run:
    """Return a run by its folder, or by its id among the runs that the dashboard shows.

    Raises
    ------
    RunNotFound
        When there is none.
    """
    folder = Path(run)
    return open_run(folder) if folder.is_dir() else RunStore(read_settings().run_roots).open(run)


def is_id(run_id: object) -> bool:
    """Tell whether something can be the id of a run, and so the name of a folder."""
    return (
        isinstance(run_id, str)
        and len(run_id) <= _LONGEST_ID
        and run_id.isascii()
        and run_id.isalnum()
    )


def _folders(root: Path) -> Iterator[Path]:
    """Give the folders below a root that look like runs, by name."""
    if root.is_dir():
        names = sorted(os.listdir(root))
        yield from (root / name for name in names if isfile(f"{root}/{name}/{RUN}"))


def write_run(
    folder: Path,
    *,
    info: dict,
    ensemble: xr.Dataset,
    summary: xr.Dataset,
    on_file: Callable[[], None] = lambda: None,
) -> Run:
    """Write a run folder: everything to a temporary folder beside it, flushed, then one rename.

    `on_file` is called before each file; whatever it raises ends the writing.

    Raises
    ------
    OSError
        When the disk is full or the folder may not be written; nothing half-written is left.
    """
    folder, info = Path(folder), {"format": RUN_FORMAT} | info
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as made:
        half = Path(made) / "run"
        half.mkdir()
        on_file()
        write_dataset(ensemble, half / ENSEMBLE)
        on_file()
        write_dataset(summary, half / SUMMARY)
        (half / RUN).write_text(to_json(info) + "\n")
        for path in (*half.iterdir(), half):
            on_file()
            flush(path)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        os.replace(half, folder)
        flush(folder.parent)  # else a power cut can undo the rename
    return Run(folder, info)


def _bytes(run: Run) -> int:
    """Return what the datasets of a run take on disk, and about as much in memory."""
    return sum((run.folder / name).stat().st_size for name in (ENSEMBLE, SUMMARY))


def _started(run: Run) -> str:
    return run.info.get("timing", {}).get("started", "")


def _load(path: Path) -> xr.Dataset:
    """Read a whole dataset into memory and close the file."""
    try:
        return read_dataset(path)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise RunNotFound(f"{path} cannot be read: {error}.") from error
