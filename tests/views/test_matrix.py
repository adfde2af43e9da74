import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepresolve_dash.views.matrix import Matrix, encode, exact_row, largest


def matrix(values, limit=2.0):
    values = np.atleast_2d(np.array(values, float))
    rows, columns = values.shape
    return Matrix(values, limit, ("r",) * rows, ("c",) * columns, (0,) * rows, (0,) * columns)


def test_zero_limits_and_blanks_have_bytes_of_their_own():
    assert list(encode(matrix([0, 2, -2, np.nan, 9]))) == [127, 254, 0, 255, 254]


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=11), st.floats(1e-6, 1e6))
def test_a_byte_is_within_half_a_step_of_its_value(shares, limit):
    levels = np.frombuffer(encode(matrix(np.array(shares) * limit, limit)), np.uint8)
    assert np.abs((levels.astype(float) - 127) / 127 - shares).max() <= 0.5 / 127 + 1e-9


def test_bytes_run_row_after_row():
    assert list(encode(matrix([[2, 0, 0], [0, 0, -2]]))) == [254, 127, 127, 127, 127, 0]


def test_a_symmetric_matrix_is_sent_without_its_lower_half():
    values = [[2, 0, -2], [0, np.nan, 2], [-2, 2, 0]]
    assert list(encode(matrix(values), half=True)) == [254, 127, 0, 255, 254, 127]


def test_an_exact_row_is_float32():
    row = np.frombuffer(exact_row(matrix([[1, 2], [0.1, -3]]), 1), "<f4")
    assert row.tolist() == [np.float32(0.1), -3]


@pytest.mark.parametrize("row", [-1, 2])
def test_a_row_outside_the_matrix_is_refused(row):
    with pytest.raises(IndexError):
        exact_row(matrix([[1, 2], [3, 4]]), row)


@pytest.mark.parametrize(("values", "limit"), [([[-3, 2, np.nan]], 3), ([[0, np.nan]], 1)])
def test_the_limit_is_the_largest_size_and_never_zero(values, limit):
    assert largest(np.array(values, float)) == limit
