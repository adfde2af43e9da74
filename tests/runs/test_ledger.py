"""Each rule of the queue, with a clock that stands still until it is told."""

import json
from dataclasses import replace

import pytest

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.errors import LostLease, RunCancelled, RunNotFound, RunRefused
from deepresolve_dash.runs.leases import MOST_DEATHS, Progress
from deepresolve_dash.runs.ledger import Ledger
from deepresolve_dash.runs.line import queue_of
from deepresolve_dash.runs.parts import LEASE_S
from deepresolve_dash.runs.request import RunRequest
from deepresolve_dash.runs.spec import RunSpec

OWNER, OTHER = "here:1:a", "here:2:b"


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ledger(tmp_path, clock):
    made = Ledger(tmp_path / "runs.db", clock)
    yield made
    made.close()


def request(seed=0, name="a run", n_classes=3):
    settings = ascent_settings(n_trials=7, seed=seed)
    spec = RunSpec("net", "pool1", tuple(range(n_classes)), "default", settings)
    return RunRequest(name, "model", spec)


def submit(ledger, clock, seed=0, user="ann"):
    clock.now += 1
    return ledger.submit(request(seed), user)


def test_a_submitted_run_waits_with_all_that_is_known_of_it(ledger):
    entry = ledger.submit(request(), "ann")
    assert (entry.state, entry.position, entry.users) == ("queued", 1, ("ann",))
    assert entry.n_classes == 3
    assert entry.total == 3 * (2 * 5 * 60 + 2 * 7 * 100)
    assert RunRequest.from_dict(json.loads(json.dumps(entry.request))) == request()


def test_the_same_spec_is_one_run_with_two_users(ledger, clock):
    submit(ledger, clock, user="ann")
    entry = submit(ledger, clock, user="bob")
    assert entry.users == ("ann", "bob")
    assert len(ledger.entries()) == 1


def test_the_first_cancel_leaves_and_the_last_one_stops(ledger, clock):
    run_id = submit(ledger, clock, user="ann").id
    submit(ledger, clock, user="bob")
    assert ledger.cancel(run_id, "ann").state == "queued"
    assert ledger.cancel(run_id, "bob").state == "cancelled"


def test_nobody_cancels_what_is_not_theirs_or_is_over(ledger, clock):
    run_id = submit(ledger, clock, user="ann").id
    with pytest.raises(RunRefused, match="somebody else"):
        ledger.cancel(run_id, "bob")
    ledger.cancel(run_id, "ann")
    with pytest.raises(RunRefused, match="cancelled already"):
        ledger.cancel(run_id, "ann")
    with pytest.raises(RunNotFound):
        ledger.cancel("nope", "ann")


def test_order_is_fair_over_users(ledger, clock):
    for seed, user in enumerate(["ann"] * 8 + ["bob"] * 2 + ["cy"] * 2):
        submit(ledger, clock, seed, user)
    expected = ["ann", "bob", "cy", "ann", "bob", "cy", "ann", "ann", "ann", "ann", "ann", "ann"]
    places = {e.position: e.users[0] for e in ledger.entries()}
    assert [places[i + 1] for i in range(12)] == expected
    served = []
    while claim := ledger.claim(OWNER, "cpu"):
        served.append(ledger.get(claim.request.id).users[0])
        ledger.finish(claim, "done")
    assert served == expected


def test_a_user_with_fewer_running_runs_comes_first(ledger, clock):
    first = submit(ledger, clock, 0, "bob")
    submit(ledger, clock, 1, "ann")
    submit(ledger, clock, 2, "bob")
    assert ledger.claim(OWNER, "gpu-0").request.id == first.id
    for seed in (3, 4):
        submit(ledger, clock, seed, "ann")
    ledger.claim(OTHER, "gpu-1")
    running = [e for e in ledger.entries() if e.state == "running"]
    assert sorted(e.users[0] for e in running) == ["ann", "bob"]


def test_two_workers_never_get_the_same_run(ledger, clock):
    submit(ledger, clock)
    assert ledger.claim(OWNER, "cpu") is not None
    assert ledger.claim(OTHER, "cpu") is None


def test_a_tick_shows_and_keeps_the_run(ledger, clock):
    submit(ledger, clock)
    claim = ledger.claim(OWNER, "cpu")
    clock.now += 7
    ledger.tick(claim, Progress("ascent", 50, 200, 4, 1, 12.5))
    entry = ledger.get(claim.request.id)
    assert (entry.phase, entry.done, entry.seconds_left) == ("ascent", 50, 12.5)
    assert entry.finished_classes == 1
    assert ledger.held()[0].lease == clock.now + LEASE_S


