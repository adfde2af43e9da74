"""Logos at places of a figure, with their scale or without."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.exports.figures import placed
from deepresolve_dash.exports.figures.letters import logo
from deepresolve_dash.exports.figures.marks import short
from deepresolve_dash.exports.figures.placed import Box
from deepresolve_dash.exports.figures.style import QUIET
from deepresolve_dash.exports.figures.text import SMALL
from deepresolve_dash.motifs.filters import information_bits
from deepresolve_dash.views.logos import span

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

UNITS = {"bits": "bits", "probability": "probability", "weights": "weight"}
STEP = 5  # bp between two ticks


def in_bits(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the heights of letters: probability times information of the position."""
    matrix = np.asarray(matrix, np.float64)
    return matrix * information_bits(matrix)[:, None]


def small_logo(figure: "Figure", box: Box, heights: NDArray[np.float64], top: float = 2.0) -> None:
    """Draw a logo without axes at a place, `top` high; blank positions at its ends go."""
    axes = placed.bare(placed.axes_in(figure, box))
    told = np.flatnonzero(np.abs(heights).sum(axis=1) > 0.02 * top)
    first, last = (int(told[0]), int(told[-1]) + 1) if len(told) else (0, len(heights))
    logo(axes, heights[first:last])
    axes.set_xlim(0, max(last - first, 1))
    axes.set_ylim(0, top)


def scaled_logo(
    figure: "Figure",
    box: Box,
    heights: NDArray[np.float64],
    *,
    form: str = "bits",
    first: int = 0,
    wanted: int | None = None,
    numbers: bool = True,
) -> "Axes":
    """Draw a logo with its axes: heights in their unit, a tick at every fifth position.

    Parameters
    ----------
    heights : float array (offset, base)
    form : {"bits", "probability", "weights"}
    first : int
        Position of the first letter, so that logos stand in line.
    wanted : int, optional
        Positions that the place has room for; those of the logo without it.
    numbers : bool
        Whether the ticks carry numbers and the axes their titles.
    """
    axes = placed.axes_in(figure, box)
    logo(axes, np.asarray(heights, np.float64), left=first)
    length = wanted or len(heights)
    low, high = (0.0, 1.0) if form == "probability" else span(heights, form)
    axes.set_xlim(0, max(length, 1))
    axes.set_ylim(low, high)
    axes.set_yticks([low, high] if low == 0 else [low, 0, high])
    axes.set_yticklabels([short(value) for value in axes.get_yticks()], fontsize=SMALL)
    if low < 0:
        axes.axhline(0, color=QUIET, linewidth=0.5)
    marks = range(STEP, length + 1, STEP)
    axes.set_xticks([at - 0.5 for at in marks], [str(at) for at in marks] if numbers else [])
    if numbers:
        axes.set_ylabel(UNITS[form])
        axes.set_xlabel("position (bp)")
    axes.tick_params(axis="x", labelsize=SMALL)
    return axes
