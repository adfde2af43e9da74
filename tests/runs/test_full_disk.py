"""A disk that is full, made by a limit on the size of the database."""

import pytest

from deepresolve_dash.errors import DiskFull
from deepresolve_dash.runs import schema
from deepresolve_dash.runs.leases import Progress
from deepresolve_dash.runs.ledger import Ledger
from tests.runs.test_ledger import OWNER, request


@pytest.fixture
def full(tmp_path, monkeypatch):
    """A ledger with a running run that finds no room until the ballast is given up."""
    ledger = Ledger(tmp_path / "runs.db")
    ledger.submit(request(), "ann")
    claim = ledger.claim(OWNER, "cpu")
    pages = ledger.connection().execute("PRAGMA page_count").fetchone()[0]
    ledger.connection().execute(f"PRAGMA max_page_count = {pages}")
    dropped = []

    def drop(folder):
        dropped.append(folder)
        ledger.connection().execute("PRAGMA max_page_count = 100000")

    monkeypatch.setattr(schema, "drop_ballast", drop)
    yield ledger, claim, dropped
    ledger.close()


def fill(ledger):
    for seed in range(1, 1000):
        ledger.submit(request(seed), "ann")


def test_a_full_disk_is_said_and_nothing_is_half_written(full):
    ledger, claim, _ = full
    with pytest.raises(DiskFull, match="disk is full"):
        fill(ledger)
    entries = ledger.entries()
    assert {e.state for e in entries} == {"running", "queued"} or len(entries) == 1
    assert ledger.connection().execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    ledger.tick(claim, Progress("ascent", 1, 2))
    assert ledger.get(claim.request.id).done == 1


def test_an_end_is_written_at_the_cost_of_the_ballast(full):
    ledger, claim, dropped = full
    with pytest.raises(DiskFull):
        fill(ledger)
    long = "The disk is full. " * 1000
    ledger.finish(claim, "failed", long)
    assert len(dropped) == 1
    entry = ledger.get(claim.request.id)
    assert (entry.state, entry.message) == ("failed", long)
