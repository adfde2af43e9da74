"""The inconsistency levels by rank: where they fall, and what each component expects there."""

import numpy as np
import plotly.graph_objects as go

from deepresolve_dash.views.inconsistency import (
    FLOOR,
    Levels,
    bins,
    component_line,
    component_points,
    count_axis,
    expected,
    floor_band,
)
from deepresolve_dash.views.palette import axis, layout, sentence

ASIDE = 0.82  # share of the width that the ranks take; the densities stand right of it


def figure(data: Levels) -> go.Figure:
    """Return the levels by falling rank, and the densities of the components beside them."""
    order = np.argsort(-data.level, kind="stable")  # NaN last
    rank = np.empty(len(order), int)
    rank[order] = np.arange(len(order)) + 1
    mixture, edges = data.mixture, bins(data.level)
    traces, floor = [], []
    if mixture is not None:
        for component in range(mixture.n_components):
            mine = np.flatnonzero(mixture.component == component)
            points = component_points(data, mixture, component, mine=mine, level="y")
            points.update(x=rank[mine], y=data.level[mine])
            y, x = expected(mixture, component, edges, len(data.level))
            traces += [points, component_line(mixture, component, x, y, xaxis="x2")]
        mean = float(mixture.means[0])
        band = {"y0": max(0.0, mean - FLOOR), "y1": mean + FLOOR}
        floor = [floor_band(xref="paper", x0=0, x1=1, **band)]
    counts = count_axis(data, domain=[ASIDE + 0.02, 1], anchor="y", side="bottom")
    counts |= {"showgrid": False, "nticks": 3, "tickangle": 0}
    top = float(edges[-1])
    return go.Figure(
        traces,
        layout(
            hovermode="closest",
            xaxis=axis(
                "rank of channel by falling IL",
                showgrid=False,
                domain=[0, ASIDE],
                range=[0, len(order) + 1],
            ),
            xaxis2=counts,
            yaxis=axis("IL (map units²)", range=[-0.03 * top, 1.03 * top], nticks=6),
            shapes=floor,
            annotations=[] if mixture else [sentence("No result")],
            meta={"channels": data.channel.tolist(), "x": rank.tolist(), "bar": False},
        ),
    )
