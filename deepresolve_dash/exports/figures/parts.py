"""What figures of all classes share: what they read of the address, and how they are called."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.exports.figures.names import named
from deepresolve_dash.exports.figures.panel import Asked
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import classes, clusters, ofiv_map
from deepresolve_dash.views.selection import Selection

ALONE = "This run has one class: there is nothing to compare it with."
TREE = 9.0  # mm of a tree of classes


def lone(run: Run) -> bool:
    """Tell whether a run has no classes to compare."""
    return not classes.available(run.summary)


def titled(run: Run, words: str) -> str:
    """Return the title of a figure: what it shows, and the run."""
    return f"{words}, {run.info.get('name', run.id)}"


def amount(asked: Asked, name: str, usual: float, low: float, high: float) -> float:
    """Return a number that the address asks for, within bounds; the usual one for what is none."""
    try:
        value = float(asked.get(name) or usual)
    except ValueError:
        return usual
    return min(max(value, low), high) if np.isfinite(value) else usual


def cut_of(asked: Asked) -> float:
    """Return where the tree is cut, in 1 - A."""
    return amount(asked, "cut", clusters.CUT, 0.0, 2.0)


def channel_names(run: Run, channels: Sequence[int]) -> list[str]:
    """Return what channels are called beside a map."""
    return [named(run, channel) for channel in channels]


def columns_of(run: Run, selection: Selection) -> NDArray[np.int64]:
    """Return the places of the channels, clustered over the classes."""
    return ofiv_map.channel_order(run.summary, selection)


def second_of(run: Run, asked: Asked) -> str:
    """Return the comparison beside the similarity, as the page chooses it."""
    others = [name for name in classes.available(run.summary) if name != "similarity"]
    return str(asked["second"]) if asked.get("second") in others else others[0]
