"""Enough trials? A light, its reasons, and how the leading channels settle as trials are added."""

import numpy as np
import xarray as xr

from deepresolve_dash.core.statistics import enough
from deepresolve_dash.views.channels import kept
from deepresolve_dash.views.selection import IMPORTANCE, MODES, Selection, of_class, regime_for
from deepresolve_dash.views.words import Note

_LIGHTS = {
    "enough": Note("Enough trials", "", "good", "●", "light-enough"),
    "more": Note("More trials may help", "", "warn", "◐", "light-more"),
    "few": Note("Too few trials", "", "warn", "○", "light-few"),
    "unknown": Note("Enough trials? Not known", "", "plain", "–", "light-unknown"),
}
_GRAVE = ("unknown", "enough", "more", "few")  # the last that occurs is shown
_RULE = (
    "Green: half of the trials find nine in ten of the leading channels and rank all as the whole "
    "does (0.95). Red: less than three quarters, or below 0.8."
)
_UNKNOWN = "It takes two trials and two channels of which one changes the score."


def light(ensemble: xr.Dataset, summary: xr.Dataset, selection: Selection) -> Note:
    """Return whether the trials of a class are enough, by the worse of the regimes that are read.

    The numbers come from the summary; for a run of an older release from its ensemble.
    """
    told = [
        (regime, *_stability(ensemble, summary, selection, reading))
        for regime, reading in _regimes(summary, selection).items()
    ]
    lights = [enough.light(top, ranks, n) for _, top, ranks, n in told]
    worst = max(lights, key=_GRAVE.index)
    if worst == "unknown":
        return _LIGHTS[worst]._replace(why=_UNKNOWN)
    n_leading = enough.n_leading(ensemble.sizes["channel"])
    reasons = "; ".join(
        f"{regime}: half of {n} trials find {top:.0%} of the {n_leading} leading channels, rank "
        f"correlation {ranks:.2f}"
        for regime, top, ranks, n in told
        if top == top
    )
    few = " Fewer than five trials are never enough." if told[0][3] < enough.LEAST_TRIALS else ""
    return _LIGHTS[worst]._replace(why=f"{reasons}. {_RULE}{few}")


def curves(ensemble: xr.Dataset, summary: xr.Dataset, selection: Selection) -> list[dict]:
    """Return the share of the leading channels that fewer trials find, in each regime read.

    Returns
    -------
    list of dict
        `regime`, `sizes` (numbers of trials), `shares` (0 to 1) and `leading` (channels); empty
        where there is nothing to compare.
    """
    drawn = []
    for regime, reading in _regimes(summary, selection).items():
        raw = of_class(ensemble, selection, reading)
        keep = kept(raw)
        shares = enough.top_shares(raw.fiv.values[keep], raw.score.values[keep])
        if len(shares) and np.isfinite(shares).all():
            n_leading = enough.n_leading(raw.sizes["channel"])
            at = enough.sizes(int(keep.sum())).tolist()
            drawn.append({"regime": regime, "sizes": at, "shares": shares, "leading": n_leading})
    return drawn


def _regimes(summary: xr.Dataset, selection: Selection) -> dict[str, str]:
    """Return the regimes that are read, each with the role it is read in."""
    return {regime_for(summary, selection, role): role for role in (MODES, IMPORTANCE)}


def _stability(
    ensemble: xr.Dataset, summary: xr.Dataset, selection: Selection, reading: str
) -> tuple[float, float, int]:
    """Return top stability, rank stability and the number of kept trials of a class."""
    raw, mine = (of_class(results, selection, reading) for results in (ensemble, summary))
    keep = kept(raw)
    if "top_stability" in mine:
        top = float(mine.top_stability.values)
    else:
        top = enough.top_stability(raw.fiv.values[keep], raw.score.values[keep])
    return top, float(mine.rank_stability.values), int(keep.sum())
