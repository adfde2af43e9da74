"""The feature importance map of one channel: where along the sequence it counts."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.views.fiv import by_score, trial_names
from deepresolve_dash.views.matrix import Matrix, largest
from deepresolve_dash.views.selection import MODES, Selection, of_class


class Bases(NamedTuple):
    """Position i of a map sees `width` bases from offset + step * i on, counted from 0, in bp."""

    width: int
    step: int
    offset: int
    length: int

    def seen(self, position: int) -> tuple[int, int]:
        """Return the first and the last base that a position sees, counted from 1."""
        start = self.offset + self.step * position
        return max(1, start + 1), min(self.length, start + self.width)


def bases(network: Mapping[str, Any]) -> Bases | None:
    """Return what each position of a run's layer sees.

    Parameters
    ----------
    network : mapping
        `network` of `run.json`.

    Returns
    -------
    Bases; None where the run does not say, or where every position sees the same
    """
    names = ("receptive_field_bp", "step_bp", "offset_bp", "input_length")
    if any(network.get(name) is None for name in names):
        return None
    seen = Bases(*(int(network[name]) for name in names))
    return seen if seen.step else None


def data(
    ensemble: xr.Dataset,
    summary: xr.Dataset,
    selection: Selection,
    channel: int,
    *,
    seen: Bases | None = None,
) -> Matrix:
    """Show where along the sequence a channel matters, restarts as rows and positions as columns.

    A network that pools over positions takes a motif anywhere, so that its place here depends on
    the start of each trial and is no preferred place in real sequences.

    Parameters
    ----------
    seen : Bases, optional
        With it a position is called by the bases that it sees, and its id is the middle one, in bp.

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
    places = range(values.shape[1])
    ends = None if seen is None else [seen.seen(place) for place in places]
    return Matrix(
        values=values,
        limit=largest(values),
        rows=trial_names(raw, summary, selection),
        columns=tuple(
            f"position {place + 1}" + ("" if ends is None else ", bp {}–{}".format(*ends[place]))
            for place in places
        ),
        row_ids=tuple(int(trial) for trial in trials),
        column_ids=tuple(place + 1 if ends is None else sum(ends[place]) // 2 for place in places),
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
