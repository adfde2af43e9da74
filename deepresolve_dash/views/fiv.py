"""The ensemble of feature importance vectors of a class."""

import numpy as np
import xarray as xr

from deepresolve_dash.core.statistics.orders import clustered_order
from deepresolve_dash.views.matrix import Matrix, largest
from deepresolve_dash.views.ofiv import ranking
from deepresolve_dash.views.palette import number
from deepresolve_dash.views.selection import MODES, Selection, of_class

ROW_TITLES = {  # for rows that carry their trial, and for rows that are counted
    "score": ("trial, by score", "rank by score"),
    "clustered": ("trial, clustered", "row, clustered"),
}
COLUMN_TITLES = {
    "ofiv": "channel, by falling OFIV",
    "level": "channel, by falling IL",
    "clustered": "channel, clustered over the trials",
}


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
        rows=trial_names(raw, summary, selection),
        columns=tuple(f"channel {channel}" for channel in ids),
        row_ids=tuple(int(trial) for trial in trials),
        column_ids=tuple(int(channel) for channel in ids),
    )


def by_score(raw: xr.Dataset) -> np.ndarray:
    """Return the trials of a class by falling score, diverged ones last."""
    score = np.where(raw.diverged.values.astype(bool), np.nan, raw.score.values)
    return np.argsort(-score, kind="stable")  # NaN sorts last


def row_marks(raw: xr.Dataset) -> list[str]:
    """Return the mark of each trial that has not converged, by falling score."""
    return ["" if converged else "*" for converged in raw.converged.values[by_score(raw)]]


def trial_names(raw: xr.Dataset, summary: xr.Dataset, selection: Selection) -> tuple[str, ...]:
    """Return what is said of each trial, by falling score.

    Parameters
    ----------
    raw : xarray.Dataset
        The class in the regime of the ensemble.
    """
    weight = of_class(summary, selection, MODES).weight.values
    order = by_score(raw)
    facts = (weight, raw.score.values, raw.diverged.values, raw.converged.values)
    told = [one[order].tolist() for one in facts]
    return tuple(_trial_name(*one) for one in zip(order.tolist(), *told, strict=True))


def _trial_name(trial: int, weight: float, score: float, diverged: bool, converged: bool) -> str:
    if diverged:
        return f"trial {trial}, diverged and left out"
    state = "" if converged else ", not converged"
    return f"trial {trial}, score {number(score)}, weight {number(weight)}{state}"


def strips(ensemble: xr.Dataset, summary: xr.Dataset, selection: Selection) -> dict[str, dict]:
    """Return score (logits) and weight of each trial, by falling score, NaN for diverged ones.

    Returns
    -------
    dict of {"values": float array (trial,), "units": str, "bar": bool}
        A bar starts at 0; a score is a place between the lowest and the highest.
    """
    raw, mine = of_class(ensemble, selection, MODES), of_class(summary, selection, MODES)
    trials = by_score(raw)
    lost = raw.diverged.values.astype(bool)[trials]
    score, weight = (values[trials] for values in (raw.score.values, mine.weight.values))
    return {
        "score": {"values": np.where(lost, np.nan, score), "units": "logits", "bar": False},
        "weight": {"values": np.where(lost, np.nan, weight), "units": "", "bar": True},
    }


def orders(matrix: Matrix) -> dict[str, list[int]]:
    """Return rows and columns of an ensemble in clustered order, as places in the matrix."""
    return {
        "rows": clustered_order(matrix.values).tolist(),
        "columns": clustered_order(matrix.values.T).tolist(),
    }


def opposed_pairs(rows: dict) -> list[tuple[int, int]]:
    """Return the channels that are opposed in both orders, each pair once, the strongest first.

    Parameters
    ----------
    rows : dict
        Of `channels.data`.
    """
    strength = dict(zip(rows["channel"].tolist(), rows["level"].tolist(), strict=True))
    partners = zip(rows["channel"].tolist(), rows["partners"], strict=True)
    pairs = {(min(a, b), max(a, b)) for a, others in partners for b in others}
    return sorted(pairs, key=lambda pair: (-min(strength[k] for k in pair), pair))
