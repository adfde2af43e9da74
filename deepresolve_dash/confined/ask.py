"""Hand a question about a file to a reader in a process of its own, and wait for the answer.

This side never opens the file, and imports nothing that the reader needs.
"""

import atexit
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from deepresolve_dash.confined.server import TASK_BYTES
from deepresolve_dash.errors import DeepResolveError

_ROOT = Path(__file__).parents[2]
_PIECE = 2**20  # bytes of an answer received at once
_starting = threading.Lock()


class ReaderStopped(DeepResolveError):
    """The file made its reader crash."""


class ReaderTooSlow(DeepResolveError):
    """The reader was stopped, as it took too long."""


def ask(task: str, request: dict, *, memory_bytes: int, wall_s: float) -> dict:
    """Return what a task answers to a request.

    Parameters
    ----------
    task : str
        A module of ours with a function `answer`, from dict to dict, both plain JSON data.
    request : dict
        Its argument.
    memory_bytes : int
        Most memory of the reader.
    wall_s : float
        Seconds after which it is stopped.

    Raises
    ------
    ReaderStopped
        When it ended without an answer.
    ReaderTooSlow
        When it took longer.
    """
    answer, server = _answer(task, request, memory_bytes, wall_s)
    if not answer and _has_ended(server):  # not the reader, the server was ended
        answer, _ = _answer(task, request, memory_bytes, wall_s)
    try:
        return json.loads(answer)
    except ValueError:
        raise ReaderStopped(
            "The file cannot be read: it made its reader stop.",
            "It is damaged, too large, or not of a kind that is read here.",
        ) from None


def _answer(task: str, request: dict, memory_bytes: int, wall_s: float) -> tuple[bytes, "_Server"]:
    """Return what a reader says, nothing when it ended before, and the server that it came from."""
    ours, theirs = socket.socketpair()
    with ours, tempfile.TemporaryDirectory(prefix="reader-") as home:
        limits = {"home": home, "memory_bytes": memory_bytes, "wall_s": wall_s}
        with theirs:
            server = _hand_over(task, theirs)
        ours.settimeout(wall_s)
        try:
            ours.sendall(json.dumps(request | limits).encode())
            ours.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: ours.recv(_PIECE), b"")), server
        except TimeoutError:
            raise ReaderTooSlow(
                f"Reading the file took longer than {wall_s:g} seconds and was stopped.",
                "Check what it is, and how large it is.",
            ) from None
        except OSError:
            return b"", server


def _has_ended(server: "_Server") -> bool:
    """Tell whether a server has ended; its sockets are closed a moment before."""
    try:
        server.process.wait(1.0)
    except subprocess.TimeoutExpired:
        return False
    return True


def warm_up(task: str) -> None:
    """Start the server of readers with what a task needs, in the background."""
    threading.Thread(target=_hand_over, args=(task, None), daemon=True).start()


class _Server:
    """The process that makes the readers, and our end of the socket that is its standard input."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.control, theirs = socket.socketpair()
        environment = {
            "PYTHONPATH": str(_ROOT),
            "OMP_NUM_THREADS": "1",
            "CUDA_VISIBLE_DEVICES": "",  # with a GPU, torch takes no gradients in a copy of itself
        }
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-s", "-m", "deepresolve_dash.confined.server"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=environment,
                cwd="/",
            )

    def close(self) -> None:
        """Let the server end; it hears that we are gone."""
        self.control.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(1.0)


_server: _Server | None = None


def _hand_over(task: str, connection: socket.socket | None) -> _Server:
    """Give the server a socket to answer on; start one where there is none any more."""
    global _server
    with _starting:
        if _server is None or _server.owner != os.getpid():
            _server = _Server()
        elif _server.process.poll() is not None:
            _server.close()
            _server = _Server()
        try:
            _send(_server, task, connection)
        except OSError:  # it has just ended
            _server.close()
            _server = _Server()
            _send(_server, task, connection)
        return _server


def _send(server: _Server, task: str, connection: socket.socket | None) -> None:
    handed = [] if connection is None else [connection.fileno()]
    socket.send_fds(server.control, [task.encode().ljust(TASK_BYTES)], handed)


@atexit.register
def _end() -> None:
    """End our server with us."""
    if _server is not None and _server.owner == os.getpid():
        _server.close()
