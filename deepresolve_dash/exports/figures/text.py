"""Text of figures: on one line, of signs that the font has, as long as there is room for."""

import unicodedata
from collections.abc import Sequence

from deepresolve_dash.exports.figures.fonts import advance, drawable

MM = 25.4  # in an inch
POINT = MM / 72  # mm
TITLE, LABEL, TICK, SMALL = 7.5, 7, 6, 5.5  # points


def plain(text: object) -> str:
    """Return text that every file can hold: one line, no signs without a picture.

    Control characters and halves of letters go, blanks of all kinds become one, and what the font
    cannot draw becomes a box.
    """
    kept = "".join(
        " " if letter.isspace() else letter
        for letter in str(text)
        if letter.isspace() or unicodedata.category(letter)[0] != "C"
    )
    known = drawable()
    return "".join(letter if ord(letter) in known else "□" for letter in " ".join(kept.split()))


def fitted(text: object, room: float, points: float = TICK) -> str:
    """Return plain text that is at most `room` mm wide, its end left out where it must be."""
    whole = plain(text)
    if width_of(whole, points) <= room:
        return whole
    low, high = 0, min(len(whole), int(room / (0.2 * points * POINT)) + 1)
    while low < high:  # the longest beginning that fits
        middle = (low + high + 1) // 2
        low, high = (
            (middle, high)
            if width_of(whole[:middle].rstrip() + "…", points) <= room
            else (low, middle - 1)
        )
    return whole[:low].rstrip() + "…"


def width_of(text: str, points: float = TICK) -> float:
    """Return how wide a line of plain text is at most, in mm, whoever draws it."""
    return advance(text) * points * POINT


def lined(parts: Sequence[str], room: float, joint: str = " · ") -> list[str]:
    """Return parts as lines of small print, at most `room` mm wide where the parts allow it."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]}{joint}{part}" if lines else part
        if lines and width_of(longer, SMALL) <= room:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines
