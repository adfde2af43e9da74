"""What the screens and the command line call; no runner is started."""

import os
import time

import pytest

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.errors import DiskFull, RunNotFound, RunRefused, SettingsError
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.runs import service as module
from deepresolve_dash.runs import tidy
from deepresolve_dash.runs.models import ModelNotFound
from deepresolve_dash.runs.place import make_private
from deepresolve_dash.runs.request import make_request
from deepresolve_dash.runs.service import Service
from deepresolve_dash.runs.store import write_run
from deepresolve_dash.runs.work import show_partial, work_folder, write_log
from deepresolve_dash.settings import Settings
from tests.generated_runs import tiny_run
from tests.runs.conftest import TRIALS, small_network


@pytest.fixture
def started(monkeypatch):
    """How often a runner was asked for."""
    calls = []
    monkeypatch.setattr(module, "ensure_runner", calls.append)
    return calls


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory):
    state, source = tmp_path_factory.mktemp("models"), tmp_path_factory.mktemp("source")
    save_network(small_network(), source)
    return Service(Settings(state=state)).models.add(source, "small")


@pytest.fixture
def service(tmp_path, started, taken_in):
    made = Service(Settings(state=tmp_path / "state", free_mb=0), demos=tmp_path / "demos")
    made.models.folder = taken_in.folder.parent
    yield made
    made.ledger.close()


@pytest.fixture
def request_(taken_in):
    return make_request(taken_in, settings=ascent_settings(n_trials=TRIALS))


def finished(service, request_, results):
    folder = service.ledger.path.parent / "runs" / request_.id
    info = results.info | {"id": request_.id}
    return write_run(folder, info=info, ensemble=results.ensemble, summary=results.summary)


def test_a_submitted_run_waits_and_a_runner_is_started(service, request_, started):
    assert service.submit(request_).position == 1
    assert len(started) == 1


def test_state_is_private_from_the_start(service, request_):
    service.submit(request_)
    assert service.ledger.path.parent.stat().st_mode & 0o077 == 0


def test_a_run_whose_results_are_there_is_done_at_once(service, request_, results, started):
    finished(service, request_, results)
    assert service.submit(request_).state == "done"
    assert started == []


def test_a_done_run_whose_folder_was_removed_is_computed_again(service, request_, results):
    run = finished(service, request_, results)
    service.submit(request_)
    for path in run.folder.iterdir():
        path.unlink()
    run.folder.rmdir()
    assert service.submit(request_).state == "queued"


def test_too_little_room_and_a_missing_model_are_refused(service, request_, monkeypatch):
    monkeypatch.setattr(module, "free_bytes", lambda _: -1)
    with pytest.raises(DiskFull, match="DRD_FREE_MB"):
        service.submit(request_)
    monkeypatch.undo()
    service.models.folder = service.ledger.path.parent / "none"
    with pytest.raises(ModelNotFound):
        service.submit(request_)


def test_a_network_file_system_is_refused_before_anything_is_written(
    service, request_, monkeypatch
):
    def refuse(folder):
        raise SettingsError("on a network file system")

    monkeypatch.setattr(module, "check_place", refuse)
    with pytest.raises(SettingsError, match="network"):
        service.submit(request_)
    assert not service.ledger.path.exists()


def test_watching_revives_a_runner_only_while_there_is_work(
    service, request_, started, monkeypatch
):
    assert service.feed() == service.feed(7)
    assert started == []
    service.submit(request_)
    moment = [1e6]
    monkeypatch.setattr(module.time, "monotonic", lambda: moment[0])
    for _ in range(5):
        service.feed()
    assert len(started) == 2  # one by submitting, one by watching
    moment[0] += 3
    service.cancel(request_.id)
    service.feed()
    assert len(started) == 2
    assert (service.ledger.path.parent / "web.alive").is_file()


def test_a_deleted_run_is_gone_and_can_be_taken_back(service, request_, results):
    finished(service, request_, results)
    service.submit(request_)
    service.delete(request_.id)
    assert not service.store.has(request_.id)
    assert service.feed().entries == ()
    service.restore(request_.id)
    assert service.store.open(request_.id).id == request_.id
    assert [e.state for e in service.feed().entries] == ["done"]


def test_submitting_a_deleted_run_takes_it_back(service, request_, results):
    finished(service, request_, results)
    service.submit(request_)
    service.delete(request_.id)
    entry = service.submit(request_)
    assert (entry.state, entry.deleted) == ("done", False)
    assert service.store.has(request_.id)


def test_a_copied_run_that_the_queue_never_knew_can_be_deleted_too(service, tmp_path):
    run = tiny_run(tmp_path / "state" / "runs")
    service.delete(run.id)
    with pytest.raises(RunNotFound):
        service.store.open(run.id)
    service.restore(run.id)
    assert service.store.has(run.id)


