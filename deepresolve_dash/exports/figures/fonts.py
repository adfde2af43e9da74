"""Fonts of figures: those that journals ask for, where they are here, and how wide letters are.

A PDF embeds its font and a PNG has it drawn: they take the first that this machine has. An SVG is
drawn by whatever its reader has: it names them all, and is laid out in DejaVu Sans, which is the
widest but for some capitals. Text is measured by the letters of DejaVu Sans and by those of
Helvetica, whose widths Arial and Liberation Sans share, so that it fits its place in each of them
and on every machine.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

JOURNALS = ("Arial", "Helvetica", "Liberation Sans")
OURS = "DejaVu Sans"
"""Comes with matplotlib: it draws what the others lack, and everything where none is here."""
_NAMED = "Arial, Helvetica, 'Liberation Sans', 'DejaVu Sans', sans-serif"
_EXACT = 100  # points, at which letters are measured


def families(file_format: str) -> tuple[str, ...]:
    """Return the font that a figure is laid out in here, and the one for letters it lacks."""
    return (OURS,) if file_format == "svg" else _embedded()


@cache
def _embedded() -> tuple[str, ...]:
    return (*[name for name in JOURNALS if _is_here(name)][:1], OURS)


def _is_here(name: str) -> bool:
    """Tell whether a font is installed in a format that a PDF can embed."""
    from matplotlib.font_manager import fontManager

    files = [Path(one.fname) for one in fontManager.ttflist if one.name == name]
    return bool(files) and all(one.suffix.lower() == ".ttf" and one.is_file() for one in files)


def with_all_named(svg: bytes) -> bytes:
    """Return a drawing whose text names all fonts, the one it was laid out in last."""
    return re.sub(rb'(<text style="[^">]*font-family: )[^;">]*', rb"\1" + _NAMED.encode(), svg)


def advance(text: str) -> float:
    """Return how wide a line of text is at most, in heights of its type."""
    return max(sum(map(_ours, text)), sum(map(_theirs, text)))


@cache
def drawable() -> frozenset[int]:
    """Return the signs that every machine can draw."""
    return frozenset(_font().get_charmap())


@cache
def _ours(letter: str) -> float:
    font = _font()
    font.set_size(_EXACT, 72)
    return font.load_char(ord(letter)).linearHoriAdvance / 2**16 / _EXACT


@cache
def _theirs(letter: str) -> float:
    """Return the width of a letter in Helvetica, without its accent; of other signs, ours."""
    return _helvetica().get(unicodedata.normalize("NFD", letter)[0]) or _ours(letter)


@cache
def _font() -> Any:
    from matplotlib import font_manager, ft2font

    return ft2font.FT2Font(font_manager.findfont(OURS))


@cache
def _helvetica() -> dict[str, float]:
    """Return the widths of ASCII letters, from the metrics that matplotlib brings."""
    import matplotlib

    path = Path(matplotlib.get_data_path(), "fonts", "pdfcorefonts", "Helvetica.afm")
    found = re.findall(r"^C (\d+) ; WX (\d+) ;", path.read_text(), re.MULTILINE)
    return {chr(int(code)): int(wide) / 1000 for code, wide in found if int(code) < 127}
