"""Reading a dataset without xarray's own reader gives what that gives."""

import numpy as np
import pytest
import xarray as xr

from deepresolve_dash.runs.datasets import read_dataset
from tests.generated_runs import tiny_run


def same(path):
    with xr.open_dataset(path, engine="h5netcdf") as dataset:
        expected = dataset.load()
    read = read_dataset(path)
    xr.testing.assert_identical(read, expected)
    assert {n: v.dtype for n, v in read.variables.items()} == {
        n: v.dtype for n, v in expected.variables.items()
    }


def test_the_datasets_of_a_run_are_the_same(tmp_path):
    run = tiny_run(tmp_path)
    for name in ("ensemble.nc", "summary.nc"):
        same(run.folder / name)


def test_every_kind_of_value_and_attribute_is_the_same(tmp_path):
    dataset = xr.Dataset(
        {
            "flag": ("class", [True, False, True]),
            "number": (("class", "channel"), np.arange(6, dtype=np.int16).reshape(3, 2)),
            "gap": ("class", np.array([1.0, np.nan, np.inf], np.float32)),
            "one": ((), 3.5),
            "empty": ("none", np.zeros(0, np.float32)),
        },
        coords={"class": ["a", "β|γ", ""], "name": ("class", ["x", "x", "<i>"])},
        attrs={"spec": '{"a": 1}', "n": 3, "share": 0.5, "several": [1, 2]},
    )
    dataset["gap"].attrs["units"] = "logits"
    dataset.to_netcdf(tmp_path / "kinds.nc", engine="h5netcdf")
    same(tmp_path / "kinds.nc")


@pytest.mark.parametrize("content", [b"", b"no HDF5", b"\x89HDF\r\n\x1a\n" + bytes(50)])
def test_a_damaged_file_is_an_error(tmp_path, content):
    (tmp_path / "damaged.nc").write_bytes(content)
    with pytest.raises(OSError):  # noqa: PT011
        read_dataset(tmp_path / "damaged.nc")
