"""Workers of tickets, Celery's workers, broker and coordinator are killed; nothing is lost."""

import os
import shutil

import pytest

from bench.kill import faults
from bench.kill_elsewhere import measure

pytest.importorskip("celery", reason="Celery is not installed: make .venv/test.ready")
pytestmark = pytest.mark.skipif(
    shutil.which("redis-server") is None, reason="there is no redis-server: make redis"
)
KILLS = 10


def test_nothing_is_lost_or_done_twice_whatever_is_killed(tmp_path, monkeypatch):
    for name in (
        "DRD_STATE", "DRD_GPUS", "DRD_CPU_WORKERS", "OMP_NUM_THREADS", "DRD_ENGINE", "DRD_BROKER",
        "DRD_COORDINATOR", "DRD_COORDINATOR_URL", "DRD_ENGINE_WORKERS", "DRD_LEASE_S",
    ):  # fmt: skip
        monkeypatch.setenv(name, os.environ.get(name, "1"))  # put back afterwards
    seen = measure(tmp_path / "state", "celery", kills=KILLS, runs=2, seed=0)
    assert faults(seen) == []
    assert sum(seen["kills"].values()) == KILLS
