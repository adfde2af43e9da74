"""How the ascent of a class went: the objective of every trial, and what went wrong."""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.views import enough
from deepresolve_dash.views.channels import kept
from deepresolve_dash.views.fiv import by_score
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.palette import number
from deepresolve_dash.views.selection import MODES, Selection, of_class, regime_for
from deepresolve_dash.views.words import Note

OFF = 1.25  # factor by which the norm of the maps may miss what l2 was set for


def data(ensemble: xr.Dataset, summary: xr.Dataset, selection: Selection) -> dict:
    """Show how the objective of every restart climbed, and where it had not yet come to rest.

    Curves that end flat at different heights are different optima and no fault; a curve that still
    climbs at its end makes IL and recipes measure the ascent instead of the network.

    Returns
    -------
    dict
        `trials` by falling score, each with its numbers and its curve (None after the end), `step`,
        `wrong` (what went wrong, in words), `enough` (see `views.enough.curves`) and `regime`.
    """
    raw = of_class(ensemble, selection, MODES)
    order = by_score(raw)
    keep = kept(raw)
    best = best_trial(raw)
    curves = raw.trace.values.astype(np.float64) if "trace" in raw else None
    return {
        "regime": regime_for(summary, selection, MODES),
        "l2": float(raw.l2.values),
        "step": raw.step.values.tolist() if curves is not None else [],
        "wrong": wrong(ensemble, selection),
        "enough": enough.curves(ensemble, summary, selection),
        "trials": [
            {
                "trial": int(trial),
                "steps": int(raw.n_steps.values[trial]),
                "score": float(raw.score.values[trial]),
                "objective": float(raw.objective.values[trial]),
                "converged": bool(raw.converged.values[trial]),
                "diverged": not bool(keep[trial]),
                "gradient": float(raw.gradient_norm.values[trial]),
                "best": int(trial) == best,
                "curve": [] if curves is None else curves[trial],
            }
            for trial in order
        ],
    }


def best_trial(raw: xr.Dataset) -> int | None:
    """Return the trial with the largest objective; None when every one diverged."""
    objective = np.where(kept(raw), raw.objective.values, np.nan)
    return None if np.isnan(objective).all() else int(np.nanargmax(objective))


def wrong(ensemble: xr.Dataset, selection: Selection) -> list[Note]:
    """Return what went wrong in the ascent of a class, the gravest first; empty when nothing did.

    *Choice:* the fall-back of l2 is not stored, so it is known by what it leaves: maps whose norm
    misses by more than a quarter the one that l2 was set for.
    """
    raw = of_class(ensemble, selection, MODES)
    keep, n = kept(raw), raw.sizes["trial"]
    stopped = keep & ~raw.converged.values.astype(bool)
    told = []
    if not keep.all():
        why = "A value was not finite. Diverged trials carry no weight; a larger l2 may help."
        told.append(Note(f"{_of(~keep, n)} diverged", why, "warn"))
    if stopped.any():
        why = "They still gained when the ascent ended, so IL and recipes may measure the ascent."
        told.append(Note(f"{_of(stopped, n)} not converged", why, "warn"))
    if np.isnan(float(raw.l2.values)):
        why = "The gradient is 0 from every start: a dead class."
        told.append(Note("no l2 could be set", why, "warn"))
    ratio = _norm_ratio(raw, keep)
    if max(ratio, 1 / ratio) > OFF:
        why = (
            "No l2 gave the maps of this class the norm of the regime, so it is seen at another "
            "distance from the base map than the others."
        )
        told.append(Note(f"maps {number(ratio)} times as long as wanted", why, "warn"))
    return told


def _of(which: NDArray[np.bool_], n: int) -> str:
    return f"{int(which.sum())} of {count(n, 'trial')}"


def _norm_ratio(raw: xr.Dataset, keep: NDArray[np.bool_]) -> float:
    """Return the median norm of the maps in units of the wanted one; 1 when it is not known."""
    if "norm_ratio" not in raw or not keep.any():
        return 1.0
    ratio = float(np.median(raw.norm_ratio.values[keep]))
    return ratio if np.isfinite(ratio) and ratio > 0 else 1.0
