"""The ranking of channels by their overall importance."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
import xarray as xr
from numpy.typing import NDArray
from scipy.stats import rankdata

from deepresolve_dash.views.palette import (
    KIND_COLOURS,
    KIND_NAMES,
    TEXT,
    axis,
    layout,
    number,
    sentence,
)
from deepresolve_dash.views.selection import IMPORTANCE, MODES, Selection, of_class

LABELLED = 48  # bars up to which each carries the number of its channel
PICTURED = 24  # bars up to which there is room for a logo below each
FEW = 8  # at either end, where all would be too many to label
CHOICES = ("few", "all", "5", "10", "20", "50")
LOGOS = 0.26  # share of the height that logos take
SECOND: dict[str, Any] = {  # how the compared class is drawn
    "mode": "markers",
    "marker": {"symbol": "circle-open", "size": 6, "color": TEXT},
    "hovertemplate": "%{text}<br>OFIV %{y:.3g}<extra></extra>",
}


@dataclass(frozen=True)
class Ranking:
    """Channels of a class from the strongest for it to the strongest against it.

    Attributes
    ----------
    channel : int array (channel,)
    ofiv, low, high : float arrays (channel,)
        Value and 95% interval, feature-map units.
    kind : int array (channel,)
    gradient, swing : float arrays (channel,) or None
        Gradient at the base and change of the logit when the channel is clamped, where stored.
    second : float array (channel,) or None
        OFIV of the compared class at the same channels.
    """

    channel: NDArray[np.int64]
    ofiv: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    kind: NDArray[np.int64]
    gradient: NDArray[np.float64] | None
    swing: NDArray[np.float64] | None
    second: NDArray[np.float64] | None
    second_name: str = ""


def ranking(summary: xr.Dataset, selection: Selection) -> NDArray[np.int64]:
    """Return positions of the channels by falling OFIV, NaN last."""
    values = of_class(summary, selection, IMPORTANCE).ofiv.values
    return np.argsort(-values, kind="stable")


def data(ensemble: xr.Dataset, summary: xr.Dataset, selection: Selection) -> Ranking:
    """Rank channels: bars up speak for the class, bars down against it, with 95% intervals.

    The order is as good as that of the gradient at the mean map, not better, and says nothing of
    how channels combine; an interval is over restarts of the ascent, not over networks.
    """
    order = ranking(summary, selection)
    headline = of_class(summary, selection, IMPORTANCE).isel(channel=order)
    raw = of_class(ensemble, selection, IMPORTANCE).isel(channel=order)
    modes = of_class(summary, selection, MODES).isel(channel=order)
    second = None
    if selection.other is not None:
        second = of_class(summary, selection, IMPORTANCE, target=selection.other)
        second = second.isel(channel=order)
    return Ranking(
        channel=headline.channel.values,
        ofiv=headline.ofiv.values,
        low=headline.ofiv_low.values,
        high=headline.ofiv_high.values,
        kind=modes.kind.values.astype(int),
        gradient=raw.gradient_at_base.values if "gradient_at_base" in raw else None,
        swing=raw.clamp_swing.values if "clamp_swing" in raw else None,
        second=None if second is None else second.ofiv.values,
        second_name="" if second is None else str(second.target_name.values),
    )


def agreement(data: Ranking) -> dict[str, float]:
    """Return the rank correlation of OFIV with each companion that is stored."""
    companions = {"gradient at base": data.gradient, "clamp swing": data.swing}
    return {
        name: float(np.corrcoef(rankdata(data.ofiv), rankdata(values))[0, 1])
        for name, values in companions.items()
        if values is not None and np.ptp(values) > 0 and np.ptp(data.ofiv) > 0
    }


def shown(data: Ranking, choice: str) -> NDArray[np.int64]:
    """Return the places in the ranking that are drawn: all, or as many at both ends.

    *Choice:* "few" is all up to 48 channels, else eight at either end: they can be read with their
    logos. A channel without a number counts at neither end.

    Parameters
    ----------
    choice : {"few", "all", "5", "10", "20", "50"}
    """
    every = np.arange(len(data.channel))
    if choice == "all" or (choice == "few" and len(every) <= LABELLED):
        return every
    n = FEW if choice == "few" else int(choice)
    known = np.flatnonzero(np.isfinite(data.ofiv))
    return every if 2 * n >= len(every) else np.r_[known[:n], known[max(n, len(known) - n) :]]


def choices(n_channels: int) -> list[tuple[str, str]]:
    """Return what a reader may choose for `shown`, and what it is called, the usual one first."""
    many = n_channels > LABELLED
    usual = [("few", f"{FEW} at both ends"), ("all", f"all {n_channels}")]
    less = [(c, f"{c} at both ends") for c in CHOICES[2:] if 2 * int(c) < n_channels]
    return (
        [*usual, *(one for one in less if one[0] != str(FEW))] if many else [("few", "all"), *less]
    )


def figure(data: Ranking, *, choice: str = "few", logos: bool = False) -> go.Figure:
    """Return bars by rank, a trace per kind, and the compared class as open marks.

    Parameters
    ----------
    choice : str
        Which bars, see `shown`.
    logos : bool
        Whether the browser can draw a logo below each bar, where there is room.
    """
    places = shown(data, choice)
    gap = bool((np.diff(places) > 1).any())
    x = np.arange(len(places)) + 1 + np.r_[0, np.cumsum(np.diff(places) > 1)][: len(places)]
    few = len(places) <= LABELLED
    kinds = np.unique(data.kind[places])
    bars = [_bars(data, places, x, int(kind)) for kind in kinds]
    marks = [] if data.second is None else [_second(data, places, x)]
    # an axis without a trace is no axis that another can stand on
    base = go.Scatter(x=[1], y=[0], yaxis="y2", mode="markers", hoverinfo="skip", opacity=0)
    strip = LOGOS if logos and len(places) <= PICTURED else 0
    ticks = {"tickvals": x.tolist(), "ticktext": data.channel[places].tolist(), "tickangle": 0}
    if len(places) > PICTURED:
        ticks |= {"tickangle": -90, "tickfont": {"size": 11}}
    return go.Figure(
        [*bars, *_bounds(data, places, x), *marks, *([base] if strip else [])],
        layout(
            barmode="overlay",
            bargap=0.25 if few else 0,
            hovermode="closest",
            xaxis=axis(
                _title(data, places),
                showgrid=False,
                range=[0.4, float(x.max(initial=1)) + 0.6],
                anchor="y2" if strip else "y",
                **(ticks if few else {}),
            ),
            yaxis=axis(
                "OFIV (map units)",
                zeroline=True,
                nticks=6,
                domain=[strip + 0.02 if strip else 0, 1],
            ),
            yaxis2={"domain": [0, strip or 0.01], "visible": False, "fixedrange": True},
            annotations=[
                *([] if np.isfinite(data.ofiv).any() else [sentence("No result")]),
                *([_ellipsis(x)] if gap else []),
            ],
            meta={
                "channels": data.channel[places].tolist(),
                "x": x.tolist(),
                "bar": True,
                "logos": strip,
            },
        ),
    )


def _title(data: Ranking, places: NDArray[np.int64]) -> str:
    """Return what stands below the bars."""
    n, half = len(data.channel), len(places) // 2
    if len(places) < n:
        return f"channel, by falling OFIV: first and last {half} of {n}"
    few = n <= LABELLED
    return "channel, by falling OFIV" if few else "rank of channel by falling OFIV"


def _ellipsis(x: NDArray[np.int64]) -> dict:
    """Return the mark of channels that are left out."""
    gap = float(x[np.flatnonzero(np.diff(x) > 1)[0]]) + 1
    place = {"x": gap, "xref": "x", "y": 0.5, "yref": "y domain"}
    return {"text": "…", "showarrow": False, "font": {"size": 15}, **place}


def _bars(data: Ranking, places: NDArray[np.int64], x: NDArray[np.int64], kind: int) -> go.Bar:
    """Return the bars of one kind."""
    own = data.kind[places] == kind
    mine = places[own]
    colour = KIND_COLOURS[kind]
    return go.Bar(
        x=x[own],
        y=data.ofiv[mine],
        width=1.0 if len(places) > LABELLED else 0.75,
        name=KIND_NAMES[kind],
        marker={"color": colour, "line": {"width": 0}},
        error_y=_whiskers(data, mine, visible=len(places) <= LABELLED),
        customdata=data.channel[mine],
        text=[_hover(data, int(place)) for place in mine],
        textposition="none",
        hovertemplate="%{text}<extra></extra>",
    )


def _whiskers(data: Ranking, mine: NDArray[np.int64], *, visible: bool) -> dict:
    """Return the intervals as whiskers; hundreds of bars are too narrow to carry any."""
    value = data.ofiv[mine]
    return {
        "type": "data",
        "symmetric": False,
        "array": np.maximum(data.high[mine] - value, 0),
        "arrayminus": np.maximum(value - data.low[mine], 0),
        "color": TEXT,
        "thickness": 1,
        "width": 2,
        "visible": visible,
    }


def _bounds(data: Ranking, places: NDArray[np.int64], x: NDArray[np.int64]) -> list[go.Scatter]:
    """Return the intervals of hundreds of bars as two stepped lines."""
    if len(places) <= LABELLED:
        return []
    line = {"color": TEXT, "width": 0.8, "shape": "hvh"}
    return [
        go.Scatter(
            x=x, y=bound[places], mode="lines", line=line, hoverinfo="skip", showlegend=False
        )
        for bound in (data.low, data.high)
    ]


def _second(data: Ranking, places: NDArray[np.int64], x: NDArray[np.int64]) -> go.Scatter:
    """Return the OFIV of the compared class as open circles."""
    return go.Scatter(
        x=x,
        y=[] if data.second is None else data.second[places],
        name=data.second_name,
        customdata=data.channel[places],
        text=[f"channel {channel}, {data.second_name}" for channel in data.channel[places]],
        **SECOND,
    )


def _hover(data: Ranking, place: int) -> str:
    """Return what the pointer says of one channel."""
    lines = [
        f"<b>channel {data.channel[place]}</b>, rank {place + 1} of {len(data.channel)}",
        f"OFIV {number(data.ofiv[place], sign=True)}  "
        f"[{number(data.low[place])}, {number(data.high[place])}]",
        KIND_NAMES[data.kind[place]],
    ]
    if data.gradient is not None:
        lines.append(f"gradient at base {number(data.gradient[place], sign=True)}")
    if data.swing is not None:
        lines.append(f"clamp swing {number(data.swing[place], sign=True)} logits")
    return "<br>".join(lines)
