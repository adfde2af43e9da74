"""Sweeps that were started, each a small file of the state folder."""

import json
import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.runs.place import make_private
from deepresolve_dash.runs.request import RunRequest
from deepresolve_dash.runs.store import is_id
from deepresolve_dash.runs.sweep import LONGEST_NAME, Point, Sweep, point_of, sweep_id
from deepresolve_dash.runs.whole_file import write_whole

SWEEPS = "sweeps"  # in the state folder
_BIN = ".bin"
_log = logging.getLogger(__name__)


class SweepNotFound(DeepResolveError):
    """No sweep has this id."""


class SweepStore:
    """Files `sweeps/ID.json`; runs that are gone leave their sweep as it is."""

    def __init__(self, state: Path, clock: Callable[[], float] = time.time) -> None:
        """Keep sweeps in a folder of their own, which is made when the first one comes."""
        self.folder = Path(state) / SWEEPS
        self._clock = clock

    def sweeps(self) -> list[Sweep]:
        """Return all sweeps that can be read, the newest first."""
        found = [self._read(path) for path in self.folder.glob("[!.]*.json")]
        return sorted((one for one in found if one), key=lambda one: one.made, reverse=True)

    def open(self, wanted: str) -> Sweep:
        """Return the sweep of this id.

        Raises
        ------
        SweepNotFound
            When there is none, or its file is damaged.
        """
        found = self._read(self.folder / f"{wanted}.json") if is_id(wanted) else None
        if found is None:
            raise SweepNotFound(f"There is no sweep '{wanted}' here.", "The queue lists them.")
        return found

    def keep(self, name: str, requests: Sequence[RunRequest], user: str) -> Sweep:
        """Remember runs that were started at once; the same ones keep their first name."""
        points = tuple(map(point_of, requests))
        made = Sweep(
            sweep_id([point.run for point in points]),
            " ".join(name.split())[:LONGEST_NAME],
            user,
            self._clock(),
            points,
        )
        make_private(self.folder)
        path = self.folder / f"{made.id}.json"
        known = self._read(path)
        if known is not None:
            return known
        write_whole(path, (json.dumps(asdict(made), indent=1) + "\n").encode())
        return made

    def forget(self, wanted: str) -> None:
        """Take a sweep out of the list; its runs stay."""
        self.open(wanted)
        make_private(self.folder / _BIN)
        os.replace(self.folder / f"{wanted}.json", self.folder / _BIN / f"{wanted}.json")

    def restore(self, wanted: str) -> Sweep:
        """Put a sweep back into the list.

        Raises
        ------
        SweepNotFound
            When it was not taken out.
        """
        thrown = self.folder / _BIN / f"{wanted}.json"
        if not is_id(wanted) or not thrown.is_file():
            raise SweepNotFound(f"There is no sweep '{wanted}' in the bin.")
        os.replace(thrown, self.folder / thrown.name)
        return self.open(wanted)

    def _read(self, path: Path) -> Sweep | None:
        """Return the sweep in a file; None without one, a word in the log for a damaged one."""
        if not path.is_file():
            return None
        try:
            told = json.loads(path.read_text())
            points = tuple(
                Point(str(one["run"]), str(one["layer"]), str(one["l2"]), int(one["seed"]))
                for one in told["points"]
            )
            return Sweep(
                path.stem, str(told["name"]), str(told["user"]), float(told["made"]), points
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            _log.warning("The sweep in %s cannot be read: %r", path, error)
            return None
