"""Process of elimination: a class says no to what other classes say yes to."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.core.statistics.elimination import STRONG, Elimination, eliminate
from deepresolve_dash.views.selection import IMPORTANCE, Selection, of_class, regime_for

N_CLASSES = 24  # classes named beside a channel
N_RIVALS = 8


def data(summary: xr.Dataset, selection: Selection, about: Sequence[str] = ()) -> dict:
    """List the channels that speak against this class, and the classes that they speak for.

    OFIV sizes are per class, so each class is scaled by its largest |OFIV|; with many classes most
    channels are strong for some class, so read the share beside what chance would give.

    Parameters
    ----------
    about : sequence of str
        What is known of each class beside its name, in the order of the run; or empty.

    Returns
    -------
    dict
        `channels`, the strongest against the class first, each with the classes that favour it;
        `rivals`, the classes that favour most of what speaks against this one; shares in [0, 1].
    """
    regime = regime_for(summary, selection, IMPORTANCE)
    ofiv = summary.ofiv.sel(regime=regime).values.astype(np.float64)
    mine = of_class(summary, selection, IMPORTANCE)
    place = summary.target.values.tolist().index(int(mine.target.values))
    told = {"regime": regime, "channels": [], "rivals": [], "n_classes": len(ofiv)}
    if len(ofiv) < 2:
        return told | {"empty": "One class only: no other class can favour a channel."}
    if not np.isfinite(ofiv[place]).all() or not np.abs(ofiv[place]).any():
        return told | {"empty": "This class has no result, so nothing speaks against it."}
    found = eliminate(ofiv, place)
    if not len(found.channel):
        return told | {"empty": _nothing(summary, ofiv[place])}
    names = _Names(summary, about)
    return told | {
        "empty": None,
        "explained": found.explained,
        "expected": found.expected,
        "channels": [
            _channel(found, k, int(summary.channel.values[found.channel[k]]), names)
            for k in range(len(found.channel))
        ],
        "rivals": [
            names.of(rival)
            | {"share": float(found.ruled_out[rival]), "chance": float(found.chance[rival])}
            for rival in found.rivals[:N_RIVALS]
        ],
    }


def _nothing(summary: xr.Dataset, ofiv: NDArray[np.float64]) -> str:
    """Return that nothing speaks strongly against a class, and what comes closest."""
    lowest = int(ofiv.argmin())
    if not ofiv[lowest] < 0:
        return "No channel speaks against this class: none has a negative OFIV."
    share = -ofiv[lowest] / np.abs(ofiv).max()
    return (
        f"No channel speaks strongly against this class: channel {summary.channel.values[lowest]} "
        f"does most, with {share:.0%} of the largest |OFIV|; strong is {STRONG:.0%} or more."
    )


class _Names:
    """How classes are called."""

    def __init__(self, summary: xr.Dataset, about: Sequence[str]) -> None:
        self._targets, self._names = summary.target.values, summary.target_name.values
        self._about = about

    def of(self, place: int) -> dict:
        """Return the output index of a class, its name, and what else is known of it."""
        about = self._about[place] if len(self._about) else ""
        return {
            "target": int(self._targets[place]),
            "name": str(self._names[place]),
            "about": about,
        }


def _channel(found: Elimination, k: int, channel: int, names: _Names) -> dict:
    """Return one channel that speaks against the class."""
    favour: NDArray[np.int64] = found.favour[k]
    return {
        "channel": channel,
        "ofiv": float(found.ofiv[k]),
        "scaled": float(found.scaled[k]),
        "share": float(found.share[k]),
        "n": len(favour),
        "classes": [
            names.of(int(other)) | {"scaled": float(value)}
            for other, value in zip(favour[:N_CLASSES], found.strength[k], strict=False)
        ],
    }
