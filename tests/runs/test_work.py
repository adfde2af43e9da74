import errno
import os
import time

import numpy as np
import pytest

from deepresolve_dash.errors import DiskFull, RunCancelled
from deepresolve_dash.runs import work
from deepresolve_dash.runs.execute import execute
from deepresolve_dash.runs.work import (
    WorkUnits,
    forget_work,
    full_disk_said,
    read_log,
    show_partial,
    work_folder,
    write_log,
)
from tests.runs.conftest import small_job


def test_units_come_back_bit_for_bit_in_another_process_life(tmp_path):
    arrays = {"fiv": np.array([[0.1, np.nan]], np.float32), "flag": np.array([True, False])}
    WorkUnits(tmp_path, "cpu")["a-1"] = arrays
    again = WorkUnits(tmp_path, "cpu")
    assert list(again) == ["a-1"]
    assert "a-1" in again
    found = again["a-1"]
    assert again.recalled == 1
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


def test_units_of_another_device_or_release_are_not_taken_up(tmp_path, monkeypatch):
    WorkUnits(tmp_path, "cpu")["a"] = {"x": np.zeros(3)}
    assert "a" not in WorkUnits(tmp_path, "cuda")
    monkeypatch.setattr(work, "__version__", "other")
    assert "a" not in WorkUnits(tmp_path, "cpu")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"nonsense"])
def test_a_broken_unit_is_as_good_as_none(tmp_path, content):
    units = WorkUnits(tmp_path, "cpu")
    (units.folder / "a.npz").write_bytes(content)
    assert "a" not in units
    with pytest.raises(KeyError):
        units["a"]


def test_a_unit_that_holds_objects_is_not_unpickled(tmp_path):
    units = WorkUnits(tmp_path, "cpu")
    np.savez(units.folder / "a.npz", x=np.array([{"a": 1}], dtype=object))
    assert "a" not in units


def test_what_a_killed_process_left_half_written_is_cleared(tmp_path):
    units = WorkUnits(tmp_path, "cpu")
    for name, age in ((".1-a", 100), (".2-a", 0)):  # the second is being written by a helper
        (units.folder / name).write_bytes(b"half")
        os.utime(units.folder / name, (time.time() - age,) * 2)
    assert len(WorkUnits(tmp_path, "cpu")) == 0
    assert [path.name for path in units.folder.iterdir()] == [".2-a"]


class Stopped(WorkUnits):
    """Stops the run after so many units."""

    most = 5

    def __setitem__(self, name, arrays):
        super().__setitem__(name, arrays)
        if len(self) == self.most:
            raise RunCancelled("enough")


@pytest.mark.parametrize("most", [1, 3, 6])
def test_a_run_that_was_stopped_goes_on_to_the_same_bits(tmp_path, results, most):
    units = Stopped(tmp_path, "cpu")
    units.most = most
    with pytest.raises(RunCancelled):
        execute(small_job(keep_fim=True), device="cpu", units=units)
    again = execute(small_job(keep_fim=True), device="cpu", units=WorkUnits(tmp_path, "cpu"))
    assert again.ensemble.equals(results.ensemble)
    assert again.summary.equals(results.summary)


def test_a_full_disk_is_said_in_words_and_other_errors_stay(tmp_path):
    with pytest.raises(DiskFull, match="disk is full"), full_disk_said():
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(FileNotFoundError), full_disk_said():
        (tmp_path / "absent").read_text()


def test_the_link_to_results_so_far_moves_in_one_step_and_goes(tmp_path):
    for name in ("first", "second"):
        folder = work_folder(tmp_path, "abc") / name
        folder.mkdir(parents=True)
        show_partial(tmp_path, "abc", folder)
        assert (tmp_path / "partial" / "abc").resolve() == folder.resolve()
    forget_work(tmp_path, "abc")
    assert list((tmp_path / "partial").iterdir()) == []
    assert list((tmp_path / "work").iterdir()) == []
    forget_work(tmp_path, "abc")


def test_a_log_is_read_from_its_end(tmp_path):
    assert read_log(tmp_path, "abc") == ""
    for i in range(100):
        write_log(tmp_path, "abc", f"line {i}")
    assert read_log(tmp_path, "abc").count("\n") == 100
    assert read_log(tmp_path, "abc", most=20).strip().endswith("line 99")
