"""Folders of workers elsewhere: each has its own, and what killed ones leave does not pile up."""

import os
import time

import pytest

from deepresolve_dash.runs.locks import FileLock
from deepresolve_dash.runs.remote.scratch import make_scratch


def age(folder, seconds=3600):
    then = time.time() - seconds
    os.utime(folder, (then, then))


@pytest.fixture
def dead(tmp_path):
    """The folder of a worker that was killed: files in it, and a lock that nobody holds."""
    folder = make_scratch(tmp_path, "here:1:a")
    (folder / "worker.lock").unlink()  # this process holds it until its end
    (folder / "worker.lock").write_text("here:1:a")
    (folder / "work").mkdir()
    (folder / "work" / "unit.npz").write_bytes(b"x")
    age(folder)
    return folder


def test_what_a_killed_worker_left_is_removed_by_the_next(tmp_path, dead):
    made = make_scratch(tmp_path, "here:2:b")
    assert [made] == list(tmp_path.iterdir())


def test_folders_of_workers_that_live_stay(tmp_path):
    first = make_scratch(tmp_path, "here:1:a")
    age(first)
    second = make_scratch(tmp_path, "here:2:b")
    assert {first, second} == set(tmp_path.iterdir())


def test_young_folders_those_of_other_hosts_and_files_of_others_stay(tmp_path, dead, monkeypatch):
    age(dead, 5)
    (tmp_path / "deepresolve-0").mkdir()
    make_scratch(tmp_path, "here:2:b")
    age(dead)
    with monkeypatch.context() as patch:
        patch.setattr("socket.gethostname", lambda: "elsewhere")
        make_scratch(tmp_path, "elsewhere:2:b")
    with monkeypatch.context() as patch:
        patch.setattr("os.getuid", lambda: 12345)
        make_scratch(tmp_path, "here:3:c")
    assert dead.exists()
    assert (tmp_path / "deepresolve-0").exists()
    FileLock(dead / "worker.lock").take("here:4:d")
    make_scratch(tmp_path, "here:5:e")
    assert dead.exists()
