"""What the pictures of several runs share: what they are drawn from, and how it is called."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from numpy.typing import NDArray

from deepresolve_dash.exports.figures.style import HIGHEST, LOWEST
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views.compare import LETTERS
from deepresolve_dash.views.compare_rows import Lined

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Listed(NamedTuple):
    """What the page asks of the combined table.

    Attributes
    ----------
    find : str
        Words that a channel is called by.
    least : int
        Runs in which a channel is found, at least.
    sort : str
        Column, a minus in front to turn it round; empty for those found most often first.
    """

    find: str = ""
    least: int = 0
    sort: str = ""


class Compared(NamedTuple):
    """What is compared, as the page shows it.

    Attributes
    ----------
    runs : sequence of Run
    lined : Lined
    called : sequence (run,) of dict
        Known motifs that channels are named after, by number.
    targets : sequence (run,) of int or None
    two : (int, int)
        Places of the runs that are held against each other.
    regime : str or None
    top : int or None
        Channels that count as found; None for the important ones.
    motifs : sequence (run,) of float array (channel, offset, base) or None
        What channels see, where it is known; only for panels that draw it.
    answers : sequence (run,) of dict or None
        Of the verifier about the class; only for the panel of interactions.
    listed : Listed
        Which channels the combined table shows, and in which order.
    """

    runs: Sequence[Run]
    lined: Lined
    called: Sequence[dict[str, str]]
    targets: Sequence[int | None]
    two: tuple[int, int]
    regime: str | None
    top: int | None
    motifs: Sequence[NDArray | None] = ()
    answers: Sequence[dict | None] = ()
    listed: Listed = Listed()


@dataclass(frozen=True)
class ComparedPanel:
    """A picture of several runs.

    Attributes
    ----------
    name : str
        That of the panel.
    title : str
    draw : function (figure, compared)
    rows : function (compared)
        Returns the exact numbers behind it.
    tall : float or function (width, compared)
        Height that suits a width in mm: a share of it, or the height in mm.
    reads : {"", "motifs", "answers"}
        What it is drawn from beside the numbers of the runs.
    """

    name: str
    title: str
    draw: Callable[["Figure", Compared], None]
    rows: Callable[[Compared], pd.DataFrame]
    tall: float | Callable[[float, Compared], float]
    reads: str = ""

    def height(self, width: float, told: Compared) -> float:
        """Return the height in mm that suits a width."""
        high = self.tall(width, told) if callable(self.tall) else self.tall * width
        return float(round(min(HIGHEST, max(LOWEST, high))))


def row_words(told: Compared, row: int) -> str:
    """Return what a row of channels is called."""
    place = told.lined.rows.place[row]
    found = [
        (at, int(told.runs[at].summary.channel.values[k])) for at, k in enumerate(place) if k >= 0
    ]
    name = next((told.called[at][str(k)] for at, k in found if told.called[at].get(str(k))), "")
    if told.lined.how == "index":
        words = f"{found[0][1]}"
    else:
        mine = [f"{LETTERS[at]}{k}" for at, k in found]
        words = " ".join(mine) if len(mine) < 3 else f"{mine[0]} +{len(mine) - 1}"
    return f"{words} {name}" if name else words


def caption(told: Compared, places: Sequence[int], more: str = "") -> str:
    """Return the small line below a figure: which runs, which class, which regime."""
    named = [
        f"{LETTERS[at]}: {told.runs[at].info.get('name') or ''} {told.runs[at].id}" for at in places
    ]
    whose = {
        f"class {told.targets[at]} {class_name(told.runs[at], told.targets[at])}": None
        for at in places
        if told.targets[at] is not None
    }
    regime = f"regime {told.regime}" if told.regime else ""
    words = [" = ".join(whose), regime, more, *named]
    return " · ".join(filter(None, words))


def class_name(run: Run, target: int | None) -> str:
    """Return what a class is called in a run; empty where it has none."""
    if target is None:
        return ""
    place = run.summary.target.values.tolist().index(target)
    return str(run.summary.target_name.values[place])
