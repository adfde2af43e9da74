"""What figures of one channel share."""

from typing import TYPE_CHECKING

import numpy as np

from deepresolve_dash.exports.figures.panel import Asked
from deepresolve_dash.exports.figures.text import plain
from deepresolve_dash.exports.known import known_of
from deepresolve_dash.motifs.faces import ACTIVATION, ASCENT, FILTER
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import channel

if TYPE_CHECKING:
    pass

NOT_LOOKED = "Not known before a look at the channels."
WORDS = {FILTER: "filter", ACTIVATION: "activation", ASCENT: "ascent"}
LOOK = ("channel", "source", "database")  # keys of the address that choose what was looked at


def number_of(run: Run, asked: Asked) -> int:
    """Return the channel that is asked for; the first of the run where none is.

    Raises
    ------
    RunNotFound
        When the run has none of this number.
    """
    text = str(asked.get("channel") or "")
    found = int(text) if text.isdecimal() else int(run.summary.channel.values[0])
    channel.place_of(run, found)
    return found


def percent_of(asked: Asked, name: str) -> float | None:
    """Return a percentage that is asked for, from 0 to 100; None for what is none."""
    try:
        value = float(asked.get(name) or "")
    except ValueError:
        return None
    return min(100.0, max(0.0, value)) if np.isfinite(value) else None


def _called(run: Run, one: int) -> str:
    """Return a channel with its motif, as a title says it."""
    name = known_of(run).called.get(one)
    return f"Channel {one} ({plain(name)})" if name else f"Channel {one}"


def titled(run: Run, one: int, words: str) -> str:
    """Return the title of a figure of a channel."""
    return f"{_called(run, one)}: {words}, {run.info.get('name', run.id)}"
