"""Twenty times kill -9 over web, runner and worker while they compute."""

import os
from unittest.mock import patch

from bench.damage import faults, overlaps
from bench.kill import measure

KILLS = 20
_TIMES = "2026-01-01 10:00:00.000 attempt"
_PART = "2026-01-01 10:00:00.000 part 3 attempt"


def test_nothing_is_lost_or_done_twice_whatever_is_killed(tmp_path):
    with patch.dict(os.environ):  # put back afterwards
        seen = measure(tmp_path, kills=KILLS, runs=4, seed=0, users=2, workers=2)
    wrong = [fault for fault in faults(seen) if "no part" not in fault]  # that is chance
    assert wrong == []
    assert sum(seen["kills"].values()) == KILLS
    assert seen["attempts"] > seen["runs"]
    assert seen["answers"] > 0


def test_the_detector_sees_an_overlap_and_work_done_twice():
    good = f"{_TIMES} 1: begins, by a\n{_TIMES} 1: unit x is on disk\n{_TIMES} 2: begins, by b\n"
    assert overlaps(good + f"{_TIMES} 2: unit y is on disk\n{_TIMES} 2: ends, done\n") == []
    assert overlaps(good + f"{_TIMES} 1: unit y is on disk\n")
    assert overlaps(good + f"{_TIMES} 2: unit x is on disk\n")
    assert overlaps(good + f"{_TIMES} 2: begins, by c\n")
    helped = good + f"{_PART} 1: begins, by c\n{_PART} 1: unit z is on disk\n"
    assert overlaps(helped + f"{_TIMES} 2: unit y is on disk\n") == []
    assert overlaps(helped + f"{_TIMES} 2: unit z is on disk\n")
    assert overlaps(helped + f"{_PART} 1: begins, by d\n")


def test_faults_are_named():
    seen = {
        "runs": 2,
        "states": {"done": 1, "failed": 1},
        "messages": ["Its worker was ended 3 times at the same place."],
        "done_after_a_kill": 1,
        "database": "ok",
        "workers": 1,
        "parts_by_helpers": 0,
        **dict.fromkeys(("overlaps", "differing", "left_over", "outlived_their_runner"), []),
    }
    assert faults(seen) == []
    assert "reason" in faults(seen | {"messages": []})[0]
    assert "did not end" in faults(seen | {"states": {"done": 1, "queued": 1}, "messages": []})[0]
    assert "another reason" in faults(seen | {"messages": ["not foreseen"]})[0]
    assert "killed and then done" in faults(seen | {"done_after_a_kill": 0})[0]
    assert "no part" in faults(seen | {"workers": 2})[0]
    assert "left_over" in faults(seen | {"left_over": ["worker"]})[0]
