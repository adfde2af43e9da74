"""What groups of channels do together, for print: a network of pairs, and the square of each."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from deepresolve_dash.exports.figures.class_figures import caption
from deepresolve_dash.exports.figures.marks import colours, says
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.sheet import heights_of, lines, put, sheet, small_logo
from deepresolve_dash.exports.figures.style import (
    EDGE,
    FOOT,
    FURTHER,
    HEAD,
    INK,
    LINE,
    NEGATIVE,
    PAPER,
    POSITIVE,
    QUIET,
    framed,
)
from deepresolve_dash.exports.figures.text import SMALL, TICK
from deepresolve_dash.exports.known import known_of
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import interactions
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.palette import number
from deepresolve_dash.views.selection import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BOX, TALL = 21.0, 10.6  # mm: a group
RING = 46.0  # mm: height of the ellipse of groups that interact
SQUARE, HIGH = 39.0, 27.0  # mm: a pair
MOST = 8  # pairs whose squares are drawn
UNTESTED = "Nothing has been tested for this class yet; test its interactions on the page first."


class Told(NamedTuple):
    """What the verifier found, the called pairs, and those whose squares are drawn."""

    shown: dict
    called: list[dict]
    squares: list[dict]


def told_of(run: Run, selection: Selection, asked: Asked) -> Told | None:
    """Return what is known of the interactions of a class; None where nothing was tested."""
    answer = known_of(run).answer(selection.target, asked.get("tested", ""))
    if answer is None:
        return None
    shown = interactions.data(run.ensemble, run.summary, selection, answer)
    called = [pair for pair in shown["pairs"] if pair["called"]]
    picked = [int(one) for one in asked.get("groups", "").split(",") if one.isdecimal()]
    groups = [one["channels"] for one in shown["groups"]]

    def chosen(pair: dict) -> bool:
        a, b = groups[pair["a"]], groups[pair["b"]]
        return len(picked) == 2 and any(
            one in a and other in b for one, other in (picked, picked[::-1])
        )

    first = [pair for pair in shown["pairs"] if chosen(pair)]
    others = [pair for pair in called or shown["pairs"][:2] if pair not in first]
    return Told(shown, called, (first + others)[:MOST])


def draw(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw groups, called pairs between them, and squares of mean logits."""
    told = told_of(run, selection, asked)
    if told is None:
        framed(figure, "Interactions", caption(run, selection, ""))
        return says(figure, UNTESTED)
    null = told.shown["null"].get("q95")
    random = "" if null is None else f"|I| of random groups: 95% below {number(null)} logits"
    left = len(told.called) - len(told.squares)
    more = f"and {count(left, 'square')} more" if left > 0 else ""
    words = " · ".join(one for one in ("I and squares in logits", random, more) if one)
    framed(figure, told.shown["title"], caption(run, selection, "", words))
    if not told.shown["groups"]:
        return says(figure, told.shown["why"] or told.shown["title"])
    axes, form = sheet(figure), "weights" if asked.get("logo") == "weights" else "bits"
    top = _network(axes, run, told, form)
    _squares(axes, run, told, top)
    return None


