"""The figure of the places where a channel fires."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from deepresolve_dash.exports.figures import placed
from deepresolve_dash.exports.figures.channel_parts import (
    LOOK,
    NOT_LOOKED,
    number_of,
    percent_of,
    titled,
)
from deepresolve_dash.exports.figures.marks import says
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.placed import Box
from deepresolve_dash.exports.figures.style import BARS, QUIET
from deepresolve_dash.exports.known import known_of
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import channel
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.palette import number
from deepresolve_dash.views.selection import Selection

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def _activation(run: Run, asked: Asked) -> dict | None:
    faces, _ = known_of(run).looked
    if faces is None:
        return None
    return channel.activation(faces, number_of(run, asked), percent_of(asked, "threshold"))


def draw_where(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw where along the sequences the channel fires."""
    one, told = number_of(run, asked), _activation(run, asked)
    if told is None:
        return says(figure, NOT_LOOKED)
    from matplotlib.ticker import MaxNLocator

    caption = (
        f"{count(told['n_sites'], 'fragment')} above {number(told['threshold'])} in "
        f"{told['n_sequences']:,} of {told['of_sequences']:,} sequences; largest activation "
        f"{number(told['largest'])}, in dinucleotide-shuffled sequences at most "
        f"{number(told['background'])} · run {run.id}"
    )
    box = placed.page(figure, titled(run, one, "where it fires"), caption)
    axes = placed.axes_in(
        figure, Box(box.left + 11, box.top + 1, box.wide - 13, max(box.tall - 11, 5))
    )
    counts, edges = np.asarray(told["counts"]), np.asarray(told["edges"], float)
    axes.bar(edges[:-1], counts, width=np.diff(edges), align="edge", color=BARS, edgecolor=QUIET,
             linewidth=0.4)  # fmt: skip
    axes.set_xlim(edges[0], edges[-1])
    axes.set_xlabel("middle of the fragment along the sequence (bp)")
    axes.set_ylabel("fragments")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    return None


def where_rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return how many fragments lie in each stretch of the sequences."""
    told = _activation(run, asked)
    if told is None:
        return pd.DataFrame({"from (bp)": [], "to (bp)": [], "fragments": []})
    edges = told["edges"]
    return pd.DataFrame(
        {"from (bp)": edges[:-1], "to (bp)": edges[1:], "fragments": told["counts"]}
    )


PANELS = (
    Panel(
        "where", "Where it fires", "channel", draw_where, where_rows,
        asks=(*LOOK, "threshold"), tall=lambda width, *_: max(45.0, min(0.45 * width, 70.0)),
    ),
)  # fmt: skip
