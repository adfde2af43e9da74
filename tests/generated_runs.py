"""Runs for the tests of views and pages: every axis its own prime size."""

from pathlib import Path

import numpy as np
import xarray as xr

from bench.make_run import Size, make_run
from deepresolve_dash.runs.store import Run, write_run
from deepresolve_dash.runs.summary import summarise

TINY = Size(n_targets=2, n_channels=7, n_trials=5, width=3, n_offsets=11)
XOR_TARGET, PLAIN_TARGET = 0, 1  # as planted by the generator


def tiny_run(folder: Path, *, name: str = "Tiny", seed: int = 0) -> Run:
    """Two classes, the first XOR-like."""
    return make_run(folder, TINY, name=name, seed=seed)


def changed_run(run: Run, folder: Path, **changes: object) -> Run:
    """The run with these variables of its ensemble set to a constant or to an array."""
    ensemble = run.ensemble.copy(deep=True)
    for name, value in changes.items():
        ensemble[name] = ensemble[name] * 0 + value
    return derived_run(run, folder, ensemble)


def derived_run(run: Run, folder: Path, ensemble: xr.Dataset) -> Run:
    """A run with this ensemble and the summary that follows from it."""
    keep = run.summary if ensemble.sizes["target"] == run.summary.sizes["target"] else None
    summary = summarise(ensemble, keep)
    return write_run(folder / run.id, info=run.info, ensemble=ensemble, summary=summary)


def part_of_run(run: Run, folder: Path, **places: object) -> Run:
    """The run with only these places of an axis, `trial=[0]` for its first trial."""
    ensemble = run.ensemble.isel({axis: np.atleast_1d(at) for axis, at in places.items()})
    return derived_run(run, folder, ensemble)


def panel_size(n_targets: int) -> Size:
    """The size of a small panel of classes, as a browser sees it."""
    return Size(n_targets=n_targets, n_channels=13, n_trials=5, width=3, n_offsets=11)
