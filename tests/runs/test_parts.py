"""A run that several workers share: the rules of its parts, and what becomes of it."""

import threading
import time

import numpy as np
import pytest

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.errors import LostLease, RunCancelled
from deepresolve_dash.networks.build import sequential_network
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.runs import compute, helper
from deepresolve_dash.runs.execute import execute
from deepresolve_dash.runs.leases import Progress
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.models import ModelStore
from deepresolve_dash.runs.parts import LEASE_S, MOST_HELPS
from deepresolve_dash.runs.request import RunRequest, make_request
from deepresolve_dash.runs.shares import cut_up
from deepresolve_dash.runs.spec import RunSpec
from deepresolve_dash.runs.store import RunStore
from deepresolve_dash.runs.work import read_log, work_folder
from deepresolve_dash.runs.worker import perform

OWNER, HELPER, THIRD = "here:1:a", "here:2:b", "here:3:c"
CLASSES, TRIALS = 3, 5  # each class fills a chunk of eight rows


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ledger(tmp_path, clock):
    made = Ledger(tmp_path / LEDGER, clock)
    yield made
    made.close()


@pytest.fixture
def shared(ledger):
    """A running run of three parts, and its claim."""
    spec = RunSpec("net", "pool1", (0, 1, 2, 3, 4, 5), "default", ascent_settings(n_trials=7))
    ledger.submit(RunRequest("a run", "model", spec), "ann")
    claim = ledger.claim(OWNER, "gpu-0")
    ledger.split(claim, [(0, 2), (2, 2), (4, 2)])
    return claim


def states(ledger, claim):
    return [part.state for part in ledger.split(claim, [])]


def test_the_owner_begins_with_the_first_part_and_a_helper_with_the_last(ledger, shared):
    assert ledger.take_part(shared).part == 0
    taken = ledger.claim_part(HELPER, "gpu-1")
    assert (taken.part, taken.first, taken.n) == (2, 4, 2)
    assert taken.request == shared.request
    ledger.merge_part(shared, 0)
    assert ledger.take_part(shared).part == 1
    assert ledger.claim_part(THIRD, "gpu-2") is None
    assert ledger.take_part(shared).part == 1  # the answer may have been lost
    ledger.merge_part(shared, 1)
    assert ledger.take_part(shared) is None  # the helper has the rest
    ledger.finish_part(taken, done=True)
    assert ledger.take_part(shared).part == 2


def test_a_helper_is_of_the_same_kind_and_helps_only_what_goes_on(ledger, shared):
    assert ledger.claim_part(HELPER, "cpu") is None
    ledger.set_mode("paused")
    assert ledger.claim_part(HELPER, "gpu-1") is None
    ledger.set_mode("open")
    ledger.cancel(shared.request.id, "ann")
    assert ledger.claim_part(HELPER, "gpu-1") is None


def test_progress_is_the_sum(ledger, shared):
    taken = ledger.claim_part(HELPER, "gpu-1")
    ledger.tick(taken, Progress("ascent", 70, 500))
    assert ledger.tick(shared, Progress("ascent", 100, 500)) == 170
    ledger.finish_part(taken, done=True)
    assert ledger.tick(shared, Progress("ascent", 100, 500)) == 170
    ledger.merge_part(shared, taken.part)  # from here on the owner counts it
    assert ledger.tick(shared, Progress("ascent", 170, 500)) == 170
    assert ledger.get(shared.request.id).done == 170


def test_a_dead_helper_costs_its_part_alone(ledger, shared, clock):
    taken = ledger.claim_part(HELPER, "gpu-1")
    (mine,) = [held for held in ledger.held() if held.owner == HELPER]
    assert (mine.id, mine.slot, mine.lease) == (shared.request.id, "gpu-1", clock.now + LEASE_S)
    ledger.orphan(mine.id, HELPER, blame=True)
    assert ledger.get(mine.id).state == "running"
    with pytest.raises(LostLease):
        ledger.tick(taken, Progress("ascent", 1, 2))
    again = ledger.claim_part(THIRD, "gpu-1")
    assert (again.part, again.attempt) == (taken.part, 2)


