from dataclasses import replace

import pytest

from deepresolve_dash.runs.entry import Entry
from deepresolve_dash.views.queue import line

ENTRY = Entry(
    id="ab", name="Tiny", model="m", state="queued", users=("anonymous",),
    request={"spec": {"layer": "pool1", "preset": "default", "classes": [3, 4]}},
    created=1.0, started=None, ended=None, attempt=0, done=0, total=100, phase="waiting",
    seconds_left=None, finished_classes=0, n_classes=31, position=2, message="",
    cancelling=False, deleted=False, seq=7,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "says", "share", "left"),
    [
        ({}, "waiting, number 2", None, ""),
        ({"message": "goes on from its checkpoint"}, "goes on from its checkpoint", None, ""),
        ({"state": "running", "phase": "loading", "total": 0}, "loading", None, ""),
        (
            {"state": "running", "phase": "ascent", "done": 40, "seconds_left": 90.0,
             "finished_classes": 12},
            "ascent", 0.4, "2 min left, 12 of 31 classes",
        ),
        (
            {"state": "running", "phase": "ascent", "done": 40, "cancelling": True,
             "seconds_left": 3.0},
            "stopping", 0.4, "",
        ),
        ({"state": "done", "started": 5.0, "ended": 17.0}, "done in 12 s", 1.0, ""),
        ({"state": "failed", "message": "the disk is full"}, "failed: the disk is full", 0.0, ""),
        ({"state": "failed"}, "failed: the log says why", 0.0, ""),
        ({"state": "cancelled", "done": 30}, "cancelled", 0.3, ""),
    ],
)  # fmt: skip
def test_a_run_is_told_in_words_and_as_a_share(changes, says, share, left):
    told = line(replace(ENTRY, **changes), {"m": "Net"})
    assert (told["says"], told["share"], told["left"]) == (says, share, left)


def test_a_run_names_its_model_and_where_it_opens():
    told = line(ENTRY, {"m": "Net"})
    assert (told["modelName"], told["hasModel"], told["href"]) == ("Net", True, "/runs/ab/class/3")
    assert line(ENTRY, {})["modelName"] == "a deleted model"


def test_a_part_that_did_more_than_was_thought_is_not_above_all():
    assert line(replace(ENTRY, state="running", done=130), {})["share"] == 1.0
