"""How far two results agree: the largest difference of each of their numbers, and what is allowed.

*Choice:* a difference is told in shares of the largest number of its kind, since a channel that
does nothing may be many times its own rounding error away from itself.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray


@dataclass(frozen=True)
class Difference:
    """One variable or column of two results.

    Attributes
    ----------
    name : str
    n, n_different : int
        Numbers in it, and those that are not exactly the same.
    largest : float
        Largest absolute difference of two numbers; infinite when a number stands against none, a
        text differs, or the variable is in one result only.
    relative : float
        The same as a share of the largest number that was.
    tolerance : float
        Up to which share they agree; 0 for whole numbers, kinds and texts.
    """

    name: str
    n: int
    n_different: int
    largest: float
    relative: float
    tolerance: float

    @property
    def agrees(self) -> bool:
        """Whether the two are the same within the tolerance."""
        return self.relative <= self.tolerance

    def to_dict(self) -> dict:
        """Return plain values for JSON."""
        return {
            "name": self.name,
            "n": self.n,
            "n_different": self.n_different,
            "largest_difference": self.largest,
            "relative_difference": self.relative,
            "tolerance": self.tolerance,
            "agrees": self.agrees,
        }

    def sentence(self) -> str:
        """Return one line to read."""
        if not self.n_different:
            return f"{self.name}: the same"
        if math.isinf(self.largest):
            return f"{self.name}: {self.n_different:,} of {self.n:,} are others"
        how = "in the last digits, " if self.agrees else ""
        return (
            f"{self.name}: {self.n_different:,} of {self.n:,} differ {how}by {self.largest:.3g} at "
            f"most, {self.relative:.3g} of the largest; up to {self.tolerance:g} is allowed"
        )


def compare_values(name: str, was: NDArray, now: NDArray, tolerance: float) -> Difference:
    """Compare two arrays; NaN is the same as NaN."""
    if was.shape != now.shape:
        return Difference(name, was.size, max(was.size, 1), math.inf, math.inf, 0.0)
    if was.dtype.kind not in "biuf" or now.dtype.kind not in "biuf":
        other = int((was.astype(str) != now.astype(str)).sum())
        far = math.inf if other else 0.0
        return Difference(name, was.size, other, far, far, 0.0)
    whole = was.dtype.kind != "f" and now.dtype.kind != "f"
    one, two = was.astype(np.float64), now.astype(np.float64)
    same = (one == two) | (np.isnan(one) & np.isnan(two))
    finite = np.isfinite(one) & np.isfinite(two)
    with np.errstate(over="ignore"):
        largest = float(np.abs(one[finite] - two[finite]).max(initial=0.0))
    if not (same | finite).all():
        largest = math.inf
    scale = float(np.abs(one)[np.isfinite(one)].max(initial=0.0))
    relative = largest / scale if scale > 0 else math.inf if largest else 0.0
    return Difference(
        name, was.size, int((~same).sum()), largest, relative, 0.0 if whole else tolerance
    )


def compare_datasets(was: xr.Dataset, now: xr.Dataset, tolerance: float) -> list[Difference]:
    """Compare all variables and coordinates of two datasets."""
    missing = np.zeros(0)
    return [
        compare_values(
            str(name),
            was[name].values if name in was.variables else missing,
            now[name].values if name in now.variables else missing,
            tolerance,
        )
        for name in sorted({*was.variables, *now.variables}, key=str)
    ]


def compare_tables(was: pd.DataFrame, now: pd.DataFrame, tolerance: float) -> list[Difference]:
    """Compare all columns of two tables; rows in their order."""
    missing = np.zeros(0)
    columns = dict.fromkeys([*was.columns, *now.columns])
    return [
        compare_values(
            str(name),
            was[name].to_numpy() if name in was else missing,
            now[name].to_numpy() if name in now else missing,
            tolerance,
        )
        for name in columns
    ]


def worst(differences: Sequence[Difference]) -> Difference | None:
    """Return what is furthest from agreement, None of nothing."""
    return max(
        differences,
        key=lambda one: (not one.agrees, one.relative, one.n_different),
        default=None,
    )
