"""The process that reads: it imports once, and answers each question in a copy of itself.

Its standard input is a socket over which its owner sends one socket per question. A copy reads the
question from that, gives up what `limits` names, answers in JSON and ends; what it does to itself
harms nobody. The server ends with its owner, and after a while without a question.
"""

import importlib
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from functools import cache
from types import ModuleType

from deepresolve_dash.confined.limits import confine

IDLE_S = 600.0
TASK_BYTES = 200
"""Every message is as long, filled up with spaces: two that wait do not run into one."""


def main() -> None:
    """Answer until the owner is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal; the owner ends us
    control = socket.socket(fileno=os.dup(0))
    while select.select([control], [], [], IDLE_S)[0]:
        task, handed, _, _ = socket.recv_fds(control, TASK_BYTES, 1)
        if not task:
            return
        module = _prepared(task.decode().rstrip())
        for handle in handed:
            with socket.socket(fileno=handle) as connection:
                _copy(connection, module.answer)


@cache
def _prepared(task: str) -> ModuleType:
    """Import a task, and let it do once what every copy would have to do."""
    module = importlib.import_module(task)
    getattr(module, "prepare", lambda: None)()
    return module


def _copy(connection: socket.socket, answer) -> None:  # noqa: ANN001
    """Answer in a copy of this process, which the server does not wait for."""
    child = os.fork()
    if child:
        _reap()
        return
    try:
        with connection.makefile("rb") as asked:
            request = json.loads(asked.read())
        signal.alarm(max(1, round(request["wall_s"])))
        os.chdir(request["home"])
        os.environ["HOME"] = request["home"]
        confine(request["memory_bytes"])
        connection.sendall(json.dumps(_within_memory(answer, request)).encode())
    finally:
        connection.close()
        os._exit(0)


def _within_memory(answer, request: dict) -> dict:  # noqa: ANN001
    """Return the answer, or the sentence that says why there is none."""
    try:
        return answer(request)
    except MemoryError:
        return {"error": "The file asks for more memory than a model may.", "hint": ""}


def _reap() -> None:
    """Bury the copies that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    sys.exit(main())
