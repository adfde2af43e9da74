"""Colours, signs and type of all pictures, light and dark."""

import re
from typing import Literal, NamedTuple

Theme = Literal["light", "dark"]


class Palette(NamedTuple):
    """Colours of one theme; the style sheet holds the same."""

    text: str
    muted: str
    grid: str
    bar: str
    kinds: tuple[str, str, str]
    components: tuple[str, str, str]
    second: str


PALETTES: dict[str, Palette] = {
    "light": Palette(
        text="#171b22",
        muted="#586170",
        grid="#e4e7ec",
        bar="#c3cad4",
        kinds=("#64748b", "#0d8a7e", "#a3299f"),
        components=("#3f5470", "#b25a00", "#7a3cc9"),
        second="#171b22",
    ),
    "dark": Palette(
        text="#eceff4",
        muted="#9ba5b4",
        grid="#2a303b",
        bar="#434c5a",
        kinds=("#8e9bb0", "#2fc4b2", "#e07fdc"),
        components=("#a9bbd6", "#f0a045", "#bb93ff"),
        second="#eceff4",
    ),
}
KIND_NAMES = ("additive", "non-additive, consistent", "non-additive, inconsistent")
KIND_MARKS = ("●", "◆", "▲")
COMPONENT_MARKS = ("●", "◆", "▲")
COMPONENT_SYMBOLS = ("circle", "diamond", "triangle-up")
COMPONENT_DASHES = ("solid", "dash", "dot")
FONT = "Inter, 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif"

UNITS = "feature-map units"


def palette(theme: str) -> Palette:
    """Return the colours of a theme, light for an unknown one."""
    return PALETTES.get(theme, PALETTES["light"])


def axis(theme: str, title: str, **options: object) -> dict:
    """Return a plotly axis with a title and the theme's lines."""
    colours = palette(theme)
    return {
        "title": {"text": title, "font": {"size": 12}, "standoff": 6},
        "gridcolor": colours.grid,
        "zerolinecolor": colours.muted,
        "zeroline": False,
        "linecolor": colours.grid,
        "tickfont": {"size": 11},
        "exponentformat": "power",
        "showexponent": "last",
        **options,
    }


def layout(theme: str, **options: object) -> dict:
    """Return the plotly layout that all charts share."""
    colours = palette(theme)
    return {
        "template": "none",
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 12, "color": colours.muted},
        "margin": {
            "l": 64,
            "r": 10,
            "t": 6,
            "b": 42,
        },  # fixed: to fit them costs redraws without end
        "hoverlabel": {"font": {"family": FONT, "size": 12}, "align": "left"},
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom"},
        "showlegend": False,
        "dragmode": False,
        **options,
    }


def sentence(text: str) -> dict:
    """Return words in the middle of an empty chart."""
    middle = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}
    return {"text": text, "showarrow": False, "font": {"size": 13}, **middle}


def number(value: float, *, sign: bool = False) -> str:
    """Return three digits of a number with a true minus sign, a dash for NaN."""
    if value != value:  # NaN
        return "–"
    size = abs(value)
    if size == 0:
        return "0"
    plain = 1e-3 <= size < 1e4
    text = f"{size:#.3g}".rstrip(".") if plain else re.sub(r"e([+-])0?", r"e\1", f"{size:.2e}")
    return ("−" if value < 0 else "+" if sign and value > 0 else "") + text
