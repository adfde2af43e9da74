"""The thread beside a computation, against a ledger that is made up."""

import sqlite3
import threading
import time

import pytest

from deepresolve_dash.errors import DiskFull, LostLease, RunCancelled
from deepresolve_dash.runs import watch as module
from deepresolve_dash.runs.watch import Watch


class Told:
    """A ledger that keeps what it is told and raises what it is given."""

    beat_s = 0.001

    def __init__(self):
        self.progress, self.spoken = [], []
        self.error = None
        self.others = 0  # row-steps of helpers
        self.heard = threading.Event()

    def tick(self, _claim, progress, *, spoken):
        self.progress.append(progress)
        self.spoken.append(spoken)
        self.heard.set()
        if self.error:
            raise self.error
        return progress.done + self.others

    def close(self):
        self.closed = True

    def next(self):
        self.heard.clear()
        assert self.heard.wait(5)
        return self.progress[-1]


@pytest.fixture(autouse=True)
def _fast(monkeypatch):
    monkeypatch.setattr(module, "STUCK_S", 0.01)


def compute_for_ever(watch):
    while True:
        watch.progress(1, 2)
        time.sleep(0.001)


def never(_error):
    raise AssertionError("it was given up")


def test_what_the_computation_says_reaches_the_ledger():
    ledger = Told()
    with Watch(ledger, None, never) as watch:
        watch.phase("ascent")
        watch.found(3)
        watch.unit()
        watch.classes(2)
        watch.progress(5, 10)
        while (told := ledger.next()).done != 5:
            pass
    assert (told.phase, told.total, told.units, told.finished_classes) == ("ascent", 10, 4, 2)
    assert ledger.closed


def test_it_beats_while_nothing_changes(monkeypatch):
    monkeypatch.setattr(module, "_QUIET_S", 0.001)
    ledger = Told()
    with Watch(ledger, None, never):
        for _ in range(3):
            ledger.next()


def test_a_word_that_is_said_again_shows_life_and_silence_does_not(monkeypatch):
    monkeypatch.setattr(module, "_QUIET_S", 0.001)
    ledger = Told()
    with Watch(ledger, None, never) as watch:
        watch.phase("summary")
        while not ledger.spoken or ledger.spoken[-1]:
            ledger.next()
        silent = len(ledger.spoken)
        watch.phase("summary")
        while not any(ledger.spoken[silent:]):
            ledger.next()


def test_a_database_that_is_locked_for_a_moment_is_told_at_the_next_beat():
    ledger = Told()
    ledger.error = sqlite3.OperationalError("database is locked")
    with Watch(ledger, None, never) as watch:
        watch.phase("ascent")
        ledger.next()
        ledger.error = None
        watch.progress(5, 10)
        while ledger.next().done != 5:
            pass


@pytest.mark.parametrize("error", [RunCancelled("x"), LostLease("x"), DiskFull("x")])
def test_what_it_hears_stops_the_computation_at_its_next_word(error):
    ledger = Told()
    given_up = threading.Event()
    with Watch(ledger, None, lambda _: given_up.set()) as watch:
        ledger.error = error
        watch.phase("background")
        ledger.next()
        with pytest.raises(type(error)):
            compute_for_ever(watch)
        assert given_up.wait(5)  # had it not listened


def test_a_computation_that_stops_by_itself_is_not_given_up(monkeypatch):
    monkeypatch.setattr(module, "STUCK_S", 60)
    ledger = Told()
    ledger.error = RunCancelled("x")
    with pytest.raises(RunCancelled), Watch(ledger, None, never) as watch:
        compute_for_ever(watch)


def test_time_left_follows_the_rate_and_not_what_was_found_on_disk(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    watch = Watch(Told(), None, never)
    watch.progress(0, 1000)
    watch.recalled()
    watch.progress(500, 1000)
    assert watch._now.seconds_left is None
    now[0] += 10
    watch.progress(600, 1000)
    assert watch._now.seconds_left == pytest.approx(40)
    watch.phase("summary")
    assert watch._now.seconds_left is None


def test_time_left_counts_what_helpers_do(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    watch = Watch(Told(), None, never)
    watch.progress(0, 1000)
    now[0], watch._others = 10.0, 100  # both did 100
    watch.progress(100, 1000)
    assert watch._now.seconds_left == pytest.approx(40)
