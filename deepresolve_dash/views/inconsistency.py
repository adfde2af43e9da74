"""The inconsistency level of each channel, and the mixture that splits them."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import xarray as xr
from numpy.typing import NDArray
from scipy.stats import norm

from deepresolve_dash.core.statistics.mixture import Mixture, fit_mixture
from deepresolve_dash.views.palette import (
    COMPONENT_DASHES,
    COMPONENT_SYMBOLS,
    UNITS,
    axis,
    layout,
    number,
    palette,
)
from deepresolve_dash.views.selection import MODES, Selection, of_class

N_BINS = 40
N_CURVE = 240


@dataclass(frozen=True)
class Levels:
    """Inconsistency levels of a class.

    Attributes
    ----------
    channel : int array (channel,)
    level : float array (channel,)
        Feature-map units squared; NaN when the class has no result.
    mixture : Mixture or None
        The fit with the lowest BIC; None without a result.
    """

    channel: NDArray[np.int64]
    level: NDArray[np.float64]
    mixture: Mixture | None


def data(summary: xr.Dataset, selection: Selection) -> Levels:
    """The inconsistency level (IL) is the variance of a channel's importance over the restarts.

    More than one component is the paper's sign of a non-additive class; with many channels noise
    alone does it too, so read the null rate and the scale guard beside the count.
    """
    mine = of_class(summary, selection, MODES)
    level = mine.inconsistency.values.astype(np.float64)
    known = bool(np.isfinite(level).all())
    return Levels(mine.channel.values, level, fit_mixture(level) if known else None)


def figure(data: Levels, *, theme: str = "light") -> go.Figure:
    """Return the histogram, what each component expects of it, and a mark for every channel."""
    traces: list = []
    if data.mixture is not None:
        edges = bins(data.level)
        traces = [_histogram(data, edges, theme)]
        for component in range(data.mixture.n_components):
            traces += [
                _curve(data, data.mixture, component, edges, theme),
                _marks(data, data.mixture, component, theme),
            ]
    return go.Figure(
        traces,
        layout(
            theme,
            showlegend=True,
            hovermode="closest",
            bargap=0.06,
            xaxis=axis(
                theme,
                f"inconsistency level, IL (squared {UNITS})",
                showgrid=False,
                rangemode="tozero",
            ),
            yaxis=axis(theme, "channels per bin", domain=[0.17, 1], rangemode="tozero", nticks=5),
            yaxis2={"domain": [0, 0.13], "visible": False, "range": [-1, 1], "fixedrange": True},
            meta={"channels": data.channel.tolist(), "x": _finite(data.level), "bar": False},
        ),
    )


def bins(level: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the edges of the bins, from 0 to the largest level."""
    top = float(level.max(initial=0.0))
    return np.linspace(0, top * 1.02 if top > 0 else 1.0, N_BINS + 1)


def expected(
    mixture: Mixture, component: int, edges: NDArray[np.float64], n_channels: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how many channels a component expects in a bin centred at each place.

    The density times bin width would hide all bars behind a component narrower than a bin.
    """
    width = edges[1] - edges[0]
    x = np.linspace(edges[0], edges[-1], N_CURVE)
    own = norm(mixture.means[component], np.sqrt(mixture.variances[component]))
    return x, n_channels * mixture.weights[component] * (
        own.cdf(x + width / 2) - own.cdf(x - width / 2)
    )


def _histogram(data: Levels, edges: NDArray[np.float64], theme: str) -> go.Bar:
    counts, _ = np.histogram(data.level, edges)
    return go.Bar(
        x=(edges[1:] + edges[:-1]) / 2,
        y=counts,
        width=(edges[1] - edges[0]) * 0.94,
        marker={"color": palette(theme).bar, "line": {"width": 0}},
        name="channels",
        showlegend=False,
        hovertemplate="IL near %{x:.3g}: %{y} channels<extra></extra>",
    )


def _curve(
    data: Levels, mixture: Mixture, component: int, edges: NDArray[np.float64], theme: str
) -> go.Scatter:
    x, y = expected(mixture, component, edges, len(data.level))
    n = int((mixture.component == component).sum())
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        name=f"component {component + 1}: {n} channel{'s' if n != 1 else ''}",
        line={
            "color": palette(theme).components[component],
            "width": 2,
            "dash": COMPONENT_DASHES[component],
        },
        hoverinfo="skip",
    )


def _marks(data: Levels, mixture: Mixture, component: int, theme: str) -> go.Scatter:
    """Return a mark per channel of a component, in the strip below the histogram."""
    mine = np.flatnonzero(mixture.component == component)
    return go.Scatter(
        x=data.level[mine],
        y=np.zeros(len(mine)),
        yaxis="y2",
        mode="markers",
        showlegend=False,
        marker={
            "symbol": COMPONENT_SYMBOLS[component],
            "size": 8,
            "color": palette(theme).components[component],
            "opacity": 0.75,
        },
        customdata=data.channel[mine],
        text=[
            f"<b>channel {data.channel[place]}</b><br>IL {number(data.level[place])}"
            f"<br>component {component + 1} of {mixture.n_components}"
            for place in mine
        ],
        hovertemplate="%{text}<extra></extra>",
    )


def _finite(values: NDArray[np.float64]) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
