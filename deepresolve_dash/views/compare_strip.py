"""Runs beside each other, in order of what they differ in: leading channels and optima."""

from collections.abc import Sequence

import numpy as np

from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import compare
from deepresolve_dash.views.channels import kept
from deepresolve_dash.views.compare_class import Targets
from deepresolve_dash.views.compare_rows import Lined
from deepresolve_dash.views.selection import IMPORTANCE, MODES, Selection, of_class, regime_for

LEADING = 8  # channels that are drawn of each run


def data(runs: Sequence[Run], lined: Lined, targets: Targets, *, regime: str | None = None) -> dict:
    """Put the runs in order of l2 or layer: leading channels by |OFIV|, joined where they recur.

    Objectives and sizes of OFIV have other units at another l2 or layer, so look at which channels
    lead and whether the number of optima changes, not at how high the numbers are.

    Returns
    -------
    dict
        `along` (`l2`, `layer`, or empty), and for each run in that order `steps`: `run` (its
        place), `label`, `regime`, `l2`, `objective`, `score` (means over kept trials, logits),
        `n_optima`, `n_components`, `guarded`, `converged` (share of trials), `kinds` (how many of
        each), `leading` (row, OFIV); `empty` why a step says nothing.
    """
    how = compare.along(runs)
    wanted = regime or (_held(runs) if how == "l2" else None)
    networks = {run.info["spec"]["network"] for run in runs}
    named = how or ("network" if len(networks) > 1 else "")
    return {
        "along": how,
        "regime": wanted,
        "steps": [
            _step(runs[at], targets[at], lined, at, wanted, named) for at in compare.in_order(runs)
        ],
    }


def _held(runs: Sequence[Run]) -> str | None:
    """Return the regime that a given l2 holds in, where it holds in that alone."""
    found = {tuple(run.info["spec"]["settings"].get("l2_regimes") or ()) for run in runs}
    one = next(iter(found))
    return one[0] if len(found) == 1 and len(one) == 1 else None


def _step(
    run: Run, target: int | None, lined: Lined, at: int, regime: str | None, how: str
) -> dict:
    label = _label(run, how)
    told = {"run": at, "label": label, "empty": ""}
    if target is None:
        return told | {"empty": "has no such class"}
    one = Selection(run.id, target, regime)
    ofiv = of_class(run.summary, one, IMPORTANCE).ofiv.values
    modes, raw = (of_class(each, one, MODES) for each in (run.summary, run.ensemble))
    keep = kept(raw)
    row_of = {int(k): row for row, k in enumerate(lined.rows.place[:, at]) if k >= 0}
    size = np.abs(np.nan_to_num(ofiv))
    leading = [int(k) for k in np.argsort(-size, kind="stable")[:LEADING] if size[k] > 0]
    return told | {
        "regime": [regime_for(run.summary, one, reading) for reading in (IMPORTANCE, MODES)],
        "l2": float(raw.l2.values),
        "objective": _mean(raw.objective.values[keep]),
        "score": _mean(raw.score.values[keep]),
        "n_optima": _whole(modes.n_optima.values),
        "n_components": _whole(modes.n_components.values),
        "guarded": bool(modes.guarded.values),
        "converged": float(raw.converged.values[keep].mean()) if keep.any() else None,
        "n_trials": len(keep),
        "kinds": [int((modes.kind.values == kind).sum()) for kind in range(3)],
        "leading": [[row_of.get(k), int(run.summary.channel.values[k]), ofiv[k]] for k in leading],
    }


def _label(run: Run, how: str) -> str:
    """Return what tells a run from the others on the strip."""
    spec = run.info["spec"]
    if how == "l2":
        return f"l2 {compare.l2_words(run).split(' in ')[0]}"
    if how == "layer":
        field = run.info.get("network", {}).get("receptive_field_bp")
        return f"{spec['layer']}, {field} bp" if field else str(spec["layer"])
    if how == "network":
        return str(run.info.get("network", {}).get("name") or run.info.get("name") or run.id)
    return f"seed {spec['settings']['seed']}"


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None


def _whole(value: np.ndarray) -> int | None:
    return int(value) if np.isfinite(value) else None
