"""Locks that the system lets go of when their holder dies, however it dies."""

import fcntl
import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path

RUNNER_LOCK, SERVER_LOCK = "runner.lock", "server.lock"
_TRIES, _TRY_S = 5, 0.02


class FileLock:
    """A lock on a file, held for the life of this process; the file says by whom."""

    def __init__(self, path: Path) -> None:
        """Name the file; it is made when the lock is taken."""
        self.path = Path(path)
        self._file: int | None = None

    def take(self, holder: str) -> bool:
        """Take the lock and write who has it; False when somebody else has."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        for _ in range(_TRIES):  # whoever just asks for the holder has it for a moment
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(_TRY_S)
        else:
            os.close(file)
            return False
        os.ftruncate(file, 0)
        os.write(file, holder.encode())
        self._file = file
        return True

    def outlive_exec(self) -> None:
        """Let the program that this process becomes, and its forks, hold the lock."""
        if self._file is not None:
            os.set_inheritable(self._file, True)

    def is_ours(self) -> bool:
        """Tell whether the file that we hold is still the one at the path."""
        try:
            return self._file is not None and os.path.samestat(
                os.fstat(self._file), os.stat(self.path)
            )
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Let go of the lock."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def holder(path: Path) -> str | None:
    """Return who has a lock, None when nobody has."""
    try:
        file = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.read(file, 200).decode(errors="replace")
    finally:
        os.close(file)
    return None


def slot_lock(state: Path, slot: str) -> Path:
    """Return the lock of a place where one run can be computed."""
    return state / f"slot-{slot}.lock"


def process_of(owner: str) -> int:
    """Return the process id of a worker by its name, `host:process:kind`."""
    return int(owner.rsplit(":", 2)[1])


def name_process(kind: str) -> str:
    """Return the name of this process as the owner of something, `host:process:kind`."""
    return f"{socket.gethostname()}:{os.getpid()}:{kind}"


def is_here(owner: str) -> bool:
    """Tell whether a process is one of this host, so that its number means something here."""
    return owner.rsplit(":", 2)[0] == socket.gethostname()


def kill_holder(path: Path, owner: str) -> None:
    """Kill the holder of a lock if it is this worker, and of this host."""
    if is_here(owner) and holder(path) == owner:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process_of(owner), signal.SIGKILL)
