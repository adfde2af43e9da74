"""One class in several runs: importance of each channel, ranks, and what is found again."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deepresolve_dash.core.statistics import comparison
from deepresolve_dash.core.statistics.ofiv import N_RESAMPLES
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views.compare import LETTERS
from deepresolve_dash.views.compare_rows import Lined
from deepresolve_dash.views.pair import trials
from deepresolve_dash.views.palette import KIND_NAMES
from deepresolve_dash.views.selection import IMPORTANCE, MODES, Selection, of_class, regime_for

TOPS = (5, 10, 20, 50)  # channels that may be asked for instead of the important ones
Targets = Sequence[int | None]
_COLUMNS = ("ofiv", "low", "high", "level", "kind", "rank", "found")


def data(
    runs: Sequence[Run],
    lined: Lined,
    targets: Targets,
    *,
    regime: str | None = None,
    top: int | None = None,
) -> dict:
    """List each channel with its importance in every run, and in how many runs it is found.

    Found means important there, and with one sign; runs that share a network also share its
    mistakes, so that "found in 5 of 5 seeds" is no replication in the way 5 trainings are.

    Parameters
    ----------
    targets : sequence (run,) of int or None
        Output index of the class in each run.
    regime : str, optional
        For all numbers; without it each comes from the regime it is read in.
    top : int, optional
        Found are so many channels with the largest |OFIV|, instead of the important ones.

    Returns
    -------
    dict
        Per run lists over rows: `ofiv`, `low`, `high` (feature-map units), `level` (IL), `kind`,
        `rank` (by falling OFIV, from 1), `found`; over rows: `times`, `of` (runs that have the
        class and their channels in rows), `spread` of ranks; `regimes` of OFIV and of IL per run.
    """
    one = [_of_run(*each, lined, at, regime, top) for at, each in enumerate(_each(runs, targets))]
    columns = {name: np.stack([run[name] for run in one]) for name in _COLUMNS}
    told = columns["found"] > 0
    counted = [t is not None and seen for t, seen in zip(targets, lined.seen, strict=True)]
    return {
        **columns,
        "kind": [[None if np.isnan(k) else int(k) for k in run] for run in columns["kind"]],
        "rank": [[None if np.isnan(k) else int(k) for k in run] for run in columns["rank"]],
        "found": told,
        "times": comparison.times_found(columns["ofiv"].T, told.T),
        "of": sum(counted),
        "spread": comparison.rank_spread(columns["rank"].T),
        "regimes": [_regimes(*each, regime) for each in _each(runs, targets)],
        "targets": list(targets),
    }


def agreement(
    runs: Sequence[Run],
    lined: Lined,
    targets: Targets,
    two: tuple[int, int],
    *,
    regime: str | None = None,
    top: int | None = None,
) -> dict:
    """Hold the importance of all channels in two runs against each other, a point for each channel.

    Bars are 95% intervals over the restarts of either run, so that two points whose bars do not
    touch the diagonal may still agree in rank; sizes compare only where l2 and network are one.

    Returns
    -------
    dict
        `r` rank correlation with `interval` and `says`; `n` channels in both; `common` found in
        both, of `sizes`, where `expected` would be chance; `empty`, why there is nothing.
    """
    a, b = two
    why = _why_not(lined, targets, two)
    if why:
        return {"empty": why}
    each = list(_each(runs, targets))
    mine = [_of_run(*each[at], lined, at, regime, top) for at in two]
    both = np.flatnonzero((lined.rows.place[:, two] >= 0).all(axis=1))
    x, y = (one["ofiv"][both] for one in mine)
    n, expected = comparison.common(*(one["found"][both] > 0 for one in mine))
    drawn = [
        trials(run.ensemble, run.summary, Selection(run.id, target, regime), target)
        for run, target in (each[a], each[b])
        if target is not None
    ]
    places = lined.rows.place[both, a], lined.rows.place[both, b]
    low, high = np.nan, np.nan
    enough = min(int((one.weight > 0).sum()) for one in drawn) > 1
    if enough:
        low, high, _ = comparison.agreement_interval((drawn[0], drawn[1]), places)
    counts = " and ".join(str(len(one.weight)) for one in drawn)
    return {
        "empty": "",
        "r": comparison.rank_agreement(x, y),
        "interval": [low, high],
        "says": f"{N_RESAMPLES:,} resamples of {counts} trials"
        if enough
        else "Without two trials in either run there is no interval.",
        "n": len(both),
        "common": n,
        "expected": expected,
        "sizes": [int((one["found"][both] > 0).sum()) for one in mine],
    }


def table(
    runs: Sequence[Run],
    lined: Lined,
    targets: Targets,
    *,
    regime: str | None = None,
    top: int | None = None,
) -> pd.DataFrame:
    """Return a row for each channel of a class: its number, OFIV, IL, kind and rank in each run."""
    told = data(runs, lined, targets, regime=regime, top=top)
    frame: dict[str, object] = {}
    n = len(lined.rows.place)
    for at, (run, letter) in enumerate(zip(runs, LETTERS, strict=False)):
        place, target = lined.rows.place[:, at], targets[at]
        channels = run.summary.channel.values
        frame |= {
            f"run_{letter}": [run.id] * n,
            f"class_index_{letter}": pd.array([target] * n, dtype="Int64"),
            f"channel_{letter}": pd.array(
                [int(channels[k]) if k >= 0 else None for k in place], dtype="Int64"
            ),
            f"motif_distance_{letter}": lined.rows.distance[:, at],
            f"ofiv_{letter}": told["ofiv"][at],
            f"ofiv_low_{letter}": told["low"][at],
            f"ofiv_high_{letter}": told["high"][at],
            f"inconsistency_{letter}": told["level"][at],
            f"kind_{letter}": ["" if k is None else KIND_NAMES[k] for k in told["kind"][at]],
            f"rank_{letter}": pd.array(told["rank"][at], dtype="Int64"),
            f"found_{letter}": told["found"][at].astype(int),
        }
    frame |= {
        "rank_spread": pd.array(
            [None if np.isnan(s) else int(s) for s in told["spread"]], dtype="Int64"
        ),
        "found_in": told["times"],
        "of_runs": [told["of"]] * n,
    }
    return pd.DataFrame(frame)


def _each(runs: Sequence[Run], targets: Targets) -> list[tuple[Run, int | None]]:
    return list(zip(runs, targets, strict=True))


def _of_run(
    run: Run, target: int | None, lined: Lined, at: int, regime: str | None, top: int | None
) -> dict[str, NDArray[np.float64]]:
    """Return the numbers of one run over rows; NaN, and not found, where there are none."""
    if target is None or not lined.seen[at]:
        blank = np.full(len(lined.rows.place), np.nan)
        return dict.fromkeys(_COLUMNS, blank) | {"found": np.zeros(len(blank))}
    one = Selection(run.id, target, regime)
    headline = of_class(run.summary, one, IMPORTANCE)
    modes = of_class(run.summary, one, MODES)
    ofiv = headline.ofiv.values
    told = {
        "ofiv": ofiv,
        "low": headline.ofiv_low.values,
        "high": headline.ofiv_high.values,
        "level": modes.inconsistency.values,
        "kind": modes.kind.values,
        "rank": comparison.ranks(ofiv),
        "found": comparison.found(ofiv, top=top),
    }
    return {name: lined.spread(values, at) for name, values in told.items()}


def _regimes(run: Run, target: int | None, regime: str | None) -> list[str]:
    one = Selection(run.id, target or 0, regime)
    return [regime_for(run.summary, one, reading) for reading in (IMPORTANCE, MODES)]


def _why_not(lined: Lined, targets: Targets, two: tuple[int, int]) -> str:
    """Return why two runs cannot be held against each other; empty when they can."""
    for at in two:
        if targets[at] is None:
            return f"Run {LETTERS[at]} has no such class: choose another class or another run."
        if not lined.seen[at]:
            return (
                f"What the channels of run {LETTERS[at]} see is not known yet: look at them on its "
                "page of channels, then come back."
            )
    if two[0] == two[1]:
        return "Choose two different runs."
    if (lined.rows.place[:, two] >= 0).all(axis=1).sum() == 0:
        return "No channel of one run sees what a channel of the other one sees."
    return ""
