"""Answers about sequences on disk, read without torch: `probes/ID.npz`, one for each part.

Scores and channels are kept apart from what the bases give a class: another class of the same
sequence asks for the second alone.
"""

import io
import json
import time
import zipfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.probe.found import Bases, Reading
from deepresolve_dash.runs.arrays import read_arrays
from deepresolve_dash.runs.place import make_private
from deepresolve_dash.runs.probe_question import ProbeQuestion
from deepresolve_dash.runs.store import is_id
from deepresolve_dash.runs.whole_file import write_whole

PROBES = "probes"
MOST_BYTES = 256 * 2**20
_BROKEN = (OSError, ValueError, TypeError, AttributeError, EOFError, zipfile.BadZipFile)


class ProbeStore:
    """Answers below a state folder; they can all be computed again."""

    def __init__(self, state: Path) -> None:
        """Keep files in a folder of their own, which is made when the first one comes."""
        self.folder = Path(state) / PROBES

    def has(self, question: ProbeQuestion) -> bool:
        """Tell whether everything that was asked is known and can be read."""
        return self.reading(question) is not None and self.bases(question) is not None

    def reading(self, question: ProbeQuestion) -> Reading | None:
        """Return scores and channels; None when they are not known."""
        found = self._read(question.reading_id)
        with suppress(*_BROKEN):
            return None if found is None else Reading(**_plain(found))
        return None

    def bases(self, question: ProbeQuestion) -> Bases | None:
        """Return what the bases give the class; None when it is not known."""
        found = self._read(question.bases_id)
        with suppress(*_BROKEN):
            return None if found is None else Bases(**_plain(found))
        return None

    def mutations(self, question: ProbeQuestion) -> NDArray[np.float32] | None:
        """Return the change of all scores by every mutation; None when it is not known."""
        found = self._read(question.mutations_id)
        return None if found is None else found.get("change")

    def question(self, question_id: str) -> ProbeQuestion | None:
        """Return the question of this id; None when it was not asked here, or is damaged."""
        if not is_id(question_id):
            return None
        with suppress(*_BROKEN):
            found = ProbeQuestion(**json.loads(self._path(question_id).read_text()))
            return found if found.id == question_id else None
        return None

    def write_question(self, question: ProbeQuestion) -> None:
        """Keep a question, so that it is found by its id."""
        make_private(self.folder)
        write_whole(self._path(question.id), json.dumps(asdict(question)).encode())

    def write_reading(self, question: ProbeQuestion, reading: Reading) -> None:
        """Keep scores and channels; the file appears whole or not at all.

        Raises
        ------
        OSError
            When the disk is full or the folder may not be written.
        """
        self._write(question.reading_id, reading._asdict())

    def write_bases(self, question: ProbeQuestion, bases: Bases) -> None:
        """Keep what the bases give the class; the file appears whole or not at all."""
        self._write(question.bases_id, bases._asdict())

    def write_mutations(self, question: ProbeQuestion, change: NDArray[np.float32]) -> None:
        """Keep the change of all scores by every mutation."""
        self._write(question.mutations_id, {"change": change})

    def tidy(self, *, most: int = MOST_BYTES, older_than: float = 0.0) -> None:
        """Forget the answers that were read longest ago until the rest fits into `most` bytes.

        One that was made after `older_than`, epoch seconds, stays; it may be on somebody's screen.
        """
        found = []
        for path in (*self.folder.glob("*.npz"), *self.folder.glob("*.json")):
            with suppress(FileNotFoundError):
                found.append((path.stat().st_mtime, path.stat().st_size, path))
        total = sum(size for _, size, _ in found)
        for made, size, path in sorted(found):
            if total <= most or (older_than and made > older_than):
                break
            path.unlink(missing_ok=True)
            total -= size

    def _path(self, question_id: str) -> Path:
        return self.folder / f"{question_id}.json"

    def _read(self, part: str) -> dict[str, np.ndarray] | None:
        try:
            with (self.folder / f"{part}.npz").open("rb") as file:
                return read_arrays(file)
        except _BROKEN:
            return None

    def _write(self, part: str, values: dict) -> None:
        content = io.BytesIO()
        np.savez(content, **values)  # such numbers hardly pack
        make_private(self.folder)
        write_whole(self.folder / f"{part}.npz", content.getvalue())


def _plain(found: dict[str, np.ndarray]) -> dict:
    """Return numbers as numbers."""
    return {name: value.item() if value.ndim == 0 else value for name, value in found.items()}


def day_ago() -> float:
    """Return the time a day ago, epoch seconds."""
    return time.time() - 86400