def test_a_run_moves_only_when_something_new_is_told(ledger, clock):
    submit(ledger, clock)
    claim = ledger.claim(OWNER, "cpu")
    ledger.tick(claim, Progress("ascent", 50, 200))
    moved = ledger.held()[0].moved
    clock.now += 5
    ledger.tick(claim, Progress("ascent", 50, 200))
    assert ledger.held()[0].moved == moved
    ledger.tick(claim, Progress("ascent", 51, 200))
    assert ledger.held()[0].moved == clock.now


def test_who_lost_the_run_changes_nothing(ledger, clock):
    submit(ledger, clock)
    lost = ledger.claim(OWNER, "cpu")
    ledger.orphan(lost.request.id, OWNER, blame=True)
    again = ledger.claim(OTHER, "cpu")
    assert again.attempt == 2
    with pytest.raises(LostLease):
        ledger.tick(lost, Progress("ascent", 99, 100))
    with pytest.raises(LostLease):
        ledger.finish(lost, "done")
    entry = ledger.get(lost.request.id)
    assert (entry.state, entry.done) == ("running", 0)


def test_an_attempt_of_the_same_owner_is_fenced_too(ledger, clock):
    submit(ledger, clock)
    first = ledger.claim(OWNER, "cpu")
    ledger.orphan(first.request.id, OWNER, blame=False)
    ledger.claim(OWNER, "cpu")
    with pytest.raises(LostLease):
        ledger.tick(first, Progress())


def test_cancel_reaches_the_worker_at_its_next_tick(ledger, clock):
    submit(ledger, clock)
    claim = ledger.claim(OWNER, "cpu")
    entry = ledger.cancel(claim.request.id, "ann")
    assert (entry.state, entry.cancelling) == ("running", True)
    assert ledger.held()[0].cancel == clock.now
    with pytest.raises(RunCancelled):
        ledger.tick(claim, Progress())
    ledger.finish(claim, "cancelled")
    entry = ledger.get(claim.request.id)
    assert (entry.state, entry.cancelling, entry.ended) == ("cancelled", False, clock.now)


def test_a_cancelled_run_that_is_wanted_again_before_it_stopped_goes_on(ledger, clock):
    submit(ledger, clock)
    claim = ledger.claim(OWNER, "cpu")
    ledger.cancel(claim.request.id, "ann")
    assert not submit(ledger, clock, user="bob").cancelling
    ledger.finish(claim, "cancelled")
    assert ledger.get(claim.request.id).state == "queued"


def test_a_run_that_lost_its_worker_goes_first(ledger, clock):
    for seed, user in enumerate(["ann", "bob", "cy"]):
        submit(ledger, clock, seed, user)
    claim = ledger.claim(OWNER, "cpu")
    assert ledger.orphan(claim.request.id, OWNER, blame=True) == "queued"
    assert ledger.get(claim.request.id).position == 1
    assert ledger.claim(OTHER, "cpu").request.id == claim.request.id


def test_three_deaths_without_a_new_unit_are_a_failure_with_its_reason(ledger, clock):
    submit(ledger, clock)
    for death in range(MOST_DEATHS):
        claim = ledger.claim(OWNER, "cpu")
        ledger.tick(claim, Progress("ascent", 10, 100, units=4))
        after = ledger.orphan(claim.request.id, OWNER, blame=True, reason=" (signal 9)")
        assert after == ("failed" if death == MOST_DEATHS - 1 else "queued")
    entry = ledger.get(claim.request.id)
    assert "3 times" in entry.message
    assert "signal 9" in entry.message


def test_a_new_unit_between_deaths_forgives(ledger, clock):
    submit(ledger, clock)
    for units in range(2 * MOST_DEATHS):
        claim = ledger.claim(OWNER, "cpu")
        ledger.tick(claim, Progress("ascent", 10, 100, units=units))
        assert ledger.orphan(claim.request.id, OWNER, blame=True) == "queued"


def test_deaths_of_the_runner_are_not_blamed_on_the_run(ledger, clock):
    submit(ledger, clock)
    for _ in range(2 * MOST_DEATHS):
        claim = ledger.claim(OWNER, "cpu")
        assert ledger.orphan(claim.request.id, OWNER, blame=False) == "queued"


def test_a_cancelled_run_whose_worker_dies_is_cancelled(ledger, clock):
    submit(ledger, clock)
    claim = ledger.claim(OWNER, "cpu")
    ledger.cancel(claim.request.id, "ann")
    assert ledger.orphan(claim.request.id, OWNER, blame=True) == "cancelled"


