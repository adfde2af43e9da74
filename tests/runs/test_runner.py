"""The runner and its worker as real processes."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from bench.damage import left_over
from bench.kill import environment, network, wait_until
from bench.web import free_port
from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.runs import runner, tidy
from deepresolve_dash.runs.locks import (
    RUNNER_LOCK,
    SERVER_LOCK,
    FileLock,
    holder,
    name_process,
    process_of,
    slot_lock,
)
from deepresolve_dash.runs.request import make_request
from deepresolve_dash.runs.service import Service
from deepresolve_dash.runs.start import stop_runner, stop_server
from deepresolve_dash.settings import Settings

_RUNNER = """
from deepresolve_dash.runs.runner import Runner
from deepresolve_dash.settings import read_settings
Runner(read_settings(), idle_s={idle_s}).run()
"""


@pytest.fixture
def service(tmp_path, monkeypatch):
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    made = Service(Settings(state=tmp_path, gpus="none", free_mb=0))
    yield made
    stop_runner(tmp_path)
    made.ledger.close()


def start_runner(state, *, idle_s=60):
    command = [sys.executable, "-c", _RUNNER.format(idle_s=idle_s)]
    return subprocess.Popen(command, cwd=tidy.CODE, env=environment(state))


def submit(service, tmp_path, *, n_trials):
    save_network(network(), tmp_path / "source")
    model = service.models.add(tmp_path / "source", "small")
    return service.submit(make_request(model, settings=ascent_settings(n_trials=n_trials)))


def test_a_runner_without_work_or_watchers_ends_by_itself(service, tmp_path):
    assert start_runner(tmp_path, idle_s=0).wait(30) == 0
    assert holder(tmp_path / RUNNER_LOCK) is None


def test_a_runner_that_answers_workers_lives_as_long_as_its_dashboard(service, tmp_path):
    made = runner.Runner(Settings(state=tmp_path, gpus="none", coordinator="127.0.0.1:0"), idle_s=0)
    dashboard = FileLock(tmp_path / SERVER_LOCK)
    assert dashboard.take(name_process("server"))
    assert not made._is_idle(time.monotonic())
    dashboard.release()
    assert made._is_idle(time.monotonic())
    made.ledger.close()


def test_a_dashboard_answers_workers_before_anything_waits(service, tmp_path):
    old = start_runner(tmp_path)  # with other settings, as a command of the shell has left it
    wait_until(lambda: holder(tmp_path / RUNNER_LOCK))
    port = free_port()
    command = [sys.executable, "-m", "deepresolve_dash", "serve", "--port", str(free_port())]
    told = environment(tmp_path) | {"DRD_COORDINATOR": f"127.0.0.1:{port}"}
    dashboard = subprocess.Popen(command, cwd=tidy.CODE, env=told, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(port))
        assert old.wait(10) == 0
    finally:
        stop_server(tmp_path)
        dashboard.wait(20)


def answers(port):
    with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


def test_a_run_that_comes_as_the_runner_ends_has_the_next_one(service, tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr(runner, "ensure_runner", started.append)
    monkeypatch.setattr(runner.signal, "signal", lambda *_: None)
    monkeypatch.setattr(runner.Runner, "_is_idle", lambda *_: True)
    made = runner.Runner(Settings(state=tmp_path, gpus="none"))
    made.run()
    assert started == []
    monkeypatch.setattr(made.ledger, "is_busy", lambda: True)
    monkeypatch.setattr(made.staff, "hire", lambda: None)
    made.run()
    assert len(started) == 1
    made.ledger.close()


def test_of_many_runners_one_lives(service, tmp_path):
    runners = [start_runner(tmp_path) for _ in range(4)]
    wait_until(lambda: sum(one.poll() is None for one in runners) == 1)
    wait_until(lambda: bool(holder(tmp_path / RUNNER_LOCK)))
    (living,) = [one for one in runners if one.poll() is None]
    assert process_of(holder(tmp_path / RUNNER_LOCK)) == living.pid
    assert stop_runner(tmp_path)
    assert living.wait(10) == 0
    assert not stop_runner(tmp_path)


def test_a_run_that_hangs_is_cancelled_within_two_seconds_and_nothing_is_left(service, tmp_path):
    entry = submit(service, tmp_path, n_trials=5000)
    wait_until(lambda: service.ledger.get(entry.id).done > 0)
    worker = holder(slot_lock(tmp_path, "cpu"))
    os.kill(process_of(worker), signal.SIGSTOP)
    started = time.monotonic()
    service.cancel(entry.id)
    wait_until(lambda: not service.ledger.get(entry.id).cancelling)
    assert time.monotonic() - started < 2
    assert service.ledger.get(entry.id).state == "cancelled"
    stop_runner(tmp_path)
    wait_until(lambda: not left_over(tmp_path))
