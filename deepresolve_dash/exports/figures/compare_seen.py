"""What channels of several runs see, for print: those that stand for each other, and families."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from deepresolve_dash.exports.figures.compare_grid import (
    Cell,
    Grid,
    Logo,
    draw_grid,
    run_heads,
    seen,
)
from deepresolve_dash.exports.figures.compare_lists import tall
from deepresolve_dash.exports.figures.compare_parts import Compared, ComparedPanel, caption
from deepresolve_dash.exports.figures.marks import short
from deepresolve_dash.views import compare_more, compare_rows
from deepresolve_dash.views.compare import LETTERS
from deepresolve_dash.views.compare_rows import INDEX
from deepresolve_dash.views.palette import UNITS, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MEMBERS = 6  # channels of a family that are drawn of a run
_TIMES, _RUN = 11.5, 100.0  # mm of the column that counts, of that of a run at most


def _name(told: Compared, at: int, channel: int) -> str:
    called = told.called[at].get(str(channel), "")
    return f"{channel} {called}" if called else f"{channel}"


def _paired(told: Compared) -> tuple[dict, list[int], list[int]]:
    """Return the rows of channels: those of several runs, the most alike first, and the others."""
    rows = compare_rows.data(told.runs, told.lined, told.called)
    place = told.lined.rows.place
    several = (place >= 0).sum(axis=1) > 1
    furthest = np.nan_to_num(np.where(place >= 0, told.lined.rows.distance, 0)).max(axis=1)
    order = np.argsort(furthest, kind="stable")
    return rows, [int(i) for i in order if several[i]], np.flatnonzero(~several).tolist()


def _paired_grid(told: Compared) -> Grid:
    rows, several, _ = _paired(told)
    cells = [[_partner(told, rows, row, at) for at in range(len(told.runs))] for row in several]
    shown = [] if told.lined.how == INDEX else cells
    return Grid(run_heads(told, rows["says"]), shown, [1.0] * len(told.runs), slot=np.inf)


def _partner(told: Compared, rows: dict, row: int, at: int) -> Cell:
    """Return the channel of a run in a row, with its distance from the first one there."""
    channel = rows["channel"][row][at]
    if channel is None:
        return Cell(("none alike",))
    first = next(i for i, one in enumerate(rows["channel"][row]) if one is not None) == at
    turned = " reverse" if rows["turned"][row][at] else ""
    far = "" if first else f", d {short(rows['distance'][row][at])}{turned}"
    return Cell((), (Logo(_name(told, at, channel) + far, seen(told, at, channel)),))


def draw_paired(figure: "Figure", told: Compared) -> None:
    """Draw the channels that stand for each other, a row for each pair."""
    rows, _, alone = _paired(told)
    left = [
        f"alone in {LETTERS[at]}: {n}"
        for at in range(len(told.runs))
        if (n := sum(rows["channel"][row][at] is not None for row in alone))
    ]
    far = "d: 1 − similarity to the first of the row; reverse: on the other strand"
    any_class = told._replace(targets=[None] * len(told.runs))
    words = caption(any_class, range(len(told.runs)), " · ".join([far, *left]))
    empty = (
        "Channels are paired by number: each stands for that of the same number."
        if told.lined.how == INDEX
        else "No channel of one run sees what a channel of another run sees."
    )
    draw_grid(figure, _paired_grid(told), "Channels that stand for each other", words, empty)


def paired_rows(told: Compared) -> pd.DataFrame:
    """Return the rows of channels, those alone in a run last."""
    rows, several, alone = _paired(told)
    order = [*several, *alone]
    n = (told.lined.rows.place[order] >= 0).sum(axis=1)
    frame: dict[str, object] = {"in_runs": n}
    for at in range(len(told.runs)):
        channel = [rows["channel"][row][at] for row in order]
        there = [one is not None for one in channel]
        turned = [bool(rows["turned"][row][at]) for row in order]
        strand = ["reverse" if back else "forward" for back in turned]
        letter = LETTERS[at]
        frame |= {
            f"channel_{letter}": pd.array(channel, dtype="Int64"),
            f"called_{letter}": [rows["named"][at][row] for row in order],
            f"motif_distance_{letter}": [float(rows["distance"][row][at]) for row in order],
            f"orientation_{letter}": [
                one if known else "" for one, known in zip(strand, there, strict=True)
            ],
        }
    return pd.DataFrame(frame)


def _families(told: Compared) -> dict:
    return compare_more.families(
        told.runs, told.lined, told.motifs, told.targets, regime=told.regime
    )


def _families_grid(told: Compared) -> Grid:
    found = _families(told)
    rows = [
        [
            Cell((f"{sum(one is not None for one in family['sum'])} of {found['n']}",)),
            *(_family(told, family, at) for at in range(len(told.runs))),
        ]
        for family in found["families"]
    ]
    heads = [("in runs", ""), *run_heads(told)]
    return Grid(heads, rows, [_TIMES, *[_RUN] * len(told.runs)])


def _family(told: Compared, family: dict, at: int) -> Cell:
    """Return the channels of a family in a run, below the sum of their OFIV."""
    mine = [channel for run, channel, _, _ in family["members"] if run == at]
    if not mine:
        return Cell(("none",))
    more = len(mine) - _MEMBERS
    words = number(family["sum"][at], sign=True) + (f", and {more} more" if more > 0 else "")
    logos = tuple(Logo(_name(told, at, one), seen(told, at, one)) for one in mine[:_MEMBERS])
    return Cell((words,), logos)


def draw_families(figure: "Figure", told: Compared) -> None:
    """Draw the important channels of all runs by the motif that they see."""
    words = caption(
        told, range(len(told.runs)), f"above logos: sum of the OFIV of the family ({UNITS})"
    )
    empty = "No run has an important channel for this class whose motif is known."
    draw_grid(figure, _families_grid(told), "Families of motifs across runs", words, empty)


def families_rows(told: Compared) -> pd.DataFrame:
    """Return a row for each important channel, by family."""
    found = _families(told)
    each = [
        (i, family, *member[:3])
        for i, family in enumerate(found["families"])
        for member in family["members"]
    ]
    return pd.DataFrame(
        {
            "family": [i + 1 for i, *_ in each],
            "in_runs": [sum(s is not None for s in family["sum"]) for _, family, *_ in each],
            "of_runs": [found["n"]] * len(each),
            "run": [LETTERS[at] for _, _, at, _, _ in each],
            "channel": [channel for *_, channel, _ in each],
            "called": [told.called[at].get(str(k), "") for _, _, at, k, _ in each],
            f"ofiv ({UNITS})": [value for *_, value in each],
            f"family_sum ({UNITS})": [family["sum"][at] for _, family, at, _, _ in each],
        }
    )


PANELS = (
    ComparedPanel(
        "paired", "Channels that stand for each other", draw_paired, paired_rows,
        tall(_paired_grid), reads="motifs",
    ),
    ComparedPanel(
        "families", "Families of motifs", draw_families, families_rows, tall(_families_grid),
        reads="motifs",
    ),
)  # fmt: skip
