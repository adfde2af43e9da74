"""Logos on paper: the letters that the screen draws too."""

import re
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.views.logos import BASES, COLOURS, GAP, GLYPHS, letters

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def logo(
    axes: "Axes",
    heights: NDArray[np.float64],
    *,
    left: float = 0.0,
    bottom: float = 0.0,
    across: float = 1.0,
    up: float = 1.0,
) -> None:
    """Draw letters stacked by height, those below zero hanging.

    Parameters
    ----------
    heights : float array (offset, base)
    left, bottom : float
        Place of offset 0 and height 0, in the data of the axes.
    across, up : float
        Length of one position and of one unit of height.
    """
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    found: dict[str, list] = {base: [] for base in BASES}
    for base, offset, start, end in letters(heights):
        points, codes = _glyph(base)
        x = left + across * (offset + GAP / 2 + points[:, 0] * (1 - GAP))
        y = bottom + up * (end + points[:, 1] * (start - end))
        found[base].append((np.stack([x, y], 1), codes))
    for base, parts in found.items():
        if parts:
            path = Path(
                np.concatenate([points for points, _ in parts]),
                np.concatenate([codes for _, codes in parts]),
            )
            axes.add_patch(PathPatch(path, facecolor=COLOURS[base], linewidth=0))


@cache
def _glyph(base: str) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Return the outline of a letter in a unit square, y downwards, as points and codes."""
    move, line, curve, close = 1, 2, 4, 79  # of matplotlib.path.Path
    points: list[tuple[float, float]] = []
    codes: list[int] = []
    for command, text in re.findall(r"([MLHVCZ])([^MLHVCZ]*)", GLYPHS[base]):
        numbers = [float(one) for one in re.findall(r"-?\d*\.?\d+", text)]
        if command == "Z":
            points.append(points[-1])
            codes.append(close)
        elif command in "HV":
            x, y = points[-1]
            points.append((numbers[0], y) if command == "H" else (x, numbers[0]))
            codes.append(line)
        else:
            points += list(zip(numbers[::2], numbers[1::2], strict=True))
            code = {"M": move, "L": line, "C": curve}[command]
            codes += [code] * (len(numbers) // 2)
    return np.array(points), np.array(codes, np.uint8)