def test_a_run_is_taken_only_from_the_worker_that_has_it(ledger, clock):
    submit(ledger, clock)
    claim = ledger.claim(OWNER, "cpu")
    assert ledger.orphan(claim.request.id, OTHER, blame=True) is None
    assert ledger.get(claim.request.id).state == "running"


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_run_that_was_stopped_is_queued_again_for_whoever_wants_it(ledger, clock, state):
    submit(ledger, clock, user="ann")
    claim = ledger.claim(OWNER, "cpu")
    if state == "cancelled":
        ledger.cancel(claim.request.id, "ann")
    ledger.finish(claim, state, "why")
    entry = submit(ledger, clock, user="bob")
    assert (entry.state, entry.users, entry.message) == ("queued", ("bob",), "")
    assert entry.queued > entry.created
    assert ledger.claim(OWNER, "cpu").attempt == 2


def test_a_run_that_is_done_is_not_computed_again(ledger, clock):
    submit(ledger, clock, user="ann")
    claim = ledger.claim(OWNER, "cpu")
    ledger.finish(claim, "done")
    entry = submit(ledger, clock, user="bob")
    assert (entry.state, entry.users) == ("done", ("ann", "bob"))
    assert entry.done == entry.total
    assert entry.finished_classes == 3
    assert ledger.claim(OWNER, "cpu") is None


def test_results_that_are_there_or_gone_decide(ledger):
    assert ledger.submit(request(), "ann", results=True).state == "done"
    assert ledger.submit(request(), "ann", results=False).state == "queued"
    assert ledger.submit(request(), "ann", results=True).state == "done"
    assert ledger.claim(OWNER, "cpu") is None


def test_the_feed_tells_only_what_changed(ledger, clock):
    submit(ledger, clock, 0)
    claim = ledger.claim(OWNER, "cpu")
    submit(ledger, clock, 1)
    seq = ledger.feed().seq
    assert ledger.feed(seq).entries == ()
    ledger.finish(claim, "failed", "why")
    later = ledger.feed(seq)
    assert later.seq > seq
    assert {e.id: e.state for e in later.entries} == {
        claim.request.id: "failed",
        request(1).id: "queued",
    }
    assert [e.seq <= later.seq for e in later.entries] == [True, True]


def test_progress_of_one_run_does_not_bring_the_whole_queue_along(ledger, clock):
    for seed in range(5):
        submit(ledger, clock, seed)
    claim = ledger.claim(OWNER, "cpu")
    seq = ledger.feed().seq
    ledger.tick(claim, Progress("ascent", 1, 100))
    assert [e.id for e in ledger.feed(seq).entries] == [claim.request.id]
    ledger.finish(claim, "done")
    assert [e.position for e in ledger.feed(seq).entries if e.position] == [4, 3, 2, 1]


def test_a_number_of_another_ledger_gets_everything(ledger, clock):
    submit(ledger, clock)
    assert len(ledger.feed(10_000).entries) == 1


def test_only_a_run_that_is_over_can_be_deleted_and_it_can_come_back(ledger, clock):
    run_id = submit(ledger, clock).id
    with pytest.raises(RunRefused, match="Cancel it first"):
        ledger.delete(run_id)
    ledger.cancel(run_id, "ann")
    seq = ledger.feed().seq
    assert ledger.delete(run_id).deleted
    assert ledger.entries() == []
    assert ledger.feed().entries == ()
    assert [e.deleted for e in ledger.feed(seq).entries] == [True]
    assert not ledger.restore(run_id).deleted
    assert len(ledger.entries()) == 1
    assert ledger.deleted_before(clock.now + 1) == []


def test_a_deleted_run_that_is_submitted_again_is_back(ledger, clock):
    run_id = submit(ledger, clock).id
    ledger.cancel(run_id, "ann")
    ledger.delete(run_id)
    assert not submit(ledger, clock).deleted


def test_a_queued_run_can_be_failed_from_outside_and_a_running_one_by_its_owner(ledger, clock):
    first, second = submit(ledger, clock, 0).id, submit(ledger, clock, 1).id
    claim = ledger.claim(OWNER, "cpu")
    assert claim.request.id == first
    ledger.fail(second, None, "no worker")
    ledger.fail(first, OTHER, "not mine")
    assert ledger.get(second).message == "no worker"
    assert ledger.get(first).state == "running"
    ledger.fail(first, OWNER, "stalled")
    assert ledger.get(first).message == "stalled"


def test_a_sleep_of_the_machine_costs_no_lease(ledger, clock):
    submit(ledger, clock)
    ledger.claim(OWNER, "cpu")
    clock.now += 3600
    ledger.extend()
    held = ledger.held()[0]
    assert held.lease == clock.now + LEASE_S
    assert held.moved == clock.now


def test_a_title_changes_with_a_new_submission_of_a_stopped_run(ledger, clock):
    run_id = submit(ledger, clock).id
    ledger.cancel(run_id, "ann")
    assert ledger.submit(replace(request(), name="new"), "ann").name == "new"


