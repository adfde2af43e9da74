"""The channel that is looked at, for print: its logo, or where it counts."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from deepresolve_dash.exports.figures.class_figures import caption
from deepresolve_dash.exports.figures.letters import logo
from deepresolve_dash.exports.figures.marks import colour_bar, heat, says, scale_bar
from deepresolve_dash.exports.figures.names import counted, named
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.sheet import heights_of
from deepresolve_dash.exports.figures.style import QUIET, framed, y_title
from deepresolve_dash.exports.figures.text import MM
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import channels, fim, logos
from deepresolve_dash.views.matrix import Matrix
from deepresolve_dash.views.ofiv import ranking
from deepresolve_dash.views.palette import KIND_NAMES, UNITS, number
from deepresolve_dash.views.selection import IMPORTANCE, MODES, Selection, regime_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NO_LOGO = (
    "No logo: the cut lies deeper than the first convolution, so this channel has no filter over "
    "bases of its own."
)
_AXES = {"bits": "information (bits)", "weights": "kernel weight"}


def channel_of(run: Run, selection: Selection, asked: Asked) -> int:
    """Return the channel that is looked at: the one asked for, else the strongest."""
    wanted = asked.get("channel", "")
    known = run.summary.channel.values.tolist()
    if wanted.isdecimal() and int(wanted) in known:
        return int(wanted)
    return int(run.summary.channel.values[ranking(run.summary, selection)[0]])


def draw(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw the logo of a channel with its axes, or its map over positions."""
    channel = channel_of(run, selection, asked)
    if asked.get("card") == "map":
        return _map(figure, run, selection, channel)
    form = _form(asked)
    framed(figure, f"Channel {named(run, channel)}", _told(run, selection, channel))
    heights = heights_of(run, form).get(channel)
    if heights is None:
        return says(figure, NO_LOGO)
    axes = figure.subplots()
    logo(axes, heights)
    axes.set_xlim(0, len(heights))
    low, high = logos.span(heights, form)
    axes.set_ylim(low, high)
    axes.axhline(0, color=QUIET, linewidth=0.5)
    every = 1 if figure.get_figwidth() * MM / len(heights) > 3.4 else 5
    at = [i for i in range(len(heights)) if (i + 1) % every == 0]
    axes.set_xticks([i + 0.5 for i in at], [str(i + 1) for i in at])
    axes.set_xlabel("position in the filter (bp)")
    y_title(axes, _AXES[form])
    length = 5 if len(heights) >= 8 else 1
    scale_bar(axes, length, f"{length} bp")
    return None


def _form(asked: Asked) -> str:
    return "weights" if asked.get("logo") == "weights" else "bits"


def _told(run: Run, selection: Selection, channel: int) -> str:
    """Return the numbers of the channel and where they are from."""
    found = channels.data(run.ensemble, run.summary, selection)
    i = found["channel"].tolist().index(channel)
    numbers = (
        f"OFIV {number(found['ofiv'][i], sign=True)} "
        f"[{number(found['low'][i])}, {number(found['high'][i])}], "
        f"IL {number(found['level'][i])}, {KIND_NAMES[found['kind'][i]]}"
    )
    regime = regime_for(run.summary, selection, IMPORTANCE)
    return caption(run, selection, regime, numbers)


def _map(figure: "Figure", run: Run, selection: Selection, channel: int) -> None:
    """Draw the map of a channel, trials by positions."""
    regime = regime_for(run.summary, selection, MODES)
    title = f"Feature importance map of channel {named(run, channel)}"
    framed(figure, title, caption(run, selection, regime))
    why = fim.missing(run.ensemble)
    if why:
        return says(figure, why)
    shown, seen = _matrix(run, selection, channel)
    axes = figure.subplots()
    image = heat(axes, shown.values, shown.limit)
    counted(axes, len(shown.rows))
    axes.set_ylabel("rank of trial by score")
    _positions(axes, shown, seen)
    colour_bar(figure, image, axes, f"importance ({UNITS})", shown.limit)
    return None


def _matrix(run: Run, selection: Selection, channel: int) -> tuple[Matrix, fim.Bases | None]:
    seen = fim.bases(run.info.get("network", {}))
    return fim.data(run.ensemble, run.summary, selection, channel, seen=seen), seen


def _positions(axes: "Axes", shown: Matrix, seen: fim.Bases | None) -> None:
    """Count positions by the middle of the bases that they see, with a scale bar below."""
    n = len(shown.columns)
    if seen is None:
        counted(axes, n, upright=False)
        axes.set_xlabel("position in the layer")
        return
    step = max(1, n // 6)
    at = range(0, n, step)
    axes.set_xticks(list(at), [str(shown.column_ids[i]) for i in at])
    axes.set_xlabel(f"position (bp), middle of the {seen.width} bp that each sees")


def rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return the heights of all letters, or the map with a row per trial."""
    channel = channel_of(run, selection, asked)
    if asked.get("card") == "map":
        if fim.missing(run.ensemble):
            return pd.DataFrame({"trial": []})
        shown, seen = _matrix(run, selection, channel)
        unit = "position" if seen is None else "bp"
        heads = [f"importance at {unit} {one} ({UNITS})" for one in shown.column_ids]
        trials = pd.DataFrame({"trial": shown.row_ids})
        return pd.concat([trials, pd.DataFrame(shown.values, columns=heads)], axis=1)
    form = _form(asked)
    heights = heights_of(run, form).get(channel, np.zeros((0, 4)))
    unit = "bits" if form == "bits" else "kernel weight"
    told = pd.DataFrame(heights, columns=[f"{base} ({unit})" for base in logos.BASES])
    told.insert(0, "position (bp)", np.arange(len(heights)) + 1)
    return told


def _tall(width: float, run: Run, selection: Selection, asked: Asked) -> float:
    return 0.66 * width if asked.get("card") == "map" else 26 + 0.18 * width


PANELS = (
    Panel("card", "Channel", "class", draw, rows, asks=("channel", "card", "logo"), tall=_tall),
)