def _placed(wide: float, told: Told) -> tuple[dict[int, tuple[float, float]], float]:
    """Return the middle of each group, on an ellipse or in rows below, and where they end."""
    ring = [i for i in range(len(told.shown["groups"])) if _interacts(i, told)]
    alone = [i for i in range(len(told.shown["groups"])) if i not in ring]
    high = 0.0 if not ring else TALL + 4 if len(ring) == 2 else RING
    start = np.pi if len(ring) == 2 else np.pi / 2
    across = (min(wide, 120) - BOX) / 2 - EDGE
    at = {}
    for place, i in enumerate(ring):
        angle = 2 * np.pi * place / len(ring) - start
        x = wide / 2 + across * np.cos(angle)
        at[i] = (float(x), float(HEAD + 1 + high / 2 + (high - TALL) / 2 * np.sin(angle)))
    per = max(1, int((wide - 2 * EDGE) / (BOX + 1.5)))
    top = HEAD + 1 + high + (4.5 if alone else 0)
    for place, i in enumerate(alone):
        x = EDGE + BOX / 2 + (BOX + 1.5) * (place % per)
        at[i] = (x, top + TALL / 2 + (TALL + 1.5) * (place // per))
    return at, top + (TALL + 1.5) * -(-len(alone) // per)


def _interacts(group: int, told: Told) -> bool:
    return any(group in (pair["a"], pair["b"]) for pair in told.called)


def _network(axes: "Axes", run: Run, told: Told, form: str) -> float:
    """Draw the groups and the called pairs between them; return where they end."""
    at, end = _placed(axes.get_xlim()[1], told)
    tall = heights_of(run, form)
    most = max((abs(pair["interaction"]) for pair in told.called), default=1.0) or 1.0
    for pair in told.called:
        ends, up = [at[pair["a"]], at[pair["b"]]], pair["interaction"] > 0
        lines(axes, [ends], color=POSITIVE if up else NEGATIVE, zorder=1,
              linewidth=0.6 + 1.6 * abs(pair["interaction"]) / most,
              linestyle="-" if up else (0, (4, 2)))  # fmt: skip
    for i, pair in enumerate(told.called):
        (x1, y1), (x2, y2) = at[pair["a"]], at[pair["b"]]
        t = (0.5, 0.42, 0.58)[i % 3]
        words = f"{pair['name'].replace('-like', '')} {_signed(pair['interaction'])}"
        ground = {"facecolor": PAPER, "linewidth": 0, "pad": 0.6}
        axes.text(x1 + t * (x2 - x1), y1 + t * (y2 - y1), words, size=SMALL, ha="center",
                  va="center", zorder=2, bbox=ground)  # fmt: skip
    alone = [i for i in at if not _interacts(i, told)]
    if alone:
        words = "no interaction" if told.called else "groups, none of which interact"
        y = min(at[i][1] for i in alone) - TALL / 2 - 2
        put(axes, (EDGE, y), f"{words} (swing in logits)", 60, size=SMALL, colour=QUIET)
    for i, middle in at.items():
        _group(axes, run, told.shown["groups"][i], middle, tall, form)
    return end


def _group(
    axes: "Axes", run: Run, group: dict, middle: tuple[float, float], tall: dict, form: str
) -> None:
    """Draw a group: the logo of its most important channel, its channels, its swing."""
    from matplotlib.patches import Rectangle

    left, top = middle[0] - BOX / 2, middle[1] - TALL / 2
    axes.add_patch(
        Rectangle((left, top), BOX, TALL, facecolor=PAPER, edgecolor=LINE, linewidth=0.6, zorder=3)
    )
    before = len(axes.patches)
    small_logo(axes, tall.get(group["shown"]), (left + 1, top + 0.6, BOX - 2, 4.4), form)
    for patch in axes.patches[before:]:
        patch.set_zorder(4)
    put(axes, (left + 1, top + 6.4), _called(run, group["channels"]), BOX - 2, size=SMALL)
    put(axes, (left + 1, top + 9.0), f"swing {_signed(group['swing'])}", BOX - 2, size=SMALL,
        colour=QUIET)  # fmt: skip


def _called(run: Run, group: list[int]) -> str:
    """Return the channels of a group, and the motifs that they are called after."""
    names = dict.fromkeys(known_of(run).called.get(int(k), "") for k in group)
    known = ", ".join(name for name in names if name)
    return f"ch {', '.join(map(str, group))}" + (f" {known}" if known else "")


def _signed(value: float) -> str:
    return f"{'−' if value < 0 else '+'}{abs(value):.2f}"


def _squares(axes: "Axes", run: Run, told: Told, top: float) -> None:
    """Draw the squares of pairs below the network, as many as there is room for."""
    wide, foot = axes.get_xlim()[1], axes.get_ylim()[0] - FOOT - 2 * FURTHER
    per = max(1, int((wide - 2 * EDGE) / SQUARE))
    each = (wide - 2 * EDGE) / per
    limit = max((abs(one) for pair in told.squares for one in pair["f"]), default=1.0) or 1.0
    for i, pair in enumerate(told.squares):
        at = (EDGE + each * (i % per), top + 2 + HIGH * (i // per))
        if at[1] + HIGH <= foot + 1:
            _square(axes, run, told.shown["groups"], pair, at, each - 2.5, limit)


def _square(
    axes: "Axes",
    run: Run,
    groups: list[dict],
    pair: dict,
    at: tuple[float, float],
    wide: float,
    limit: float,
) -> None:
    """Draw the mean logits with either group low and high."""
    from matplotlib.patches import Rectangle

    left, top = at
    low, high = sorted(pair["interval"])
    put(axes, (left, top + 1.5), f"{pair['name']}, I {_signed(pair['interaction'])}", wide)
    words = f"95% interval {_signed(low)} to {_signed(high)}"
    put(axes, (left, top + 4.2), words, wide, size=SMALL, colour=QUIET)
    a, b = (_called(run, groups[pair[one]]["channels"]) for one in "ab")
    put(axes, (left, top + 7.0), f"a: {a}", wide, size=SMALL)
    put(axes, (left, top + 9.6), f"b: {b}", wide, size=SMALL)
    f00, f10, f01, f11 = pair["f"]
    room, x0, y0 = min(12.0, (wide - 9) / 2), left + 9, top + 14
    for column, head in enumerate(("b low", "b high")):
        middle = (x0 + room * (column + 0.5), y0 - 1.3)
        put(axes, middle, head, room, size=SMALL, align="center", colour=QUIET)
    for row, (head, values) in enumerate((("a low", (f00, f01)), ("a high", (f10, f11)))):
        put(axes, (left, y0 + 5 * (row + 0.5)), head, 9, size=SMALL, colour=QUIET)
        for column, value in enumerate(values):
            strength = 0.5 + 0.5 * value / limit
            corner = (x0 + room * column, y0 + 5 * row)
            axes.add_patch(Rectangle(corner, room, 5, facecolor=colours()(strength),
                                     edgecolor=PAPER, linewidth=0.5))  # fmt: skip
            middle = (corner[0] + room / 2, corner[1] + 2.5)
            ink = PAPER if abs(value) > 0.55 * limit else INK
            put(axes, middle, _signed(value), room, size=TICK, align="center", colour=ink)


def rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return a row per pair of groups that was tested."""
    names = (
        "channels a", "channels b", "motifs a", "motifs b", "reads", "called", "I (logits)",
        "I low (logits)", "I high (logits)", "neither (logits)", "a alone (logits)",
        "b alone (logits)", "both (logits)", "by the sum", "acting", "asked for",
    )  # fmt: skip
    told, known = told_of(run, selection, asked), known_of(run)
    found = []
    shown = told.shown if told else {"pairs": [], "groups": []}
    for pair in shown["pairs"]:
        groups = [shown["groups"][pair[one]]["channels"] for one in "ab"]
        motifs = [
            ", ".join(dict.fromkeys(known.called[int(k)] for k in one if int(k) in known.called))
            for one in groups
        ]
        found.append((
            *(", ".join(map(str, one)) for one in groups), *motifs, pair["name"],
            int(pair["called"]), pair["interaction"], *sorted(pair["interval"]),
            pair["f"][0], pair["f"][1], pair["f"][2], pair["f"][3], pair["decision"],
            pair["acting"], int(pair["requested"]),
        ))  # fmt: skip
    return pd.DataFrame(found, columns=names)


def _tall(width: float, run: Run, selection: Selection, asked: Asked) -> float:
    told = told_of(run, selection, asked)
    if told is None or not told.shown["groups"]:
        return 45
    _, end = _placed(width, told)
    per = max(1, int((width - 2 * EDGE) / SQUARE))
    return end + 2 + HIGH * -(-len(told.squares) // per) + FOOT + 2 * FURTHER


PANELS = (
    Panel("interactions", "Interactions", "class", draw, rows,
          asks=("groups", "tested", "logo"), tall=_tall),
)  # fmt: skip
