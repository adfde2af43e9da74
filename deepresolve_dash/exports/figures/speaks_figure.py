"""The figure of the classes that a channel speaks for and against."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from deepresolve_dash.exports.figures import placed
from deepresolve_dash.exports.figures.channel_parts import number_of, titled
from deepresolve_dash.exports.figures.marks import says
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.placed import Box
from deepresolve_dash.exports.figures.style import NEGATIVE, POSITIVE, QUIET
from deepresolve_dash.exports.figures.text import SMALL
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import channel
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.palette import UNITS
from deepresolve_dash.views.selection import Selection

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ENDS = 10  # classes listed at either end


def _speaks(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    told = channel.classes(run.summary, selection, number_of(run, asked))
    frame = pd.DataFrame(
        {
            "class_index": run.summary.target.values,
            "class_name": [str(name) for name in run.summary.target_name.values],
            f"OFIV ({UNITS})": told["ofiv"],
            f"rank of {run.summary.sizes['channel']} channels": told["ranks"],
        }
    )
    return frame.sort_values(f"OFIV ({UNITS})", ascending=False, kind="stable")


def draw_speaks(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw the OFIV of the channel in all classes, and name those at both ends."""
    one, frame = number_of(run, asked), _speaks(run, selection, asked)
    regime = channel.classes(run.summary, selection, one)["regime"]
    frame = frame.loc[np.isfinite(frame.iloc[:, 2])]
    if not len(frame):
        return says(figure, "The OFIV of this channel is not known in any class.")
    values = frame.iloc[:, 2].to_numpy()
    title = titled(run, one, "classes it speaks for and against")
    n_up, n_down = int((values > 0).sum()), int((values < 0).sum())
    caption = (
        f"{count(len(frame), 'class', 'classes')}: {n_up:,} for, {n_down:,} against · right of a "
        f"bar: rank among the channels of the class · {regime} · run {run.id}"
    )
    box = placed.page(figure, title, caption)
    all_of = placed.axes_in(figure, Box(box.left + 13, box.top + 3, box.wide - 14, 12))
    all_of.bar(
        range(len(values)), values, width=0.9 if len(values) < 200 else 1.0,
        color=np.where(values > 0, POSITIVE, NEGATIVE), linewidth=0,
    )  # fmt: skip
    all_of.axhline(0, color=QUIET, linewidth=0.5)
    all_of.set_xlim(-0.5, len(values) - 0.5)
    all_of.set_xticks([])
    all_of.spines["bottom"].set_visible(False)
    all_of.set_ylabel("OFIV", labelpad=1)
    placed.write(
        figure, box.right - 1, box.top + 15.8, "all classes, by falling OFIV", size=SMALL,
        ha="right", color=QUIET,
    )  # fmt: skip
    ends = list(range(len(frame)))
    if len(ends) > 2 * ENDS:
        ends = ends[:ENDS] + ends[-ENDS:]
    fit = max(2, int((box.tall - 29) // placed.READABLE))
    ends = ends if len(ends) <= fit else ends[: fit // 2] + ends[-(fit - fit // 2) :]
    _draw_ends(figure, Box(box.left, box.top + 20, box.wide, box.tall - 28), frame, ends)
    return None


def _draw_ends(figure: "Figure", box: Box, frame: pd.DataFrame, ends: list[int]) -> None:
    """Draw the classes at both ends as bars with their names."""
    rows = frame.iloc[ends]
    names, room = placed.short_names(
        [f"{row.class_index} {row.class_name}" for row in rows.itertuples()], 0.45 * box.wide
    )
    axes = placed.axes_in(
        figure, Box(box.left + room + 1.5, box.top, box.wide - room - 9, box.tall)
    )
    values = rows.iloc[:, 2].to_numpy()
    axes.barh(range(len(ends)), values, color=np.where(values > 0, POSITIVE, NEGATIVE), height=0.7)
    axes.axvline(0, color=QUIET, linewidth=0.5)
    axes.set_ylim(len(ends) - 0.5, -0.5)
    axes.set_yticks(range(len(ends)), names, fontsize=placed.type_size(box.tall / len(ends)))
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(f"OFIV ({UNITS})")
    if len(ends) < len(frame):
        gap = sum(1 for a, b in zip(ends, ends[1:], strict=False) if b == a + 1)
        at = next(
            (i for i, (a, b) in enumerate(zip(ends, ends[1:], strict=False)) if b > a + 1), gap
        )
        axes.axhline(at + 0.5, color=QUIET, linewidth=0.5, linestyle=(0, (2, 2)))
    right = axes.get_position().x1 * figure.get_figwidth() * 25.4 + 1
    for y, rank in enumerate(rows.iloc[:, 3]):
        middle = box.top + (y + 0.5) / len(ends) * box.tall
        placed.write(figure, right, middle, f"{rank}", size=SMALL, va="center", color=QUIET)


def tall_speaks(width: float, run: Run, selection: Selection, asked: Asked) -> float:
    """Return the height of all classes and of the ends."""
    n = min(int(np.isfinite(_speaks(run, selection, asked).iloc[:, 2]).sum()), 2 * ENDS)
    return placed.around(width) + 33 + max(n, 2) * 3.0 if n else 30


PANELS = (
    Panel(
        "speaks", "Classes it speaks for and against", "channel", draw_speaks, _speaks,
        asks=("channel",), tall=tall_speaks,
    ),
)  # fmt: skip
