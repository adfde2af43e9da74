"""Faces and names of channels on disk; read without torch.

`motifs/QUESTION/faces.nc` is the raw material of all faces, `motifs/QUESTION/matches-ID.nc` the
matches against one database, `motifs/databases/HASH.meme` a motif file that a user has added, with
what is known of it as JSON.
"""

import json
import os
import shutil
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import xarray as xr

from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.motifs.databases import Database, database_motifs, file_database, read_meme
from deepresolve_dash.motifs.jaspar import Motif
from deepresolve_dash.runs.motif_question import MotifQuestion, match_id
from deepresolve_dash.runs.place import make_private
from deepresolve_dash.runs.store import is_id
from deepresolve_dash.runs.whole_file import write_whole

MOTIFS, FACES, MATCHES, DATABASES = "motifs", "faces.nc", "matches-{}.nc", "databases"
SHIPPED = Path(__file__).parents[1] / "demos" / MOTIFS
_KEPT = 4  # datasets in memory
_PACKED = ("ascent", "positive_activation", "negative_activation")  # as 16-bit integers


class AddedDatabase(NamedTuple):
    """A motif file that a user has added: what it is, how many motifs, when (epoch seconds)."""

    database: Database
    n: int
    added: float


class MotifStore:
    """Faces and matches below a state folder, and those that come with the demos."""

    def __init__(self, state: Path, *, shipped: Path = SHIPPED) -> None:
        """Keep files in a folder of their own, which is made when the first one comes."""
        self.folder = Path(state) / MOTIFS
        self._roots = (self.folder, Path(shipped))
        self._open: dict[tuple[Path, int], xr.Dataset] = {}

    def has_faces(self, question: MotifQuestion) -> bool:
        """Tell whether the faces of these channels are known."""
        return self._find(question.id, FACES) is not None

    def has(self, question: MotifQuestion, database: Database) -> bool:
        """Tell whether faces and their matches against a database are known."""
        name = MATCHES.format(match_id(question, database))
        return self.has_faces(question) and self._find(question.id, name) is not None

    def faces(self, question: MotifQuestion) -> xr.Dataset | None:
        """Return the raw material of the faces, see `motifs.faces`; None when not known."""
        return self._read(self._find(question.id, FACES))

    def matches(self, question: MotifQuestion, database: Database) -> xr.Dataset | None:
        """Return matches, see `motifs.names`; None when not known."""
        name = MATCHES.format(match_id(question, database))
        return self._read(self._find(question.id, name))

    def write_faces(self, question: MotifQuestion, faces: xr.Dataset) -> None:
        """Keep the faces; the file appears whole or not at all.

        Raises
        ------
        OSError
            When the disk is full or the folder may not be written.
        """
        write_packed(faces, self.folder / question.id / FACES)

    def write_matches(
        self, question: MotifQuestion, database: Database, matches: xr.Dataset
    ) -> None:
        """Keep matches; the file appears whole or not at all."""
        name = MATCHES.format(match_id(question, database))
        write_packed(matches, self.folder / question.id / name)

    def delete(self, request_id: str) -> None:
        """Forget the matches of a request, and the faces when no others are left."""
        if not is_id(request_id):
            return
        for path in self.folder.glob(f"*/{MATCHES.format(request_id)}"):
            path.unlink(missing_ok=True)
            if not list(path.parent.glob(MATCHES.format("*"))):
                shutil.rmtree(path.parent, ignore_errors=True)

    def add_database(self, path: Path, *, name: str | None = None) -> Database:
        """Keep a MEME file to match against; the same file is kept once, under its last name.

        Raises
        ------
        DeepResolveError
            When it cannot be used.
        """
        database = file_database(path, name=name)
        kept = self.database_path(database)
        if not kept.is_file():
            make_private(kept.parent)
            half = kept.with_name(f".{kept.name}.{os.getpid()}")
            shutil.copyfile(path, half)
            os.replace(half, kept)
        about = {"name": database.name, "n": len(read_meme(kept)), "added": time.time()}
        write_whole(kept.with_suffix(".json"), json.dumps(about).encode())
        return database

    def added(self) -> list[AddedDatabase]:
        """Return the motif files that were added, newest first."""
        paths = (self.folder / DATABASES).glob("*.meme")
        found = [one for path in paths if (one := self.added_as(path.stem))]
        return sorted(found, key=lambda one: -one.added)

    def added_as(self, file_hash: str) -> AddedDatabase | None:
        """Return the motif file with this hash; None when there is none."""
        path = self.folder / DATABASES / f"{file_hash}.meme"
        if not is_id(file_hash) or not path.is_file():
            return None
        try:
            about = json.loads(path.with_suffix(".json").read_text())
            name, n, added = str(about["name"]), int(about["n"]), float(about["added"])
        except (OSError, ValueError, KeyError, TypeError):  # of an earlier program
            name, n, added = "", 0, 0.0
        return AddedDatabase(Database("", "", "", file_hash, name), n, added)

    def database_path(self, database: Database) -> Path:
        """Return where the file of a database is kept."""
        return self.folder / DATABASES / f"{database.file_hash}.meme"

    def motifs(self, database: Database) -> dict[str, Motif]:
        """Return the known motifs of a database.

        Raises
        ------
        DeepResolveError
            When they are not there any more.
        """
        return database_motifs(database, self.database_path(database))

    def _find(self, question_id: str, name: str) -> Path | None:
        if not is_id(question_id):
            return None
        found = (root / question_id / name for root in self._roots)
        return next((path for path in found if path.is_file()), None)

    def _read(self, path: Path | None) -> xr.Dataset | None:
        """Return a dataset, from memory unless the file has changed; None when it is damaged."""
        if path is None:
            return None
        try:
            key = (path, path.stat().st_mtime_ns)
            known = self._open.pop(key, None)
            dataset = read_packed(path) if known is None else known
        except (OSError, RunNotFound):
            return None
        self._open = dict([*self._open.items(), (key, dataset)][-_KEPT:])
        return dataset


def read_packed(path: Path) -> xr.Dataset:
    """Read what `write_packed` wrote.

    Raises
    ------
    RunNotFound
        When it cannot be read.
    """
    try:
        with xr.open_dataset(path, engine="h5netcdf") as dataset:
            return dataset.load()
    except (OSError, ValueError, KeyError) as error:
        raise RunNotFound(f"{path} cannot be read: {error}.") from error


def write_packed(dataset: xr.Dataset, path: Path) -> None:
    """Write netCDF4 in one step, compressed.

    *Choice:* unlike a run, since letters and sites shrink to a third; what an ascent arrived at
    keeps a precision of 1 in 32,000 of its largest value.
    """
    make_private(path.parent)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        dataset.drop_encoding().to_netcdf(half, engine="h5netcdf", encoding=_encoding(dataset))
        os.replace(half, path)
    finally:
        half.unlink(missing_ok=True)


def _encoding(dataset: xr.Dataset) -> dict:
    encoding: dict[str, dict] = {}
    for name, variable in dataset.data_vars.items():
        if variable.dtype.kind not in "fiub" or not variable.size:
            continue
        options: dict = {"zlib": True, "complevel": 6, "shuffle": True}
        if name in _PACKED:
            largest = float(np.nanmax(np.abs(variable.values), initial=0)) or 1.0
            options |= {"dtype": "i2", "scale_factor": largest / 32767, "_FillValue": -32768}
        encoding[str(name)] = options
    return encoding
