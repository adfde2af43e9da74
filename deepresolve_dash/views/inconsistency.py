"""The inconsistency level of each channel, and the mixture that splits them."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import xarray as xr
from numpy.typing import NDArray
from scipy.special import ndtr

from deepresolve_dash.core.statistics.mixture import Mixture, fit_mixture
from deepresolve_dash.views.palette import (
    COMPONENT_DASHES,
    COMPONENT_SYMBOLS,
    UNITS,
    axis,
    layout,
    number,
    palette,
    sentence,
)
from deepresolve_dash.views.selection import MODES, Selection, of_class

N_BINS = 40
N_CURVE = 240
LINEAR = 12  # channels in one bin up to which the counts are drawn on a linear axis
STRIP = 0.16  # share of the height that the marks of single channels take


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
    """Show by how much the importance of each channel varies over the restarts: its variance, IL.

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
            hovermode="closest",
            bargap=0.06,
            xaxis=axis(
                theme,
                f"inconsistency level, IL (squared {UNITS})",
                showgrid=False,
                rangemode="tozero",
                anchor="y2",
            ),
            yaxis=_count_axis(data, theme),
            yaxis2={"domain": [0, STRIP], "visible": False, "range": [-1.3, 1.3]},
            annotations=[] if data.mixture else [sentence("No result")],
            meta={"channels": data.channel.tolist(), "x": _finite(data.level), "bar": False},
        ),
    )


def component_name(mixture: Mixture, component: int) -> str:
    """Return a component and how many channels it holds."""
    n = int((mixture.component == component).sum())
    return f"{component + 1}: {n} channel{'s' if n != 1 else ''}"


def _count_axis(data: Levels, theme: str) -> dict:
    """Return the axis of counts, logarithmic when one bin would hide the others."""
    known = data.level[np.isfinite(data.level)]
    most = int(np.histogram(known, bins(known))[0].max(initial=0))
    if most <= LINEAR:
        return axis(theme, "channels per bin", domain=[STRIP + 0.03, 1], rangemode="tozero")
    return axis(
        theme,
        "channels (log)",
        domain=[STRIP + 0.03, 1],
        type="log",
        range=[np.log10(0.5), np.log10(most * 1.6)],
        tickvals=[1, 3, 10, 30, 100, 300, 1000],
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
    deviation = max(np.sqrt(mixture.variances[component]), 1e-6 * width)  # 0 for equal levels
    z, half = (x - mixture.means[component]) / deviation, width / 2 / deviation
    return x, n_channels * mixture.weights[component] * (ndtr(z + half) - ndtr(z - half))


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
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        name=component_name(mixture, component),
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
        y=np.mod(mine * 0.618, 1) * 2 - 1,  # apart, so that equal levels can be told
        yaxis="y2",
        mode="markers",
        showlegend=False,
        marker={
            "symbol": COMPONENT_SYMBOLS[component],
            "size": 7,
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
