"""The ensemble of feature importance vectors of a class."""

import numpy as np
import xarray as xr

from deepresolve_dash.views.matrix import Matrix, largest
from deepresolve_dash.views.ofiv import ranking
from deepresolve_dash.views.selection import MODES, Selection, of_class


def data(ensemble: xr.Dataset, summary: xr.Dataset, selection: Selection) -> Matrix:
    """Show every restart of the ascent as a row, every channel as a column in order of its OFIV.

    A column that keeps its colour is used in the same way whatever the start; one that changes
    sign tells of several best patterns, or of an ascent that has not converged.

    Returns
    -------
    Matrix (trial, channel), feature-map units, trials by falling score
    """
    raw = of_class(ensemble, selection, MODES)
    trials = by_score(raw)
    channels = ranking(summary, selection)
    values = raw.fiv.values.astype(np.float64)[np.ix_(trials, channels)]
    ids = raw.channel.values[channels]
    return Matrix(
        values=values,
        limit=largest(values),
        rows=tuple(_trial_name(raw, trial) for trial in trials),
        columns=tuple(f"channel {channel}" for channel in ids),
        row_ids=tuple(int(trial) for trial in trials),
        column_ids=tuple(int(channel) for channel in ids),
    )


def by_score(raw: xr.Dataset) -> np.ndarray:
    """Return the trials of a class by falling score, diverged ones last."""
    score = np.where(raw.diverged.values.astype(bool), np.nan, raw.score.values)
    return np.argsort(-score, kind="stable")  # NaN sorts last


def _trial_name(raw: xr.Dataset, trial: int) -> str:
    if raw.diverged.values[trial]:
        return f"trial {trial}, diverged and left out"
    state = "" if raw.converged.values[trial] else ", not converged"
    return f"trial {trial}, score {raw.score.values[trial]:.3g}{state}"
