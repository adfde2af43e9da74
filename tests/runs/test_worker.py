"""What a worker does with one run, in this process."""

import time

import pytest
import torch

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.errors import DiskFull, LostLease, SettingsError
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.runs import compute, worker
from deepresolve_dash.runs.execute import execute
from deepresolve_dash.runs.gpu_failure import is_gpu_failure
from deepresolve_dash.runs.leases import MOST_DEATHS
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.models import ModelStore
from deepresolve_dash.runs.request import make_request
from deepresolve_dash.runs.slots import CPU, Slot
from deepresolve_dash.runs.staff import how_it_died
from deepresolve_dash.runs.store import RunStore
from deepresolve_dash.runs.watch import Watch
from deepresolve_dash.runs.work import PARTIAL, forget_work, read_log, work_folder
from deepresolve_dash.runs.worker import STUCK, in_words, load_torch, perform, work
from deepresolve_dash.settings import Settings
from tests.runs.conftest import TRIALS, small_job, small_network

PHASES = ("loading", "background", "ascent", "summary", "writing")


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def model(state, tmp_path_factory):
    source = tmp_path_factory.mktemp("source")
    save_network(small_network(), source)
    return ModelStore(state / "models").add(source, "small")


@pytest.fixture
def ledger(state):
    made = Ledger(state / LEDGER)
    yield made
    made.close()


def claim(ledger, model, **options):
    settings = ascent_settings(n_trials=TRIALS, seed=options.pop("seed", 0))
    ledger.submit(make_request(model, settings=settings, device="cpu", **options))
    return ledger.claim("here:1:x", "cpu")


def never():
    raise AssertionError("it was given up")


def test_a_run_ends_as_a_folder_and_leaves_nothing_else(state, ledger, model, results):
    taken = claim(ledger, model, keep_fim=True, name="Title")
    perform(taken, ledger, state, never)
    entry = ledger.get(taken.request.id)
    assert (entry.state, entry.done, entry.finished_classes) == ("done", entry.total, 2)
    run = RunStore([state / "runs"]).open(entry.id)
    assert run.ensemble.equals(results.ensemble)
    assert (run.info["name"], run.info["network"]["name"]) == ("Title", "small")
    assert run.id == small_job(keep_fim=True).spec.id
    assert not work_folder(state, entry.id).exists()
    log = read_log(state, entry.id)
    assert "attempt 1: begins" in log
    assert log.rstrip().endswith("attempt 1: ends, done")
    assert ledger.speed("cpu") > 0


def test_a_run_whose_folder_is_there_is_not_computed_again(state, ledger, model, monkeypatch):
    taken = claim(ledger, model, seed=1)
    perform(taken, ledger, state, never)
    ledger.submit(taken.request, results=False)
    monkeypatch.setattr(compute, "execute", None)
    again = ledger.claim("here:1:x", "cpu")
    perform(again, ledger, state, never)
    assert ledger.get(taken.request.id).state == "done"


def test_a_damaged_folder_makes_way_for_the_run_that_is_computed_again(state, ledger, model):
    taken = claim(ledger, model, seed=2)
    perform(taken, ledger, state, never)
    (state / "runs" / taken.request.id / "ensemble.nc").unlink()
    ledger.submit(taken.request, results=False)
    perform(ledger.claim("here:1:x", "cpu"), ledger, state, never)
    assert ledger.get(taken.request.id).state == "done"
    assert RunStore([state / "runs"]).has(taken.request.id)
    assert (state / "bin" / taken.request.id / "summary.nc").is_file()


def test_a_disk_that_is_too_full_to_take_a_run_does_not_end_the_worker(
    state, monkeypatch, tmp_path
):
    monkeypatch.setattr(worker, "load_torch", lambda *_: True)
    monkeypatch.setattr(worker.os, "nice", lambda _: None)

    def full(*_):
        raise DiskFull("x")

    monkeypatch.setattr(Ledger, "claim", full)
    rounds = iter([True, True, False])
    code = work(
        Settings(state=tmp_path),
        CPU,
        goes_on=lambda: next(rounds),
        give_up=never,
    )
    assert code == 0


