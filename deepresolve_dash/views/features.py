"""The lists of features of a class: the important ones, and those that are not additive."""

import numpy as np
import xarray as xr

from deepresolve_dash.core.statistics.ofiv import Kind, largest_importance
from deepresolve_dash.views.channels import data as channel_rows
from deepresolve_dash.views.channels import kept
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.selection import MODES, Selection, of_class
from deepresolve_dash.views.words import Note, state

IMPORTANT = 20  # percent of the largest |OFIV|, the method's own threshold
_COLUMNS = (
    "channel", "ofiv", "low", "high", "level", "kind", "component", "up", "down", "gradient",
    "swing", "n_trials",
)  # fmt: skip


def important(ensemble: xr.Dataset, summary: xr.Dataset, selection: Selection) -> dict:
    """List the channels whose |OFIV| reaches a share of the largest one of the class.

    The share is a habit and not a test, so a channel just below it is no different from one just
    above; OFIVs of two classes have different scales and cannot be compared by their size.

    Returns
    -------
    dict
        The rows of `views.channels.data` and, for each channel, `share` (percent of the largest
        |OFIV|); `unit` is what 100% is, in feature-map units; `method` the threshold in percent.
    """
    told = _rows(ensemble, summary, selection)
    size = np.abs(told["ofiv"])
    unit = float(np.nanmax(size)) if np.isfinite(size).any() else float("nan")
    return told | {
        "share": _percent(size, unit),
        "unit": unit,
        "method": IMPORTANT,
        "rule": f"The method lists |OFIV| of {IMPORTANT}% of the largest or more.",
        "notes": [],
    }


def varying(ensemble: xr.Dataset, summary: xr.Dataset, selection: Selection) -> dict:
    """List the channels that are not additive: their importance varies over the restarts.

    The method's own rule is the mixture of IL values with its guard; a threshold of your own asks
    for the spread alone, which is large too when restarts have not converged.

    Returns
    -------
    dict
        The rows of `views.channels.data` and, for each channel, `share`: its spread, the standard
        deviation of its FIV over trials (the root of IL) in percent of the largest weighted mean
        |FIV| of the class; `unit` is what 100% is, in feature-map units; `method` lists those that
        the method calls non-additive by true.
    """
    told = _rows(ensemble, summary, selection)
    raw, mine = of_class(ensemble, selection, MODES), of_class(summary, selection, MODES)
    keep = kept(raw)
    unit = largest_importance(raw.fiv.values[keep], mine.weight.values[keep]) if keep.any() else 0.0
    method = told["kind"] != Kind.ADDITIVE
    return told | {
        "share": _percent(np.sqrt(told["level"]), unit),
        "unit": unit,
        "method": method,
        "rule": "The method lists the channels above the mixture's lowest component.",
        "notes": _method_notes(mine, int(method.sum())),
    }


def _rows(ensemble: xr.Dataset, summary: xr.Dataset, selection: Selection) -> dict:
    """Return the columns of both lists, and why there are none."""
    rows = channel_rows(ensemble, summary, selection)
    unreadable = state(ensemble, summary, selection)
    headline, modes = rows["regimes"]["ofiv"], rows["regimes"]["modes"]
    told = modes if headline == modes else f"OFIV from {headline}, IL and kinds from {modes}"
    return {name: rows[name] for name in _COLUMNS} | {
        "regime": told,
        "additive": additive_why(of_class(summary, selection, MODES)),
        "state": f"{unreadable.text}. {unreadable.why}" if unreadable else None,
    }


def additive_why(mine: xr.Dataset) -> dict[str, str]:
    """Return why a channel with both signs reads additive, in short and as a sentence.

    The kind comes from IL; signs are asked for only above the lowest component of the mixture.
    """
    if bool(mine.guarded.values):
        why = (
            "Additive although its sign changes: the trials agree to within a tenth of the largest "
            "importance of the class, so the guard reads every channel as additive."
        )
        return {"short": "guarded", "why": why}
    if int(np.nan_to_num(mine.n_components.values)) == 1:
        why = (
            "Additive although its sign changes: the mixture of IL has one component, so no "
            "channel of this class stands out; signs are asked for only where one does."
        )
        return {"short": "by IL", "why": why}
    why = (
        "Additive although its sign changes: its IL is in the lowest component of the mixture, or "
        "below that one's mean; signs are asked for only above."
    )
    return {"short": "by IL", "why": why}


def _percent(size: np.ndarray, unit: float) -> np.ndarray:
    """Return sizes in percent of a unit; NaN where there is none."""
    return 100 * size / unit if unit > 0 else np.full(len(size), np.nan)


def _method_notes(mine: xr.Dataset, n: int) -> list[Note]:
    """Return what the method says of the class as a whole."""
    components = int(np.nan_to_num(mine.n_components.values))
    if bool(mine.guarded.values):
        why = (
            "The trials agree to within a tenth of the largest importance, so the mixture would "
            "only split rounding error. A threshold of your own lists them all the same."
        )
        return [Note("guarded: the method lists none", why, "warn")]
    if not n:
        why = f"The mixture of IL values has {count(components, 'component')}."
        return [Note("the method lists none", why)]
    return []
