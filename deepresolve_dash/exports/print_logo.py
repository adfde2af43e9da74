"""Logos of filters for print, drawn by logomaker on a figure of their own."""

import io
from typing import Any, Literal

import numpy as np

from deepresolve_dash.exports.figures.fonts import families, with_all_named
from deepresolve_dash.exports.figures.style import LOCK
from deepresolve_dash.motifs.filters import BASES, filter_pwm, information_bits

COLOURS = {"A": "#109648", "C": "#255C99", "G": "#F7B32B", "T": "#D62839"}
Unit = Literal["bits", "weights"]
_Y_LABELS = {"bits": "Information (bits,\nuniform background)", "weights": "Weight"}
# Text stays text in SVG and in PDF; matplotlib reads both from one table for the whole process.
_FONT_TYPES: dict[Any, Any] = {
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "svg.hashsalt": "logo",
}


def print_logo(
    kernel: np.ndarray,
    *,
    unit: Unit = "bits",
    title: str = "",
    file_format: Literal["pdf", "svg"] = "pdf",
) -> bytes:
    """Draw a filter as a vector figure.

    Parameters
    ----------
    kernel : float array (offset, base)
        Weights in reading direction, bases A, C, G, T.
    unit : {"bits", "weights"}
        Positive part as a motif, in bits against a uniform background; or all weights, the
        negative ones below the line.
    title : str
        Line above the logo.
    file_format : {"pdf", "svg"}

    Returns
    -------
    bytes
        The same for the same arguments: no date, no random ids.
    """
    import matplotlib  # here, so that a server that draws no logo never loads it

    theme: dict[Any, Any] = _FONT_TYPES | {"font.family": families(file_format)}
    with LOCK, matplotlib.rc_context(theme):
        figure = logo_figure(kernel, unit=unit, title=title)
        file = io.BytesIO()
        date = {"pdf": "CreationDate", "svg": "Date"}[file_format]
        figure.savefig(file, format=file_format, metadata={date: None})
    made = file.getvalue()
    return with_all_named(made) if file_format == "svg" else made


def logo_figure(kernel: np.ndarray, *, unit: Unit = "bits", title: str = ""):
    """Return the matplotlib Figure of `print_logo`, 3 mm a position and 35 mm high."""
    import logomaker
    from matplotlib.figure import Figure
    from pandas import DataFrame

    heights = letter_heights(kernel, unit=unit)
    figure = Figure(figsize=(0.9 + 0.118 * len(heights), 1.38), layout="constrained")
    axes = figure.subplots()
    matrix = DataFrame(heights, columns=list(BASES))
    logomaker.Logo(matrix, ax=axes, color_scheme=COLOURS, show_spines=False)
    axes.spines[["left", "bottom"]].set_visible(True)
    axes.set_xlabel("Offset in the filter (bp)", fontsize=7)
    axes.set_ylabel(_Y_LABELS[unit], fontsize=7)
    axes.tick_params(labelsize=6)
    axes.set_title(title, fontsize=7)
    if unit == "bits":
        axes.set_ylim(0, 2)
    return figure


def letter_heights(kernel: np.ndarray, *, unit: Unit) -> np.ndarray:
    """Return the height of each letter: probability times information, or the weights themselves.

    Returns
    -------
    float64 array (offset, base)
    """
    if unit == "weights":
        return np.asarray(kernel, dtype=np.float64)
    pwm = filter_pwm(kernel)
    return pwm * information_bits(pwm)[:, None]
