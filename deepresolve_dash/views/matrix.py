"""Matrices as bytes for the canvas: one byte per cell, exact rows on demand."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ZERO, LARGEST, BLANK = 127, 254, 255


@dataclass(frozen=True)
class Matrix:
    """A signed matrix in the order it is drawn.

    Attributes
    ----------
    values : float array (row, column)
        NaN is drawn blank.
    limit : float
        Value of the strongest colour, above 0.
    rows, columns : tuple of str
        Names of rows and columns.
    row_ids, column_ids : tuple of int
        What a click on a row or column selects.
    """

    values: NDArray[np.float64]
    limit: float
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    row_ids: tuple[int, ...]
    column_ids: tuple[int, ...]


def largest(values: NDArray[np.float64]) -> float:
    """Return the largest finite size, 1 for an empty or zero matrix."""
    sizes = np.abs(values[np.isfinite(values)])
    return float(sizes.max(initial=0.0)) or 1.0


def encode(matrix: Matrix, *, half: bool = False) -> bytes:
    """Return a byte per cell, row after row: 0 is -limit, 127 zero, 254 +limit, 255 blank.

    Parameters
    ----------
    half : bool
        Without the cells left of the diagonal, for a symmetric matrix.
    """
    values = matrix.values[np.triu_indices(len(matrix.values))] if half else matrix.values
    scaled = np.clip(values / matrix.limit, -1, 1)
    levels = np.rint(np.nan_to_num(scaled) * ZERO) + ZERO
    return np.where(np.isnan(values), BLANK, levels).astype(np.uint8).tobytes()


def exact_row(matrix: Matrix, row: int) -> bytes:
    """Return one drawn row as little-endian float32.

    Raises
    ------
    IndexError
        When the matrix has no such row.
    """
    if not 0 <= row < len(matrix.values):
        raise IndexError(row)
    return matrix.values[row].astype("<f4").tobytes()


def description(matrix: Matrix) -> dict:
    """Return what the canvas needs beside the bytes."""
    return {
        "limit": matrix.limit,
        "rows": matrix.rows,
        "columns": matrix.columns,
        "rowIds": matrix.row_ids,
        "columnIds": matrix.column_ids,
    }