def test_an_owner_does_not_wait_for_a_helper_whose_lease_has_ended(ledger, shared, clock):
    taken = [ledger.claim_part(HELPER, "gpu-1") for _ in range(3)]
    assert ledger.take_part(shared) is None
    clock.now += LEASE_S + 1
    assert ledger.take_part(shared).part == 0
    with pytest.raises(LostLease):
        ledger.tick(taken[2], Progress("ascent", 1, 2))


def test_a_part_that_ends_its_helpers_is_left_to_the_owner(ledger, shared):
    for _ in range(MOST_HELPS):
        taken = ledger.claim_part(HELPER, "gpu-1")
        assert taken.part == 2
        ledger.finish_part(taken, done=False)
    assert ledger.claim_part(HELPER, "gpu-1").part == 1
    assert ledger.take_part(shared).part == 0
    ledger.merge_part(shared, 0)
    assert ledger.take_part(shared).part == 2


def test_a_dead_owner_leaves_what_helpers_do_to_them(ledger, shared):
    ledger.take_part(shared)
    taken = ledger.claim_part(HELPER, "gpu-1")
    ledger.orphan(shared.request.id, OWNER, blame=True)
    ledger.tick(taken, Progress("ascent", 5, 500))  # goes on
    with pytest.raises(LostLease):
        ledger.take_part(shared)
    again = ledger.claim(THIRD, "gpu-0")
    assert states(ledger, again) == ["waiting", "waiting", "running"]


def test_what_an_owner_had_merged_is_gone_through_again_by_the_next(ledger, shared):
    ledger.take_part(shared)
    ledger.merge_part(shared, 0)
    ledger.orphan(shared.request.id, OWNER, blame=True)
    again = ledger.claim(THIRD, "gpu-0")
    assert states(ledger, again) == ["done", "waiting", "waiting"]


@pytest.mark.parametrize("late", [False, True])
def test_a_helper_hears_that_the_run_was_cancelled(ledger, shared, late):
    taken = ledger.claim_part(HELPER, "gpu-1")
    ledger.cancel(shared.request.id, "ann")
    if late:
        ledger.finish(shared, "cancelled")
    held = [one for one in ledger.held() if one.owner == HELPER]
    assert held[0].cancel == 1000.0  # and is ended when it does not listen
    with pytest.raises(RunCancelled):
        ledger.tick(taken, Progress("ascent", 5, 500))
    ledger.finish_part(taken, done=False)
    assert [one.owner for one in ledger.held()] == ([] if late else [OWNER])


def test_nothing_is_kept_of_the_parts_of_a_run_that_is_done(ledger, shared):
    ledger.claim_part(HELPER, "gpu-1")
    ledger.finish(shared, "done")
    ledger.orphan(shared.request.id, HELPER, blame=True)
    count = ledger.connection().execute("SELECT count(*) FROM parts").fetchone()[0]
    assert count == 0


def test_parts_fill_chunks_and_one_worker_splits_nothing():
    assert cut_up(919, 34, 204, 1) == [(0, 919)]
    assert cut_up(919, 34, 204, 2) == [(0, 204), (204, 204), (408, 204), (612, 204), (816, 103)]
    assert cut_up(34, 5, 25, 2) == [(0, 10), (10, 10), (20, 10), (30, 4)]
    assert cut_up(2, 5, 25, 4) == [(0, 2)]
    for n in (7, 100, 919):
        pieces = cut_up(n, 5, 25, 3)
        assert sum(size for _, size in pieces) == n


def network():
    draw = np.random.default_rng(1).normal
    return sequential_network(
        [
            ("conv1", "conv", {"kernel": draw(size=(7, 4, 5)), "bias": draw(size=7)}),
            ("conv1", "relu", {}),
            ("pool1", "max_pool", {"size": 3}),
            ("flatten", "flatten", {}),
            ("dense1", "linear", {"kernel": draw(size=(11, 42)), "bias": draw(size=11)}),
            ("dense1", "relu", {}),
            ("output", "linear", {"kernel": draw(size=(CLASSES, 11)), "bias": draw(size=CLASSES)}),
        ],
        input_length=23,
    )