def test_speed_is_remembered_per_device(ledger):
    assert ledger.speed("cpu") is None
    ledger.note_speed("cpu", 100.0)
    ledger.note_speed("cpu", 200.0)
    assert ledger.speed("cpu") == pytest.approx(150.0)
    assert ledger.speed("cuda") is None


def test_a_word_that_is_said_again_moves_a_run(ledger, clock):
    submit(ledger, clock)
    claim = ledger.claim(OWNER, "cpu")
    ledger.tick(claim, Progress("summary", 50, 200))
    clock.now += 5
    ledger.tick(claim, Progress("summary", 50, 200), spoken=True)
    assert ledger.held()[0].moved == clock.now


def test_a_death_that_is_not_blamed_does_not_count_as_progress_nor_against_it(ledger, clock):
    submit(ledger, clock)
    for death in range(MOST_DEATHS):
        claim = ledger.claim(OWNER, "cpu")
        ledger.tick(claim, Progress("ascent", 10, 100, units=4))
        ledger.orphan(claim.request.id, OWNER, blame=False)
        claim = ledger.claim(OWNER, "cpu")
        ledger.tick(claim, Progress("ascent", 10, 100, units=4 if death else 5))
        after = ledger.orphan(claim.request.id, OWNER, blame=True)
    assert after == "queued"
    claim = ledger.claim(OWNER, "cpu")
    ledger.tick(claim, Progress("ascent", 10, 100, units=4))
    assert ledger.orphan(claim.request.id, OWNER, blame=True) == "failed"


def test_units_that_are_gone_count_from_the_start(ledger, clock):
    submit(ledger, clock)
    claim = ledger.claim(OWNER, "cpu")
    ledger.tick(claim, Progress("ascent", 10, 100, units=9))
    ledger.orphan(claim.request.id, OWNER, blame=True)
    for units in (1, 2, 3, 4):
        claim = ledger.claim(OWNER, "cpu")
        ledger.tick(claim, Progress("loading"))
        ledger.tick(claim, Progress("ascent", 10, 100, units=units))
        assert ledger.orphan(claim.request.id, OWNER, blame=True) == "queued"


def test_a_run_whose_results_are_gone_starts_from_nothing(ledger, clock):
    submit(ledger, clock)
    ledger.finish(ledger.claim(OWNER, "cpu"), "done")
    entry = ledger.submit(request(), "ann", results=False)
    assert (entry.state, entry.done, entry.finished_classes) == ("queued", 0, 0)


def test_who_cancelled_a_run_has_no_part_in_it_when_another_joins(ledger, clock):
    run_id = submit(ledger, clock, user="ann").id
    ledger.claim(OWNER, "cpu")
    ledger.cancel(run_id, "ann")
    assert submit(ledger, clock, user="bob").users == ("bob",)
    assert ledger.cancel(run_id, "bob").cancelling


def test_running_runs_are_ordered_by_when_they_began(ledger, clock):
    for seed, user in enumerate(["ann", "bob"]):
        submit(ledger, clock, seed, user)
    first = ledger.claim(OWNER, "gpu-0")
    clock.now += 1
    ledger.claim(OTHER, "gpu-1")
    ledger.tick(first, Progress("ascent", 1, 10))
    assert queue_of(ledger.connection())[1].running == (("ann",), ("bob",))


def test_a_state_folder_that_was_removed_is_begun_anew(ledger, clock, tmp_path):
    submit(ledger, clock)
    for path in tmp_path.glob("runs.db*"):
        path.unlink()
    assert ledger.entries() == []
    assert submit(ledger, clock).state == "queued"
    assert (tmp_path / "runs.db").is_file()


def test_a_priority_moves_the_runs_of_its_user_alone(ledger, clock):
    for seed, user in enumerate(["ann", "ann", "ann", "bob"]):
        submit(ledger, clock, seed, user)
    last, late = request(2).id, request(0).id
    ledger.prioritise(last, "ann", 1)
    ledger.prioritise(late, "ann", -1)
    assert [ledger.get(one).priority for one in (last, late)] == [1, -1]
    order = sorted(ledger.entries(), key=lambda one: one.position)
    assert [(one.users[0], one.id) for one in order] == [
        ("ann", last), ("bob", request(3).id), ("ann", request(1).id), ("ann", late)
    ]  # fmt: skip
    ledger.prioritise(last, "ann", 5)
    assert ledger.get(last).priority == 1  # one step, no more
    with pytest.raises(RunRefused, match="somebody else"):
        ledger.prioritise(last, "bob", 0)
    ledger.claim(OWNER, "cpu")
    with pytest.raises(RunRefused, match="running already"):
        ledger.prioritise(last, "ann", 0)
