"""Logos: letters stacked by height, written as SVG; the browser draws the same glyphs."""

from html import escape

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepresolve_dash.motifs.filters import filter_pwm, information_bits
from deepresolve_dash.views.palette import FONT, number

BASES = "ACGT"
GLYPHS = {  # in a unit square, y downwards
    "A": "M0 1L.39 0H.61L1 1H.79L.71 .77H.29L.21 1ZM.35 .6H.65L.5 .18Z",
    "C": "M1 .31C.95 .11 .77 0 .53 0C.2 0 0 .2 0 .5C0 .8 .2 1 .53 1C.77 1 .95 .89 1 .69L.8 .63"
    "C.76 .76 .67 .83 .53 .83C.32 .83 .21 .7 .21 .5C.21 .3 .32 .17 .53 .17C.67 .17 .76 .24 .8 "
    ".37Z",
    "G": "M1 .31C.95 .11 .77 0 .53 0C.2 0 0 .2 0 .5C0 .8 .2 1 .53 1C.75 1 .92 .93 1 .83V.47H.54"
    "V.63H.8V.75C.73 .8 .64 .83 .53 .83C.32 .83 .21 .7 .21 .5C.21 .3 .32 .17 .53 .17C.67 .17 .76 "
    ".24 .8 .37Z",
    "T": "M0 0H1V.17H.61V1H.39V.17H0Z",
}
COLOURS = {"A": "#109648", "C": "#255c99", "G": "#e5a10b", "T": "#d62839"}
FORMS = {"bits": "bits", "weights": "kernel weight"}  # form of a logo, unit of its axis
GAP = 0.06


def heights(kernels: ArrayLike, form: str) -> NDArray[np.float64]:
    """Show what the filter of one channel likes in each position, and its numbers for this class.

    In bits negative weights are cut off and a position counts by its information; as weights
    letters that the filter avoids hang below zero, and a logo says nothing of how channels combine.

    *Source:* the paper's conversion of first-layer filters to position weight matrices.

    Parameters
    ----------
    kernels : float array (channel, offset, base)
    form : {"bits", "weights"}

    Returns
    -------
    float64 array (channel, offset, base)
    """
    kernels = np.asarray(kernels, np.float64)
    if form == "weights":
        return kernels
    pwms = np.stack([filter_pwm(kernel) for kernel in kernels])
    return np.stack([pwm * information_bits(pwm)[:, None] for pwm in pwms])


def letters(heights: NDArray[np.float64]) -> list[tuple[str, int, float, float]]:
    """Return (letter, offset, bottom, top) of every letter; top below bottom hangs upside down.

    The tallest letter is the outermost on either side of zero.
    """
    placed = []
    for offset, column in enumerate(heights):
        ends = {True: 0.0, False: 0.0}
        for base in np.argsort(np.abs(column), kind="stable"):
            height = float(column[base])
            if height == 0:
                continue
            start = ends[height > 0]
            ends[height > 0] = start + height
            placed.append((BASES[base], offset, start, start + height))
    return placed


def span(heights: NDArray[np.float64], form: str) -> tuple[float, float]:
    """Return the lower and upper end of the axis: 0 to 2 bits, or what the weights need."""
    if form == "bits":
        return 0.0, 2.0
    low = float(np.minimum(heights, 0).sum(-1).min(initial=0.0))
    high = float(np.maximum(heights, 0).sum(-1).max(initial=0.0))
    return (low, high) if high > low else (0.0, 1.0)


def logo_svg(heights: NDArray[np.float64], *, form: str = "bits", title: str = "") -> str:
    """Return a logo with axes as a stand-alone SVG.

    Parameters
    ----------
    heights : float array (offset, base)
    form : {"bits", "weights"}
        Names the unit of the axis.
    title : str
        Text above the logo, any characters.
    """
    column, tall, left, top = 24, 120, 46, 26
    low, high = span(heights, form)
    scale = tall / (high - low)
    width = left + column * len(heights) + 8

    def y(value: float) -> float:
        return top + (high - value) * scale

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{top + tall + 22}" '
        f'font-family="{escape(FONT)}" font-size="11">',
        f'<text x="{left}" y="15" font-size="13">{escape(title)}</text>',
        f'<text transform="translate(12 {top + tall / 2}) rotate(-90)" text-anchor="middle">'
        f"{escape(FORMS[form])}</text>",
    ]
    for value in sorted({low, 0.0, high}):
        parts.append(
            f'<text x="{left - 5}" y="{y(value) + 4:.1f}" text-anchor="end">{number(value)}</text>'
        )
    for letter, offset, bottom, end in letters(heights):
        parts.append(
            f'<path d="{GLYPHS[letter]}" fill="{COLOURS[letter]}" fill-rule="evenodd" '
            f'transform="translate({left + column * (offset + GAP / 2):.2f} {y(end):.2f}) '
            f'scale({column * (1 - GAP):.2f} {(end - bottom) * scale:.3f})"/>'
        )
    for offset in range(len(heights)):
        parts.append(
            f'<text x="{left + column * (offset + 0.5)}" y="{top + tall + 15}" '
            f'text-anchor="middle">{offset + 1}</text>'
        )
    parts.append(
        f'<path d="M{left} {top}V{top + tall}M{left} {y(0):.1f}H{width - 8}" stroke="#888" '
        'fill="none"/></svg>'
    )
    return "".join(parts)
