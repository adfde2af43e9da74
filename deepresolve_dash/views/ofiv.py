"""The ranking of channels by their overall importance."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import xarray as xr
from numpy.typing import NDArray
from scipy.stats import rankdata

from deepresolve_dash.views.palette import (
    KIND_NAMES,
    UNITS,
    axis,
    layout,
    number,
    palette,
    sentence,
)
from deepresolve_dash.views.selection import IMPORTANCE, MODES, Selection, of_class

LABELLED = 48  # channels up to which every bar carries its own number


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


def figure(data: Ranking, *, theme: str = "light") -> go.Figure:
    """Return bars by rank, a trace per kind, and the compared class as open marks."""
    bars = [_bars(data, kind, theme) for kind in range(3) if (data.kind == kind).any()]
    marks = [] if data.second is None else [_second(data, theme)]
    few = len(data.channel) <= LABELLED
    ticks = {"tickvals": list(range(1, len(data.channel) + 1)), "ticktext": data.channel.tolist()}
    x_title = "channel, by falling OFIV" if few else "rank of channel by falling OFIV"
    return go.Figure(
        [*bars, *_bounds(data, theme), *marks],
        layout(
            theme,
            barmode="overlay",
            bargap=0.25 if few else 0,
            hovermode="closest",
            xaxis=axis(
                theme,
                x_title,
                showgrid=False,
                range=[0.4, len(data.channel) + 0.6],
                **(ticks if few else {}),
            ),
            yaxis=axis(theme, f"OFIV ({UNITS})", zeroline=True, nticks=6),
            annotations=[] if np.isfinite(data.ofiv).any() else [sentence("No result")],
            meta={"channels": data.channel.tolist(), "bar": True},
        ),
    )


def _bars(data: Ranking, kind: int, theme: str) -> go.Bar:
    """Return the bars of one kind."""
    mine = np.flatnonzero(data.kind == kind)
    value = data.ofiv[mine]
    colour = palette(theme).kinds[kind]
    return go.Bar(
        x=mine + 1,
        y=value,
        width=1.0 if len(data.channel) > LABELLED else 0.75,
        name=KIND_NAMES[kind],
        marker={"color": colour, "line": {"width": 0}},
        error_y=_whiskers(data, mine, theme),
        customdata=data.channel[mine],
        text=[_hover(data, int(place)) for place in mine],
        textposition="none",
        hovertemplate="%{text}<extra></extra>",
    )


def _whiskers(data: Ranking, mine: NDArray[np.int64], theme: str) -> dict:
    """Return the intervals as whiskers; hundreds of bars are too narrow to carry any."""
    value = data.ofiv[mine]
    return {
        "type": "data",
        "symmetric": False,
        "array": np.maximum(data.high[mine] - value, 0),
        "arrayminus": np.maximum(value - data.low[mine], 0),
        "color": palette(theme).text,
        "thickness": 1,
        "width": 2,
        "visible": len(data.channel) <= LABELLED,
    }


def _bounds(data: Ranking, theme: str) -> list[go.Scatter]:
    """Return the intervals of hundreds of bars as two stepped lines."""
    if len(data.channel) <= LABELLED:
        return []
    line = {"color": palette(theme).text, "width": 0.8, "shape": "hvh"}
    x = np.arange(len(data.channel)) + 1
    return [
        go.Scatter(x=x, y=bound, mode="lines", line=line, hoverinfo="skip", showlegend=False)
        for bound in (data.low, data.high)
    ]


def _second(data: Ranking, theme: str) -> go.Scatter:
    """Return the OFIV of the compared class as open circles."""
    return go.Scatter(
        x=np.arange(len(data.channel)) + 1,
        y=data.second,
        mode="markers",
        name=data.second_name,
        marker={"symbol": "circle-open", "size": 6, "color": palette(theme).second},
        customdata=data.channel,
        text=[f"channel {channel}, {data.second_name}" for channel in data.channel],
        hovertemplate="%{text}<br>OFIV %{y:.3g}<extra></extra>",
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