@pytest.fixture
def model(tmp_path, monkeypatch):
    monkeypatch.setattr("deepresolve_dash.core.ascent.ascend.fitting_rows", lambda *_: 8)
    monkeypatch.setattr(Ledger, "count_workers", lambda *_: 2)
    save_network(network(), tmp_path / "source")
    return ModelStore(tmp_path / "models").add(tmp_path / "source", "three")


def never():
    raise AssertionError("it was given up")


def help_until(state, over, taken):
    """Help as a second worker does."""
    ledger = Ledger(state / LEDGER)
    while not over.is_set():
        part = helper.take_part(ledger, HELPER, "cpu-2")
        if part is None:
            time.sleep(0.01)
        else:
            taken.append(part.part)
            helper.help_with(part, ledger, state, never)
    ledger.close()


def test_a_run_of_two_workers_is_that_of_one_to_the_bit(tmp_path, model):
    ledger, over, taken = Ledger(tmp_path / LEDGER), threading.Event(), []
    request = make_request(
        model, settings=ascent_settings(n_trials=TRIALS, steps=10), keep_fim=True
    )
    ledger.submit(request)
    claim = ledger.claim(OWNER, "cpu")
    second = threading.Thread(target=help_until, args=(tmp_path, over, taken))
    second.start()
    perform(claim, ledger, tmp_path, never)
    over.set()
    second.join()
    entry = ledger.get(request.id)
    assert (entry.state, entry.done) == ("done", entry.total)
    assert taken
    run = RunStore([tmp_path / "runs"]).open(request.id)
    job = compute.make_stored_job(request, model, None)
    alone = execute(job, device="cpu")
    assert run.ensemble.equals(alone.ensemble)
    assert run.summary.equals(alone.summary)
    log = read_log(tmp_path, request.id)
    assert "3 parts, 2 workers" in log
    assert "part 2 attempt 1: ends, done" in log
    assert not work_folder(tmp_path, request.id).exists()
    ledger.close()


def gpu_fails(*_, **__):
    raise RuntimeError("CUDA error: unspecified launch failure")


def test_what_goes_wrong_with_a_helper_costs_the_run_nothing(tmp_path, model, monkeypatch):
    ledger = Ledger(tmp_path / LEDGER)
    request = make_request(model, settings=ascent_settings(n_trials=TRIALS, steps=10))
    ledger.submit(request)
    claim = ledger.claim(OWNER, "cpu")
    ledger.split(claim, [(0, 1), (1, 2)])
    part = helper.take_part(ledger, HELPER, "cpu-2")
    with monkeypatch.context() as patch:
        patch.setattr(compute, "execute_part", lambda *_, **__: 1 / 0)
        helper.help_with(part, ledger, tmp_path, never)
    assert "ZeroDivisionError" in read_log(tmp_path, request.id)
    with monkeypatch.context() as patch:  # whose worker must begin anew
        part, ended = helper.take_part(ledger, HELPER, "cpu-2"), []
        patch.setattr(compute, "execute_part", gpu_fails)
        helper.help_with(part, ledger, tmp_path, lambda: ended.append(part))
    assert ended == [part]
    perform(claim, ledger, tmp_path, never)
    assert ledger.get(request.id).state == "done"
    ledger.close()


def test_a_cancelled_run_stops_everywhere_within_two_seconds(tmp_path, model):
    ledger, over, taken = Ledger(tmp_path / LEDGER), threading.Event(), []
    request = make_request(model, settings=ascent_settings(n_trials=TRIALS, steps=100_000))
    ledger.submit(request)
    claim = ledger.claim(OWNER, "cpu")

    def own():
        mine = Ledger(tmp_path / LEDGER)
        perform(claim, mine, tmp_path, never)
        mine.close()

    workers = [
        threading.Thread(target=own),
        threading.Thread(target=help_until, args=(tmp_path, over, taken)),
    ]
    for one in workers:
        one.start()
    deadline = time.monotonic() + 60
    while len(ledger.held()) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    cancelled_at = time.monotonic()
    ledger.cancel(request.id)
    while ledger.held():
        time.sleep(0.01)
    assert time.monotonic() - cancelled_at < 2
    assert (ledger.get(request.id).state, taken) == ("cancelled", [2])
    over.set()
    for one in workers:
        one.join()
    ledger.close()
