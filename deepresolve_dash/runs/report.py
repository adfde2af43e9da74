"""A run's summary as plain JSON data."""

import math

import numpy as np
import xarray as xr

from deepresolve_dash.core.statistics.enough import light
from deepresolve_dash.core.statistics.ofiv import Kind, important_channels
from deepresolve_dash.runs.store import Run

_NUMBERS = (
    "n_components", "guarded", "n_optima", "n_components_rescaled", "share_converged",
    "residual_share", "null_rate", "rank_stability", "top_stability",
)  # fmt: skip
_PER_CHANNEL = ("ofiv", "ofiv_low", "ofiv_high", "inconsistency", "kind")


def report(run: Run, *, n_top: int = 10) -> dict:
    """Return what `summarise --json` prints: one entry per class and regime.

    Parameters
    ----------
    run : Run
    n_top : int
        Channels listed under `top`, by OFIV from the highest.
    """
    summary = run.summary
    positions = np.ndindex(summary.sizes["target"], summary.sizes["regime"])
    return {
        "run": run.id,
        "layer": run.info["spec"]["layer"],
        "settings": run.info["spec"]["settings"] | {"preset": run.info["spec"]["preset"]},
        "targets": [_entry(summary, run.ensemble, t, r, n_top) for t, r in positions],
        "timing": run.info["timing"],
    }


def report_text(entries: dict) -> str:
    """Return a report as lines to read."""
    lines = [f"Run {entries['run']}, layer {entries['layer']}"]
    for one in entries["targets"]:
        verdict = "guarded: trials agree" if one["guarded"] else f"{one['n_components']} components"
        lines.append(
            f"  class {one['index']} {one['name']} ({one['regime']}): {verdict}, "
            f"{one['n_optima']} distinct optima, {one['n_converged']} trials converged"
        )
        lines += [
            f"    channel {top['channel']:>4}  OFIV {top['ofiv']:+.4g} "
            f"[{top['ofiv_low']:+.4g}, {top['ofiv_high']:+.4g}]  IL {top['inconsistency']:.3g}"
            for top in one["top"]
        ]
    return "\n".join(lines)


def _entry(summary: xr.Dataset, ensemble: xr.Dataset, t: int, r: int, n_top: int) -> dict:
    """Return one class in one regime."""
    one = summary.isel(target=t, regime=r)
    kind, ofiv = one.kind.values, one.ofiv.values
    has_result = int(one.n_components) > 0
    # runs of older releases lack some
    numbers = {name: one[name].item() if name in one else math.nan for name in _NUMBERS}
    n_kept = int((~ensemble.diverged.values[r, t].astype(bool)).sum())
    return {
        "index": int(one.target),
        "name": str(one.target_name.values),
        "regime": str(one.regime.values),
        "bic": one.bic.values.tolist(),
        "n_converged": int(ensemble.converged.values[r, t].sum()),
        **numbers,
        "enough_trials": light(numbers["top_stability"], numbers["rank_stability"], n_kept),
        "additive": _channels(kind == Kind.ADDITIVE) if has_result else [],
        "non_additive_consistent": _channels(kind == Kind.CONSISTENT),
        "non_additive_inconsistent": _channels(kind == Kind.INCONSISTENT),
        "important": important_channels(ofiv).tolist() if has_result else [],
        "top": [
            {"channel": int(k), **{name: one[name].values[k].item() for name in _PER_CHANNEL}}
            for k in np.argsort(-ofiv, kind="stable")[:n_top]
        ]
        if has_result
        else [],
    }


def _channels(mask: np.ndarray) -> list[int]:
    return np.flatnonzero(mask).tolist()
