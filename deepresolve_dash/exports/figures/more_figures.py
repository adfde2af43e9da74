"""Recipes, elimination and ascent of a class, for print."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from deepresolve_dash.exports.figures.class_figures import caption
from deepresolve_dash.exports.figures.marks import says
from deepresolve_dash.exports.figures.names import named
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.sheet import (
    columns,
    head,
    heights_of,
    lines,
    put,
    sheet,
    small_logo,
)
from deepresolve_dash.exports.figures.style import (
    BARS,
    EDGE,
    FOOT,
    FURTHER,
    HEAD,
    INK,
    LINE,
    NEGATIVE,
    POSITIVE,
    QUIET,
    framed,
)
from deepresolve_dash.exports.figures.text import MM, SMALL, lined
from deepresolve_dash.exports.known import known_of
from deepresolve_dash.runs.class_table import METADATA, ClassRow
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import elimination, recipes
from deepresolve_dash.views.palette import UNITS, number
from deepresolve_dash.views.selection import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LISTED = 12  # channels of a recipe before "and more"
CARD, SLOT, BETWEEN = (23.0, 15.0, 3.0)  # mm: width and height of a channel, a title of a recipe
ROW, TITLES = 6.2, 4.5  # mm


def draw_recipes(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw each way to be on as the channels of its medoid: logo, sign, bar of its FIV."""
    told = recipes.data(run.ensemble, run.summary, selection)
    words = f"bars: FIV of the trial closest to the others ({UNITS})"
    framed(figure, told["title"], caption(run, selection, told["regime"], words))
    if not told["recipes"]:
        return says(figure, f"{told['title']}. {told['why']}")
    axes, form = sheet(figure), "weights" if asked.get("logo") == "weights" else "bits"
    tall, wide = heights_of(run, form), axes.get_xlim()[1]
    per = max(1, int((wide - 2 * EDGE) / CARD))
    card = (wide - 2 * EDGE) / per
    most = max(abs(one["fiv"]) for recipe in told["recipes"] for one in recipe["channels"])
    top, foot = HEAD + 0.5, axes.get_ylim()[0] - FOOT - 2 * FURTHER
    for i, recipe in enumerate(told["recipes"]):
        high = 2 * BETWEEN + SLOT * -(-min(LISTED, len(recipe["channels"])) // per) + 1
        if top + high > foot + 0.5:
            left = len(told["recipes"]) - i
            put(axes, (EDGE, foot), f"and {left} more: make the figure higher", wide, colour=QUIET)
            break
        _recipe(axes, (top, wide), _facts(recipe, i, len(told["recipes"])), recipe)
        for j, one in enumerate(recipe["channels"][:LISTED]):
            at = (EDGE + card * (j % per), top + 2 * BETWEEN + SLOT * (j // per), card - 2.5)
            _ingredient(axes, at, run, one, tall.get(one["channel"]), form, most)
        top += high
    return None


def _facts(recipe: dict, i: int, n: int) -> str:
    """Return what is said of a recipe."""
    stability = recipe["stability"]
    sure = "–" if stability != stability else f"{stability:.2f}"
    return (
        f"{f'Way {i + 1}' if n > 1 else 'The way'}: {recipe['share']:.0%} of the trials "
        f"({len(recipe['trials'])} of {recipe['of']}), "
        f"best score {number(recipe['score'])} logits, stability {sure}"
        f"{', unsure' if recipe['unsure'] else ''}"
    )


def _recipe(axes: "Axes", at: tuple[float, float], words: str, recipe: dict) -> None:
    """Write the head of a recipe: its facts, and the share of the trials as a bar."""
    from matplotlib.patches import Rectangle

    top, wide = at
    lines(axes, [[(EDGE, top), (wide - EDGE, top)]], color=LINE)
    put(axes, (EDGE, top + BETWEEN - 0.6), words, wide - 2 * EDGE)
    full = wide - 2 * EDGE
    bar = {"height": 0.8, "linewidth": 0}
    axes.add_patch(Rectangle((EDGE, top + BETWEEN + 1.2), full, facecolor=LINE, **bar))
    share = full * recipe["share"]
    axes.add_patch(Rectangle((EDGE, top + BETWEEN + 1.2), share, facecolor=QUIET, **bar))


def _ingredient(
    axes: "Axes",
    at: tuple[float, float, float],
    run: Run,
    one: dict,
    heights: Any,
    form: str,
    most: float,
) -> None:
    """Draw a channel of a recipe: its logo, its name, its sign and size."""
    from matplotlib.patches import Rectangle

    left, top, room = at
    fiv = one["fiv"]
    small_logo(axes, heights, (left, top + 0.8, room, 5.0), form)
    name = named(run, one["channel"]) + (" (in all ways)" if one["common"] else "")
    put(axes, (left, top + 7.7), name, room)
    size = room * 0.5 * abs(fiv) / (most or 1)
    middle = left + room * 0.5
    start = middle if fiv > 0 else middle - size
    colour = POSITIVE if fiv > 0 else NEGATIVE
    axes.add_patch(Rectangle((start, top + 9.6), size, 1.4, facecolor=colour, linewidth=0))
    lines(axes, [[(middle, top + 9.2), (middle, top + 11.4)]])
    words = number(fiv, sign=True)
    put(axes, (middle, top + 12.8), words, room, size=SMALL, align="center", colour=INK)


def recipe_rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return a row per recipe and channel of its medoid."""
    told, known = recipes.data(run.ensemble, run.summary, selection), known_of(run)
    names = (
        "recipe", "trials", "of trials", "share", "best score (logits)", "mean weight", "stability",
        "medoid trial", "channel", "motif", f"FIV ({UNITS})", "in all recipes",
    )  # fmt: skip
    found = [
        (
            i + 1, len(recipe["trials"]), recipe["of"], recipe["share"], recipe["score"],
            recipe["weight"], recipe["stability"], recipe["medoid"], one["channel"],
            known.called.get(one["channel"], ""), one["fiv"], int(one["common"]),
        )
        for i, recipe in enumerate(told["recipes"])
        for one in recipe["channels"]
    ]  # fmt: skip
    return pd.DataFrame(found, columns=names)


def _recipes_tall(width: float, run: Run, selection: Selection, asked: Asked) -> float:
    told = recipes.data(run.ensemble, run.summary, selection)
    per = max(1, int((width - 2 * EDGE) / CARD))
    rows = [-(-min(LISTED, len(one["channels"])) // per) for one in told["recipes"][:8]]
    tall = sum(2 * BETWEEN + SLOT * n + 1 for n in rows) if rows else 24
    return HEAD + 1 + tall + FOOT + 2 * FURTHER


def draw_elimination(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw the channels against the class as bars, beside the classes that they speak for."""
    told = _eliminated(run, selection)
    if told["empty"]:
        framed(figure, "Process of elimination", caption(run, selection, told["regime"]))
        return says(figure, told["empty"])
    percent = "shares in % of the largest |OFIV| of the class"
    framed(figure, "Process of elimination", caption(run, selection, told["regime"], percent))
    wide = figure.get_figwidth() * MM
    finding = lined(_finding(told).split(" "), wide - 2 * EDGE, " ")
    top = HEAD + 0.5 + FURTHER * len(finding)
    room = figure.get_figheight() * MM - top - TITLES - FOOT - 2 * FURTHER
    shown = told["channels"][: max(1, int(room / ROW))]
    axes, form = sheet(figure), "weights" if asked.get("logo") == "weights" else "bits"
    tall = heights_of(run, form)
    shares = (0.19, 0.2 if tall else 0, 0.21, 0.4)
    name, picture, bar, text, end = columns(axes.get_xlim()[1], shares)
    for i, line in enumerate(finding):
        put(axes, (EDGE, HEAD + 0.3 + FURTHER * (i + 0.5)), line, wide, size=SMALL)
    head(axes, top + TITLES / 2, [
        (name, "channel", picture - name, "left"),
        *([(picture, f"filter ({form})", bar - picture, "left")] if tall else []),
        (bar, "against it (%)", text - bar, "left"),
        (text, "speaks for (%)", end - text, "left"),
    ])  # fmt: skip
    for i, one in enumerate(shown):
        _against(axes, top + TITLES + i * ROW, run, one, (name, picture, bar, text, end))
        box = (picture, top + TITLES + i * ROW + 0.7, bar - picture - 1.5, ROW - 1.4)
        small_logo(axes, tall.get(one["channel"]), box, form)
    return None


def _finding(told: dict) -> str:
    """Return how much of what speaks against the class another one favours."""
    return (
        f"{told['explained']:.0%} of what speaks against this class lies on channels that another "
        f"class favours ({told['expected']:.0%} of all channels are favoured by one)"
    )


def _against(
    axes: "Axes", top: float, run: Run, one: dict, at: tuple[float, float, float, float, float]
) -> None:
    """Draw one channel that speaks against the class."""
    from matplotlib.patches import Rectangle

    name, picture, bar, text, end = at
    middle = top + ROW / 2
    lines(axes, [[(name, top + ROW), (end, top + ROW)]], color=LINE)
    put(axes, (name, middle), named(run, one["channel"]), picture - name - 2)
    long = (text - bar - 10) * -one["scaled"]
    axes.add_patch(Rectangle((bar, middle - 1.2), long, 2.4, facecolor=BARS, linewidth=0))
    put(axes, (bar + long + 1, middle), f"−{-one['scaled']:.0%}", 9, size=SMALL)
    favoured = ", ".join(f"{other['name']} +{other['scaled']:.0%}" for other in one["classes"])
    rest = one["n"] - len(one["classes"])
    words = favoured + (f", and {rest} more" if rest > 0 else "")
    put(axes, (text, middle), words or "no class favours it", end - text, size=SMALL)


def _eliminated(run: Run, selection: Selection) -> dict:
    """Return the process of elimination with what is known of each class."""
    return elimination.data(run.summary, selection, [_about(row) for row in known_of(run).classes])


def _about(row: ClassRow) -> str:
    told = [getattr(row, name) for name in METADATA if name not in ("colour", "accession")]
    return " · ".join(one for one in told if one and one.lower() not in row.name.lower())


def elimination_rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return a row per channel against the class and class that it speaks for."""
    told, known = _eliminated(run, selection), known_of(run)
    names = (
        "channel", "motif", f"OFIV ({UNITS})", "OFIV (share of the largest |OFIV|)",
        "share of all negative OFIV", "classes that favour it", "class", "class name",
        "OFIV there (share of the largest |OFIV| there)",
    )  # fmt: skip
    nobody = [{"target": pd.NA, "name": "", "scaled": np.nan}]
    found = [
        (
            one["channel"], known.called.get(one["channel"], ""), one["ofiv"], one["scaled"],
            one["share"], one["n"], other["target"], other["name"], other["scaled"],
        )
        for one in told["channels"]
        for other in one["classes"] or nobody
    ]  # fmt: skip
    frame = pd.DataFrame(found, columns=names)
    return frame.astype({"class": "Int64"})


def _elimination_tall(width: float, run: Run, selection: Selection, asked: Asked) -> float:
    n = len(_eliminated(run, selection)["channels"])
    return HEAD + TITLES + ROW * max(3, min(n, 20)) + FOOT + 4 * FURTHER + 1


PANELS = (
    Panel("recipes", "Recipes: ways to be on", "class", draw_recipes, recipe_rows,
          asks=("logo",), tall=_recipes_tall),
    Panel("elimination", "Process of elimination", "class", draw_elimination, elimination_rows,
          asks=("logo",), tall=_elimination_tall),
)  # fmt: skip
