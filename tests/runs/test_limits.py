"""What one user may have, and a queue that is paused or drained."""

from dataclasses import replace

import pytest

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.errors import RunRefused
from deepresolve_dash.runs import tidy, worker
from deepresolve_dash.runs.ledger import Ledger
from deepresolve_dash.runs.limits import Limits
from deepresolve_dash.runs.order import Shares, Waiting, fair_order
from deepresolve_dash.runs.request import RunRequest
from deepresolve_dash.runs.service import Service
from deepresolve_dash.runs.slots import CPU
from deepresolve_dash.runs.spec import RunSpec
from deepresolve_dash.settings import Settings

OWNER, OTHER = "here:1:a", "here:2:b"


@pytest.fixture
def ledger(tmp_path):
    times = iter(range(1000, 100_000))
    made = Ledger(tmp_path / "runs.db", lambda: float(next(times)))
    yield made
    made.close()


def request(seed=0):
    spec = RunSpec("net", "pool1", (0, 1), "default", ascent_settings(n_trials=7, seed=seed))
    return RunRequest("a run", "model", spec)


def test_fifty_starts_of_one_user_do_not_hold_up_another(ledger):
    for seed in range(50):
        ledger.submit(request(seed), "ann")
    ledger.claim(OWNER, "gpu-0")
    ledger.claim(OTHER, "gpu-1")
    entry = ledger.submit(request(99), "bob")
    assert entry.position == 1
    assert ledger.claim("here:3:c", "gpu-2").request.id == entry.id


def test_a_user_with_as_many_that_wait_as_one_may_have_is_refused(ledger):
    ledger.limits = Limits(queued=2)
    for seed in (0, 1):
        ledger.submit(request(seed), "ann")
    with pytest.raises(RunRefused, match=r"2 runs waiting.*DRD_USER_QUEUED"):
        ledger.submit(request(2), "ann")
    assert len(ledger.entries()) == 2  # nothing was changed
    ledger.submit(request(0), "ann")  # it is theirs already
    ledger.submit(request(2), "bob")
    with pytest.raises(RunRefused):
        ledger.submit(request(2), "ann")  # to join one that waits is one more
    assert ledger.submit(request(3), "ann", results=True).state == "done"  # nothing to wait for
    ledger.claim(OWNER, "cpu")
    ledger.submit(request(4), "ann")


def test_a_user_with_as_many_running_as_one_may_have_waits_and_is_told(ledger):
    ledger.limits = Limits(running=1)
    for seed in range(3):
        ledger.submit(request(seed), "ann")
    first = ledger.claim(OWNER, "gpu-0")
    assert ledger.claim(OTHER, "gpu-1") is None
    assert "1 run of one user at a time" in ledger.get(request(1).id).message
    bob = ledger.submit(request(9), "bob")
    assert ledger.get(bob.id).message == ""
    assert ledger.claim(OTHER, "gpu-1").request.id == bob.id
    ledger.finish(first, "done")
    assert ledger.claim(OWNER, "gpu-0").request.id == request(1).id


def test_a_run_of_two_users_is_held_back_only_when_both_have_enough():
    shares = Shares((("ann",),), most_running=1)
    both = Waiting("x", ("ann", "bob"), False, 1.0)
    assert not shares.holds_back(both)
    assert shares.holds_back(replace(both, users=("ann",)))
    assert not shares.holds_back(replace(both, users=("ann",), quick=True))
    order = fair_order([replace(both, users=("ann",)), replace(both, id="y")], shares)
    assert [one.id for one in order] == ["y", "x"]


def test_a_user_whose_results_take_too_much_room_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("deepresolve_dash.runs.service.ensure_runner", lambda _: None)
    monkeypatch.setattr("deepresolve_dash.runs.models.ModelStore.open", lambda *_: None)
    service = Service(Settings(state=tmp_path, user_results_mb=1, free_mb=0))
    service.submit(request(0), "ann")
    folder = tmp_path / "runs" / request(0).id
    folder.mkdir(parents=True)
    (folder / "ensemble.nc").write_bytes(bytes(2**21))
    with pytest.raises(RunRefused, match=r"take 2 MB.*may have 1 MB.*DRD_USER_RESULTS_MB"):
        service.submit(request(1), "ann")
    service.submit(request(1), "bob")
    service.ledger.close()


