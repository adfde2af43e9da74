"""Workers of tickets, Celery's workers, broker and coordinator are killed; nothing is lost."""

import os
import shutil
from unittest.mock import patch

import pytest

from bench.damage import faults
from bench.kill_elsewhere import measure

pytest.importorskip("celery", reason="Celery is not installed: make .venv/test.ready")
pytestmark = pytest.mark.skipif(
    shutil.which("redis-server") is None, reason="there is no redis-server: make redis"
)
KILLS = 10


def test_nothing_is_lost_or_done_twice_whatever_is_killed(tmp_path):
    with patch.dict(os.environ):  # put back afterwards
        seen = measure(tmp_path / "state", "celery", kills=KILLS, runs=2, seed=0)
    assert faults(seen) == []
    assert sum(seen["kills"].values()) >= KILLS
