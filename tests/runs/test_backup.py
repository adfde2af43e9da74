"""A backup that is made while a run is under way, and taken back elsewhere."""

import json
import os
import shutil
import threading

import pytest

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.errors import DiskFull, SettingsError
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.runs import backup as module
from deepresolve_dash.runs.backup import MANIFEST, BackupRefused, back_up, take_back
from deepresolve_dash.runs.leases import Progress
from deepresolve_dash.runs.request import make_request
from deepresolve_dash.runs.service import Service
from deepresolve_dash.runs.stories import StoryStore
from deepresolve_dash.settings import Settings
from tests.networks.stacks import one_convolution
from tests.runs.test_formats import FIRST

DONE = "f5974bc08ef99dc2"


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setattr("deepresolve_dash.runs.service.ensure_runner", lambda _: None)
    folder = tmp_path / "state"
    service = Service(Settings(state=folder, free_mb=0))
    save_network(one_convolution(), tmp_path / "source")
    model = service.models.add(tmp_path / "source", "mine")
    (folder / "runs").mkdir()
    shutil.copytree(FIRST / "run", folder / "runs" / DONE)
    for seed in (0, 1, 2):
        service.submit(make_request(model, settings=ascent_settings(seed=seed)), "ann")
    claim = service.ledger.claim("here:1:a", "cpu")
    service.ledger.tick(claim, Progress("ascent", 5, 100, 3))
    for name in ("work/x/unit.npz", "derived/blob", "uploads/half", "labels/a.tsv", "runs/.half/x"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text")
    for name in ("slot-cpu.lock", "web.alive", ".ballast"):
        (folder / name).touch()
    StoryStore(folder / "stories").create("A story")
    yield folder
    service.ledger.close()


def test_a_backup_holds_what_cannot_be_made_again_and_comes_back(state, tmp_path):
    made = back_up(state, tmp_path / "copy")
    assert (made.runs, made.models) == (1, 1)
    found = {path.name for path in (tmp_path / "copy").iterdir()}
    assert found == {"runs.db", "runs", "models", "labels", "stories", MANIFEST}
    assert not (tmp_path / "copy" / "runs" / ".half").exists()
    assert (tmp_path / "copy").stat().st_mode & 0o077 == 0
    assert take_back(tmp_path / "copy", tmp_path / "new").made == made.made
    service = Service(Settings(state=tmp_path / "new", free_mb=0))
    states = sorted(entry.state for entry in service.ledger.entries())
    assert states == ["queued"] * 3
    first = next(one for one in service.ledger.entries() if one.attempt == 1)
    assert (first.position, first.done, first.users) == (1, 0, ("ann",))
    assert service.store.has(DONE)
    assert len(StoryStore(tmp_path / "new" / "stories").stories()) == 1
    assert service.models.open(first.model).name == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "new", "source", "state"]
    service.ledger.close()


def test_the_queue_in_a_backup_is_that_of_one_moment(state, tmp_path):
    many = Settings(state=state, free_mb=0, user_queued=0)
    service, over = Service(many), threading.Event()
    model = service.models.models()[0]

    def write():
        seed = 100
        while not over.is_set():
            seed += 1
            request = make_request(model, settings=ascent_settings(seed=seed))
            service.ledger.submit(request, "bob")
        service.ledger.close()

    writer = threading.Thread(target=write)
    writer.start()
    for i in range(3):
        back_up(state, tmp_path / f"copy-{i}")
        take_back(tmp_path / f"copy-{i}", tmp_path / f"new-{i}")
        copied = Service(Settings(state=tmp_path / f"new-{i}"))
        assert copied.ledger.connection().execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert all(entry.users for entry in copied.ledger.entries())
        copied.ledger.close()
    over.set()
    writer.join()
    service.ledger.close()


def test_what_a_backup_would_overwrite_is_refused(state, tmp_path):
    back_up(state, tmp_path / "copy")
    with pytest.raises(BackupRefused, match="is in use"):
        take_back(tmp_path / "copy", state)
    with pytest.raises(BackupRefused, match="not empty"):
        back_up(state, tmp_path / "copy")
    with pytest.raises(BackupRefused, match="cannot lie in the state"):
        back_up(state, state / "copy")
    with pytest.raises(BackupRefused, match="nothing in the state"):
        back_up(tmp_path / "none", tmp_path / "other")


def test_what_is_no_backup_or_a_newer_one_is_refused(state, tmp_path):
    with pytest.raises(BackupRefused, match="is no backup"):
        take_back(state, tmp_path / "new")
    back_up(state, tmp_path / "copy")
    path = tmp_path / "copy" / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 9}))
    with pytest.raises(BackupRefused, match="newer version"):
        take_back(tmp_path / "copy", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_too_little_room_is_said_and_nothing_half_made_is_left(state, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "free_bytes", lambda _: 10)
    with pytest.raises(DiskFull, match="The copy needs"):
        back_up(state, tmp_path / "copy")
    monkeypatch.undo()
    monkeypatch.setattr(module, "_describe", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        back_up(state, tmp_path / "copy")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source", "state"]


def test_a_run_that_goes_to_the_bin_while_it_is_copied_is_in_the_bin(state, tmp_path, monkeypatch):
    copied = module._copy_file

    def copy_and_delete(path, target):
        copied(path, target)
        if path.parent.name == DONE and (state / "runs" / DONE).is_dir():
            (state / "bin").mkdir()
            os.replace(state / "runs" / DONE, state / "bin" / DONE)

    monkeypatch.setattr(module, "_copy_file", copy_and_delete)
    back_up(state, tmp_path / "copy")
    assert not (tmp_path / "copy" / "runs" / DONE / "run.json").exists()
    assert len(list((tmp_path / "copy" / "bin" / DONE).iterdir())) == 3


def test_a_network_file_system_is_refused(state, tmp_path, monkeypatch):
    back_up(state, tmp_path / "copy")
    monkeypatch.setattr("deepresolve_dash.runs.place.file_system", lambda *_: "nfs")
    with pytest.raises(SettingsError, match="network file system"):
        take_back(tmp_path / "copy", tmp_path / "new")
