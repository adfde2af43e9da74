"""Colours, signs and type of all pictures.

A colour is a name of the style sheet, so that a picture follows the theme without being made anew.
"""

import re

TEXT, MUTED, GRID, BAR = "var(--text)", "var(--muted)", "var(--line)", "var(--bar)"
KIND_COLOURS = ("var(--kind-0)", "var(--kind-1)", "var(--kind-2)")
COMPONENT_COLOURS = ("var(--component-0)", "var(--component-1)", "var(--component-2)")
KIND_NAMES = ("additive", "non-additive, consistent", "non-additive, inconsistent")
KIND_MARKS = ("●", "◆", "▲")
COMPONENT_MARKS = ("●", "◆", "▲")
COMPONENT_SYMBOLS = ("circle", "diamond", "triangle-up")
COMPONENT_DASHES = ("solid", "dash", "dot")
FONT = "Inter, 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif"

UNITS = "feature-map units"


def axis(title: str, **options: object) -> dict:
    """Return a plotly axis with a title and our lines."""
    return {
        "title": {"text": title, "font": {"size": 12}, "standoff": 6},
        "gridcolor": GRID,
        "zerolinecolor": MUTED,
        "zeroline": False,
        "linecolor": GRID,
        "tickfont": {"size": 11},
        "exponentformat": "power",
        "showexponent": "last",
        **options,
    }


def layout(**options: object) -> dict:
    """Return the plotly layout that all charts share."""
    return {
        "template": "none",
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 12, "color": MUTED},
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
