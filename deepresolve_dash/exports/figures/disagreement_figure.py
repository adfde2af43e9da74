"""The figure of pairs of classes that two comparisons judge differently."""

from typing import TYPE_CHECKING

import pandas as pd

from deepresolve_dash.exports.figures import placed
from deepresolve_dash.exports.figures.marks import says, short
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.parts import ALONE, lone, titled
from deepresolve_dash.exports.figures.placed import Box
from deepresolve_dash.exports.figures.style import LINE, NEGATIVE, POSITIVE
from deepresolve_dash.exports.figures.text import MM, width_of
from deepresolve_dash.exports.known import known_of
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import (
    disagreement,
)
from deepresolve_dash.views.selection import Selection

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def _disagreement(run: Run, selection: Selection, asked: Asked) -> dict:
    return disagreement.data(
        run.summary,
        selection,
        known_of(run).classes,
        against=str(asked.get("against") or ""),
        end=str(asked.get("end") or disagreement.ENDS[0]),
        find=str(asked.get("pairs") or ""),
    )


_MOST_PAIRS = 25


def draw_disagreement(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw the first pairs of the list: their rank by similarity, and by labels or weights."""
    if lone(run):
        return says(figure, ALONE)
    told = _disagreement(run, selection, asked)
    if told.get("empty") or not len(told["first"]):
        return says(figure, told.get("empty") or "No pair holds all of these words.")
    caption = (
        f"of {told['n']:,} pairs of classes; both comparisons ranked over all pairs, 1 is most "
        f"alike · {told['regime']} · run {run.id}"
    )
    box = placed.page(figure, titled(run, "Pairs that two comparisons judge differently"), caption)
    n = int(min(len(told["first"]), _MOST_PAIRS, max(1, (box.tall - 14) // 3.1)))
    values = f"A and {told['value']}"
    numbers = [f"{short(a, sign=True)}, {short(b, sign=True)}" for a, b in
               zip(told["a"][:n], told["b"][:n], strict=True)]  # fmt: skip
    told_apart = box.wide > 100  # else the numbers are in the table alone
    right = max(width_of(one) for one in [values, *numbers]) + 2 if told_apart else 0
    pairs = [
        f"{told['classes'][i]['name']} – {told['classes'][j]['name']}"
        for i, j in zip(told["first"][:n], told["second"][:n], strict=True)
    ]
    names, room = placed.short_names(pairs, 0.52 * box.wide)
    where = Box(box.left + room + 2, box.top + 6, box.wide - room - right - 5, box.tall - 15)
    axes = placed.axes_in(figure, where)
    ours, theirs = told["rank"][:n], told["otherRank"][:n]
    for y, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        axes.plot([a, b], [y, y], color=LINE, linewidth=1.2, zorder=1)
    axes.plot(ours, range(n), "o", ms=3.4, color=POSITIVE, label="by similarity", clip_on=False)
    axes.plot(
        theirs, range(n), "D", ms=3, color=NEGATIVE, label=f"by {told['short']}", clip_on=False
    )
    axes.set_ylim(n - 0.5, -0.5)
    axes.set_xlim(-0.02, 1.02)
    axes.set_yticks(range(n), names)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("rank among all pairs, as a share")
    placed.grid(axes, "x")
    spot = (where.left - (0 if told_apart else room)) / figure.get_figwidth() / MM
    figure.legend(
        *axes.get_legend_handles_labels(), ncols=2, loc="lower left",
        bbox_to_anchor=(spot, axes.get_position().y1),
    )  # fmt: skip
    if told_apart:
        placed.write(figure, where.right + 2, where.top - 3.2, values)
    for y, words in enumerate(numbers if told_apart else ()):
        middle = where.top + (y + 0.5) / n * where.tall
        placed.write(figure, where.right + 2, middle, words, va="center")
    return None


def tall_disagreement(width: float, run: Run, selection: Selection, asked: Asked) -> float:
    """Return the height of the first pairs."""
    if lone(run):
        return 30
    told = _disagreement(run, selection, asked)
    n = min(len(told.get("first", ())), _MOST_PAIRS)
    return 30 if not n else placed.around(width) + 16 + 3.3 * n


def disagreement_rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return the pairs of the list."""
    told = {} if lone(run) else _disagreement(run, selection, asked)
    if "first" not in told:
        return pd.DataFrame({"class_index": [], "other_index": []})
    one, other = ([told["classes"][i] for i in told[side]] for side in ("first", "second"))
    return pd.DataFrame(
        {
            "class_index": [row["target"] for row in one],
            "class_name": [str(row["name"]) for row in one],
            "other_index": [row["target"] for row in other],
            "other_name": [str(row["name"]) for row in other],
            "gap of the ranks": told["gap"],
            "rank of A": told["rank"],
            f"rank of {told['value']}": told["otherRank"],
            "A": told["a"],
            told["value"]: told["b"],
        }
    )


PANELS = (
    Panel(
        "disagreement", "Disagreement", "classes", draw_disagreement, disagreement_rows,
        asks=("against", "end", "pairs"), tall=tall_disagreement,
    ),
)  # fmt: skip
