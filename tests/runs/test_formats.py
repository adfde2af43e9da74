"""What the first release left on disk is read, and what a later one wrote is refused."""

import json
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from deepresolve_dash.errors import RunNotFound, SettingsError
from deepresolve_dash.runs.formats import LEDGER_STEPS, RUN_FORMAT
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.report import report
from deepresolve_dash.runs.service import Service
from deepresolve_dash.runs.store import open_run, write_run
from deepresolve_dash.settings import Settings

FIRST = Path(__file__).parent / "first_release"
DONE, RUNNING, QUEUED, CANCELLED = (
    "f5974bc08ef99dc2", "ef520a1a97d1d59d", "6a260e5344f609a9", "5ac041668dfd620e",
)  # fmt: skip


@pytest.fixture
def state(tmp_path):
    with sqlite3.connect(tmp_path / LEDGER) as connection:
        connection.executescript((FIRST / "runs.sql").read_text())
    connection.close()
    shutil.copytree(FIRST / "run", tmp_path / "runs" / DONE)
    return tmp_path


@pytest.fixture
def ledger(state):
    made = Ledger(state / LEDGER, lambda: 2000.0)
    yield made
    made.close()


def version(state):
    connection = sqlite3.connect(state / LEDGER)
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
    return found


def test_a_queue_of_the_first_release_goes_on(state, ledger):
    assert version(state) == 1
    states = {entry.id: entry.state for entry in ledger.entries()}
    assert states == {
        DONE: "done", RUNNING: "running", QUEUED: "queued", CANCELLED: "cancelled"
    }  # fmt: skip
    assert version(state) == len(LEDGER_STEPS) > 1
    assert ledger.get(DONE).users == ("ann", "bob")
    assert ledger.speed("cpu") == 1.5
    assert ledger.orphan(RUNNING, "here:1:a", blame=False) == "queued"
    assert [ledger.claim("here:2:b", "cpu").request.id for _ in range(2)] == [RUNNING, QUEUED]
    assert ledger.seq() > 11


def test_a_run_folder_of_the_first_release_is_read_and_left_as_it_is(state):
    before = (FIRST / "run" / "run.json").read_bytes()
    run = open_run(state / "runs" / DONE)
    assert "format" not in json.loads(before)
    assert run.info["format"] == RUN_FORMAT
    assert len(report(run)["targets"]) == 4
    assert (run.folder / "run.json").read_bytes() == before
    service = Service(Settings(state=state))
    assert service.store.has(DONE)
    service.ledger.close()


def test_a_run_that_names_less_than_ours_is_completed(state):
    path = state / "runs" / DONE / "run.json"
    info = json.loads(path.read_text())
    for name in ("step_bp", "offset_bp"):
        del info["network"][name]
    path.write_text(json.dumps(info))
    assert open_run(path.parent).info["network"]["offset_bp"] is None


def test_what_is_written_names_its_format(state, tmp_path):
    run = open_run(state / "runs" / DONE)
    write_run(tmp_path / "new", info={"id": "a1", "spec": {}}, ensemble=run.ensemble,
              summary=run.summary)  # fmt: skip
    assert json.loads((tmp_path / "new" / "run.json").read_text())["format"] == RUN_FORMAT


def test_a_queue_of_a_newer_version_is_refused_and_left_as_it_is(state, ledger):
    ledger.close()
    connection = sqlite3.connect(state / LEDGER)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(SettingsError, match=r"newer version of this program \(format 99"):
        ledger.entries()
    with pytest.raises(SettingsError, match="newer version"):  # before a page is opened
        Service(Settings(state=state)).prepare()
    assert version(state) == 99


@pytest.mark.parametrize(("told", "why"), [(99, "newer version"), ("x", "is none"), (0, "is none")])
def test_a_run_of_a_newer_or_no_version_is_refused(state, told, why):
    path = state / "runs" / DONE / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": told}))
    with pytest.raises(RunNotFound, match=why):
        open_run(path.parent)


def test_a_queue_that_the_first_release_opened_once_more_is_upgraded_again(state, ledger):
    ledger.entries()
    ledger.close()
    connection = sqlite3.connect(state / LEDGER)
    connection.execute("PRAGMA user_version = 1")  # as it does
    connection.close()
    assert len(ledger.entries()) == 4
    assert version(state) == len(LEDGER_STEPS)


def test_many_processes_may_upgrade_at_once(state):
    seen = []

    def look():
        one = Ledger(state / LEDGER)
        seen.append(len(one.entries()))
        one.close()

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [4] * 8
