"""The lists of channels of a class page, as the page's controls ask for them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.exports.figures.panel import Asked
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import channels, features
from deepresolve_dash.views.palette import UNITS
from deepresolve_dash.views.selection import Selection

_SORTED = ("channel", "ofiv", "share", "level", "kind", "component", "up", "gradient", "swing")


class Listed(NamedTuple):
    """A list: its columns, the places of its rows in them, what its bars are, and words."""

    told: dict
    places: list[int]
    bars: NDArray[np.float64]
    low: NDArray[np.float64] | None
    high: NDArray[np.float64] | None
    unit: str
    title: str
    regime: str
    rule: str
    empty: str


def listed_channels(run: Run, selection: Selection, asked: Asked) -> Listed:
    """Return the list of channels: all, or the marked ones alone."""
    told = channels.data(run.ensemble, run.summary, selection)
    every = told["channel"].tolist()
    marked = [int(one) for one in asked.get("set", "").split(",") if one.isdecimal()]
    alone = asked.get("only") == "1" and marked
    places = [i for i, k in enumerate(every) if not alone or k in marked]
    regimes = told["regimes"]
    same = regimes["ofiv"] == regimes["modes"]
    regime = regimes["ofiv"] if same else f"{regimes['ofiv']}, IL and kinds from {regimes['modes']}"
    return Listed(
        told,
        places,
        told["ofiv"],
        told["low"],
        told["high"],
        f"OFIV ({UNITS})",
        "Channels",
        regime,
        "marked channels" if alone else "",
        "None of the marked channels is in this run.",
    )


def listed_important(run: Run, selection: Selection, asked: Asked) -> Listed:
    """Return the channels whose |OFIV| reaches a share of the largest one."""
    told = features.important(run.ensemble, run.summary, selection)
    least = _amount(asked.get("important", ""), told["method"])
    inside = np.nan_to_num(told["share"], nan=-1) >= least
    rule = f"|OFIV| at least {least:g}% of the largest"
    return Listed(
        told,
        _sorted(told, np.flatnonzero(inside), asked.get("important-by", "share")),
        told["ofiv"],
        told["low"],
        told["high"],
        f"OFIV ({UNITS})",
        "Important features",
        told["regime"].removeprefix("OFIV from "),
        rule,
        told["state"] or "No channel reaches this threshold.",
    )


def listed_varying(run: Run, selection: Selection, asked: Asked) -> Listed:
    """Return the channels that are not additive, by the method's rule or by their spread."""
    told = features.varying(run.ensemble, run.summary, selection)
    least = _amount(asked.get("varying", ""), None)
    inside = told["method"] if least is None else np.nan_to_num(told["share"], nan=-1) >= least
    by_rule = "by the method's rule: above the mixture's lowest component"
    rule = by_rule if least is None else f"spread at least {least:g}%"
    rule += "; in % of the largest mean |FIV|"
    none = "The method lists no channel." if least is None else "No channel reaches this threshold."
    return Listed(
        told,
        _sorted(told, np.flatnonzero(inside), asked.get("varying-by", "share")),
        told["share"],
        None,
        None,
        "spread (% of the largest)",
        "Non-additive features",
        told["regime"].removeprefix("OFIV from "),
        rule,
        told["state"] or none,
    )


def _amount(text: str, usual: float | None) -> float | None:
    """Return a threshold in percent."""
    return float(text) if text.replace(".", "", 1).isdecimal() else usual


def _sorted(told: dict, places: NDArray[np.int64], by: str) -> list[int]:
    """Return places in the order of a column, as the page has them: the largest first.

    Channels begin with the first; a minus in front of the column turns it round.
    """
    name = by.removeprefix("-")
    values = told.get({"interval": "low"}.get(name, name))
    if values is None or name not in (*_SORTED, "interval"):
        return places.tolist()
    rising = (name == "channel") != by.startswith("-")
    mine = np.asarray(values, np.float64)[places]
    mine = np.where(np.isnan(mine), -np.inf, mine)
    return places[np.argsort(mine if rising else -mine, kind="stable")].tolist()
