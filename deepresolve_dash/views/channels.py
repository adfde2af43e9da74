"""The channels of a class, one row each, for the list and the card."""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.core.statistics.ofiv import Kind
from deepresolve_dash.core.statistics.optima import both_orders
from deepresolve_dash.views.ofiv import data as ranking_data
from deepresolve_dash.views.selection import IMPORTANCE, MODES, Selection, of_class, regime_for

N_CLASSES = 4  # classes named beside a channel


def data(ensemble: xr.Dataset, summary: xr.Dataset, selection: Selection) -> dict:
    """List channels from the strongest for the class to the strongest against it, with logos.

    A logo shows the channel's own filter, which may be a piece of a motif; what the network does
    with it is in the numbers, and how channels combine only the interaction test can say.

    Returns
    -------
    dict of lists (channel,) in the order of the OFIV
    """
    ranked = ranking_data(ensemble, summary, selection)
    raw = of_class(ensemble, selection, MODES).sel(channel=ranked.channel)
    modes = of_class(summary, selection, MODES).sel(channel=ranked.channel)
    up, down = signs(raw)
    return {
        "channel": ranked.channel,
        "ofiv": ranked.ofiv,
        "low": ranked.low,
        "high": ranked.high,
        "kind": ranked.kind,
        "gradient": ranked.gradient,
        "swing": ranked.swing,
        "level": modes.inconsistency.values,
        "component": modes.mixture_component.values.astype(int),
        "up": up,
        "down": down,
        "partners": opposed(raw, modes),
        "n_trials": int(kept(raw).sum()),
        "regimes": {
            "ofiv": regime_for(summary, selection, IMPORTANCE),
            "modes": regime_for(summary, selection, MODES),
        },
    }


def kept(raw: xr.Dataset) -> NDArray[np.bool_]:
    """Return which trials of a class did not diverge."""
    return ~raw.diverged.values.astype(bool) & np.isfinite(raw.fiv.values).all(-1)


def signs(raw: xr.Dataset) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return in how many trials each channel is positive, and negative."""
    fiv = raw.fiv.values[kept(raw)]
    small = 1e-3 * np.abs(fiv).max(initial=0.0)
    return (fiv > small).sum(0), (fiv < -small).sum(0)


def opposed(raw: xr.Dataset, modes: xr.Dataset) -> list[list[int]]:
    """Return for each channel those with opposite signs in both orders, both inconsistent."""
    found: list[list[int]] = [[] for _ in range(modes.sizes["channel"])]
    mine = np.flatnonzero(modes.kind.values == Kind.INCONSISTENT)
    keep = kept(raw)
    if len(mine) < 2 or not keep.any():
        return found
    pairs = both_orders(raw.fiv.values[np.ix_(keep, mine)], modes.weight.values[keep])
    for a, b in zip(*np.nonzero(pairs), strict=True):
        found[mine[a]].append(int(modes.channel.values[mine[b]]))
    return found


def strongest_classes(summary: xr.Dataset, selection: Selection) -> list[list[int]]:
    """Return for each channel the classes it speaks for most, by output index.

    The same for all classes of a run, so that it is sent once.

    Returns
    -------
    list of lists (channel,), in the order of the run
    """
    regime = regime_for(summary, selection, IMPORTANCE)
    ofiv = summary.ofiv.sel(regime=regime).values
    falling = -np.nan_to_num(ofiv, nan=-np.inf)
    n = min(N_CLASSES, len(falling))
    best = np.argpartition(falling, n - 1, axis=0)[:n]
    best = np.take_along_axis(best, np.take_along_axis(falling, best, 0).argsort(0), 0)
    targets = summary.target.values
    return [[int(targets[c]) for c in best[:, k] if ofiv[c, k] > 0] for k in range(ofiv.shape[1])]