def test_demos_stay_and_what_is_not_there_is_said(service, tmp_path):
    run = tiny_run(tmp_path / "demos")
    with pytest.raises(RunRefused, match="demo"):
        service.delete(run.id)
    for act in (service.delete, service.restore, service.cancel):
        with pytest.raises(RunNotFound):
            act("nope")
    with pytest.raises(RunNotFound):
        service.restore("../runs")


def test_a_demo_that_was_asked_for_again_stays_in_the_lists(service, request_, results, tmp_path):
    info = results.info | {"id": request_.id}
    write_run(
        tmp_path / "demos" / "d", info=info, ensemble=results.ensemble, summary=results.summary
    )
    assert service.submit(request_).state == "done"
    with pytest.raises(RunRefused, match="demo"):
        service.delete(request_.id)
    assert not service.ledger.get(request_.id).deleted


def test_results_so_far_can_be_opened_and_are_not_listed(service, request_, results):
    state = service.ledger.path.parent
    folder = work_folder(state, request_.id) / "so-far-1-1"
    so_far = results.info | {"id": request_.id, "partial": {"classes_done": 1, "classes": 2}}
    write_run(folder, info=so_far, ensemble=results.ensemble, summary=results.summary)
    show_partial(state, request_.id, folder)
    assert service.store.open(request_.id).info["partial"]["classes_done"] == 1
    assert service.store.open(request_.id).summary.sizes["target"] > 0
    assert service.store.runs() == []
    assert not service.store.has(request_.id)
    finished(service, request_, results)
    assert "partial" not in service.store.open(request_.id).info


def test_estimate_and_log(service, request_):
    assert not service.estimate(request_).measured
    service.submit(request_)
    service.ledger.note_speed("cpu", 2.0)
    assert service.estimate(request_).measured
    write_log(service.ledger.path.parent, request_.id, "hello")
    assert "hello" in service.log(request_.id)
    assert service.log("../runs.db") == ""


def test_housekeeping_keeps_what_is_young_and_needed(service, request_, results):
    state = service.ledger.path.parent
    finished(service, request_, results)
    service.submit(request_)
    old = time.time() - 40 * 86400
    for name in ("bin/aaa", "bin/bbb", "runs/.half", "work/stopped", f"work/{request_.id}"):
        (state / name).mkdir(parents=True)
    for name in ("bin/aaa", "runs/.half"):
        os.utime(state / name, (old, old))
    tidy.tidy(state, service.ledger)
    left = {str(path.relative_to(state)) for path in state.glob("*/*")}
    assert {"bin/bbb", "work/stopped", f"runs/{request_.id}"} <= left
    assert not left & {"bin/aaa", "runs/.half", f"work/{request_.id}"}
    assert (state / ".ballast").is_file()


def test_a_run_that_was_deleted_long_ago_leaves_nothing(service, request_, monkeypatch):
    state = service.ledger.path.parent
    service.submit(request_)
    service.cancel(request_.id)
    write_log(state, request_.id, "hello")
    (state / "work" / request_.id).mkdir(parents=True)
    service.ledger.clock = lambda: time.time() - 8 * 86400
    service.delete(request_.id)
    tidy.tidy(state, service.ledger)
    assert service.log(request_.id) == ""
    assert not (state / "work" / request_.id).exists()


@pytest.mark.parametrize("run_id", ["..", ".", "", "a/b", "../models"])
def test_an_id_that_is_a_path_never_moves_a_folder(service, request_, results, run_id):
    state = service.ledger.path.parent
    service.submit(request_)
    info = results.info | {"id": run_id}
    write_run(
        state / "runs" / "copied", info=info, ensemble=results.ensemble, summary=results.summary
    )
    assert [one.folder.name for one in service.store.look()[1]] == ["copied"]
    with pytest.raises(RunNotFound):
        service.delete(run_id)
    assert service.ledger.path.is_file()
    assert (state / "runs" / "copied").is_dir()


def test_a_damaged_run_can_be_deleted_and_is_computed_again(service, request_, results):
    run = finished(service, request_, results)
    service.submit(request_)
    (run.folder / "ensemble.nc").unlink()
    service.delete(request_.id)
    assert not run.folder.exists()
    assert service.submit(request_).state == "queued"


def test_all_state_is_private_whatever_is_made_first(service):
    state = service.ledger.path.parent
    service.prepare()
    assert state.stat().st_mode & 0o077 == 0
    make_private(state / "deep" / "deeper")
    assert (state / "deep").stat().st_mode & 0o077 == 0


def test_housekeeping_copes_with_what_vanishes_meanwhile(service, request_, monkeypatch):
    state = service.ledger.path.parent
    service.submit(request_)
    for folder in ("bin", "runs", "work"):
        (state / folder).mkdir(exist_ok=True)
        (state / folder / ".gone").symlink_to("nowhere")  # its stat fails as if it had gone
    tidy.tidy(state, service.ledger)
