"""Files on their way in: streamed to disk, counted and hashed on the way, never held in memory."""

import hashlib
import re
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import orjson
from flask import request

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.motifs.databases import MOST_BYTES as MOST_MOTIFS
from deepresolve_dash.pages.quota import room_for
from deepresolve_dash.runs.inputs import LABELS, MOST_LABELS, MOST_SEQUENCES, SEQUENCES
from deepresolve_dash.settings import Settings
from deepresolve_dash.views.measures import size as size_in_words

MOTIFS = "motifs"
CHUNK = 2**20  # bytes read at a time
KEEP_FREE = 500 * 2**20  # bytes of disk that an upload leaves to others
_MOST_FILES = 16
_AT_ONCE = 3  # uploads
_FEWER = {
    SEQUENCES: "Take a part of the sequences: some thousand are enough.",
    LABELS: "Take fewer sequences, or only the columns of the classes that are resolved.",
    MOTIFS: "Take a part of the motifs.",
}
_LARGEST = {SEQUENCES: MOST_SEQUENCES, LABELS: MOST_LABELS, MOTIFS: MOST_MOTIFS}  # bytes of a file
_LEFT_OVER_S = 86_400  # age of a folder that no upload can still write to


class UploadError(DeepResolveError):
    """A file cannot be taken in."""


_BUSY = UploadError(
    f"{_AT_ONCE} other uploads are on their way.", "Wait until one of them is done, then try again."
)
_places = threading.BoundedSemaphore(_AT_ONCE)


@dataclass(frozen=True)
class Received:
    """One file that has arrived.

    Attributes
    ----------
    path : Path
        Where it lies until the request ends.
    name : str
        What the user calls it.
    bytes : int
    sha256 : str
    """

    path: Path
    name: str
    bytes: int
    sha256: str

    @property
    def origin(self) -> dict:
        """What is remembered of it."""
        return {"name": self.name, "bytes": self.bytes, "sha256": self.sha256}


def announced(*, limit: int, hint: str = "") -> list[tuple[str, int]]:
    """Return name and size of each file in the body of this request, one after the other.

    Parameters
    ----------
    limit : int
        Bytes at most.
    hint : str
        What to do with more.

    Raises
    ------
    UploadError
        When they are not told, too many, too large, or no file at all.
    """
    try:
        told = orjson.loads(request.args.get("files", ""))
        files = [(str(name), int(size)) for name, size in told]
    except (orjson.JSONDecodeError, TypeError, ValueError):
        raise UploadError("The upload does not tell its files.", "Load the page again.") from None
    if not files:
        raise UploadError("No file was chosen.")
    if len(files) > _MOST_FILES:
        raise UploadError(
            f"These are {len(files)} files.", f"A model has at most {_MOST_FILES}; choose its own."
        )
    if any(size < 0 for _, size in files) or sum(size for _, size in files) > limit:
        raise UploadError(
            f"The files are larger than {size_in_words(limit)}, the most taken here.", hint
        )
    return files


def largest(kind: str, settings: Settings) -> int:
    """Return the bytes that an upload of a kind may have: model, sequences, labels or motifs."""
    return min(settings.upload_mb * 2**20, _LARGEST.get(kind, sys.maxsize))


def refused_for_now() -> dict:
    """Return why no further upload is taken at the moment; empty when one is."""
    if not _places.acquire(blocking=False):
        return {"refused": f"{_BUSY.message} {_BUSY.hint}"}
    _places.release()
    return {}


@contextmanager
def arriving(settings: Settings, kind: str = "model") -> Iterator[list[Received]]:
    """Receive the files of this request into a folder that is gone afterwards.

    *Choice:* three at once, so that slow senders leave threads of the server to everybody else.

    Raises
    ------
    UploadError
        As `announced` and `receive`, and when three others are on their way.
    """
    if not _places.acquire(blocking=False):
        raise _BUSY
    try:
        with _received(settings, largest(kind, settings), _FEWER.get(kind, "")) as received:
            yield received
    finally:
        _places.release()


@contextmanager
def _received(settings: Settings, limit: int, hint: str) -> Iterator[list[Received]]:
    """Receive the files of this request, wherever there is a place for it."""
    files = announced(limit=limit, hint=hint)
    place = settings.state / "uploads"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    n_bytes = sum(size for _, size in files)
    with room_for(n_bytes), tempfile.TemporaryDirectory(dir=place) as folder:
        yield receive(request.stream, files, Path(folder), limit=limit)


def receive(
    stream: IO[bytes], files: Sequence[tuple[str, int]], folder: Path, *, limit: int
) -> list[Received]:
    """Write the files of a stream into a folder.

    Parameters
    ----------
    stream : binary file
        The files, one after the other.
    files : sequence of (name, bytes)
        As announced.
    folder : Path
        An empty folder.
    limit : int
        Bytes at most, whatever was announced.

    Raises
    ------
    UploadError
        When the stream ends early or does not end, a name repeats, or the disk has no room.
    """
    free = shutil.disk_usage(folder).free
    if sum(size for _, size in files) + KEEP_FREE > free:
        raise UploadError(
            f"The server's disk has {size_in_words(free)} left.", "Ask for room, or delete models."
        )
    received, left = [], limit
    for name, size in files:
        path = folder / safe_name(name)
        if path.exists():
            raise UploadError(f"Two of the files are called {path.name}.", "Choose one of them.")
        received.append(_receive_one(stream, path, name, min(size, left)))
        left -= size
    if stream.read(1):
        raise UploadError("More arrived than was announced.", "Choose the files again.")
    return received


def _receive_one(stream: IO[bytes], path: Path, name: str, size: int) -> Received:
    """Write the next `size` bytes of a stream to a file."""
    digest, left = hashlib.sha256(), size
    with path.open("xb") as file:
        while left:
            chunk = stream.read(min(CHUNK, left))
            if not chunk:
                raise UploadError(f"{name} stopped on its way.", "Send it again.")
            file.write(chunk)
            digest.update(chunk)
            left -= len(chunk)
    return Received(path, name, size, digest.hexdigest())


def sweep(state: Path) -> None:
    """Remove what killed servers left of uploads, when it is older than a day."""
    made = [*state.glob("uploads/*"), *state.glob("models/.intake-*")]
    made += state.glob("sequences/.intake-*")
    for folder in made:
        with suppress(OSError):
            if folder.stat().st_mtime < time.time() - _LEFT_OVER_S:
                shutil.rmtree(folder)


def safe_name(name: str) -> str:
    """Return a name that can be a file's: its last part, without what a path could mean."""
    last = re.split(r"[/\\]", name)[-1]
    plain = re.sub(r"[^\w.+-]", "_", last).lstrip(".")
    return plain.encode("utf-8", "replace")[-120:].decode("utf-8", "ignore") or "file"