@pytest.mark.parametrize("phase", PHASES)
def test_a_cancelled_run_stops_within_two_seconds_in_every_phase(
    state, ledger, model, monkeypatch, phase
):
    taken = claim(ledger, model, seed=10 + PHASES.index(phase))
    said, cancelled_at = Watch.phase, []

    def cancel_there(self, name):
        if name == phase and not cancelled_at:
            ledger.cancel(taken.request.id)
            cancelled_at.append(time.monotonic())
        while cancelled_at and time.monotonic() < cancelled_at[0] + 10:
            said(self, name)
            time.sleep(0.01)
        said(self, name)

    monkeypatch.setattr(Watch, "phase", cancel_there)
    perform(taken, ledger, state, never)
    assert ledger.get(taken.request.id).state == "cancelled"
    assert time.monotonic() - cancelled_at[0] < 2
    assert not RunStore([state / "runs"]).has(taken.request.id)


def test_a_stopped_run_goes_on_from_its_units(state, ledger, model, monkeypatch):
    taken = claim(ledger, model, seed=30)

    def lose(*_, **__):
        raise LostLease("x")

    monkeypatch.setattr(compute, "_publish", lose)
    perform(taken, ledger, state, never)
    assert ledger.get(taken.request.id).state == "running"
    monkeypatch.undo()
    ledger.orphan(taken.request.id, taken.owner, blame=True)
    again = ledger.claim("here:2:y", "cpu")
    perform(again, ledger, state, never)
    log = read_log(state, taken.request.id)
    n_units = log.count("is on disk")
    assert f"attempt 2: {n_units} units of work found" in log
    assert n_units > 3
    run = RunStore([state / "runs"]).open(taken.request.id)
    settings = ascent_settings(n_trials=TRIALS, seed=30)
    whole = execute(small_job(settings=settings), device="cpu")
    assert run.ensemble.equals(whole.ensemble)
    assert run.summary.equals(whole.summary)


def test_classes_that_are_done_can_be_opened_meanwhile(state, ledger, model, monkeypatch):
    monkeypatch.setattr(compute, "_PARTIAL_S", 0)
    monkeypatch.setattr(compute, "_PARTIAL_SHARE", 0)
    monkeypatch.setattr("deepresolve_dash.core.ascent.ascend.classes_at_once", lambda *_: (1, 1))
    seen, said = [], Watch.classes
    store = RunStore([state / "runs"], partial=state / PARTIAL)
    taken = claim(ledger, model, seed=40, keep_fim=True)

    def look(self, n):
        run = store.open(taken.request.id)
        seen.append(
            (n, run.info["partial"], run.summary.target.values.tolist(), "fim" in run.ensemble)
        )
        said(self, n)

    monkeypatch.setattr(Watch, "classes", look)
    perform(taken, ledger, state, never)
    assert seen == [(1, {"classes_done": 1, "classes": 2}, [0], False)]
    assert "partial" not in store.open(taken.request.id).info
    assert not (state / PARTIAL / taken.request.id).is_symlink()


def test_what_is_missing_is_said_in_words(state, ledger, model):
    taken = claim(ledger, model, seed=50)
    ModelStore(state / "models").delete(model.id)
    perform(taken, ledger, state, never)
    ModelStore(state / "models").restore(model.id)
    entry = ledger.get(taken.request.id)
    assert entry.state == "failed"
    assert "no model" in entry.message
    forget_work(state, entry.id)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (MemoryError(), "memory of this machine is too small"),
        (RuntimeError("CUDA out of memory. Tried"), "memory of this machine is too small"),
        (PermissionError(13, "Permission denied", "x"), "Permission denied: x."),
        (ZeroDivisionError("x"), "not foreseen (ZeroDivisionError)"),
        (LostLease("Another worker has this run."), "Another worker has this run."),
    ],
)
def test_an_error_is_told_without_a_traceback(error, says):
    assert says in in_words(error)


