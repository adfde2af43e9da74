"""Workers on other machines: what they may do, what travels, and that the numbers are the same."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from http.client import HTTPConnection
from urllib.parse import urlencode

import numpy as np
import pytest

from deepresolve_dash.commands import remote as remote_command
from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.errors import CoordinatorAway, LostLease, RunRefused, SettingsError
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.runs import compute
from deepresolve_dash.runs.entry import PartClaim
from deepresolve_dash.runs.execute import execute
from deepresolve_dash.runs.leases import Progress
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.models import ModelStore
from deepresolve_dash.runs.probe_question import ProbeQuestion
from deepresolve_dash.runs.probe_request import ProbeRequest
from deepresolve_dash.runs.probe_store import ProbeStore
from deepresolve_dash.runs.reaper import Reaper
from deepresolve_dash.runs.remote import coordinator as module
from deepresolve_dash.runs.remote import worker as remote_worker
from deepresolve_dash.runs.remote.client import Client
from deepresolve_dash.runs.remote.coordinator import Coordinator, address_of
from deepresolve_dash.runs.remote.remote_ledger import RemoteLedger, Worker
from deepresolve_dash.runs.remote.wire import PROTOCOL, claim_to_dict
from deepresolve_dash.runs.request import make_request
from deepresolve_dash.runs.slots import CPU
from deepresolve_dash.runs.store import RunStore
from deepresolve_dash.runs.work import read_log, work_folder
from tests.runs.conftest import small_network

TOKEN = "the-token"
SLOT = "cpu@there"


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


@pytest.fixture
def ledger(state):
    state.mkdir()
    made = Ledger(state / LEDGER)
    yield made
    made.close()


@pytest.fixture
def model(state, ledger, tmp_path, monkeypatch):
    monkeypatch.setattr("deepresolve_dash.core.ascent.ascend.fitting_rows", lambda *_: 8)
    save_network(small_network(), tmp_path / "source")
    return ModelStore(state / "models").add(tmp_path / "source", "small")


@pytest.fixture
def coordinator(state, ledger):
    made = Coordinator(state, Ledger(state / LEDGER), bind="127.0.0.1:0", token=TOKEN)
    made.start()
    yield made
    made.stop()


def address(coordinator):
    return f"http://127.0.0.1:{coordinator.port}"


@pytest.fixture
def remote(tmp_path):
    """Make ledgers as workers elsewhere have them, each with a scratch folder of its own."""
    made = []

    def make(coordinator, name="one", token=TOKEN, goes_on=lambda: True):
        scratch = tmp_path / name
        scratch.mkdir(exist_ok=True)
        who = Worker(f"there:1:{name}", "there", "CPU", SLOT)
        made.append(RemoteLedger(Client(address(coordinator), token, goes_on), who, scratch))
        return made[-1]

    yield make
    for one in made:
        one.close()


def small(model, **settings):
    given = {"n_trials": 5, "steps": 10} | settings
    return make_request(model, settings=ascent_settings(**given), keep_fim=True)


def computed(model, request):
    return execute(compute.make_stored_job(request, model, None), device="cpu")


def until(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def working(coordinator, over, monkeypatch, tmp_path):
    """A worker in a thread, which works until `over` is set."""
    monkeypatch.setattr(remote_worker, "load_torch", lambda *_: True)
    scratch = tmp_path / "scratch"
    scratch.mkdir(exist_ok=True)
    thread = threading.Thread(
        target=remote_worker.work,
        args=(address(coordinator), TOKEN, CPU),
        kwargs={"goes_on": lambda: not over.is_set(), "scratch": scratch},
    )
    thread.start()
    return thread


def test_a_run_computed_elsewhere_is_that_of_this_machine_to_the_bit(
    state, ledger, model, coordinator, monkeypatch, tmp_path
):
    request, over = small(model), threading.Event()
    ledger.submit(request)
    thread = working(coordinator, over, monkeypatch, tmp_path)
    until(lambda: ledger.get(request.id).state == "done")
    until(lambda: len(ledger.machines()) == 1)
    over.set()
    thread.join()
    run, alone = RunStore([state / "runs"]).open(request.id), computed(model, request)
    assert run.ensemble.equals(alone.ensemble)
    assert run.summary.equals(alone.summary)
    assert "ends, done" in read_log(state, request.id)
    assert not work_folder(state, request.id).exists()
    assert not list((tmp_path / "scratch").iterdir())
    assert not list((state / "runs").glob(".*"))
    assert ledger.machines() == []


def test_two_workers_elsewhere_share_a_run(
    state, ledger, model, coordinator, monkeypatch, tmp_path
):
    monkeypatch.setattr(Ledger, "count_workers", lambda *_: 2)
    request, over = small(model, n_trials=8, steps=40), threading.Event()
    ledger.submit(request)
    threads = [working(coordinator, over, monkeypatch, tmp_path) for _ in range(2)]
    until(lambda: ledger.get(request.id).state == "done")
    over.set()
    for thread in threads:
        thread.join()
    log = read_log(state, request.id)
    assert "2 parts" in log
    assert "part 1 attempt 1: ends, done" in log
    run = RunStore([state / "runs"]).open(request.id)
    assert run.summary.equals(computed(model, request).summary)


def test_what_was_done_before_is_not_computed_again(
    state, ledger, model, coordinator, tmp_path, remote
):
    request = small(model)
    ledger.submit(request)
    first = remote(coordinator, "one")
    claim = first.take_up()
    folder = tmp_path / "one" / "work" / request.id / "cpu-0.1"
    folder.mkdir(parents=True)
    np.savez(folder / "a-unit.npz", a=np.arange(3))
    first.tick(claim, Progress("ascent", 1, 10, 1))
    first.hand_back(claim)
    entry = ledger.get(request.id)
    assert (entry.state, entry.attempt) == ("queued", 1)
    assert first.take_up().attempt == 2
    other = remote(coordinator, "two")
    assert other.take_up() is None  # the first has it again
    with pytest.raises(LostLease):
        other.tick(claim, Progress())
    kept = work_folder(state, request.id) / "cpu-0.1" / "a-unit.npz"
    assert kept.is_file()
    first.hand_back(ledger.claim_of(first.owner))
    assert other.take_up() is not None
    assert (tmp_path / "two" / kept.relative_to(state)).is_file()
    assert ledger.get(request.id).state == "running"


def test_a_lost_answer_to_a_claim_costs_nothing(ledger, model, coordinator, tmp_path, remote):
    request = small(model)
    ledger.submit(request)
    worker = remote(coordinator)
    assert worker.take_up() == worker.take_up()
    assert ledger.get(request.id).attempt == 1


def test_late_writes_change_nothing(state, ledger, model, coordinator, tmp_path, remote):
    request = small(model)
    ledger.submit(request)
    worker = remote(coordinator)
    claim = worker.take_up()
    ledger.orphan(request.id, claim.owner, blame=False)
    unit = tmp_path / "one" / "work" / request.id / "cpu-0.1" / "late.npz"
    unit.parent.mkdir(parents=True)
    np.savez(unit, a=np.arange(3))
    for act in (
        lambda: worker.tick(claim, Progress()),
        lambda: worker.finish(claim, "failed", "no"),
        lambda: worker.split(claim, [(0, 1)]),
    ):
        with pytest.raises(LostLease):
            act()
    assert not work_folder(state, request.id).exists()
    assert ledger.get(request.id).state == "queued"


@pytest.mark.parametrize(
    "path",
    ["../secret", "runs.db", "models/../runs.db", "/etc/passwd", "models/x/net.json", "people.db"],
)
def test_no_other_file_can_be_read(state, ledger, model, coordinator, tmp_path, path, remote):
    (state / "people.db").write_text("secret")
    (tmp_path / "secret").write_text("secret")
    ledger.submit(small(model))
    worker = remote(coordinator)
    claim = worker.take_up()
    with pytest.raises(RunRefused, match="needs no file"):
        worker._client.fetch(worker._query(claim, path), tmp_path / "got")


@pytest.mark.parametrize(
    "path",
    [
        "runs.db",
        "runs/other/run.json",
        "runs/{id}/../../runs.db",
        "work/{id}/cpu-0.1/../../../runs.db",
        "work/other/cpu-0.1/a.npz",
        "models/{model}/net.json",
        "interactions/{id}.json",
    ],
)
def test_no_other_file_can_be_written(state, ledger, model, coordinator, tmp_path, path, remote):
    request = small(model)
    ledger.submit(request)
    worker = remote(coordinator)
    claim = worker.take_up()
    (tmp_path / "bad").write_text("bad")
    before = {p: p.stat().st_mtime_ns for p in state.rglob("*") if "runs.db" not in p.name}
    where = worker._query(claim, path.format(id=request.id, model=model.id))
    with pytest.raises(RunRefused, match="may not write"):
        worker._client.send(where, tmp_path / "bad")
    assert before == {p: p.stat().st_mtime_ns for p in state.rglob("*") if "runs.db" not in p.name}


def test_a_stranger_is_refused(ledger, model, coordinator, tmp_path, remote):
    ledger.submit(small(model))
    with pytest.raises(RunRefused, match="token"):
        remote(coordinator, token="guessed").take_up()
    assert ledger.get(ledger.waiting()[0]).state == "queued"


def test_another_version_is_refused_in_words(ledger, coordinator, tmp_path, monkeypatch, remote):
    monkeypatch.setattr("deepresolve_dash.runs.remote.client.PROTOCOL", "1-0.0.1")
    with pytest.raises(RunRefused, match=f"version 1-0.0.1, the coordinator of {PROTOCOL}"):
        remote(coordinator).take_up()


def asked(coordinator, method, path, body=b"", headers=None):
    connection = HTTPConnection("127.0.0.1", coordinator.port, timeout=10)
    known = {"Authorization": f"Bearer {TOKEN}"}
    connection.request(method, path, body, known | (headers or {}))
    answer = connection.getresponse()
    told = answer.status, json.loads(answer.read())
    connection.close()
    return told


def test_the_token_is_shown_as_a_bearer_does(ledger, coordinator):
    question = json.dumps({"protocol": PROTOCOL, "slot": SLOT}).encode()
    for shown, status in ((f"Bearer {TOKEN}", 200), (TOKEN, 401), (f"Basic {TOKEN}", 401)):
        told = asked(coordinator, "POST", "/count", question, {"Authorization": shown})
        assert told[0] == status


def called(coordinator, name, claim, *values, **changed):
    """Call as a worker does that says what it likes."""
    claim = claim_to_dict(claim) | changed
    question = {"protocol": PROTOCOL, "claim": claim, "values": values}
    return asked(coordinator, "POST", f"/call/{name}", json.dumps(question).encode())


def test_nobody_writes_to_the_log_of_what_another_computes(
    state, ledger, model, coordinator, remote
):
    mine, other, over = (small(model, steps=steps) for steps in (10, 11, 12))
    for request in (over, mine, other):
        ledger.submit(request)
    ledger.finish(ledger.claim("here:1:a", "cpu"), "done")
    claim = remote(coordinator).take_up()
    remote(coordinator, "two").take_up()
    assert claim.request == mine
    part = {"part": 1, "first": 0, "n": 1}
    for request in (over, other):
        told = {"request": request.to_dict()}
        for forged in (told, told | part, told | part | {"owner": "there:1:two"}):
            assert called(coordinator, "log", claim, "forged", **forged)[0] == 409
        assert "forged" not in read_log(state, request.id)
    for forged in (part, {"attempt": 2}):
        assert called(coordinator, "log", claim, "forged", **forged)[0] == 409
    assert called(coordinator, "log", claim, "true")[0] == 200
    assert called(coordinator, "finish", claim, "failed", "")[0] == 200
    assert called(coordinator, "log", claim, "the last line")[0] == 200
    log = read_log(state, mine.id)
    assert ["there: true" in log, "the last line" in log, "forged" in log] == [True, True, False]


@pytest.mark.parametrize("owner", ["there:1:a\nforged", "there:1:a\0", "a\x1b[2J:1:a", "", None, 7])
def test_a_name_that_no_worker_has_is_refused_wherever_it_is_read(
    state, ledger, model, coordinator, remote, owner
):
    request = small(model)
    ledger.submit(request)
    claim = remote(coordinator).take_up()
    named = {"protocol": PROTOCOL, "owner": owner, "slot": SLOT, "run": request.id}
    tries = [called(coordinator, "log", claim, "forged", owner=owner)]
    for path in ("/claim", "/end", "/may"):
        tries.append(asked(coordinator, "POST", path, json.dumps(named).encode()))
    query = urlencode({"run": request.id, "owner": owner, "attempt": 1, "path": "runs.db"})
    tries += [asked(coordinator, method, f"/file?{query}", b"x") for method in ("GET", "PUT")]
    assert [status for status, _ in tries] == [409] * 6
    assert all("no worker of another machine" in told["message"] for _, told in tries)
    assert not any("\n" in told["message"] for _, told in tries)
    assert "forged" not in read_log(state, request.id)


def test_files_are_of_the_attempt_that_is_held(state, ledger, model, coordinator, remote, tmp_path):
    ledger.submit(small(model))
    worker = remote(coordinator)
    old = worker.take_up()
    worker.hand_back(old)
    now = worker.take_up()
    assert (old.attempt, now.attempt) == (1, 2)
    (tmp_path / "file").write_text("x")
    unit = f"work/{now.request.id}/cpu-1/a.npz"
    needed = f"models/{model.id}/net.json"
    helper = PartClaim(now.request, now.attempt, now.owner, 0, 0, 1)
    for late in (old, helper):
        with pytest.raises(LostLease):
            worker._client.send(worker._query(late, unit), tmp_path / "file")
        with pytest.raises(LostLease):
            worker._client.fetch(worker._query(late, needed), tmp_path / "got")
        with pytest.raises(LostLease):
            worker._call("publish", late)
        worker.hand_back(late)
    assert not (state / unit).exists()
    assert ledger.claim_of(now.owner) == now
    worker._client.send(worker._query(now, unit), tmp_path / "file")
    worker._client.fetch(worker._query(now, needed), tmp_path / "got")
    assert (state / unit).read_text() == "x"


@pytest.mark.parametrize(
    "values",
    [
        [{"phase": []}, False],
        [{"done": "1"}, False],
        [{"done": 10**30}, False],
        [{"nothing": 1}, False],
        [[], False],
        [],
    ],
)
def test_progress_without_sense_gets_a_sentence(ledger, model, coordinator, remote, values):
    ledger.submit(small(model))
    claim = remote(coordinator).take_up()
    status, told = called(coordinator, "tick", claim, *values)
    assert (status, told["message"].startswith("This is no question")) == (400, True)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/claim", b"[" * 100_000),
        ("/call/tick", b'{"claim":' * 100_000),
        ("/claim", b"not JSON"),
        ("/claim", b"[]"),
        ("/call/__init__", json.dumps({"protocol": PROTOCOL}).encode()),
        ("/call/tick", json.dumps({"protocol": PROTOCOL, "claim": {}}).encode()),
        ("/nothing", json.dumps({"protocol": PROTOCOL}).encode()),
    ],
)
def test_questions_without_sense_get_a_sentence(coordinator, path, body):
    status, told = asked(coordinator, "POST", path, body)
    assert status in (400, 409)
    assert told["message"]


def test_a_body_that_is_too_large_is_not_read(coordinator):
    length = {"Content-Length": str(2**40)}
    status, told = asked(coordinator, "POST", "/claim", b"", length)
    assert (status, "bytes at once" in told["message"]) == (409, True)


def test_a_worker_waits_for_a_coordinator_that_is_away(state, ledger, model, tmp_path, remote):
    ledger.submit(small(model))
    first = Coordinator(state, Ledger(state / LEDGER), bind="127.0.0.1:0", token=TOKEN)
    first.start()
    worker = remote(first)
    claim = worker.take_up()
    first.stop()
    with pytest.raises(CoordinatorAway):
        worker.tick(claim, Progress())  # told again at the next beat
    said = []

    def ask():
        said.append(worker.slot_of(claim))
        worker.close()

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(0.3)
    again = f"127.0.0.1:{first.port}"
    second = Coordinator(state, Ledger(state / LEDGER), bind=again, token=TOKEN)
    second.start()
    asking.join()
    assert said == [SLOT]
    second.stop()
    gives_up = remote(first, "two", goes_on=lambda: False)
    with pytest.raises(CoordinatorAway):
        gives_up.take_up()


def test_workers_of_one_machine_share_its_cores(monkeypatch):
    given = []
    monkeypatch.setattr(remote_worker, "load_torch", lambda *told: given.append(told))
    monkeypatch.setenv("DRD_WORKER_TOKEN", TOKEN)
    monkeypatch.setenv("DRD_GPUS", "none")
    monkeypatch.setenv("DRD_CPU_WORKERS", "2")
    with pytest.raises(RunRefused, match="sees no GPU"):
        remote_command.work(
            "http://127.0.0.1:9", token_file=None, scratch=None, until_empty=True,
            engine="celery", ticket="", parent=None,
        )  # fmt: skip
    assert given == [(CPU, 2)]


def test_a_worker_of_an_engine_does_not_wait_for_ever(ledger, coordinator, monkeypatch, tmp_path):
    coordinator.stop()
    monkeypatch.setattr(remote_worker, "load_torch", lambda *_: True)
    monkeypatch.setattr(remote_worker, "_AWAY_S", 0.5)
    worker = threading.Thread(
        target=remote_worker.work,
        args=(address(coordinator), TOKEN, CPU),
        kwargs={"until_empty": True, "scratch": tmp_path},
        daemon=True,
    )
    worker.start()
    worker.join(20)
    assert not worker.is_alive()


def test_a_worker_with_more_threads_hands_back_what_it_computes(ledger, model, coordinator):
    request = make_request(model, settings=ascent_settings(n_trials=4000))
    ledger.submit(request)
    with_a_thread = (
        "import runpy, threading, time\n"
        "threading.Thread(target=time.sleep, args=(999,), daemon=True).start()\n"  # as torch has
        "runpy.run_module('deepresolve_dash', run_name='__main__')\n"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", with_a_thread, "worker", "--coordinator", address(coordinator)],
        env=os.environ | {"DRD_WORKER_TOKEN": TOKEN, "DRD_GPUS": "none", "DRD_CPU_WORKERS": "9"},
        stderr=subprocess.PIPE,
        text=True,
    )
    until(lambda: ledger.get(request.id).state == "running", 60)
    worker.terminate()
    _, said = worker.communicate(timeout=20)
    assert (worker.returncode, "handed back" in said) == (0, True)
    assert ledger.get(request.id).state == "queued"


def test_a_worker_whose_parent_is_gone_before_it_is_there_ends():
    gone = subprocess.Popen(["true"])
    gone.wait()
    done = subprocess.run(
        [
            sys.executable, "-m", "deepresolve_dash", "worker", "--coordinator",
            "http://127.0.0.1:9", "--engine", "celery", "--parent", str(gone.pid),
        ],
        env=os.environ | {"DRD_WORKER_TOKEN": TOKEN},
        timeout=60,
        check=False,
        capture_output=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, b"")


def test_a_question_about_a_sequence_is_answered_elsewhere(
    state, ledger, model, coordinator, monkeypatch, tmp_path
):
    question = ProbeQuestion(model.card["hash"], "ACGT" * 5 + "ACG", 0, "conv1")
    request, over = ProbeRequest("a look", model.id, question), threading.Event()
    ledger.submit(request)
    thread = working(coordinator, over, monkeypatch, tmp_path)
    until(lambda: ledger.get(request.id).state == "done")
    over.set()
    thread.join()
    assert ProbeStore(state).has(question)


def test_results_so_far_are_shown(state, ledger, model, coordinator, monkeypatch, tmp_path):
    request, over = small(model, n_trials=8, steps=10), threading.Event()
    ledger.submit(request)
    store = RunStore([state / "runs"], partial=state / "partial")
    shown = []
    publish = RemoteLedger.finish

    def slowly(self, claim, *how):
        until(
            lambda: not self._send_so_far(claim) and not shown.append(store.open(claim.request.id))
        )
        publish(self, claim, *how)

    monkeypatch.setattr(RemoteLedger, "finish", slowly)
    thread = working(coordinator, over, monkeypatch, tmp_path)
    until(lambda: ledger.get(request.id).state == "done")
    over.set()
    thread.join()
    assert shown[0].info["partial"] == {"classes_done": 1, "classes": 2}


def test_a_drained_machine_ends_after_its_run(ledger, model, coordinator, monkeypatch, tmp_path):
    over = threading.Event()
    thread = working(coordinator, over, monkeypatch, tmp_path)
    until(lambda: ledger.machines())
    (machine,) = ledger.machines()
    assert (machine.device[:3], machine.run, machine.draining) == ("CPU", None, False)
    ledger.drain_machine(machine.owner)
    thread.join(10)
    assert not thread.is_alive()
    assert ledger.machines() == []


def test_a_worker_that_ends_before_it_hears_of_its_run_lets_it_go(
    ledger, model, coordinator, remote
):
    request = small(model)
    ledger.submit(request)
    worker = remote(coordinator)
    worker.take_up()  # whose answer may not have come
    worker.part_with(worker.owner)
    entry = ledger.get(request.id)
    assert (entry.state, entry.attempt) == ("queued", 1)
    assert ledger.machines() == []


def test_a_silent_machine_loses_its_run_and_a_speaking_one_keeps_it(state, model, tmp_path):
    now = [1000.0]
    ledger = Ledger(state / LEDGER, lambda: now[0])
    ledger.lease_s = 30.0
    request = small(model)
    ledger.submit(request)
    claim = ledger.claim("there:1:a", SLOT)
    reaper = Reaper(state, ledger, stall_s=600)
    reaper._inherited.clear()
    now[0] += 29
    reaper.go_round()
    assert ledger.get(request.id).state == "running"
    ledger.tick(claim, Progress("ascent", 1, 10, 1))
    now[0] += 29
    reaper.go_round()
    assert ledger.get(request.id).state == "running"
    now[0] += 2
    reaper.go_round()
    assert ledger.get(request.id).state == "queued"
    ledger.close()


@pytest.mark.parametrize("bind", ["8060", "host:", ":8060", "host:port", "host:99999"])
def test_an_address_that_is_none_is_refused(bind):
    with pytest.raises(RunRefused, match="host:port"):
        address_of(bind)


def test_the_address_of_a_coordinator_is_checked():
    with pytest.raises(SettingsError, match="http://"):
        Client("10.0.0.1:8060", TOKEN)


@pytest.mark.parametrize(
    ("owner", "slot"),
    [("x", SLOT), ("a:b:c", SLOT), ("there:1:a", "cpu"), ("there:1:a", "cpu@" + 300 * "x"),
     ("there:1:a", "cpu@there\0"), ("../x:1:a", SLOT)],
)  # fmt: skip
def test_odd_names_of_workers_are_refused(ledger, model, coordinator, tmp_path, owner, slot):
    ledger.submit(small(model))
    (tmp_path / "odd").mkdir()
    who = Worker(owner, "there", "CPU", slot)
    odd = RemoteLedger(Client(address(coordinator), TOKEN), who, tmp_path / "odd")
    with pytest.raises(RunRefused, match="no worker of another machine"):
        odd.take_up()
    odd.close()
    assert ledger.held() == []


def test_a_large_file_of_a_run_that_is_lost_is_refused_and_not_tried_for_ever(
    ledger, model, coordinator, tmp_path, remote
):
    request = small(model)
    ledger.submit(request)
    worker = remote(coordinator)
    claim = worker.take_up()
    ledger.orphan(request.id, claim.owner, blame=False)
    with (tmp_path / "large").open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(LostLease):
        worker._client.send(worker._query(claim, f"runs/{request.id}/run.json"), tmp_path / "large")


def test_results_of_a_lost_run_do_not_appear(state, ledger, model, coordinator, tmp_path, remote):
    request = small(model)
    ledger.submit(request)
    worker = remote(coordinator)
    claim = worker.take_up()
    (tmp_path / "run.json").write_text(json.dumps({"id": request.id, "spec": {}}))
    for name in ("run.json", "ensemble.nc", "summary.nc"):
        query = worker._query(claim, f"runs/{request.id}/{name}")
        worker._client.send(query, tmp_path / "run.json")
    ledger.orphan(request.id, claim.owner, blame=False)
    with pytest.raises(LostLease):
        worker._call("publish", claim)
    assert not (state / "runs" / request.id).exists()


def test_a_file_that_takes_longer_than_a_lease_keeps_its_run(
    state, ledger, model, coordinator, tmp_path, remote, monkeypatch
):
    monkeypatch.setattr(module, "_KEEP_S", 0.0)
    monkeypatch.setattr(module, "_PIECE", 1000)
    kept = []
    monkeypatch.setattr(module.Desk, "keep", lambda *_: kept.append(1))
    request = small(model)
    ledger.submit(request)
    worker = remote(coordinator)
    claim = worker.take_up()
    (tmp_path / "unit").write_bytes(bytes(5000))
    kept.clear()
    query = worker._query(claim, f"work/{request.id}/cpu-1/a.npz")
    worker._client.send(query, tmp_path / "unit")
    assert len(kept) >= 5


def test_a_worker_without_room_hands_its_run_back(ledger, model, coordinator, remote, monkeypatch):
    request = small(model)
    ledger.submit(request)
    worker = remote(coordinator)

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(worker._client, "fetch", full)
        with pytest.raises(OSError, match="No space"):
            worker.take_up()
    assert ledger.get(request.id).state == "queued"


def test_a_token_that_is_none_is_refused():
    with pytest.raises(SettingsError, match="token"):
        Client("http://there:1", "a\nb")


def test_strangers_who_say_nothing_or_a_letter_now_and_then_are_let_go(coordinator, monkeypatch):
    monkeypatch.setattr(module, "_STRANGER_S", 0.3)
    with socket.create_connection(("127.0.0.1", coordinator.port), timeout=10) as stranger:
        assert stranger.recv(1) == b""
    with socket.create_connection(("127.0.0.1", coordinator.port), timeout=0.1) as stranger:

        def is_let_go():
            with suppress(TimeoutError):
                stranger.send(b"G")
                return stranger.recv(1) == b""
            return False

        with suppress(ConnectionError):
            until(is_let_go)


def test_whoever_comes_when_very_many_are_there_is_turned_away(coordinator, monkeypatch):
    monkeypatch.setattr(module, "_MOST_OPEN", 0)
    with socket.create_connection(("127.0.0.1", coordinator.port), timeout=10) as one:
        assert one.recv(1) == b""
