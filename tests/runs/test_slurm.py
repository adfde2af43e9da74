"""Jobs of SLURM, with stand-ins for its commands: asked for, counted, cancelled, killed."""

import os
import time
from unittest.mock import patch

import pytest

from bench import slurm_stand_in
from bench.damage import faults
from bench.kill_elsewhere import measure
from deepresolve_dash.errors import RunRefused, SettingsError
from deepresolve_dash.runs.remote.slurm import Slurm
from deepresolve_dash.runs.remote.tickets import Jobs

KILLS = 10


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    tools = slurm_stand_in.install(tmp_path / "cluster")
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    return tmp_path / "cluster"


@pytest.fixture
def slurm(cluster, tmp_path):
    return Slurm("http://127.0.0.1:1", "secret", "--time=2:00", tmp_path)


def until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_job_waits_runs_and_is_cancelled(slurm, cluster, monkeypatch):
    worker = cluster / "worker"
    worker.write_text(
        f"#!/bin/sh\nenv > {cluster}/half && mv {cluster}/half {cluster}/told\nexec sleep 60\n"
    )
    worker.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(worker))
    monkeypatch.setenv("DRD_TOKEN", "of-the-dashboard")
    monkeypatch.setenv("DRD_BROKER", "redis://:of-the-broker@127.0.0.1:1/0")
    assert slurm.jobs() == Jobs(0, 0)
    slurm.send("a-ticket")
    (job,) = slurm_stand_in.jobs(cluster)
    assert "--ticket a-ticket --until-empty" in job["script"]
    assert "secret" not in job["script"]
    assert (job["limit"], job["before"]) == (120.0, 60)
    until(lambda: slurm.jobs() == Jobs(0, 1))
    told = cluster / "told"
    until(lambda: told.exists() and "DRD_WORKER_TOKEN=secret" in told.read_text())
    assert "of-the-" not in told.read_text()
    slurm.stop()
    until(lambda: slurm.jobs() == Jobs(0, 0))


def test_what_slurm_refuses_is_told_in_its_words(cluster, tmp_path):
    slurm = Slurm("http://127.0.0.1:1", "secret", "--partition=gold", tmp_path)
    with pytest.raises(RunRefused, match="sbatch refused: .*invalid partition"):
        slurm.send("a-ticket")


def test_words_that_cannot_be_read_are_refused(cluster, tmp_path):
    with pytest.raises(SettingsError, match="DRD_SBATCH"):
        Slurm("http://127.0.0.1:1", "secret", "--comment='open", tmp_path)


@pytest.mark.parametrize(
    ("text", "seconds"), [("5", 300), ("0:40", 40), ("1:00:00", 3600), ("1-00:00:00", 86400)]
)
def test_wall_times(text, seconds):
    assert slurm_stand_in.seconds(text) == seconds


def test_nothing_is_lost_or_done_twice_whatever_is_killed(tmp_path):
    with patch.dict(os.environ):  # put back afterwards
        seen = measure(tmp_path / "state", "slurm", kills=KILLS, runs=2, seed=0)
    assert faults(seen) == []
    assert sum(seen["kills"].values()) >= KILLS
