"""One factor in several cells: what its classes share, and what each cell has to itself."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.core.statistics.clusters import shared_features
from deepresolve_dash.runs.class_table import ClassRow
from deepresolve_dash.views import metadata
from deepresolve_dash.views.clusters import importance
from deepresolve_dash.views.selection import IMPORTANCE, Selection, regime_for

N_CHANNELS = 60  # listed at most
_NONE = (
    "No factor is told for two cells. This view needs a table of classes with the columns cell and "
    "target (or assay), which can be given on the card of the model; names such as "
    "GM12878|CTCF|None tell both by themselves."
)


def in_several_cells(
    rows: Sequence[ClassRow], known: Sequence[bool]
) -> dict[str, dict[str, list[int]]]:
    """Return factor -> cell -> places of its classes, for factors in two cells or more.

    Parameters
    ----------
    known : sequence of bool
        Classes that have a result.
    """
    found: dict[str, dict[str, list[int]]] = {}
    for place, (row, factor) in enumerate(zip(rows, metadata.factors(rows), strict=True)):
        if factor and row.cell and known[place]:
            found.setdefault(factor, {}).setdefault(row.cell, []).append(place)
    several = {name: cells for name, cells in found.items() if len(cells) > 1}
    return dict(sorted(several.items(), key=lambda item: (-len(item[1]), item[0].lower())))


def data(
    summary: xr.Dataset, selection: Selection, rows: Sequence[ClassRow], *, factor: str = ""
) -> dict:
    """Compare the classes of one factor over cells: features common to all, and of one cell alone.

    A feature counts for a cell when its |OFIV| is at least 20% of the largest in more than half of
    the factor's classes there, with one sign; one just below 20% elsewhere counts as particular.

    Parameters
    ----------
    rows : sequence of ClassRow
        What is told of each class, in the order of the run.
    factor : str
        Target, or assay where no target is told; the one in most cells when there is no such.
    """
    scaled = importance(summary, selection)
    known = np.isfinite(scaled).all(axis=1) & (scaled != 0).any(axis=1)
    found = in_several_cells(rows, known.tolist())
    told = {
        "regime": regime_for(summary, selection, IMPORTANCE),
        "factors": [{"name": name, "n": len(cells)} for name, cells in found.items()],
        "factor": None,
        "leftOut": metadata.class_names(summary, np.flatnonzero(~known)),
    }
    if not found:
        return told | {"empty": _NONE}
    chosen = factor if factor in found else next(iter(found))
    cells = found[chosen]
    return told | {
        "empty": None,
        "factor": chosen,
        "cells": [
            {"cell": cell, "classes": metadata.class_names(summary, places)}
            for cell, places in cells.items()
        ],
        **_features(summary, scaled, list(cells.values())),
    }


def _features(
    summary: xr.Dataset, scaled: NDArray[np.float64], cells: list[list[int]]
) -> dict[str, list]:
    """Return the features that all cells have, that one has alone, and that several have."""
    signs = np.array([_sign(scaled[places]) for places in cells])
    mean = np.array([scaled[places].mean(axis=0) for places in cells])
    common = (signs == signs[0]).all(axis=0) & (signs[0] != 0)
    single = (signs != 0).sum(axis=0) == 1
    alone = [(one != 0) & single for one in signs]
    some = ((signs != 0).sum(axis=0) > 1) & ~common

    def listed(mask: NDArray[np.bool_], by: NDArray[np.float64]) -> list[dict]:
        places = np.flatnonzero(mask)
        places = places[np.argsort(-np.abs(by[places]), kind="stable")][:N_CHANNELS]
        names = metadata.channel_names(summary)
        return [
            {
                "channel": int(summary.channel.values[k]),
                "name": names[k],
                "values": [float(value) for value in mean[:, k]],
            }
            for k in places
        ]

    return {
        "common": listed(common, mean.mean(axis=0)),
        "particular": [listed(mask, mean[i]) for i, mask in enumerate(alone)],
        "some": listed(some, np.abs(mean).max(axis=0)),
    }


def _sign(scaled: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the sign with which most classes find a channel important, 0 where they do not."""
    found = np.zeros(scaled.shape[1], int)
    for one in shared_features(scaled):
        found[one.channel] = one.sign
    return found
