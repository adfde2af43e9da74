"""The inconsistency levels of a class and the mixture that splits them, for print."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from deepresolve_dash.exports.figures.class_figures import caption
from deepresolve_dash.exports.figures.marks import says
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.style import (
    BARS,
    COMPONENT_LINES,
    COMPONENT_SYMBOLS,
    COMPONENTS,
    LINE,
    QUIET,
    framed,
    legend,
    y_title,
)
from deepresolve_dash.exports.known import known_of
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import inconsistency
from deepresolve_dash.views.inconsistency import FLOOR, LANE, Levels
from deepresolve_dash.views.palette import UNITS
from deepresolve_dash.views.selection import MODES, Selection, regime_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

IL = f"inconsistency level, IL (squared {UNITS})"


def draw(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw the levels as a histogram or by rank, with what each component expects."""
    data = inconsistency.data(run.summary, selection)
    regime = regime_for(run.summary, selection, MODES)
    framed(figure, "Inconsistency levels", caption(run, selection, regime))
    if data.mixture is None:
        return says(figure, "No result: the levels of this class are not known.")
    legend(figure, _handles(data))
    if asked.get("levels") == "rank":
        return _ranks(figure, data)
    return _histogram(figure, data)


def _handles(data: Levels) -> list:
    """Return what stands for each component, and for the narrowest one there can be."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    assert data.mixture is not None
    handles: list[Any] = [
        Line2D(
            [],
            [],
            color=COMPONENTS[k],
            linestyle=COMPONENT_LINES[k],
            marker=COMPONENT_SYMBOLS[k],
            markersize=2.6,
            markeredgewidth=0,
            label=f"component {inconsistency.component_name(data.mixture, k)}",
        )
        for k in range(data.mixture.n_components)
    ]
    floor = Patch(facecolor=LINE, edgecolor=QUIET, linewidth=0.4, linestyle=":",
                  label=f"floor ±{FLOOR:.3g}: no component is narrower")  # fmt: skip
    return [*handles, floor]


def _histogram(figure: "Figure", data: Levels) -> None:
    """Draw channels per bin, the expected counts, and a mark per channel below."""
    mixture, edges = data.mixture, inconsistency.bins(data.level)
    assert mixture is not None
    from matplotlib.ticker import MaxNLocator

    n = mixture.n_components
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(1 - LANE * n, LANE * n))
    counts, _ = np.histogram(data.level, edges)
    above.bar(edges[:-1], counts, width=np.diff(edges) * 0.94, align="edge", color=BARS)
    _count_axis(above.yaxis, data)
    y_title(above, "channels per bin")
    _floor(above.axvspan, data)
    for k in range(n):
        x, y = inconsistency.expected(mixture, k, edges, len(data.level))
        above.plot(x, y, color=COMPONENTS[k], linestyle=COMPONENT_LINES[k])
        mine = np.flatnonzero(mixture.component == k)
        apart = np.mod(mine * 0.618, 1) - 0.5
        mean, two = mixture.means[k], 2 * mixture.variances[k] ** 0.5
        below.plot(np.clip([mean - two, mean + two], 0, edges[-1]), [-k, -k], color=COMPONENTS[k],
                   linestyle=COMPONENT_LINES[k], linewidth=0.6)  # fmt: skip
        _marks(below, data.level[mine], apart * 0.5 - k, k)
    below.set_ylim(-n + 0.5, 0.5)
    below.set_yticks([])
    below.spines["left"].set_visible(False)
    below.set_xlabel(IL)
    below.set_xlim(0, edges[-1])
    below.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))


def _ranks(figure: "Figure", data: Levels) -> None:
    """Draw the levels by falling rank, and the densities of the components beside them."""
    mixture, edges = data.mixture, inconsistency.bins(data.level)
    assert mixture is not None
    main, aside = figure.subplots(1, 2, sharey=True, width_ratios=(4, 1))
    order = np.argsort(-data.level, kind="stable")
    rank = np.empty(len(order), int)
    rank[order] = np.arange(len(order)) + 1
    for k in range(mixture.n_components):
        mine = np.flatnonzero(mixture.component == k)
        _marks(main, rank[mine], data.level[mine], k)
        y, x = inconsistency.expected(mixture, k, edges, len(data.level))
        aside.plot(x, y, color=COMPONENTS[k], linestyle=COMPONENT_LINES[k])
    for axes in (main, aside):
        _floor(axes.axhspan, data)
    _count_axis(aside.xaxis, data)
    main.set_xlabel("rank of channel by falling IL")
    aside.set_xlabel("channels\nper bin")
    aside.tick_params(axis="y", length=0)
    y_title(main, "IL (map units²)")
    main.set_ylim(-0.03 * edges[-1], 1.03 * edges[-1])
    main.set_xlim(0, len(order) + 1)


def _marks(axes: "Axes", x: np.ndarray, y: np.ndarray, component: int) -> None:
    """Draw a mark per channel in the colour and the shape of its component."""
    axes.plot(
        x,
        y,
        linestyle="none",
        marker=COMPONENT_SYMBOLS[component],
        color=COMPONENTS[component],
        markersize=2.4,
        markeredgewidth=0,
        alpha=0.75,
        clip_on=False,
    )


def _count_axis(axis: Any, data: Levels) -> None:
    """Count on a logarithmic axis where the screen does."""
    told = inconsistency.count_axis(data)
    axes, letter = axis.axes, axis.axis_name
    if told.get("type") != "log":
        axes.set(**{f"{letter}lim": (0, None)})
        from matplotlib.ticker import MaxNLocator

        axis.set_major_locator(MaxNLocator(4, integer=True))
        return
    low, high = (10.0**end for end in told["range"])
    axes.set(**{f"{letter}scale": "log", f"{letter}lim": (low, high)})
    ticks = [tick for tick in told["tickvals"] if low <= tick <= high]
    if letter == "x":
        ticks = ticks[:: max(1, len(ticks) // 3)]
    axis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.set_ticks([], minor=True)


def _floor(span: Any, data: Levels) -> None:
    """Shade the width that no component can go below, around the mean of the lowest."""
    assert data.mixture is not None
    mean = float(data.mixture.means[0])
    beyond = 2 * float(inconsistency.bins(data.level)[-1])  # dots drawn far outside take minutes
    span(max(0.0, mean - FLOOR), min(mean + FLOOR, beyond), facecolor=LINE, edgecolor=QUIET,
         linewidth=0.4, linestyle=":", zorder=0, alpha=0.6)  # fmt: skip


def rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return a row per channel: its level, its component, and what that is."""
    data = inconsistency.data(run.summary, selection)
    order = np.argsort(-data.level, kind="stable")
    known = known_of(run)
    told: dict[str, Any] = {
        "rank": np.arange(len(order)) + 1,
        "channel": data.channel[order],
        "motif": [known.called.get(int(k), "") for k in data.channel[order]],
        f"IL (squared {UNITS})": data.level[order],
    }
    if data.mixture is not None:
        mine = data.mixture.component[order]
        told["component"] = mine + 1
        told[f"component mean (squared {UNITS})"] = data.mixture.means[mine]
        told[f"component deviation (squared {UNITS})"] = data.mixture.variances[mine] ** 0.5
        told["component share"] = data.mixture.weights[mine]
    return pd.DataFrame(told)


PANELS = (Panel("il", "Inconsistency levels", "class", draw, rows, asks=("levels",), tall=0.66),)
