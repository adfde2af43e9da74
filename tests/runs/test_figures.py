"""Figures of the queue for a monitor."""

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.runs import figures as module
from deepresolve_dash.runs.figures import figures, gpu_memory
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.request import RunRequest
from deepresolve_dash.runs.spec import RunSpec


def request(seed):
    spec = RunSpec("net", "pool1", (0, 1), "default", ascent_settings(seed=seed))
    return RunRequest("a run", "model", spec)


def test_a_folder_without_runs_has_none(tmp_path):
    now = figures(tmp_path)
    assert set(now.runs.values()) == {0}
    assert (now.computed, now.longest_wait_s, now.runner_lives) == (0, 0, False)
    assert now.free_bytes > 0


def test_runs_are_counted_by_state_and_their_seconds_added_up(tmp_path):
    ledger = Ledger(tmp_path / LEDGER)
    first, second, *_ = [ledger.submit(request(seed), "ann") for seed in range(4)]
    ledger.cancel(first.id, "ann")
    with ledger.write() as connection:
        done = "UPDATE runs SET state = 'done', started = 10, ended = 40 WHERE id = ?"
        connection.execute(done, (second.id,))
        connection.execute("UPDATE runs SET queued = queued - 60 WHERE state = 'queued'")
    now = figures(tmp_path)
    ledger.close()
    assert now.runs == {"queued": 2, "running": 0, "done": 1, "failed": 0, "cancelled": 1}
    assert (now.computed, now.computed_s) == (1, 30)
    assert 60 <= now.longest_wait_s < 90


def test_memory_of_gpus_is_read_from_the_tool_of_the_driver(tmp_path, monkeypatch):
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'GPU-a, 512, 8192'\necho 'GPU-b, [N/A], [N/A]'\n")
    tool.chmod(0o755)
    monkeypatch.setattr(module.shutil, "which", lambda _: str(tool))
    assert gpu_memory() == {"GPU-a": (512 << 20, 8192 << 20)}
    tool.write_text("#!/bin/sh\nexit 9\n")
    assert gpu_memory() == {}
