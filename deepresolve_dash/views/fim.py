"""The feature importance map of one channel: where along the sequence it counts."""

import numpy as np
import xarray as xr

from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.views.fiv import by_score, trial_names
from deepresolve_dash.views.matrix import Matrix, largest
from deepresolve_dash.views.selection import MODES, Selection, of_class


def data(ensemble: xr.Dataset, summary: xr.Dataset, selection: Selection, channel: int) -> Matrix:
    """Show where along the sequence a channel matters, restarts as rows and positions as columns.

    A network that pools over positions takes a motif anywhere, so that its place here depends on
    the start of each trial and is no preferred place in real sequences.

    Returns
    -------
    Matrix (trial, position), feature-map units, trials by falling score

    Raises
    ------
    RunNotFound
        When the run kept no maps, or has no such channel.
    """
    raw = of_class(ensemble, selection, MODES)
    if not kept(ensemble):
        raise RunNotFound("This run kept no maps over positions.", "Run it with --keep-fim.")
    if channel not in raw.channel.values:
        raise RunNotFound(f"This run has no channel {channel}.")
    trials = by_score(raw)
    values = raw.fim.sel(channel=channel).values.astype(np.float64)[trials]
    positions = tuple(range(1, values.shape[1] + 1))
    return Matrix(
        values=values,
        limit=largest(values),
        rows=trial_names(raw, summary, selection),
        columns=tuple(f"position {position}" for position in positions),
        row_ids=tuple(int(trial) for trial in trials),
        column_ids=positions,
    )


def kept(ensemble: xr.Dataset) -> bool:
    """Return whether a run kept maps that have more than one position."""
    return "fim" in ensemble and ensemble.sizes["position"] > 1


def missing(ensemble: xr.Dataset) -> str:
    """Return why there is no map, and how to get one; empty when there is one."""
    if kept(ensemble):
        return ""
    if ensemble.sizes.get("position") == 1:
        return "The layer has one position only: the map of a channel is its importance."
    return (
        "This run kept no maps over positions. Repeat it with “Keep whole maps” ticked, or on the "
        "command line with --keep-fim."
    )
