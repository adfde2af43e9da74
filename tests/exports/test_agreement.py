import math

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from deepresolve_dash.exports.agreement import (
    compare_datasets,
    compare_tables,
    compare_values,
    worst,
)
from deepresolve_dash.exports.old_rows import as_now


def test_the_same_is_the_same_also_where_nothing_is_known():
    values = np.array([1.0, np.nan, -np.inf])
    found = compare_values("x", values, values.copy(), 0)
    assert (found.n_different, found.largest, found.relative, found.agrees) == (0, 0, 0, True)
    assert found.sentence() == "x: the same"


def test_differences_are_shares_of_the_largest():
    found = compare_values("x", np.array([100.0, 0.0]), np.array([100.0, 0.5]), 0.01)
    assert (found.largest, found.relative, found.agrees) == (0.5, 0.005, True)
    assert not compare_values("x", np.array([100.0, 0.0]), np.array([100.0, 2.0]), 0.01).agrees


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (np.array([1.0]), np.array([np.nan])),
        (np.array([1.0]), np.array([np.inf])),
        (np.array([0.0]), np.array([1e-300])),
        (np.array([1.0]), np.array([1.0, 2.0])),
        (np.array([1]), np.array([2])),
        (np.array([True]), np.array([False])),
        (np.array(["a"]), np.array(["b"])),
        (np.array(["1"], dtype=object), np.array([2.0])),
    ],
    ids=["lost", "infinite", "from nothing", "shape", "count", "flag", "text", "kind"],
)
def test_what_is_another_thing_never_agrees(was, now):
    found = compare_values("x", was, now, 0.9)
    assert not found.agrees
    assert found.n_different


def test_what_is_in_one_result_only_is_told():
    was = xr.Dataset({"a": ("x", [1.0]), "b": ("x", [1.0])})
    found = compare_datasets(was, was.drop_vars("b"), 0)
    assert [(one.name, one.agrees) for one in found] == [("a", True), ("b", False)]
    assert worst(found).name == "b"
    assert worst([]) is None
    rows = pd.DataFrame({"a": [1, 2], "name": ["p", "q"]})
    columns = compare_tables(rows, rows.rename(columns={"a": "c"}), 0)
    assert {one.name: one.largest for one in columns} == {"a": math.inf, "name": 0, "c": math.inf}


def test_rows_of_before_are_compared_under_the_names_of_today():
    was = pd.DataFrame({"OFIV low (feature-map units)": [1.0], "class": [0]})
    now = pd.DataFrame(
        {"OFIV low, 2.5% (feature-map units)": [1.0], "class": [0], "rank in tree": [1]}
    )
    assert all(one.agrees for one in compare_tables(*as_now(was, now), 0.0))
    assert not all(one.agrees for one in compare_tables(*as_now(now, was), 0.0))


def test_a_sentence_says_that_what_agrees_differs_in_the_last_digits_only():
    near = compare_values("x", np.array([1.0]), np.array([1 + 1e-12]), 1e-6)
    far = compare_values("x", np.array([1.0]), np.array([2.0]), 1e-6)
    assert "differ in the last digits, by" in near.sentence()
    assert "last digits" not in far.sentence()
