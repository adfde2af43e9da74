"""The parts that figures are made of: maps of signed values, logos, bars of length, legends."""

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.exports.figures.style import (
    BLANK,
    INK,
    KIND_HATCHES,
    KINDS,
    NEGATIVE,
    NEGATIVE_MID,
    PAPER,
    POSITIVE,
    POSITIVE_MID,
    QUIET,
    ZERO,
    legend,
    y_title,
)
from deepresolve_dash.exports.figures.text import LABEL, MM, SMALL, fitted, plain, width_of
from deepresolve_dash.views.palette import KIND_NAMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

HEAT, MINUSES = "heat", "_minuses"
CLEARLY = 0.1  # of the limit, from which on a negative cell carries a minus
SIGNED = 2500  # cells up to which each negative one carries a minus
_MANY, _SHADES = 250_000, 32  # cells from which on 32 shades of a colour keep a file small
_FINE = 1000  # dots that a map is made of about, so that no viewer blurs its cells


def heat(axes: "Axes", values: NDArray[np.float64], limit: float) -> "AxesImage":
    """Draw signed values as a map: orange above zero, blue below, grey where there is none.

    Up to 2,500 cells a clearly negative one carries a minus, so that the sign can be read without
    colour; the bar of colours says so (`with_minus`).

    Parameters
    ----------
    values : float array (row, column)
        The first row on top.
    limit : float
        Value of the strongest colour.
    """
    rows, columns = values.shape
    if rows * columns > _MANY:
        values = np.round(values / limit * _SHADES) / _SHADES * limit
    down, across = (max(1, round(_FINE / max(n, 1))) for n in (rows, columns))
    fine = np.repeat(np.repeat(values, down, 0), across, 1)
    image = axes.imshow(
        np.ma.masked_invalid(fine),
        cmap=colours(),
        vmin=-limit,
        vmax=limit,
        aspect="auto",
        interpolation="none",
        extent=(-0.5, columns - 0.5, rows - 0.5, -0.5),
        gid=HEAT,
    )
    if rows * columns <= SIGNED:
        _minuses(axes, values, limit)
    axes.spines[:].set_visible(True)
    return image


