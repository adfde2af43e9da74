"""Check a bundle: are its files as they were made, and do its numbers follow from the ensemble."""

import io
import json
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import xarray as xr

from deepresolve_dash.errors import DeepResolveError, RunNotFound
from deepresolve_dash.exports.agreement import (
    Difference,
    compare_datasets,
    compare_tables,
    compare_values,
)
from deepresolve_dash.exports.bundle import (
    BUNDLE_FORMAT,
    ENSEMBLE,
    FACES,
    KNOWN,
    LABELS,
    MATCHES,
    ROWS,
    RUN_FILES,
    SUMMARY,
    VIEW,
    digest,
    known_from,
    model_hashes,
)
from deepresolve_dash.exports.figures.registry import find_panel, rows_text
from deepresolve_dash.exports.known import with_known
from deepresolve_dash.exports.old_rows import as_now
from deepresolve_dash.exports.sealed import Damage, unpack
from deepresolve_dash.runs.arrays import read_array
from deepresolve_dash.runs.datasets import read_dataset
from deepresolve_dash.runs.named import changed_run
from deepresolve_dash.runs.store import Run, RunStore, open_run
from deepresolve_dash.runs.summary import summarise
from deepresolve_dash.views.selection import Selection

TOLERANCE = 1e-6
"""*Choice:* of the largest number of a kind. The same program on the same kind of machine gives the
same bits; another one may round the last ones differently."""
_LARGEST_DATASET = 2 * 2**30  # bytes of numbers

Tell = Callable[[int, int], None]


class NotABundle(DeepResolveError):
    """A zip was not made by this program, or by a newer one."""


