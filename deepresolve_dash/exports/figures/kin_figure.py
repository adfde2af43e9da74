"""The figure of the channels of one family."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from deepresolve_dash.exports.figures import placed
from deepresolve_dash.exports.figures.channel_parts import (
    LOOK,
    NOT_LOOKED,
    number_of,
    titled,
)
from deepresolve_dash.exports.figures.logo_parts import in_bits, scaled_logo
from deepresolve_dash.exports.figures.marks import says
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.placed import Box
from deepresolve_dash.exports.figures.style import QUIET
from deepresolve_dash.exports.figures.text import SMALL, fitted
from deepresolve_dash.exports.known import known_of
from deepresolve_dash.motifs.filters import reverse_complement
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import channel
from deepresolve_dash.views.palette import UNITS, number
from deepresolve_dash.views.selection import Selection

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def _relatives(run: Run, selection: Selection, asked: Asked) -> dict | None:
    known = known_of(run)
    faces, _ = known.looked
    if faces is None:
        return None
    return channel.relatives(run, selection, number_of(run, asked), faces, known.called)


def draw_kin(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw the logos of the channels of one family, laid on each other."""
    one, told = number_of(run, asked), _relatives(run, selection, asked)
    if told is None:
        return says(figure, NOT_LOOKED)
    members = told["members"]
    caption = (
        f"logos of the {told['face']}, each laid on that of the clearest channel, 0 to 2 bits · "
        f"OFIV ({UNITS}) for class {selection.target}, {number(told['ofiv'], sign=True)} together "
        f"· run {run.id}"
    )
    box = placed.page(figure, titled(run, one, f"family of {len(members)}"), caption)
    low = min(member["shift"] for member in members)
    length = max(member["shift"] + len(member["matrix"]) for member in members) - low
    each = min(14.0, box.tall / len(members))
    room = 0.3 * box.wide
    wide = min(box.wide - room - 8, 7.5 * length)
    for i, member in enumerate(members):
        top = box.top + each * i
        name = known_of(run).channel_name(member["channel"])
        bold = "bold" if member["channel"] == one else "normal"
        placed.write(figure, box.left, top + 0.2, fitted(name, room - 2), weight=bold)
        words = "the clearest" if member["relation"] == "head" else member["relation"]
        for k, line in enumerate((words, f"OFIV {number(member['ofiv'], sign=True)}")):
            line = fitted(line, room - 2, SMALL)
            placed.write(figure, box.left, top + 3 + 2.4 * k, line, size=SMALL, color=QUIET)
        matrix = np.asarray(member["matrix"], np.float64)
        matrix = reverse_complement(matrix) if member["strand"] < 0 else matrix
        where = Box(box.left + room + 6, top + 0.4, wide, max(each - 2.5, 3))
        scaled_logo(
            figure, where, in_bits(matrix), first=member["shift"] - low, wanted=length,
            numbers=False,
        ).set_ylabel("bits", size=SMALL)  # fmt: skip
    return None


def tall_kin(width: float, run: Run, selection: Selection, asked: Asked) -> float:
    """Return the height of the relatives."""
    told = _relatives(run, selection, asked)
    return placed.around(width) + 5 + 11 * len(told["members"]) if told else 30


def kin_rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return the channels of the family."""
    told = _relatives(run, selection, asked)
    members = told["members"] if told else []
    columns: dict[str, Callable[[dict], Any]] = {
        "channel": lambda one: one["channel"],
        "called": lambda one: str(one["called"] or ""),
        "relation": lambda one: one["relation"],
        "shift (bp)": lambda one: one["shift"],
        "orientation": lambda one: "reverse" if one["strand"] < 0 else "forward",
        f"OFIV ({UNITS})": lambda one: one["ofiv"],
    }
    return pd.DataFrame({name: [of(one) for one in members] for name, of in columns.items()})


PANELS = (
    Panel("kin", "Relatives", "channel", draw_kin, kin_rows, asks=LOOK, tall=tall_kin),
)  # fmt: skip
