"""What the bases of a sequence give a class, and channels along it, as one picture for print."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.probe.found import Bases
from deepresolve_dash.views.logos import BASES, COLOURS, GAP, GLYPHS
from deepresolve_dash.views.palette import FONT, number

_COLUMN, _LEFT, _TOP = 10, 128, 34
_LOGO, _CELL, _TRACK, _BETWEEN = 70, 10, 30, 16
_APART = 0.18  # of the axis, between numbers that can both be read
_FOR, _AGAINST = "#a83a05", "#0b4a8f"
_INK, _QUIET = "#171b22", "#586170"


class Block(NamedTuple):
    """One sequence of the picture: what it is called, its letters, what they give the class."""

    name: str
    letters: str
    found: Bases


def track_svg(title: str, blocks: Sequence[Block], channels: dict | None = None) -> str:
    """Return letter heights and all mutations of sequences of one length, then channels.

    Parameters
    ----------
    title : str
        Any characters.
    blocks : sequence of Block
        Below one another, on the same axes.
    channels : dict, optional
        Of the first, as `views.probe.channels` returns it.
    """
    length = len(blocks[0].letters)
    spans = [
        _span([getattr(block.found, name) for block in blocks]) for name in ("gradient", "effect")
    ]
    most = max(float(np.nanmax(np.abs(block.found.change), initial=0)) for block in blocks) or 1.0
    parts, y = [], _TOP
    for block in blocks:
        if len(blocks) > 1:
            name = f"{block.name}, logit {number(block.found.score)}"
            parts.append(f'<text x="{_LEFT}" y="{y}" font-weight="bold">{escape(name)}</text>')
            y += _BETWEEN
        heights = (("gradient", block.found.gradient), ("mutagenesis", block.found.effect))
        for (name, tall), span in zip(heights, spans, strict=True):
            parts += _logo(name, block.letters, tall, span, y)
            y += _LOGO + _BETWEEN
        parts += _cells(block.letters, block.found.change, most, y)
        y += 4 * _CELL + 2 * _BETWEEN
    for row in (channels or {}).get("rows", ()):
        parts += _track(row, channels or {}, y)
        y += _TRACK + 4
    parts += _axis(length, y)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _COLUMN * length + 12}" '
        f'height="{y + 34}" font-family="{escape(FONT)}" font-size="11" fill="{_INK}">'
        f'<text x="{_LEFT}" y="18" font-size="13">{escape(title)}</text>'
    )
    return head + "".join(parts) + "</svg>"


def _span(rows: Sequence[NDArray]) -> tuple[float, float]:
    """Return the lowest and highest of 0 and these."""
    return min(0.0, *(float(one.min()) for one in rows)), max(
        0.0, *(float(one.max()) for one in rows)
    )


def _logo(
    name: str, letters: str, heights: NDArray, span: tuple[float, float], top: float
) -> list[str]:
    """Return letters as high as what they give, those against the class below the line."""
    low, high = span
    scale = _LOGO / ((high - low) or 1.0)
    zero = top + high * scale
    parts = [
        f'<text x="8" y="{top + 12:.1f}">{name}</text>',
        f'<text x="8" y="{top + 26:.1f}" fill="{_QUIET}">logits</text>',
        f'<path d="M{_LEFT} {zero:.1f}h{_COLUMN * len(letters)}" stroke="{_QUIET}"/>',
    ]
    for value in {0.0, *(end for end in span if abs(end) > _APART * (high - low))}:
        at = zero - value * scale + 4
        parts.append(
            f'<text x="{_LEFT - 5}" y="{at:.1f}" text-anchor="end" fill="{_QUIET}">'
            f"{number(value)}</text>"
        )
    for place, (letter, height) in enumerate(zip(letters, heights.tolist(), strict=True)):
        if letter == "N" or not height:
            continue
        parts.append(
            f'<path d="{GLYPHS[letter]}" fill="{COLOURS[letter]}" fill-rule="evenodd" '
            f'transform="translate({_LEFT + _COLUMN * (place + GAP / 2):.2f} '
            f'{zero - height * scale:.2f}) scale({_COLUMN * (1 - GAP):.2f} {height * scale:.3f})"/>'
        )
    return parts


def _cells(letters: str, change: NDArray, most: float, top: float) -> list[str]:
    """Return the map of all mutations: orange for, blue against, a dot for the base itself."""
    parts = [f'<text x="8" y="{top + 12}">mutations</text>']
    parts.append(f'<text x="8" y="{top + 26}" fill="{_QUIET}">up to {number(most)}</text>')
    for row, base in enumerate(BASES):
        y = top + row * _CELL
        parts.append(
            f'<text x="{_LEFT - 5}" y="{y + 9}" text-anchor="end" font-size="9">{base}</text>'
        )
        for place, letter in enumerate(letters):
            value, x = float(change[place, row]), _LEFT + _COLUMN * place
            if letter == base:
                parts.append(f'<circle cx="{x + _COLUMN / 2}" cy="{y + _CELL / 2}" r="1.6"/>')
            elif value == value and value:  # known
                colour = _FOR if value > 0 else _AGAINST
                parts.append(
                    f'<rect x="{x}" y="{y}" width="{_COLUMN}" height="{_CELL}" fill="{colour}" '
                    f'fill-opacity="{abs(value) / most:.3f}"/>'
                )
    return parts


def _track(row: dict, told: dict, top: float) -> list[str]:
    """Return the activation of a channel along the sequence, each position at its middle."""
    values = row["values"]
    most = max(max(v or 0 for v in values), max((v or 0 for v in row["other"] or ()), default=0))
    name = f"channel {row['channel']}" + (f" {row['called']}" if row["called"] else "")

    def line(values: Sequence[float | None]) -> str:
        each = _COLUMN * (told["stride"] or 1)
        x = _LEFT + _COLUMN * (told["offset"] + told["width"] / 2) - each / 2
        steps = [f"M{x:.1f} {top + _TRACK}"]
        for value in values:
            x += each
            steps.append(f"V{top + _TRACK * (1 - max(0.0, value or 0) / (most or 1)):.1f}H{x:.1f}")
        return "".join(steps) + f"V{top + _TRACK}"

    parts = [
        f'<text x="8" y="{top + 12}">{escape(name[:20])}</text>',
        f'<text x="{_LEFT - 5}" y="{top + 9}" text-anchor="end" fill="{_QUIET}">'
        f"{number(most)}</text>",
        f'<path d="{line(values)}" fill="none" stroke="{_INK}"/>',
    ]
    if row["other"]:
        parts.append(
            f'<path d="{line(row["other"])}" fill="none" stroke="{_QUIET}" stroke-dasharray="3 2"/>'
        )
    return parts


def _axis(length: int, top: float) -> list[str]:
    """Return the places, counted from 1."""
    parts = [f'<path d="M{_LEFT} {top}h{_COLUMN * length}" stroke="{_QUIET}"/>']
    for place in [1, *range(10, length + 1, 10)]:
        x = _LEFT + _COLUMN * (place - 0.5)
        parts.append(f'<text x="{x}" y="{top + 13}" text-anchor="middle">{place}</text>')
    middle = _LEFT + _COLUMN * length / 2
    parts.append(f'<text x="{middle}" y="{top + 27}" text-anchor="middle">position (bp)</text>')
    return parts
