"""What the bases of a sequence give a class, and channels along it, as one picture for print."""

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.probe.found import Bases
from deepresolve_dash.views.logos import BASES, COLOURS, GAP, GLYPHS
from deepresolve_dash.views.palette import FONT, number

_COLUMN, _LEFT, _TOP = 10, 128, 34
_LOGO, _CELL, _TRACK, _BETWEEN = 70, 10, 30, 14
_FOR, _AGAINST = "#a83a05", "#0b4a8f"
_INK, _QUIET = "#171b22", "#586170"


def track_svg(title: str, letters: str, found: Bases, channels: dict | None = None) -> str:
    """Return letter heights, the map of all mutations, and channels, below one another.

    Parameters
    ----------
    title : str
        Any characters.
    letters : str
    found : Bases
    channels : dict, optional
        As `views.probe.channels` returns it.
    """
    width = _LEFT + _COLUMN * len(letters) + 12
    parts, y = [], _TOP
    for name, heights in (("gradient", found.gradient), ("mutagenesis", found.effect)):
        parts += _logo(name, letters, heights, y)
        y += _LOGO + _BETWEEN
    parts += _cells(letters, found.change, y)
    y += 4 * _CELL + _BETWEEN
    for row in (channels or {}).get("rows", ()):
        parts += _track(row, channels or {}, y)
        y += _TRACK + 4
    parts += _axis(len(letters), y)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y + 34}" '
        f'font-family="{escape(FONT)}" font-size="11" fill="{_INK}">'
        f'<text x="{_LEFT}" y="18" font-size="13">{escape(title)}</text>'
    )
    return head + "".join(parts) + "</svg>"


def _logo(name: str, letters: str, heights: NDArray, top: float) -> list[str]:
    """Return letters as high as what they give, those against the class below the line."""
    low, high = min(0.0, float(heights.min())), max(0.0, float(heights.max()))
    scale = _LOGO / ((high - low) or 1.0)
    zero = top + high * scale
    parts = [
        f'<text x="8" y="{top + 12:.1f}">{name}</text>',
        f'<text x="8" y="{top + 26:.1f}" fill="{_QUIET}">logits</text>',
        f'<path d="M{_LEFT} {zero:.1f}h{_COLUMN * len(letters)}" stroke="{_QUIET}"/>',
    ]
    for value in sorted({low, 0.0, high}):
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


def _cells(letters: str, change: NDArray, top: float) -> list[str]:
    """Return the map of all mutations: orange for, blue against, a dot for the base itself."""
    most = float(np.nanmax(np.abs(change), initial=0)) or 1.0
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
        first = told["offset"] + told["width"] / 2
        points = [
            f"{_LEFT + _COLUMN * (first + told['stride'] * i):.1f} "
            f"{top + _TRACK * (1 - max(0.0, v or 0) / (most or 1)):.1f}"
            for i, v in enumerate(values)
        ]
        return "M" + "L".join(points)

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
