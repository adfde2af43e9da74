"""How many workers an engine is asked for, with an engine that does what it is told."""

import threading

import pytest

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.errors import RunRefused, SettingsError
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.remote import elsewhere
from deepresolve_dash.runs.remote.elsewhere import Elsewhere, read_token, worker_token
from deepresolve_dash.runs.remote.tickets import Jobs, Tickets, engine_told
from deepresolve_dash.runs.request import RunRequest
from deepresolve_dash.runs.spec import RunSpec
from deepresolve_dash.settings import Settings


class Engine:
    name, clue, counts = "stand-in", "Look there.", False

    def __init__(self):
        self.sent, self.found, self.refusal, self.asked = [], Jobs(0, 0), "", 0
        self.gives_back = True

    def jobs(self):
        self.asked += 1
        if self.refusal:
            raise RunRefused(self.refusal)
        return self.found

    def send(self, ticket):
        self.sent.append(ticket)

    def take_back(self):
        if self.gives_back:
            self.found = Jobs(0, self.found.running)
        return self.gives_back

    def stop(self):
        self.found = Jobs(0, 0)


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
def engine():
    return Engine()


@pytest.fixture
def tickets(engine, ledger):
    return Tickets(engine, ledger, most=3)


def submit(ledger, n):
    for seed in range(n):
        settings = ascent_settings(n_trials=7, seed=seed)
        ledger.submit(RunRequest("run", "model", RunSpec("net", "conv", (0,), "default", settings)))


def test_one_ticket_for_each_run_that_waits_and_no_storm(ledger, engine, tickets):
    submit(ledger, 2)
    for _ in range(5):
        tickets.go_round()
    assert len(engine.sent) == 2


def test_no_more_than_the_most(ledger, engine, tickets):
    submit(ledger, 9)
    tickets.go_round()
    assert len(engine.sent) == 3
    engine.found = Jobs(1, 2)
    for ticket in engine.sent[:2]:
        tickets.redeem(ticket)
    tickets.go_round()
    assert len(engine.sent) == 3


def test_a_worker_that_is_free_is_waited_for(ledger, engine, tickets):
    ledger.greet("there:1:a", "there", "GPU", "gpu-0@there", "stand-in")
    submit(ledger, 1)
    tickets.go_round()
    assert engine.sent == []
    ledger.drain_machine("there:1:a")
    tickets.go_round()
    assert len(engine.sent) == 1


def test_a_worker_that_fell_silent_is_not_waited_for(ledger, engine, tickets, clock):
    ledger.greet("there:1:a", "there", "GPU", "gpu-0@there", "stand-in")
    submit(ledger, 1)
    clock.now += 11
    tickets.go_round()
    assert len(engine.sent) == 1


def test_a_ticket_that_nobody_comes_with_is_sent_anew(ledger, engine, tickets, clock):
    submit(ledger, 1)
    tickets.go_round()
    clock.now += 61
    tickets.go_round()
    assert len(engine.sent) == 2
    engine.found = Jobs(1, 0)  # but not while the engine says that it waits
    clock.now += 61
    tickets.go_round()
    assert len(engine.sent) == 2


def test_a_job_that_was_lost_is_asked_for_again_soon_and_then_ever_later(
    ledger, engine, tickets, clock
):
    engine.counts = True
    submit(ledger, 1)
    sent = []
    for second in range(200):
        tickets.go_round()
        sent += [second] * (len(engine.sent) - len(sent))
        clock.now += 1
    waits = [later - sooner for sooner, later in zip(sent, sent[1:], strict=False)]
    assert waits[:4] == [5, 10, 15, 20]
    tickets.redeem(engine.sent[-1])
    submit(ledger, 2)
    tickets.go_round()
    assert len(engine.sent) > len(sent)


@pytest.mark.parametrize(("gives_back", "left"), [(True, 0), (False, 2)])
def test_tickets_for_nothing_are_taken_back_where_that_costs_nothing(
    ledger, engine, tickets, gives_back, left
):
    submit(ledger, 3)
    tickets.go_round()
    engine.found, engine.gives_back = Jobs(2, 1), gives_back
    for _ in range(3):
        ledger.claim("there:1:a", "gpu-0@there")
    tickets.go_round()
    assert engine.found == Jobs(left, 1)
    submit(ledger, 4)  # one that is new
    tickets.go_round()
    assert len(engine.sent) == 3 + (gives_back is True)


def test_an_engine_that_refuses_is_left_in_peace_and_its_words_are_kept(
    tmp_path, ledger, engine, tickets, clock
):
    submit(ledger, 1)
    engine.refusal = "sbatch refused: invalid account."
    for _ in range(20):
        tickets.go_round()
        clock.now += 1
    assert engine.asked < 7
    assert engine_told(tmp_path)["trouble"] == "sbatch refused: invalid account."
    engine.refusal = ""
    clock.now += 60
    tickets.go_round()
    assert engine_told(tmp_path)["trouble"] == ""
    assert len(engine.sent) == 1


def test_workers_that_end_before_they_come_are_told_with_a_clue(
    tmp_path, ledger, engine, tickets, clock
):
    def told(jobs, seconds):
        engine.found = jobs
        for _ in range(seconds):
            clock.now += 1
            tickets.go_round()
        return engine_told(tmp_path)["trouble"]

    submit(ledger, 1)
    tickets.go_round()
    assert told(Jobs(1, 0), 10) == ""  # it waits for a place
    assert told(Jobs(0, 1), 10) == ""  # it loads torch
    assert told(Jobs(0, 0), 29) == ""
    assert told(Jobs(0, 0), 2) == "1 worker has been asked for and did not come. Look there."
    assert "workers have been asked for" in told(Jobs(0, 0), 90)
    tickets.redeem(engine.sent[-1])
    assert told(Jobs(0, 0), 1) == ""


def test_a_paused_queue_asks_for_nobody(ledger, engine, tickets):
    submit(ledger, 1)
    ledger.set_mode("paused")
    tickets.go_round()
    assert engine.sent == []


def test_an_engine_without_a_coordinator_is_refused_in_words(tmp_path):
    with pytest.raises(SettingsError, match="DRD_COORDINATOR"):
        Elsewhere(Settings(state=tmp_path, engine="slurm"))


def test_the_runner_does_not_wait_for_an_engine_that_takes_its_time(tmp_path, monkeypatch, engine):
    asked, answers = threading.Event(), threading.Event()

    def jobs():
        asked.set()
        assert answers.wait(60)
        return Jobs(0, 0)

    engine.jobs = jobs
    monkeypatch.setattr(elsewhere, "make_engine", lambda *_: engine)
    made = Elsewhere(Settings(state=tmp_path, engine="celery", coordinator="127.0.0.1:0"))
    for _ in range(3):
        made.go_round()
        assert asked.wait(20)
    assert not answers.is_set()
    answers.set()
    made.stop()
    assert engine_told(tmp_path)["engine"] == "stand-in"


def test_slurm_without_its_tools_is_refused_in_words(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SettingsError, match="no sbatch"):
        Elsewhere(Settings(state=tmp_path, engine="slurm", coordinator="127.0.0.1:0"))


def test_the_token_is_made_once_and_for_its_owner_alone(tmp_path):
    token = worker_token(tmp_path)
    assert worker_token(tmp_path) == token
    path = tmp_path / "worker.token"
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(RunRefused, match="chmod 600"):
        read_token(path)
    with pytest.raises(RunRefused, match="cannot be read"):
        read_token(tmp_path / "none")
