"""What the bases of a sequence give a class, and channels along it, as one picture for print."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.exports.figures.letters import logo
from deepresolve_dash.exports.figures.marks import colours, short
from deepresolve_dash.exports.figures.style import (
    FOOT,
    HEAD,
    HIGHEST,
    INK,
    NEGATIVE,
    POSITIVE,
    QUIET,
    Size,
    as_bytes,
    checked,
    framed,
)
from deepresolve_dash.exports.figures.text import MM, SMALL, fitted
from deepresolve_dash.probe.found import Bases
from deepresolve_dash.views.logos import BASES
from deepresolve_dash.views.palette import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOGO, CELLS, TRACK, NAME, AXIS = 15.0, 9.0, 6.5, 3.0, 8.0  # mm
LEFT = 24.0  # mm, of names and units


class Block(NamedTuple):
    """One sequence of the picture: what it is called, its letters, what they give the class."""

    name: str
    letters: str
    found: Bases


def height_of(blocks: Sequence[Block], channels: dict | None) -> float:
    """Return the height that suits a picture, in mm."""
    rows = len((channels or {}).get("rows", ()))
    each = 2 * LOGO + CELLS + (NAME if len(blocks) > 1 else 0)
    return min(HIGHEST, HEAD + len(blocks) * each + rows * TRACK + AXIS + FOOT)


def track_bytes(
    title: str,
    blocks: Sequence[Block],
    channels: dict | None = None,
    *,
    file_format: str,
    size: Size,
) -> bytes:
    """Return letter heights and all mutations of sequences of one length, then channels.

    Parameters
    ----------
    title : str
        Any characters.
    blocks : sequence of Block
        Below one another, on the same axes.
    channels : dict, optional
        Of the first, as `views.probe.channels` returns it.
    file_format : {"svg", "pdf", "png"}
    size : Size

    Raises
    ------
    SettingsError
        When the size cannot be drawn.
    """
    return as_bytes(
        lambda figure: _draw(figure, title, blocks, channels), file_format, checked(size)
    )


def _draw(figure: "Figure", title: str, blocks: Sequence[Block], channels: dict | None) -> None:
    """Draw all parts below one another, on one axis of places."""
    told, length = channels or {}, len(blocks[0].letters)
    words = "gradient: integrated gradients · mutagenesis: mean loss when a base becomes another"
    words += " · mutations: change of the logit, − where it falls"
    rows = told.get("rows", ())
    if any(row["other"] for row in rows):
        words += " · channels: the second sequence dashed"
    framed(figure, title, words)
    tall = [*[LOGO, LOGO, CELLS] * len(blocks), *[TRACK] * len(rows)]
    axes = figure.subplots(len(tall), 1, sharex=True, height_ratios=tall, squeeze=False)[:, 0]
    wide = figure.get_figwidth() * MM
    figure.get_layout_engine().set(hspace=0, h_pad=0.7 / MM)  # type: ignore[union-attr]
    spans = [_span([getattr(one.found, name) for one in blocks]) for name in ("gradient", "effect")]
    most = max(float(np.nanmax(np.abs(one.found.change), initial=0)) for one in blocks) or 1.0
    for i, block in enumerate(blocks):
        mine = axes[3 * i : 3 * i + 3]
        if len(blocks) > 1:
            words = fitted(f"{block.name}, logit {number(block.found.score)}", wide - LEFT)
            mine[0].set_title(words, loc="left", fontweight="bold", fontsize=SMALL, pad=1)
        heights = (("gradient", block.found.gradient), ("mutagenesis", block.found.effect))
        for one, (name, tall_of), span in zip(mine[:2], heights, spans, strict=True):
            _logo(one, f"{name}\n(logits)", block.letters, tall_of, span)
        _mutations(mine[2], block, most)
    for one, row in zip(axes[3 * len(blocks) :], rows, strict=True):
        _track(one, row, told)
    for one in axes[:-1]:
        one.tick_params(axis="x", length=0, labelbottom=False)
        one.spines["bottom"].set_visible(False)
    _places(axes[-1], length)


def _span(rows: Sequence[NDArray]) -> tuple[float, float]:
    """Return the lowest and highest of 0 and these."""
    low = min(0.0, *(float(one.min()) for one in rows))
    high = max(0.0, *(float(one.max()) for one in rows))
    return (low, high) if high > low else (0.0, 1.0)


def _logo(
    axes: "Axes", name: str, letters: str, heights: NDArray, span: tuple[float, float]
) -> None:
    """Draw letters as high as what they give, those against the class below the line."""
    placed = np.zeros((len(letters), len(BASES)))
    for place, letter in enumerate(letters):
        if letter in BASES:
            placed[place, BASES.index(letter)] = heights[place]
    logo(axes, placed, left=-0.5)
    low, high = span
    room = 0.05 * (high - low)
    axes.set_ylim(low - room * (low < 0), high + room)
    axes.axhline(0, color=QUIET, linewidth=0.4)
    apart = [end for end in (low, 0.0, high) if end == 0 or abs(end) > 0.2 * (high - low)]
    axes.set_yticks(apart, [short(end) for end in apart])
    _named(axes, name)


def _mutations(axes: "Axes", block: Block, most: float) -> None:
    """Draw the map of all mutations, a dot for the base that is there."""
    change = block.found.change.T.astype(float)
    axes.pcolormesh(
        np.arange(change.shape[1] + 1) - 0.5,
        np.arange(5) - 0.5,
        np.ma.masked_invalid(change),
        cmap=colours(),
        vmin=-most,
        vmax=most,
        linewidth=0,
        rasterized=change.size > 2500,
    )
    here = [(i, BASES.index(one)) for i, one in enumerate(block.letters) if one in BASES]
    if here:
        axes.plot(*zip(*here, strict=True), ".", color=INK, markersize=1.6, markeredgewidth=0)
    falls = np.argwhere(np.nan_to_num(change) < -0.3 * most)
    if len(falls) and change.size <= 2500:
        axes.plot(falls[:, 1], falls[:, 0], "_", color="#ffffff", markersize=1.6,
                  markeredgewidth=0.4)  # fmt: skip
    axes.set_ylim(3.5, -0.5)
    axes.set_yticks(range(4), list(BASES), fontsize=SMALL)
    axes.tick_params(axis="y", length=0)
    _named(axes, f"mutations\n±{short(most)} logits")


def _track(axes: "Axes", row: dict, told: dict) -> None:
    """Draw the activation of a channel along the sequence, each position at its middle."""
    stride = told["stride"] or 1
    most = max(
        max(v or 0 for v in row["values"]), max((v or 0 for v in row["other"] or ()), default=0)
    )
    for values, colour, line in (
        (row["values"], POSITIVE if (row.get("ofiv") or 0) >= 0 else NEGATIVE, "-"),
        (row["other"], QUIET, (0, (3, 1.5))),
    ):
        if values:
            x = told["offset"] + (told["width"] - 1) / 2 + stride * np.arange(len(values))
            y = np.maximum(0, np.array([v or 0 for v in values], float))
            axes.step(x, y, where="mid", color=colour, linestyle=line, linewidth=0.7)
    axes.set_ylim(0, (most or 1) * 1.06)
    axes.set_yticks([most or 1], [short(most)], fontsize=SMALL)
    _named(axes, f"ch {row['channel']}\n{row['called']}".strip())


def _named(axes: "Axes", words: str) -> None:
    """Write what a part is left of its axis, upright text being hard to read there."""
    lines = "\n".join(fitted(line, LEFT - 8, SMALL) for line in words.split("\n"))
    axes.set_ylabel(lines, rotation=0, ha="right", va="center", fontsize=SMALL, labelpad=2)


def _places(axes: "Axes", length: int) -> None:
    """Count the places from 1."""
    step = next((by for by in (1, 2, 5, 10, 20, 50, 100, 200, 500) if length / by <= 12), 1000)
    at = [0, *range(step - 1, length, step)] if step > 1 else list(range(length))
    axes.set_xticks(at, [str(i + 1) for i in at])
    axes.set_xlim(-0.5, length - 0.5)
    axes.set_xlabel("position (bp)")
