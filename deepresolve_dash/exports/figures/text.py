"""Text of figures: on one line, of signs that the font has, as long as there is room for."""

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any

MM = 25.4  # in an inch
POINT = MM / 72  # mm
TITLE, LABEL, TICK, SMALL = 7.5, 7, 6, 5.5  # points
_EXACT = 100  # points, at which letters are measured


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
    known = _drawable()
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
    """Return how wide a line of plain text is, in mm."""
    return sum(map(_advance, text)) * points * POINT


@cache
def _advance(letter: str) -> float:
    """Return how wide a letter is, in heights of its type."""
    font = _font()
    font.set_size(_EXACT, 72)
    return font.load_char(ord(letter)).linearHoriAdvance / 2**16 / _EXACT


@cache
def _font() -> Any:
    from matplotlib import font_manager, ft2font

    return ft2font.FT2Font(font_manager.findfont("DejaVu Sans"))


@cache
def _drawable() -> frozenset[int]:
    return frozenset(_font().get_charmap())


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
