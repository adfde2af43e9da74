"""Large exports in pieces, that arrive while they are made and never lie whole in memory."""

import io
import zipfile
from collections.abc import Iterable, Iterator

from deepresolve_dash.exports.notes import NOTES, notes_text
from deepresolve_dash.exports.tables import TABLES, table_parts
from deepresolve_dash.runs.notes import NoteStore
from deepresolve_dash.runs.store import Run

_PACKING = 3  # of deflate; higher takes far longer and packs digits hardly better


class _Pipe(io.RawIOBase):
    """Takes what is written and gives it away."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        """Say that it can be written to, and, by default, that it cannot go back."""
        return True

    def write(self, part) -> int:  # type: ignore[override]
        """Keep a part until it is taken."""
        self._parts.append(bytes(part))
        return len(part)

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def tables_zip(run: Run, notes: NoteStore) -> Iterator[bytes]:
    """Yield the tables of a run, and its notes if there are some, as a zip, piece by piece."""
    yield from zipped(_tables(run, notes))


def _tables(run: Run, notes: NoteStore) -> Iterator[tuple[str, Iterable[bytes]]]:
    for name in TABLES:
        parts = table_parts(run.summary, run.ensemble, name)
        yield f"{name}.tsv", (part.encode() for part in parts)
    text = notes_text(notes, run)
    if text:
        yield NOTES, [text.encode()]


def zipped(files: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[bytes]:
    """Yield files, given by name and pieces, as a zip without dates."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=_PACKING) as archive:  # type: ignore[arg-type]
        for name, parts in files:
            entry = zipfile.ZipInfo(name)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            with archive.open(entry, "w", force_zip64=True) as file:
                for part in parts:
                    file.write(part)
                    yield pipe.taken()
    yield pipe.taken()