def _minuses(axes: "Axes", values: NDArray[np.float64], limit: float) -> None:
    """Draw a minus into each cell that is clearly negative, as one path."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    rows, columns = np.nonzero(np.nan_to_num(values) < -CLEARLY * limit)
    for dark, colour in ((True, PAPER), (False, NEGATIVE)):
        mine = (values[rows, columns] < -0.45 * limit) == dark
        x, y = columns[mine], rows[mine]
        if len(x):
            ends = np.stack([np.stack([x - 0.22, y], 1), np.stack([x + 0.22, y], 1)], 1)
            codes = np.tile([Path.MOVETO, Path.LINETO], len(x))
            path = Path(ends.reshape(-1, 2).astype(float), codes)
            axes.add_patch(
                PathPatch(path, fill=False, edgecolor=colour, linewidth=0.4, label=MINUSES)
            )


def with_minus(image: "AxesImage", label: str, limit: float) -> list[str]:
    """Return what a bar of colours is called, the longest first: with what a minus in a cell means.

    The label alone where no cell carries one.
    """
    if not any(patch.get_label() == MINUSES for patch in image.axes.patches):
        return [label]
    below = f"below {short(-CLEARLY * limit)}"
    return [f"{label} (– in a cell: {below})", f"{label} (–: {below})", label]


@cache
def colours() -> Any:
    """Return the colours of signed values."""
    from matplotlib.colors import LinearSegmentedColormap

    stops = [NEGATIVE, NEGATIVE_MID, ZERO, POSITIVE_MID, POSITIVE]
    return LinearSegmentedColormap.from_list("signed", stops).with_extremes(bad=BLANK)


def pooled(values: NDArray[np.float64], tall: int, wide: int) -> Any:
    """Return at most `tall` times `wide` cells: of all under one the farthest from zero."""
    kept = np.ma.filled(values, np.nan)
    for axis, most in ((0, tall), (1, wide)):
        n = kept.shape[axis]
        if n > most > 0:
            kept = _strongest(kept, np.arange(most) * n // most, axis)
    return np.ma.masked_invalid(kept)


def _strongest(values: NDArray[np.float64], starts: NDArray[np.int64], axis: int) -> NDArray:
    """Return the value farthest from zero of each stretch; NaN where there is nothing else."""
    low = np.fmin.reduceat(values, starts, axis)
    high = np.fmax.reduceat(values, starts, axis)
    return np.where(-low > high, low, high)


def colour_bar(
    figure: "Figure",
    image: "AxesImage",
    axes: Any,
    label: str,
    limit: float,
    *,
    bar: "Axes | None" = None,
) -> None:
    """Draw the bar of colours beside a map, from minus a limit to the limit, with its unit.

    Parameters
    ----------
    bar : Axes, optional
        Where it goes; else room is taken from the axes of the map.
    """
    place: Any = {"ax": axes, "fraction": 0.05, "pad": 0.02, "aspect": 24, "shrink": 0.9}
    where: Any = place if bar is None else {"cax": bar}
    drawn = figure.colorbar(image, **where)
    drawn.outline.set_linewidth(0.5)  # type: ignore[operator]
    ticks = [-limit, -limit / 2, 0, limit / 2, limit]
    drawn.set_ticks(ticks, labels=[short(value, sign=True) for value in ticks])
    y_title(drawn.ax, with_minus(image, label, limit)[0])


def short(value: float, *, sign: bool = False) -> str:
    """Return two digits of a number for an axis, with a true minus sign."""
    if value != value:
        return "–"
    text = f"{abs(value):.2g}"
    if "e" in text:
        text = re.sub(r"e([+-])0?", lambda found: f"e{found[1].replace('+', '')}", text)
        text = text.replace("-", "−")
    return ("−" if value < 0 else "+" if sign and value > 0 else "") + text


def scale_bar(axes: "Axes", length: float, words: str) -> None:
    """Draw a bar of a length along x above the right end of axes, its name beside it."""
    from matplotlib.offsetbox import AnchoredOffsetbox, AuxTransformBox, HPacker, TextArea
    from matplotlib.patches import Rectangle

    bar = AuxTransformBox(axes.transData)
    low, high = axes.get_ylim()
    bar.add_artist(Rectangle((0, 0), length, abs(high - low) * 0.006, facecolor=INK, linewidth=0))
    name = TextArea(words, textprops={"size": SMALL, "color": INK})
    packed = HPacker(children=[name, bar], align="center", pad=0, sep=2)
    axes.add_artist(
        AnchoredOffsetbox(
            "lower right",
            child=packed,
            frameon=False,
            pad=0,
            borderpad=0.2,
            bbox_to_anchor=(1, 1),
            bbox_transform=axes.transAxes,
        )
    )


def kind_legend(figure: "Figure", kinds: Sequence[int], more: Sequence[Any] = ()) -> None:
    """Say above the axes what the colours and the hatches of kinds mean."""
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=KINDS[k], hatch=KIND_HATCHES[k], edgecolor=PAPER, linewidth=0,
              label=KIND_NAMES[k])
        for k in kinds
    ]  # fmt: skip
    legend(figure, [*handles, *more])


def says(figure: "Figure", words: str) -> None:
    """Put a sentence where there is nothing to draw."""
    axes = figure.subplots()
    axes.set_axis_off()
    room = figure.get_figwidth() * MM - 6
    lines: list[str] = []
    for word in plain(words).split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, LABEL) <= room:
            lines[-1] = longer
        else:
            lines.append(fitted(word, room, LABEL))
    text = "\n".join(lines[:8])
    axes.text(0.5, 0.5, text, ha="center", va="center", size=LABEL, color=QUIET)
