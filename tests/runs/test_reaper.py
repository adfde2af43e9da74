"""Who is dead, frozen, stuck or not wanted; workers are stand-ins that hold real locks."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from deepresolve_dash.errors import SettingsError
from deepresolve_dash.runs import tidy
from deepresolve_dash.runs.leases import MOST_DEATHS, Progress
from deepresolve_dash.runs.ledger import Ledger
from deepresolve_dash.runs.locks import FileLock, holder, kill_holder, process_of, slot_lock
from deepresolve_dash.runs.parts import LEASE_S
from deepresolve_dash.runs.reaper import CANCEL_S, Reaper
from deepresolve_dash.runs.slots import CPU, find_slots
from deepresolve_dash.runs.staff import how_it_died
from tests.runs.test_ledger import Clock, request

STALL_S = 600
_HOLD = """
import sys
from pathlib import Path
from deepresolve_dash.runs.locks import FileLock, name_process, slot_lock
lock = FileLock(slot_lock(Path(sys.argv[1]), "cpu"))
assert lock.take(name_process("x"))
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ledger(tmp_path, clock):
    made = Ledger(tmp_path / "runs.db", clock)
    made.submit(request(), "ann")
    yield made
    made.close()


@pytest.fixture
def worker(tmp_path):
    """A process that holds the slot of the CPU."""
    command = [sys.executable, "-c", _HOLD, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tidy.CODE
    ) as process:
        assert process.stdout.readline() == b"ready\n"
        yield process
        process.kill()


def reaper(tmp_path, ledger):
    return Reaper(tmp_path, ledger, stall_s=STALL_S)


def claim_for(worker, ledger):
    return ledger.claim(name_of(worker), "cpu")


def name_of(worker):
    return f"{socket.gethostname()}:{worker.pid}:x"


def state_of(ledger):
    return ledger.get(request().id).state


def test_a_living_worker_keeps_its_run(tmp_path, ledger, worker):
    claim_for(worker, ledger)
    reaper(tmp_path, ledger).go_round()
    assert state_of(ledger) == "running"


def test_a_dead_worker_loses_its_run_at_once_whatever_its_lease(tmp_path, ledger, worker):
    claim_for(worker, ledger)
    worker.kill()
    worker.wait()
    reaper(tmp_path, ledger).go_round()
    assert state_of(ledger) == "queued"


def test_a_slot_that_another_worker_has_proves_the_first_one_dead(tmp_path, ledger, worker):
    ledger.claim("here:1:gone", "cpu")
    reaper(tmp_path, ledger).go_round()
    assert state_of(ledger) == "queued"
    assert worker.poll() is None


def test_a_worker_that_froze_is_killed_when_its_lease_ends(tmp_path, ledger, clock, worker):
    claim_for(worker, ledger)
    os.kill(worker.pid, signal.SIGSTOP)
    looks = reaper(tmp_path, ledger)
    clock.now += LEASE_S + 1
    looks.go_round()
    assert worker.wait(5) == -signal.SIGKILL
    looks.go_round()
    assert state_of(ledger) == "queued"


def test_a_run_whose_workers_fell_silent_says_so(tmp_path, ledger, clock):
    looks = reaper(tmp_path, ledger)
    for _ in range(MOST_DEATHS):
        ledger.claim("elsewhere:1:x", "cpu")
        clock.now += LEASE_S + 1
        looks.go_round()
    assert "no sign of life" in ledger.get(request().id).message


def test_a_run_that_does_not_move_has_failed_though_its_worker_beats(
    tmp_path, ledger, clock, worker
):
    claim = claim_for(worker, ledger)
    ledger.tick(claim, Progress("ascent", 1, 10))
    clock.now += STALL_S + 1
    ledger.tick(claim, Progress("ascent", 1, 10))
    reaper(tmp_path, ledger).go_round()
    entry = ledger.get(claim.request.id)
    assert (entry.state, worker.wait(5)) == ("failed", -signal.SIGKILL)
    assert "no progress for 10 minutes" in entry.message


def test_a_cancelled_run_gets_its_second_and_then_its_worker_is_killed(
    tmp_path, ledger, clock, worker
):
    claim = claim_for(worker, ledger)
    looks = reaper(tmp_path, ledger)
    ledger.cancel(claim.request.id, "ann")
    clock.now += CANCEL_S
    looks.end_cancelled()
    assert worker.poll() is None
    clock.now += 0.1
    looks.end_cancelled()
    assert worker.wait(5) == -signal.SIGKILL
    looks.go_round()
    assert state_of(ledger) == "cancelled"


def test_workers_that_died_with_an_earlier_runner_are_not_blamed(tmp_path, ledger):
    for _ in range(5):
        ledger.claim("here:1:gone", "cpu")
        reaper(tmp_path, ledger).go_round()
        assert state_of(ledger) == "queued"
    looks = reaper(tmp_path, ledger)
    for _ in range(3):
        ledger.claim("here:1:gone", "cpu")
        looks.go_round()
    assert state_of(ledger) == "failed"


def test_a_lock_is_one_process_s_and_free_when_that_is_dead(tmp_path, worker):
    path = slot_lock(tmp_path, "cpu")
    assert not FileLock(path).take("me")
    assert process_of(holder(path)) == worker.pid
    kill_holder(path, "here:1:other")
    assert worker.poll() is None
    kill_holder(path, name_of(worker))
    worker.wait(5)
    assert holder(path) is None
    lock = FileLock(path)
    assert lock.take("me")
    assert holder(path) == "me"
    assert lock.is_ours()
    path.unlink()
    assert not lock.is_ours()
    lock.release()


def test_the_number_of_a_process_means_nothing_on_another_host(tmp_path, worker):
    path = slot_lock(tmp_path, "cpu")
    path.write_text(f"elsewhere:{worker.pid}:x")
    assert holder(path) == f"elsewhere:{worker.pid}:x"
    kill_holder(path, f"elsewhere:{worker.pid}:x")
    assert worker.poll() is None


def test_a_lock_can_be_kept_by_the_program_that_its_holder_becomes(tmp_path):
    path = tmp_path / "server.lock"
    code = (
        "import os, sys\nfrom pathlib import Path\n"
        "from deepresolve_dash.runs.locks import FileLock, name_process\n"
        "lock = FileLock(Path(sys.argv[1]))\nassert lock.take(name_process('server'))\n"
        "lock.outlive_exec()\nos.execv('/bin/cat', ['cat', '/dev/zero'])\n"
    )
    command = [sys.executable, "-c", code, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=tidy.CODE) as process:
        assert process.stdout.read(1) == b"\0"
        assert process_of(holder(path)) == process.pid
        process.stdout.close()
        process.kill()
    assert holder(path) is None


def test_a_death_is_told_in_words():
    assert "out of memory" in how_it_died(-9)
    assert how_it_died(1) == "exit code 1"
    assert "crash" in how_it_died(-11)
    assert how_it_died(-64)


def test_places_to_compute_are_those_that_were_named(monkeypatch):
    assert find_slots("none") == [CPU]
    assert [slot.name for slot in find_slots("0, 2")] == ["gpu-0", "gpu-2"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,GPU-abc")
    assert [slot.visible for slot in find_slots("auto")] == ["1", "GPU-abc"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert find_slots("auto") == [CPU]
    with pytest.raises(SettingsError, match="no GPU"):
        find_slots("a/../b")
