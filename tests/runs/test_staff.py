"""Workers that cannot start, and those that a runner has killed; processes are made up."""

import pytest

from deepresolve_dash.runs import staff as module
from deepresolve_dash.runs.leases import MOST_DEATHS
from deepresolve_dash.runs.ledger import Ledger
from deepresolve_dash.runs.locks import name_process
from deepresolve_dash.runs.probe_question import ProbeQuestion
from deepresolve_dash.runs.probe_request import ProbeRequest
from deepresolve_dash.runs.slots import CPU, QUICK, Slot
from deepresolve_dash.runs.staff import Staff
from deepresolve_dash.runs.worker import NO_CUDA, STUCK
from deepresolve_dash.settings import Settings
from tests.runs.test_ledger import Clock, request

_GPU = Slot("gpu-0", "0")


class Process:
    """A process that ends when it is told to, with the number of this one."""

    def __init__(self, pid):
        self.pid, self.code = pid, None

    def poll(self):
        return self.code

    def kill(self):
        self.code = -9


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(module.time, "monotonic", made)
    return made


@pytest.fixture
def ledger(tmp_path, clock):
    made = Ledger(tmp_path / "runs.db", clock)
    made.submit(request(), "ann")
    yield made
    made.close()


@pytest.fixture
def hired(monkeypatch):
    """All processes that were started, by slot."""
    started = []

    def start(_self, slot):
        started.append((slot.name, Process(10 + len(started))))
        return started[-1][1]

    monkeypatch.setattr(Staff, "_start", start)
    return started


def make_staff(tmp_path, ledger, *slots):
    return Staff(Settings(state=tmp_path), ledger, list(slots))


def owner_of(process):
    host, _, kind = name_process("x").rsplit(":", 2)
    return f"{host}:{process.pid}:{kind}"


def end(staff, process, code):
    process.code = code
    staff.bury()


@pytest.mark.parametrize("code", [1, -9])
def test_a_worker_that_never_starts_is_tried_three_times_and_then_said(
    tmp_path, ledger, hired, clock, code
):
    staff = make_staff(tmp_path, ledger, CPU)
    for pause in (2, 4, 8):
        staff.hire()
        end(staff, hired[-1][1], code)
        n = len(hired)
        clock.now += pause - 0.1
        staff.hire()
        assert len(hired) == n
        clock.now += 0.2
    entry = ledger.get(request().id)
    assert entry.state == "failed"
    assert module.how_it_died(code) in entry.message


def test_one_place_that_does_not_work_leaves_the_queue_to_the_others(
    tmp_path, ledger, hired, clock
):
    staff = make_staff(tmp_path, ledger, CPU, _GPU)
    for _ in range(6):
        staff.hire()
        end(staff, [process for name, process in hired if name == "gpu-0"][-1], 1)
        clock.now += 100
    assert [name for name, _ in hired].count("cpu") == 1
    assert ledger.get(request().id).state == "queued"


def test_a_gpu_that_torch_does_not_see_leaves_what_waits_to_the_cpu(tmp_path, ledger, hired, clock):
    staff = make_staff(tmp_path, ledger, _GPU)
    staff.hire()
    end(staff, hired[-1][1], NO_CUDA)
    clock.now += 100
    staff.hire()
    assert [name for name, _ in hired] == ["gpu-0", "cpu"]
    assert ledger.get(request().id).state == "queued"


def test_a_worker_whose_gpu_failed_is_replaced_at_once(tmp_path, ledger, hired):
    staff = make_staff(tmp_path, ledger, _GPU)
    staff.hire()
    ledger.claim(owner_of(hired[-1][1]), "gpu-0")
    end(staff, hired[-1][1], STUCK)
    assert ledger.get(request().id).state == "queued"
    staff.hire()
    assert [name for name, _ in hired] == ["gpu-0", "gpu-0"]


def test_a_worker_that_took_up_a_run_has_started_well(tmp_path, ledger, hired, clock):
    staff = make_staff(tmp_path, ledger, CPU)
    for seed in range(5):
        ledger.submit(request(seed), "ann")
        staff.hire()
        process = hired[-1][1]
        claim = ledger.claim(owner_of(process), "cpu")
        staff.bury()
        ledger.finish(claim, "done")
        end(staff, process, -9)
        clock.now += 3
    ledger.submit(request(9), "ann")
    assert ledger.get(request(9).id).state == "queued"
    assert len(hired) == 5


def test_a_worker_that_the_runner_killed_has_the_runner_s_reason(tmp_path, ledger, hired):
    staff = make_staff(tmp_path, ledger, CPU)
    for _ in range(MOST_DEATHS):
        staff.hire()
        owner = owner_of(hired[-1][1])
        ledger.claim(owner, "cpu")
        assert staff.owns(owner)
        staff.kill(owner, "it was silent")
        staff.bury()
    message = ledger.get(request().id).message
    assert "it was silent" in message
    assert "out of memory" not in message


def test_a_process_of_another_host_is_none_of_ours(tmp_path, ledger, hired):
    staff = make_staff(tmp_path, ledger, CPU)
    staff.hire()
    assert not staff.owns(f"elsewhere:{hired[-1][1].pid}:x")


def test_a_further_worker_answers_what_is_quick_while_the_others_compute(
    tmp_path, ledger, hired, clock
):
    staff = make_staff(tmp_path, ledger, CPU)
    staff.hire()
    question = ProbeRequest("t", "m", ProbeQuestion("n", "ACGT", 0))
    ledger.submit(question, "bob")
    staff.hire()
    assert [name for name, _ in hired] == ["cpu"]  # it is free, and will take it
    ledger.claim(owner_of(hired[0][1]), "cpu")
    assert ledger.get(question.id).state == "running"  # the quick one goes first
    ledger.claim("other:1:x", "cpu")
    ledger.submit(ProbeRequest("t", "m", ProbeQuestion("n", "ACGA", 0)), "bob")
    staff.hire()
    assert [name for name, _ in hired] == ["cpu", QUICK.name]


def test_that_worker_is_started_before_somebody_asks(tmp_path, ledger, hired):
    staff = make_staff(tmp_path, ledger, CPU)
    staff.hire(soon=True)
    assert [name for name, _ in hired] == ["cpu"]
    ledger.claim(owner_of(hired[0][1]), "cpu")
    staff.hire()
    assert len(hired) == 1
    staff.hire(soon=True)
    assert [name for name, _ in hired] == ["cpu", QUICK.name]
