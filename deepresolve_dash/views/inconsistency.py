"""The inconsistency level of each channel, and the mixture that splits them."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import xarray as xr
from numpy.typing import NDArray
from scipy.special import ndtr

from deepresolve_dash.core.statistics.mixture import VARIANCE_FLOOR, Mixture, fit_mixture
from deepresolve_dash.views.palette import (
    BAR,
    COMPONENT_COLOURS,
    COMPONENT_DASHES,
    COMPONENT_SYMBOLS,
    MUTED,
    UNITS,
    axis,
    layout,
    number,
    sentence,
)
from deepresolve_dash.views.selection import MODES, Selection, of_class

N_BINS = 40
N_CURVE = 240
LINEAR = 12  # channels in one bin up to which the counts are drawn on a linear axis
FAINT = 0.05  # of the fullest bin: a component below it is lost on a linear axis
LANE = 0.08  # share of the height that the marks of one component take
FLOOR = VARIANCE_FLOOR**0.5  # narrowest component, squared feature-map units


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


def figure(data: Levels) -> go.Figure:
    """Return the histogram, what each component expects of it, and a mark for every channel."""
    mixture, traces = data.mixture, []
    edges = bins(data.level)
    n = 1 if mixture is None else mixture.n_components
    strip = LANE * (n + 1)
    if mixture is not None:
        traces = [_histogram(data, edges)]
        for component in range(n):
            x, y = expected(mixture, component, edges, len(data.level))
            traces += [
                component_line(mixture, component, x, y),
                _reach(mixture, component, edges),
                _marks(data, mixture, component),
            ]
    title = f"inconsistency level, IL (squared {UNITS})"
    return go.Figure(
        traces,
        layout(
            hovermode="closest",
            bargap=0.06,
            xaxis=axis(title, showgrid=False, range=[0, edges[-1]], anchor="y2"),
            yaxis=count_axis(data, domain=[strip + 0.03, 1]),
            yaxis2={"domain": [0, strip], "visible": False, "range": [-0.6 - n, 0.6]},
            shapes=[] if mixture is None else [_floor(mixture)],
            annotations=[] if mixture else [sentence("No result")],
            meta={"channels": data.channel.tolist(), "x": _finite(data.level), "bar": False},
        ),
    )


def component_name(mixture: Mixture, component: int) -> str:
    """Return a component and how many channels it holds."""
    n = int((mixture.component == component).sum())
    return f"{component + 1}: {n} channel{'s' if n != 1 else ''}"


def count_axis(data: Levels, **options: object) -> dict:
    """Return the axis of counts, logarithmic when one bin would hide others or a component."""
    known = data.level[np.isfinite(data.level)]
    most = int(np.histogram(known, bins(known))[0].max(initial=0))
    low = faintest(data)
    if most <= LINEAR and low >= FAINT * most:
        return axis("channels per bin", rangemode="tozero", nticks=4, **options)
    bottom = max(0.01, min(0.5, low / 6))
    return axis(
        "channels (log)",
        type="log",
        range=[np.log10(bottom), np.log10(max(most, 1) * 1.6)],
        tickvals=[0.01, 0.1, 1, 10, 100, 1000] if bottom < 0.3 else [1, 3, 10, 30, 100, 300, 1000],
        **options,
    )


def faintest(data: Levels) -> float:
    """Return the height of the lowest peak of several components, in channels per bin.

    A component alone hides nothing, and may be wider than all levels.
    """
    if data.mixture is None or data.mixture.n_components == 1:
        return float(LINEAR)
    edges = bins(data.level)
    curves = [
        expected(data.mixture, component, edges, len(data.level))[1].max()
        for component in range(data.mixture.n_components)
    ]
    return float(min(curves))


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


def _histogram(data: Levels, edges: NDArray[np.float64]) -> go.Bar:
    counts, _ = np.histogram(data.level, edges)
    return go.Bar(
        x=(edges[1:] + edges[:-1]) / 2,
        y=counts,
        width=(edges[1] - edges[0]) * 0.94,
        marker={"color": BAR, "line": {"width": 0}},
        name="channels",
        showlegend=False,
        hovertemplate="IL near %{x:.3g}: %{y} channels<extra></extra>",
    )


def component_line(
    mixture: Mixture,
    component: int,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    **options: object,
) -> go.Scatter:
    """Return a line in the colour and the dash of a component."""
    colour, dash = COMPONENT_COLOURS[component], COMPONENT_DASHES[component]
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        name=component_name(mixture, component),
        line={"color": colour, "width": 2, "dash": dash},
        hoverinfo="skip",
        **options,
    )


def _reach(mixture: Mixture, component: int, edges: NDArray[np.float64]) -> go.Scatter:
    """Return mean ± 2 standard deviations of a component, above its marks."""
    mean, two = mixture.means[component], 2 * mixture.variances[component] ** 0.5
    ends = np.clip([mean - two, mean, mean + two], 0, edges[-1])
    line = component_line(
        mixture, component, ends, np.full(3, -component - 0.5), yaxis="y2", showlegend=False
    )
    mean_only = {"symbol": "line-ns-open", "size": [0, 9, 0]}
    words = reach_words(mixture, component)
    line.update(mode="lines+markers", hoverinfo="text", text=words, marker=mean_only)
    return line


def reach_words(mixture: Mixture, component: int) -> str:
    """Return mean and standard deviation of a component in words."""
    deviation = float(mixture.variances[component]) ** 0.5
    return (
        f"component {component + 1}: mean {number(float(mixture.means[component]))}, "
        f"standard deviation {number(deviation)}"
    )


def _floor(mixture: Mixture) -> dict:
    """Return the width that no component can go below, around the mean of the lowest."""
    mean = float(mixture.means[0])
    return floor_band(x0=max(0.0, mean - FLOOR), x1=mean + FLOOR, yref="y domain", y0=0, y1=1)


def floor_band(**place: object) -> dict:
    """Return the shaded band of the variance floor."""
    return {
        "type": "rect",
        "layer": "below",
        "fillcolor": MUTED,
        "opacity": 0.14,
        "line": {"width": 1, "dash": "dot", "color": MUTED},
        **place,
    }


def _marks(data: Levels, mixture: Mixture, component: int) -> go.Scatter:
    """Return a mark per channel of a component, in its lane below the histogram."""
    mine = np.flatnonzero(mixture.component == component)
    apart = np.mod(mine * 0.618, 1) - 0.5  # so that equal levels can be told
    points = component_points(data, mixture, component, mine=mine, level="x")
    points.update(x=data.level[mine], y=apart * 0.5 - component - 0.5, yaxis="y2")
    return points


def component_points(
    data: Levels,
    mixture: Mixture,
    component: int,
    *,
    mine: NDArray[np.int64],
    level: str,
) -> go.Scatter:
    """Return marks for channels of a component, in its colour and shape, without their places.

    Parameters
    ----------
    mine : int array
        Positions of the channels.
    level : {"x", "y"}
        Axis that the level is on.
    """
    return go.Scatter(
        mode="markers",
        showlegend=False,
        marker={
            "symbol": COMPONENT_SYMBOLS[component],
            "size": 7,
            "color": COMPONENT_COLOURS[component],
            "opacity": 0.75,
        },
        customdata=data.channel[mine],
        hovertemplate=f"<b>channel %{{customdata}}</b><br>IL %{{{level}:.3g}}<br>"
        f"component {component + 1} of {mixture.n_components}<extra></extra>",
    )


def _finite(values: NDArray[np.float64]) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
