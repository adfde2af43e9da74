"""Two classes: what makes them similar, and what sets them apart."""

import json

import numpy as np
import xarray as xr

from deepresolve_dash.core.settings import find_preset
from deepresolve_dash.core.statistics.classes import difference
from deepresolve_dash.core.statistics.ofiv import N_RESAMPLES, important_channels
from deepresolve_dash.core.statistics.pairs import (
    Trials,
    shares,
    similarity_interval,
    without_each,
)
from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.views import classes
from deepresolve_dash.views.channels import kept
from deepresolve_dash.views.selection import IMPORTANCE, Selection, of_class, regime_for

_FEW_TRIALS = 5


def data(ensemble: xr.Dataset, summary: xr.Dataset, selection: Selection) -> dict:
    """Take the similarity of two classes apart into channels, whose shares add up to it exactly.

    A share is the product of two standardised positive importances, so that channels that neither
    class uses add a little as well; the interval is over restarts and says nothing of new training.

    Returns
    -------
    dict
        `ids`, `names`, `values` (comparison and value), `interval`, and per channel, by falling
        share: `channel`, `first` and `second` OFIV, `gap`, `share`, `without`; lists of channels
        `shared`, `opposed`; `empty`, why there is no similarity.

    Raises
    ------
    RunNotFound
        When the selection holds no two different classes of the run.
    """
    if selection.pair is None or selection.pair[0] == selection.pair[1]:
        raise RunNotFound("This address names no two classes.", "Pick a cell of the matrix.")
    i, j = selection.pair
    mine, other = (of_class(summary, selection, IMPORTANCE, target=one) for one in (i, j))
    x, y = mine.ofiv.values, other.ofiv.values
    share = shares(x, y)
    order = np.argsort(-np.nan_to_num(share), kind="stable")
    targets = summary.target.values.tolist()
    places = [targets.index(one) for one in (i, j)]
    columns = {
        "channel": mine.channel.values,
        "first": x,
        "second": y,
        "gap": difference(x, y),
        "share": share,
        "without": without_each(x, y),
    }
    return {
        "regime": regime_for(summary, selection, IMPORTANCE),
        "ids": [i, j],
        "names": [str(summary.target_name.values[place]) for place in places],
        "values": [
            [
                classes.COMPARISONS[name].value,
                float(classes.values(summary, selection, name)[tuple(places)]),
            ]
            for name in classes.available(summary)
        ],
        "interval": _interval(ensemble, summary, selection),
        **{name: values[order].tolist() for name, values in columns.items()},
        **_together(x, y, mine.channel.values),
        "empty": _why_empty(x, y, (i, j)),
    }


def _together(x: np.ndarray, y: np.ndarray, channels: np.ndarray) -> dict:
    """Return the channels important for both classes, by sign."""
    mine, other = (important_channels(np.nan_to_num(ofiv)) for ofiv in (x, y))
    both = np.intersect1d(mine, other)
    both = both[np.argsort(-np.abs(x[both] * y[both]), kind="stable")]
    positive = (x[both] > 0) & (y[both] > 0)
    against = x[both] * y[both] < 0
    return {
        "shared": channels[both[positive]].tolist(),
        "opposed": channels[both[against]].tolist(),
    }


def _interval(ensemble: xr.Dataset, summary: xr.Dataset, selection: Selection) -> dict:
    """Return the interval of the similarity, and what it was drawn from."""
    assert selection.pair is not None
    first, second = (trials(ensemble, summary, selection, one) for one in selection.pair)
    counts = [len(one.weight) for one in (first, second)]
    weighty = [int((one.weight > 0).sum()) for one in (first, second)]
    if min(weighty) < 2:
        why = "Without two trials of either class there is no interval."
        return {"low": None, "high": None, "n": 0, "trials": counts, "says": why}
    low, high, n = similarity_interval(first, second)
    says = f"{N_RESAMPLES:,} resamples of {counts[0]} and {counts[1]} trials"
    if weighty != counts:
        says += f", {weighty[0]} and {weighty[1]} of them with a weight"
    if n < N_RESAMPLES:
        says += f", {n:,} of them with a similarity"
    if min(weighty) < _FEW_TRIALS:
        says += "; so few trials make it too narrow"
    return {"low": low, "high": high, "n": n, "trials": counts, "says": says}


def trials(ensemble: xr.Dataset, summary: xr.Dataset, selection: Selection, target: int) -> Trials:
    """Return the kept trials of a class as its OFIV is made of them."""
    raw = of_class(ensemble, selection, IMPORTANCE, target=target)
    told = of_class(summary, selection, IMPORTANCE, target=target)
    keep = kept(raw)
    masked = find_preset(json.loads(ensemble.attrs["spec"])["preset"]).summary.sign_rule
    kind = told.kind.values if masked else np.zeros_like(told.kind.values)
    return Trials(raw.fiv.values[keep].astype(np.float64), told.weight.values[keep], kind)


def _why_empty(x: np.ndarray, y: np.ndarray, pair: tuple[int, int]) -> str:
    """Return why two classes have no similarity; empty when they have one."""
    blank = [one for one, ofiv in zip(pair, (x, y), strict=True) if not np.ptp(np.maximum(ofiv, 0))]
    if not blank and np.isfinite(x).all() and np.isfinite(y).all():
        return ""
    unknown = [one for one, ofiv in zip(pair, (x, y), strict=True) if not np.isfinite(ofiv).all()]
    named = " and ".join(f"class {one}" for one in sorted({*blank, *unknown}))
    return (
        f"There is no similarity: the positive part of the OFIV of {named} is constant or unknown."
    )
