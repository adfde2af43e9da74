import json
import os
import threading
import time
from pathlib import Path

import pytest
import xarray as xr

from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.runs.formats import RUN_FORMAT
from deepresolve_dash.runs.store import RunStore, open_run, write_run
from deepresolve_dash.runs.strict_json import to_json


def age(folder: Path):
    """Let what came into a folder be a minute ago."""
    then = time.time() - 60
    os.utime(folder, (then, then))


def write(results, folder: Path, **changes):
    info = results.info | changes
    return write_run(folder, info=info, ensemble=results.ensemble, summary=results.summary)


def test_what_is_written_is_what_is_read(results, tmp_path):
    write(results, tmp_path / "a")
    run = RunStore([tmp_path]).open(results.info["id"])
    assert run.summary.identical(results.summary)
    assert run.ensemble.identical(results.ensemble)
    assert run.info == {"format": RUN_FORMAT} | json.loads(to_json(results.info))


def test_plain_xarray_opens_a_run(results, tmp_path):
    write(results, tmp_path / "a")
    with xr.open_dataset(tmp_path / "a" / "summary.nc") as dataset:
        assert dataset.guarded.dtype == bool
        assert json.loads(dataset.attrs["spec"])["layer"] == "pool1"


def test_nothing_half_written_is_left_when_writing_fails(results, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("deepresolve_dash.runs.store.os.replace", full)
    with pytest.raises(OSError, match="No space left"):
        write(results, tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_runs_are_listed_newest_first_and_broken_ones_apart(results, tmp_path):
    write(results, tmp_path / "old", id="old", timing={"started": "2026-01-01"})
    write(results, tmp_path / "new", id="new", timing={"started": "2026-02-01"})
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "run.json").write_text("{}")
    (tmp_path / "odd").mkdir()
    for name in ("run.json", "ensemble.nc", "summary.nc"):
        (tmp_path / "odd" / name).write_text("[]")
    store = RunStore([tmp_path, tmp_path / "nowhere"])
    assert [run.id for run in store.runs()] == ["new", "old"]
    broken = {run.folder.name: run.reason for run in store.look()[1]}
    assert set(broken) == {"half", "odd"}
    assert "ensemble.nc, summary.nc is missing" in broken["half"]


def test_a_damaged_dataset_is_said_in_words(results, tmp_path):
    run = write(results, tmp_path / "a")
    (tmp_path / "a" / "summary.nc").write_bytes(b"\x89HDF broken")
    with pytest.raises(RunNotFound, match="cannot be read"):
        _ = open_run(run.folder).summary


def test_an_unknown_run_is_said_in_words(tmp_path):
    with pytest.raises(RunNotFound, match="no run 'x' here"):
        RunStore([tmp_path]).open("x")
    with pytest.raises(RunNotFound, match=r"run.json, ensemble.nc, summary.nc is missing"):
        open_run(tmp_path)


def test_a_run_stays_in_memory_until_its_folder_changes(results, tmp_path):
    write(results, tmp_path / "a")
    store, run_id = RunStore([tmp_path]), results.info["id"]
    first = store.open(run_id)
    assert store.open(run_id) is first
    (tmp_path / "a" / "summary.nc").touch()
    assert store.open(run_id) is not first


def test_a_run_is_found_in_a_folder_of_another_name_whenever_it_comes(results, tmp_path):
    store = RunStore([tmp_path])
    write(results, tmp_path / "first", id="one")
    assert store.open("one").id == "one"
    assert not store.has("two")
    write(results, tmp_path / "second", id="two")
    assert store.has("two")
    age(tmp_path)
    assert not store.has("three")
    (tmp_path / "third").mkdir()
    age(tmp_path)
    assert not store.has("three")
    source = write(results, tmp_path.parent / "elsewhere", id="three").folder
    for name in ("run.json", "ensemble.nc", "summary.nc"):  # as a copy fills a folder
        (tmp_path / "third" / name).write_bytes((source / name).read_bytes())
    assert store.open("three").folder.name == "third"


def test_folders_that_stay_are_not_gone_through_for_an_unknown_run(results, tmp_path, monkeypatch):
    for one in ("a", "b", "c"):
        write(results, tmp_path / one, id=one)
    age(tmp_path)
    store = RunStore([tmp_path])
    assert not store.has("x")
    monkeypatch.setattr("deepresolve_dash.runs.store.open_run", None)
    monkeypatch.setattr("deepresolve_dash.runs.store.os.listdir", None)
    assert not store.has("y")


def test_every_folder_is_read_once_by_threads_that_come_together(results, tmp_path, monkeypatch):
    for one in ("a", "b", "c"):
        write(results, tmp_path / one, id=one)
    read = []

    def slow(folder):
        read.append(folder)
        time.sleep(0.01)
        return open_run(folder)

    monkeypatch.setattr("deepresolve_dash.runs.store.open_run", slow)
    store = RunStore([tmp_path])
    threads = [threading.Thread(target=store.runs) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read) == 3


def test_runs_stay_in_memory_while_there_is_room(results, tmp_path):
    ids = ["a", "b", "c"]
    for one in ids:
        write(results, tmp_path / one, id=one)
    opened = [RunStore([tmp_path]).open("a") for _ in range(2)]
    assert opened[0] is not opened[1]
    roomy, narrow = RunStore([tmp_path]), RunStore([tmp_path], keep_bytes=1)
    for store, stays in ((roomy, True), (narrow, False)):
        first = store.open("a")
        assert store.open("a") is first
        for one in ids[1:]:
            store.open(one)
        assert (store.open("a") is first) == stays
