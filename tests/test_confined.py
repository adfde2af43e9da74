import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from deepresolve_dash.confined import ask as asking
from deepresolve_dash.confined.ask import ReaderStopped, ReaderTooSlow, ask

ROOT = Path(__file__).parents[1]
LIMITS = {"memory_bytes": 2**30, "wall_s": 20.0}
TASKS = {
    "echo": "def answer(request): return request",
    "abort": "import os\ndef answer(request): os.abort()",
    "sleep": "import time\ndef answer(request): time.sleep(60)",
    "large": "def answer(request): return {'n': len(bytearray(2**31))}",
    "who": "import os\ndef answer(request): return {'parent': os.getppid(), 'home': os.getcwd()}",
    "limit": (
        "import resource\n"
        "from deepresolve_dash.confined.limits import mapped_bytes\n"
        "def answer(request):\n"
        "    limit = resource.getrlimit(resource.RLIMIT_AS)[0]\n"
        "    return {'beside': limit - mapped_bytes()}"
    ),
    "mapped": (
        "import mmap\n"
        "program = mmap.mmap(-1, 2**33)\n"
        "def answer(request): return {'n': len(bytearray(request['n']))}"
    ),
    "devices": (
        "import os\ndef answer(request): return {'seen': os.environ.get('CUDA_VISIBLE_DEVICES')}"
    ),
    "call": (
        "import socket\n"
        "def answer(request):\n"
        "    try:\n"
        "        socket.create_connection(('127.0.0.1', request['port']), 2).close()\n"
        "    except OSError:\n"
        "        return {'reached': False}\n"
        "    return {'reached': True}\n"
    ),
}


@pytest.fixture
def tasks(tmp_path, monkeypatch):
    """A server of readers for modules of ours; no other test has it."""
    for name, code in TASKS.items():
        (tmp_path / f"{name}_task.py").write_text(code)
    monkeypatch.setattr(asking, "_ROOT", f"{ROOT}:{tmp_path}")
    monkeypatch.setattr(asking, "_server", None)
    yield
    if asking._server is not None:
        asking._server.close()


def test_a_reader_answers_in_a_copy_with_limits_and_a_folder_of_its_own(tasks):
    assert ask("echo_task", {"a": [1, "é"]}, **LIMITS)["a"] == [1, "é"]
    server = asking._server.process.pid
    first, second = (ask("who_task", {}, **LIMITS) for _ in range(2))
    assert first["parent"] == second["parent"] == server
    assert first["home"] != second["home"]
    assert not Path(first["home"]).exists()
    assert ask("limit_task", {}, **LIMITS)["beside"] == pytest.approx(2**30, rel=0.05)


def test_a_question_may_follow_while_the_server_still_starts(tasks):
    for _ in range(3):
        asking._hand_over("echo_task", None)
    assert ask("echo_task", {"a": 1}, **LIMITS)["a"] == 1


def test_a_reader_that_crashes_or_hangs_or_wants_too_much_is_said_in_words(tasks):
    with pytest.raises(ReaderStopped, match="made its reader stop"):
        ask("abort_task", {}, **LIMITS)
    with pytest.raises(ReaderTooSlow, match="longer than 0.5 seconds"):
        ask("sleep_task", {}, **LIMITS | {"wall_s": 0.5})
    assert "more memory" in ask("large_task", {}, **LIMITS)["error"]
    assert ask("echo_task", {"a": 1}, **LIMITS)["a"] == 1


def test_memory_of_the_program_itself_is_not_counted(tasks):
    assert ask("mapped_task", {"n": 2**29}, **LIMITS) == {"n": 2**29}
    assert "more memory" in ask("mapped_task", {"n": 2**31}, **LIMITS)["error"]


def test_a_reader_sees_no_gpu(tasks, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    assert ask("devices_task", {}, **LIMITS) == {"seen": ""}


def test_a_server_that_was_killed_is_started_again(tasks):
    ask("echo_task", {}, **LIMITS)
    before = asking._server.process
    os.kill(before.pid, signal.SIGKILL)
    assert ask("echo_task", {"a": 1}, **LIMITS)["a"] == 1
    assert before.wait(5) == -signal.SIGKILL


def test_a_server_that_takes_a_moment_to_end_has_ended(monkeypatch):
    ending = SimpleNamespace(process=subprocess.Popen(["sleep", "0.2"]))
    answers = iter([(b"", ending), (b'{"a": 1}', ending)])
    monkeypatch.setattr(asking, "_answer", lambda *_: next(answers))
    assert ask("echo_task", {}, **LIMITS) == {"a": 1}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process give up the network")
def test_a_reader_has_no_network_where_the_system_lets_it_give_that_up(tasks):
    if subprocess.run(["unshare", "-Un", "true"], check=False, capture_output=True).returncode:
        pytest.skip("This system does not let a process give up the network.")
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert ask("call_task", {"port": server.getsockname()[1]}, **LIMITS) == {"reached": False}


def test_the_server_ends_with_its_owner(tmp_path):
    code = (
        "import sys; from deepresolve_dash.confined import ask\n"
        "ask._hand_over('json', None); print(ask._server.process.pid); sys.stdout.flush()\n"
        "import os; os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    server = Path(f"/proc/{int(done.stdout)}")
    until = time.monotonic() + 10
    while server.exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert not server.exists()