def test_an_unforeseen_error_fails_the_run_and_its_traceback_is_in_the_log(
    state, ledger, model, monkeypatch
):
    taken = claim(ledger, model, seed=60)

    def break_down(*_, **__):
        raise ZeroDivisionError("surprise")

    monkeypatch.setattr(compute, "execute", break_down)
    perform(taken, ledger, state, never)
    entry = ledger.get(taken.request.id)
    assert "ZeroDivisionError" in entry.message
    assert "surprise" not in entry.message
    assert "surprise" in read_log(state, entry.id)


XID = (
    "CUDA error: an illegal memory access was encountered\n"
    "CUDA kernel errors might be asynchronously reported at some other API call.\n"
    "Compile with `TORCH_USE_CUDA_DSA` to enable device-side assertions.\n"
)
BUSY = XID.replace("an illegal memory access was encountered", "CUDA-capable device(s) is/are busy")


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        (XID, True),
        ("CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasSgemm`", True),
        ("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED", True),
        ("CUDA unknown error - this may be due to an incorrectly set up environment", True),
        ("Unexpected error from cudaGetDeviceCount(). Error 803: system has unsupported", True),
        ("The NVIDIA driver on your system is too old", True),
        ("CUDA error: out of memory", False),
        ("CUDA out of memory. Tried to allocate 2 GiB", False),
        ("shapes do not fit", False),
    ],
)
def test_a_gpu_that_failed_is_told_from_other_trouble(text, failed):
    assert is_gpu_failure(RuntimeError(text)) is failed
    assert is_gpu_failure(torch.AcceleratorError(text)) is failed
    assert not is_gpu_failure(ValueError(text))


def test_a_gpu_that_fails_ends_the_worker_and_the_run_goes_on_in_another(
    state, ledger, model, monkeypatch
):
    taken, ended = claim(ledger, model, seed=61), []

    def fail(*_, **__):
        raise torch.AcceleratorError(XID)

    with monkeypatch.context() as patch:
        patch.setattr(compute, "execute", fail)
        perform(taken, ledger, state, lambda: ended.append(taken))
    assert ended == [taken]
    assert ledger.get(taken.request.id).state == "running"  # until the runner buries the worker
    log = read_log(state, taken.request.id)
    assert "The GPU or its driver failed." in log
    assert "illegal memory access" in log
    assert ledger.orphan(taken.request.id, taken.owner, blame=True) == "queued"
    perform(ledger.claim("here:2:x", "cpu"), ledger, state, never)
    assert ledger.get(taken.request.id).state == "done"


def test_a_run_that_fails_every_gpu_has_failed_itself(state, ledger, model, monkeypatch):
    taken = claim(ledger, model, seed=62)
    failing = taken.request.id

    def fail(*_, **__):
        raise torch.AcceleratorError(XID)

    monkeypatch.setattr(compute, "execute", fail)
    for _ in range(MOST_DEATHS):
        perform(taken, ledger, state, lambda: None)
        ledger.orphan(failing, taken.owner, blame=True, reason=f" ({how_it_died(STUCK)})")
        taken = ledger.claim("here:1:x", "cpu")
    assert taken is None
    entry = ledger.get(failing)
    assert entry.state == "failed"
    assert "its GPU failed" in entry.message


@pytest.fixture
def gpu(monkeypatch):
    """A place that is a GPU, as far as torch says."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    return Slot("gpu-0", "0")


def test_a_gpu_that_is_busy_is_named_in_the_last_line_of_the_log(gpu, monkeypatch):
    def busy():
        raise torch.AcceleratorError(BUSY)

    monkeypatch.setattr(compute, "warm_up", busy)
    with pytest.raises(SettingsError, match="cannot be used: CUDA error: .*busy") as raised:
        load_torch(gpu)
    assert "\n" not in str(raised.value)


def test_a_gpu_that_torch_does_not_see_is_none(gpu, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)  # as with another driver
    assert load_torch(gpu) is False
