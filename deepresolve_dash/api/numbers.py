"""The numbers of runs as tables."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import xarray as xr

from deepresolve_dash.api.opening import Class, selection
from deepresolve_dash.errors import RunNotFound, SettingsError
from deepresolve_dash.exports.known import known_of
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import classes as class_views
from deepresolve_dash.views import compare as comparing
from deepresolve_dash.views import compare_class, compare_rows
from deepresolve_dash.views.palette import KIND_NAMES
from deepresolve_dash.views.selection import IMPORTANCE, MODES, Selection, of_class, regime_for


def classes(run: Run) -> pd.DataFrame:
    """Return what is said of each class.

    Returns
    -------
    DataFrame
        Indexed by output index: `name`; of the modes `n_components`, `guarded`, `n_optima`; of
        importance `rank_stability`; `important`, how many channels are.
    """
    summary = run.summary
    at = Selection(run.id, int(summary.target.values[0]))
    modes, ranks = (
        summary.sel(regime=regime_for(summary, at, reading)) for reading in (MODES, IMPORTANCE)
    )
    frame = pd.DataFrame({"name": summary.target_name.values.astype(str)}, summary.target.values)
    for name in ("n_components", "guarded", "n_optima"):
        if name in modes:
            frame[name] = modes[name].values
    if "rank_stability" in ranks:
        frame["rank_stability"] = ranks["rank_stability"].values
    return frame.rename_axis("target")


def channels(run: Run, target: Class, *, regime: str | None = None) -> pd.DataFrame:
    """Rank the channels of a layer by their overall importance for a class.

    Parameters
    ----------
    run : Run
    target : int or str
    regime : str, optional
        Of all numbers; without it OFIV is of importance, IL and kinds of modes.

    Returns
    -------
    DataFrame
        Indexed by channel, the largest OFIV first: `ofiv`, `ofiv_low`, `ofiv_high` (feature-map
        units, equation 5 of the paper with its interval), `inconsistency` (IL, equation 6),
        `kind`, `motif` that it is named after.

    Raises
    ------
    RunNotFound
        When there is no such class.
    """
    one = replace(selection(run, target), regime=regime)
    importance, modes = (of_class(run.summary, one, reading) for reading in (IMPORTANCE, MODES))
    called = known_of(run).called
    numbers = run.summary.channel.values.tolist()
    frame = pd.DataFrame(
        {
            "ofiv": importance.ofiv.values,
            "ofiv_low": importance.ofiv_low.values,
            "ofiv_high": importance.ofiv_high.values,
            "inconsistency": modes.inconsistency.values,
            "kind": [KIND_NAMES[kind] for kind in modes.kind.values.astype(int)],
            "motif": [called.get(channel, "") for channel in numbers],
        },
        index=pd.Index(numbers, name="channel"),
    )
    return frame.sort_values("ofiv", ascending=False, kind="stable")


def ensemble(run: Run, target: Class, *, regime: str = IMPORTANCE) -> xr.Dataset:
    """Return the raw results of a class: the FIV of every trial, scores, convergence, weights.

    Returns
    -------
    Dataset
        Variables of the run's ensemble, and `weight`, over `trial` and `channel`.
    """
    one = replace(selection(run, target), regime=regime)
    raw = of_class(run.ensemble, one, regime)
    return raw.assign(weight=of_class(run.summary, one, regime).weight)


def similarity(run: Run, name: str = "similarity") -> pd.DataFrame:
    """Return how alike classes are.

    Parameters
    ----------
    run : Run
    name : {"similarity", "last_layer", "label_correlation"}
        By what they respond to (the paper's A), by the weights of the last layer, by their labels.

    Returns
    -------
    DataFrame
        Class by class, rows and columns called by their names.

    Raises
    ------
    SettingsError
        When the run has no such matrix.
    """
    available = class_views.available(run.summary)
    if name not in available:
        raise SettingsError(f"This run has no matrix '{name}'.", f"It has {', '.join(available)}.")
    values = run.summary[name]
    if "regime" in values.dims:
        at = Selection(run.id, int(run.summary.target.values[0]))
        values = values.sel(regime=regime_for(run.summary, at, IMPORTANCE))
    names = run.summary.target_name.values.astype(str)
    return pd.DataFrame(values.values, index=names, columns=names)


def compare(chosen: Sequence[Run], target: Class, *, by: str = "") -> pd.DataFrame:
    """Put two to eight runs side by side: a row for each channel of a class.

    Parameters
    ----------
    chosen : sequence of Run
    target : int or str
        Class, as the first run knows it.
    by : {"", "index", "motif"}
        How channels are paired: by number in one layer of one network, else by motif.

    Returns
    -------
    DataFrame
        For each run, called A, B and so on: channel, OFIV with its interval, IL, kind, rank; and
        in how many runs the channel is found.

    Raises
    ------
    SettingsError
        When the runs are too few or too many, or cannot be paired that way.
    """
    comparing.read_ids(",".join(run.id for run in chosen))
    wanted = selection(chosen[0], target).target
    lines = comparing.classes(chosen)
    line = next((one for one in lines if one["targets"][0] == wanted), None)
    if line is None:
        raise RunNotFound(f"None of the other runs has the class '{target}'.", "Choose another.")
    motifs = [compare_rows.motifs_of(run, known_of(run).looked[0]) for run in chosen]
    lined = compare_rows.line_up(chosen, motifs, by)
    return compare_class.table(chosen, lined, line["targets"])
