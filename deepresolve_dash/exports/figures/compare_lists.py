"""The tables of the page of several runs for print: what runs differ in, what recurs."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from deepresolve_dash.exports.figures.compare_grid import (
    Cell,
    Grid,
    draw_grid,
    run_heads,
    tall_grid,
)
from deepresolve_dash.exports.figures.compare_parts import Compared, ComparedPanel, caption
from deepresolve_dash.exports.figures.text import plain, width_of
from deepresolve_dash.views import compare, compare_more, compare_rows
from deepresolve_dash.views.compare import LETTERS
from deepresolve_dash.views.palette import number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LONGEST = 46.0  # mm of a cell of words that stay on one line
_TIMES, _RUN = 11.5, 100.0  # mm of the column that counts, of that of a run at most


def _differ(told: Compared) -> tuple[dict, list[str]]:
    """Return what the runs differ in and share, and how the channels of each are paired."""
    paired = compare_rows.data(told.runs, told.lined, told.called)["says"]
    return compare.data(told.runs), paired


def _runs_grid(told: Compared) -> Grid:
    about, paired = _differ(told)
    names = [f"{LETTERS[at]}  {one['name']}" for at, one in enumerate(about["runs"])]
    columns = [("run", names), *about["differ"], ("channels paired", paired)]
    widths = [
        min(_LONGEST, max(width_of(plain(words)) for words in (label, *said)) + 4)
        for label, said in columns
    ]
    rows = [[Cell((said[at],)) for _, said in columns] for at in range(len(told.runs))]
    return Grid([(label, "") for label, _ in columns], rows, [max(12.0, one) for one in widths])


def draw_runs(figure: "Figure", told: Compared) -> None:
    """Write what the runs differ in, a row for each run."""
    n = len(_differ(told)[0]["differ"])
    same = "the same in all: everything else that decides the numbers, see the rows"
    words = same if n else "nothing that decides their numbers differs"
    ids = [f"{LETTERS[at]}: {run.id}" for at, run in enumerate(told.runs)]
    draw_grid(
        figure, _runs_grid(told), "Runs, and what they differ in", " · ".join([words, *ids]), ""
    )


def runs_rows(told: Compared) -> pd.DataFrame:
    """Return a row for each run: what differs first, then what is the same in all."""
    about, paired = _differ(told)
    runs, n = about["runs"], len(told.runs)
    frame = {
        "run": [one["letter"] for one in runs],
        "id": [one["id"] for one in runs],
        "name": [one["name"] for one in runs],
        "date": [one["date"] for one in runs],
    }
    frame |= dict(about["differ"])
    frame |= {label: [said] * n for label, said in about["same"]}
    return pd.DataFrame(frame | {"channels_paired": paired})


def _recurring(told: Compared) -> dict:
    return compare_more.interactions(told.lined, told.answers)


def _recurring_grid(told: Compared) -> Grid:
    found = _recurring(told)
    tested = found["tested"]
    heads = [("called in", "tests"), *run_heads(told)]
    rows = [
        [
            Cell((f"{pair['times']} of {found['tests']}",)),
            *(_called(pair["runs"][at], LETTERS[at] in tested) for at in range(len(told.runs))),
        ]
        for pair in found["pairs"]
    ]
    return Grid(heads, rows, [_TIMES, *[_RUN] * len(told.runs)])


def _called(pair: dict | None, tested: bool) -> Cell:
    """Return what a run says of a pair of groups."""
    if pair is None:
        return Cell(("not called" if tested else "not tested",))
    low, high = pair["interval"]
    ends = f"[{number(low, sign=True)}, {number(high, sign=True)}]"
    return Cell(
        (
            pair["name"],
            f"{_channels(pair['a'], ', ')} × {_channels(pair['b'], ', ')}",
            f"I {number(pair['interaction'], sign=True)} logits {ends}",
        )
    )


def _channels(group: Sequence[int], joint: str) -> str:
    return joint.join(map(str, group))


def draw_recurring(figure: "Figure", told: Compared) -> None:
    """Write the called interactions of a class, a column for each run."""
    tested = ", ".join(_recurring(told)["tested"])
    none = "No interactions have been tested for this class yet."
    empty = f"No interaction is called for this class in {tested}." if tested else none
    words = caption(told, range(len(told.runs)), "groups of channels, I with its 95% interval")
    draw_grid(figure, _recurring_grid(told), "Interactions that recur", words, empty)


def recurring_rows(told: Compared) -> pd.DataFrame:
    """Return a row for each called interaction and tested run."""
    found = _recurring(told)
    tested = [LETTERS.index(letter) for letter in found["tested"]]
    each = [(i, pair, at) for i, pair in enumerate(found["pairs"]) for at in tested]
    called = [pair["runs"][at] or {} for _, pair, at in each]
    blank = [None, None]
    return pd.DataFrame(
        {
            "interaction": [i + 1 for i, _, _ in each],
            "called_in": [pair["times"] for _, pair, _ in each],
            "of_tests": [found["tests"]] * len(each),
            "run": [LETTERS[at] for _, _, at in each],
            "called": [int(bool(one)) for one in called],
            "name": [one.get("name", "") for one in called],
            "channels_a": [_channels(one.get("a", ()), " ") for one in called],
            "channels_b": [_channels(one.get("b", ()), " ") for one in called],
            "I (logits)": [one.get("interaction") for one in called],
            "I_low (logits)": [one.get("interval", blank)[0] for one in called],
            "I_high (logits)": [one.get("interval", blank)[1] for one in called],
        }
    )


def tall(make: Callable[[Compared], Grid]) -> Callable[[float, Compared], float]:
    """Return what gives the height of a table."""
    return lambda width, told: tall_grid(width, make(told))


PANELS = (
    ComparedPanel("runs", "Runs, and what they differ in", draw_runs, runs_rows, tall(_runs_grid)),
    ComparedPanel(
        "recurring", "Interactions that recur", draw_recurring, recurring_rows,
        tall(_recurring_grid), reads="answers",
    ),
)  # fmt: skip