def test_of_two_users_the_first_cancels_and_the_run_goes_on_for_the_second(ledger):
    ledger.submit(request(), "ann")
    claim = ledger.claim(OWNER, "cpu")
    ledger.submit(request(), "bob")
    assert not ledger.cancel(claim.request.id, "ann").cancelling
    assert ledger.get(claim.request.id).users == ("bob",)
    assert ledger.cancel(claim.request.id, "bob").cancelling


def test_a_paused_queue_takes_nothing_up_and_lets_what_runs_go_on(ledger):
    for seed in (0, 1):
        ledger.submit(request(seed), "ann")
    claim = ledger.claim(OWNER, "cpu")
    seq = ledger.seq()
    ledger.set_mode("paused")
    assert ledger.feed(seq).mode == "paused"
    ledger.finish(claim, "done")
    assert ledger.claim(OWNER, "cpu") is None
    assert ledger.is_busy()  # workers stay
    ledger.set_mode("open")
    assert ledger.claim(OWNER, "cpu").request.id == request(1).id


def test_a_worker_of_a_drained_queue_ends(tmp_path, monkeypatch, ledger):
    monkeypatch.setattr(worker, "load_torch", lambda *_: True)
    monkeypatch.setattr(worker.os, "nice", lambda _: None)
    ledger.submit(request(), "ann")
    ledger.set_mode("drained")
    assert not ledger.is_busy()  # nobody is started for it

    def never():
        raise AssertionError("it was given up")

    assert worker.work(Settings(state=tmp_path), CPU, goes_on=lambda: True, give_up=never) == 0
    assert ledger.get(request().id).state == "queued"


def test_a_drained_queue_can_hand_back_at_once_and_go_on(tmp_path, monkeypatch):
    calls = []
    for name in ("ensure_runner", "stop_runner"):
        monkeypatch.setattr(
            f"deepresolve_dash.runs.service.{name}", lambda _, n=name: calls.append(n)
        )
    monkeypatch.setattr("deepresolve_dash.runs.models.ModelStore.open", lambda *_: None)
    service = Service(Settings(state=tmp_path, free_mb=0))
    service.submit(request(), "ann")
    service.set_mode("drained", hand_back=True)
    service.set_mode("open")
    assert calls == ["ensure_runner", "stop_runner", "ensure_runner"]
    service.ledger.close()


def test_runs_expire_unless_somebody_keeps_them(tmp_path):
    now = [1000.0]
    ledger = Ledger(tmp_path / "runs.db", lambda: now[0])
    ids = [ledger.submit(request(seed), "ann").id for seed in range(6)]
    while claim := ledger.claim(OWNER, "cpu"):
        ledger.finish(claim, "failed" if claim.request.id == ids[5] else "done")
    now[0] += 40 * 86400
    pinned, asked_for, shown, taken_back, old = ids[:5]
    ledger.pin(pinned, pinned=True)
    ledger.submit(request(1), "bob")  # joins what is done
    for run_id in ids:
        (tmp_path / "runs" / run_id).mkdir(parents=True)
    (tmp_path / "stories").mkdir()
    (tmp_path / "stories" / "a.json").write_text(f'"/runs/{shown}/classes"')
    ledger.delete(taken_back)
    ledger.restore(taken_back)
    assert ledger.get(old).expires(30) == 1000.0 + 30 * 86400
    assert ledger.get(pinned).expires(30) is None
    tidy.expire(tmp_path, ledger, now[0] - 30 * 86400)
    assert [path.name for path in (tmp_path / "bin").iterdir()] == [old]
    assert [one.id for one in ledger.entries() if one.id == old] == []
    ledger.pin(pinned, pinned=False)
    assert ledger.expired(now[0]) == [shown]  # from the moment that the pin was taken off
    ledger.close()


def test_a_run_that_something_in_the_queue_is_about_does_not_expire(tmp_path, ledger):
    entry = ledger.submit(request(), "ann")
    ledger.finish(ledger.claim(OWNER, "cpu"), "done")
    assert ledger.expired(10_000.0) == [entry.id]
    with ledger.write() as connection:
        connection.execute("UPDATE runs SET kept = 0")
    ledger.submit(asked(entry.id), "ann")
    assert ledger.expired(10_000.0) == []


def asked(run_id):
    return type("Asked", (), {
        "id": "b1", "name": "x", "model": "m", "total": 1, "n_classes": 1,
        "to_dict": lambda _: {"kind": "motifs", "run": run_id},
    })()  # fmt: skip
