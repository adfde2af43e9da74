"""Room on the disk that is kept for files on their way, so that several at once share a quota."""

import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX, _GUARD = ".room-", ".rooms.lock"


class Rooms:
    """A file for each upload on its way, which says whose and how large it is.

    *Choice:* its process holds a lock on the file, which the system lets go of when the process
    dies, however it dies; what nobody holds is not counted. So no room is lost to a killed server.
    """

    def __init__(self, folder: Path) -> None:
        """Keep the files in a folder, which is made when the first one comes."""
        self._folder = Path(folder)

    @contextmanager
    def kept(self, user: str, n_bytes: int, check: Callable[[int], None]) -> Iterator[None]:
        """Keep room for something on its way, from its first byte until it is counted.

        Parameters
        ----------
        user : str
        n_bytes : int
        check : callable
            Is told the bytes of the same user that are on their way already, while nobody else
            can ask; it raises when there is no room.
        """
        with self._alone():
            check(self._on_their_way(user))
            path = self._folder / f"{_PREFIX}{secrets.token_hex(8)}"
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                os.write(file, json.dumps({"user": user, "bytes": n_bytes}).encode())
            except BaseException:
                _leave(path, file)
                raise
        try:
            yield
        finally:
            _leave(path, file)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other threads and processes from asking meanwhile."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        guard = os.open(self._folder / _GUARD, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(guard, fcntl.LOCK_EX)
            yield
        finally:
            os.close(guard)

    def _on_their_way(self, user: str) -> int:
        """Return the bytes that somebody is sending; files of dead processes are removed."""
        total = 0
        for path in self._folder.glob(f"{_PREFIX}*"):
            with suppress(FileNotFoundError):
                told = _told(path)
                if told.get("user") == user:
                    total += told["bytes"]
        return total


def _told(path: Path) -> dict:
    """Return what a file says whose process lives; else nothing, and the file is removed."""
    file = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return json.loads(os.read(file, 4096) or b"{}")
    else:
        path.unlink(missing_ok=True)
        return {}
    finally:
        os.close(file)


def _leave(path: Path, file: int) -> None:
    path.unlink(missing_ok=True)
    os.close(file)
