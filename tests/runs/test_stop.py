"""What ends a dashboard and its workers; servers are stand-ins that hold real locks."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from deepresolve_dash import serve, stop
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.runs import tidy
from deepresolve_dash.runs.locks import RUNNER_LOCK, SERVER_LOCK, holder
from deepresolve_dash.settings import Settings

_HOLD = """
import sys
from pathlib import Path
from deepresolve_dash.runs.locks import FileLock, name_process
lock = FileLock(Path(sys.argv[1]))
assert lock.take(name_process("x"))
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def hold():
    """Start a process that holds a lock."""
    started = []

    def start(path):
        command = [sys.executable, "-c", _HOLD, str(path)]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tidy.CODE
        )
        started.append(process)
        assert process.stdout.readline() == b"ready\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("DRD_STATE", str(tmp_path))
    return tmp_path


def test_the_server_and_the_runner_are_stopped_and_it_is_said(state, hold, capsys):
    server, runner = hold(state / SERVER_LOCK), hold(state / RUNNER_LOCK)
    stop.main()
    assert (server.wait(5), runner.wait(5)) == (-signal.SIGTERM, -signal.SIGTERM)
    said = capsys.readouterr().out
    assert "dashboard was stopped" in said
    assert "workers were stopped" in said


def test_the_runner_is_stopped_after_a_server_that_was_killed(state, hold, capsys):
    runner = hold(state / RUNNER_LOCK)
    (state / SERVER_LOCK).write_text(f"{socket.gethostname()}:{os.getpid()}:server")  # a stranger
    stop.main()
    assert runner.wait(5) == -signal.SIGTERM
    assert "No dashboard" in capsys.readouterr().out


def test_where_nothing_runs_nothing_is_done(state, capsys):
    stop.main()
    assert capsys.readouterr().out == "No dashboard is running here.\n"


def test_a_second_dashboard_on_one_state_folder_is_refused(state, hold, monkeypatch):
    monkeypatch.setattr(serve, "check_address", lambda *_: None)
    monkeypatch.setattr(serve, "_LET_GO_S", 0)
    first = hold(state / SERVER_LOCK)
    with pytest.raises(SettingsError, match="already"):
        serve.serve(Settings(state=state))
    assert holder(state / SERVER_LOCK).split(":")[1] == str(first.pid)


def test_a_dashboard_waits_for_the_forks_of_one_that_was_killed(state, hold, monkeypatch):
    lock, fork = serve.FileLock(state / SERVER_LOCK), hold(state / SERVER_LOCK)

    def die(_seconds):
        fork.kill()
        fork.wait()

    monkeypatch.setattr(serve.time, "sleep", die)
    assert serve._take(lock)
    lock.release()


@pytest.mark.parametrize(
    ("host", "bound"), [("127.0.0.1", "127.0.0.1:8050"), ("::1", "[::1]:8050")]
)
def test_the_server_becomes_gunicorn_at_this_address_and_keeps_its_lock(
    state, monkeypatch, host, bound
):
    became, kept = [], []
    monkeypatch.setattr(serve, "check_address", lambda *_: None)
    monkeypatch.setattr(serve, "provide_demos", lambda *_: None)
    monkeypatch.setattr(serve.FileLock, "outlive_exec", lambda lock: kept.append(lock))
    monkeypatch.setattr(serve.os, "execve", lambda _, command, __: became.append(command))
    serve.serve(Settings(state=state, host=host))
    assert became[0][became[0].index("--bind") + 1] == bound
    assert "--no-control-socket" in became[0]  # the home need not be writable
    assert kept[0].is_ours()
    kept[0].release()