@dataclass
class Verified:
    """What became of a check.

    Attributes
    ----------
    id : str
        SHA-256 of `view.json`, which names the hashes of all other files.
    view : dict
        What the bundle says of itself.
    n_files : int
    damages : list of Damage
        Files that are not as they were made.
    summary, rows : list of Difference or None
        Numbers computed again from the ensemble, against those in the bundle; None where that
        could not be done.
    notes : list of str
        What was not checked and why.
    """

    id: str
    view: dict
    n_files: int
    damages: list[Damage]
    summary: list[Difference] | None = None
    rows: list[Difference] | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Whether nothing is damaged and all numbers come out again."""
        found = [*(self.summary or ()), *(self.rows or ())]
        return not self.damages and self.summary is not None and all(one.agrees for one in found)


def verify(path: Path, store: RunStore, state: Path, *, tell: Tell = lambda *_: None) -> Verified:
    """Check a bundle.

    Parameters
    ----------
    path : Path
    store : RunStore
        Where the run is looked for when it did not travel along.
    state : Path
        Where its network is looked for.
    tell : function, optional
        Told how many classes are done, of how many.

    Raises
    ------
    NotSealed, NotABundle
        When it is no bundle that this program can check.
    """
    unpacked = unpack(path)
    files, damages = unpacked.files, list(unpacked.damages)
    if VIEW not in files:
        if any(one.file == VIEW for one in damages):
            raise NotABundle(f"{VIEW} in {path} is damaged.", "Get the bundle again.")
        raise NotABundle(f"{path} is no bundle: {VIEW} is missing.", "Name one that was cited.")
    view = _read_view(files[VIEW], path)
    hashes = view["sha256"]
    known_bad = {one.file for one in damages}
    for name in sorted({*hashes, *files} - known_bad - {VIEW}):
        if name not in files:
            damages.append(Damage(name, "is missing"))
        elif name not in hashes:
            damages.append(Damage(name, "does not belong to the bundle"))
        elif digest(files[name]) != hashes[name]:
            damages.append(Damage(name, "is not as it was made: its SHA-256 is another one"))
    found = Verified(digest(files[VIEW]), view, len(hashes) + 1, damages)
    if damages:
        found.notes.append("The numbers were not computed again, since files are damaged.")
        return found
    with tempfile.TemporaryDirectory() as folder:
        try:
            _check_numbers(found, files, Path(folder), store, tell)
        except (DeepResolveError, *_BROKEN) as error:
            found.notes.append(f"The numbers cannot be computed again: {error}")
    _check_model(found, state)
    return found


_BROKEN = (KeyError, TypeError, ValueError, IndexError, AttributeError, OSError, RuntimeError)


def _read_view(content: bytes, path: Path) -> dict[str, Any]:
    """Return what a bundle says of itself."""
    try:
        view = json.loads(content)
        version, hashes, run = view["format"], view["sha256"], view["run"]
        whole = (
            isinstance(version, int)
            and all(isinstance(one, str) for pair in hashes.items() for one in pair)
            and all(isinstance(one, str) for pair in run["sha256"].items() for one in pair)
            and isinstance(run["id"], str)
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        whole, version, view = False, 0, {}
    if version > BUNDLE_FORMAT:
        raise NotABundle(
            f"{path} was made by a newer program ({str(view.get('made_by', ''))[:60]}).",
            "Update this one to verify it.",
        )
    if not whole:
        raise NotABundle(f"{VIEW} in {path} is damaged.", "Get the bundle again.")
    return view


def _check_numbers(
    found: Verified, files: dict[str, bytes], folder: Path, store: RunStore, tell: Tell
) -> None:
    """Compute summary and rows again."""
    run = _run_of(found, files, folder, store)
    total, done = run.ensemble.sizes["target"] * run.ensemble.sizes["regime"], 0

    def one_more() -> None:
        nonlocal done
        tell(done, total)
        done += 1

    summary = summarise(run.ensemble, run.summary, on_class=one_more)
    found.summary = compare_datasets(run.summary, summary, TOLERANCE)
    if ROWS not in files:
        found.notes.append("The figure has no rows to compute again.")
        return
    shown = _shown_run(changed_run(run, summary), files, folder)
    view = found.view
    one = Selection(**view["selection"])
    selection = Selection(one.run, one.target, one.regime, tuple(one.pair) if one.pair else None)  # type: ignore[arg-type]
    again = rows_text(find_panel(str(view["panel"])), shown, selection, view["asked"])
    found.rows = _compare_rows(files[ROWS].decode(), again)


def _run_of(found: Verified, files: dict[str, bytes], folder: Path, store: RunStore) -> Run:
    """Return the run of a bundle: the one that travelled along, else that of the same files here.

    Raises
    ------
    RunNotFound
        When it is in neither.
    """
    told = found.view["run"]
    if all(name in files for name in RUN_FILES):
        for name in RUN_FILES:
            (folder / name).write_bytes(files[name])
        for name in (ENSEMBLE, SUMMARY):
            check_plain(folder / name)
        return open_run(folder)
    try:
        run = store.open(told["id"])
    except RunNotFound:
        raise RunNotFound(
            f"The run {told['id'][:64]} is too large for the bundle, and is not in the state "
            "folder.",
            "Verify where it is.",
        ) from None
    for name in RUN_FILES:
        if digest((run.folder / name).read_bytes()) != told["sha256"][name]:
            raise RunNotFound(f"{name} of the run in the state folder is another one.")
    return run


def check_plain(path: Path) -> None:
    """Refuse a file that says more numbers than it holds, or reaches for other files.

    Raises
    ------
    RunNotFound
        When it does.
    """
    total = 0
    with h5py.File(path) as file:
        for name in file:
            link = file.get(name, getlink=True)
            item = file[name] if isinstance(link, h5py.HardLink) else None
            if not isinstance(item, h5py.Dataset) or item.external or item.is_virtual:
                raise RunNotFound(f"{path.name} holds something else than numbers.")
            total += item.size * item.dtype.itemsize if item.size else 0
    if total > _LARGEST_DATASET:
        raise RunNotFound(f"{path.name} says that it holds {total >> 30} GB of numbers.")


def _shown_run(run: Run, files: dict[str, bytes], folder: Path) -> Run:
    """Return the run as its page showed it."""
    told = json.loads(files[KNOWN])
    summary = run.summary.assign_coords(target_name=("target", [str(n) for n in told["names"]]))
    if LABELS in files:
        matrix = read_array(io.BytesIO(files[LABELS]))
        summary = summary.assign(label_correlation=(("target", "other_target"), matrix))
    looked = tuple(_dataset(name, files, folder) for name in (FACES, MATCHES))
    return with_known(changed_run(run, summary), known_from(told, looked))  # type: ignore[arg-type]


def _dataset(name: str, files: dict[str, bytes], folder: Path) -> xr.Dataset | None:
    if name not in files:
        return None
    path = folder / name
    path.write_bytes(files[name])
    check_plain(path)
    return read_dataset(path)


def _compare_rows(was: str, now: str) -> list[Difference]:
    """Compare two tables as text, number by number where a column is one of numbers."""
    one, two = (
        pd.read_csv(io.StringIO(text), sep="\t", dtype=str, keep_default_na=False, quoting=3)
        for text in (was, now)
    )
    if len(one) != len(two):
        return [compare_values("rows", np.zeros(len(one)), np.zeros(len(two)), 0.0)]
    return compare_tables(*as_now(_with_numbers(one), _with_numbers(two)), TOLERANCE)


def _with_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with columns of numbers as such, empty cells unknown; texts as they are."""
    made = {}
    for name, column in table.items():
        try:
            made[name] = column.replace("", "nan").astype(np.float64)
        except ValueError:
            made[name] = column
    return pd.DataFrame(made)


def _check_model(found: Verified, state: Path) -> None:
    """Tell whether the network that is here is the one that the bundle names."""
    told = found.view.get("model")
    if not isinstance(told, dict) or not re.fullmatch("[0-9a-f]{64}", str(told.get("network"))):
        found.notes.append("The bundle names no network.")
        return
    here = model_hashes(str(told["network"]), state)
    files = sorted(set(here) - {"network"})
    if not files:
        found.notes.append("The network is not here; `recompute` needs it, this check does not.")
    elif any(here[name] != told.get(name, here[name]) for name in files):
        found.notes.append("The network is here in other files of the same contents.")
    else:
        found.notes.append("The network is here, with the same SHA-256.")
