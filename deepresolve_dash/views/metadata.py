"""What is told of classes beside their names."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.runs.class_table import ClassRow

COLUMNS = ("cell", "assay", "target", "treatment", "group")
HOW = (
    "Nothing is told of these classes beside their names. A table of classes with columns cell, "
    "assay, target, treatment, group can be given on the card of the model; names such as "
    "GM12878|CTCF|None tell cell, target and treatment by themselves."
)


def told(rows: Sequence[ClassRow]) -> dict[str, list[str]]:
    """Return the columns that tell something of a class: column -> one value per class."""
    columns = {name: [getattr(row, name) for row in rows] for name in COLUMNS}
    return {name: values for name, values in columns.items() if any(values)}


def factors(rows: Sequence[ClassRow]) -> list[str]:
    """Return the factor of each class: its target, or the assay where no target is told."""
    return [row.target or row.assay for row in rows]


def places_of(rows: Sequence[ClassRow], wanted: str) -> NDArray[np.int64]:
    """Return the places of the classes that are chosen by `column=value`; all of them by "all".

    Something else chooses none.
    """
    if wanted == "all":
        return np.arange(len(rows))
    column, sign, value = wanted.partition("=")
    if not sign or column not in COLUMNS:
        return np.zeros(0, int)
    return np.flatnonzero([getattr(row, column) == value for row in rows])


def class_names(summary: xr.Dataset, places: Sequence[int] | NDArray[np.int64]) -> list[dict]:
    """Return output index and name of classes by their places."""
    targets, names = summary.target.values, summary.target_name.values
    return [{"target": int(targets[place]), "name": str(names[place])} for place in places]


def channel_names(summary: xr.Dataset) -> list[str]:
    """Return what each channel is called: the one place where its name comes from."""
    return [f"ch {channel}" for channel in summary.channel.values.tolist()]
