"""The figure of all pictures of a channel."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deepresolve_dash.exports.figures import placed
from deepresolve_dash.exports.figures.channel_parts import (
    LOOK,
    WORDS,
    number_of,
    percent_of,
    titled,
)
from deepresolve_dash.exports.figures.logo_parts import in_bits, scaled_logo
from deepresolve_dash.exports.figures.marks import says
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.placed import Box
from deepresolve_dash.exports.figures.text import fitted
from deepresolve_dash.exports.known import known_of
from deepresolve_dash.motifs.faces import ACTIVATION, ASCENT, FILTER
from deepresolve_dash.motifs.filters import reverse_complement
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import channel
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.palette import number
from deepresolve_dash.views.selection import Selection

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LOGO = 19.0  # mm of a logo with its axes


def _pictures(run: Run, asked: Asked) -> list[tuple[str, str, NDArray[np.float64], int]]:
    """Return words, form, heights and first position of each picture, as the page shows them."""
    one = number_of(run, asked)
    faces, matches = known_of(run).looked
    form, trim = str(asked.get("form") or "bits"), asked.get("trim") == "1"
    found = []
    for told in channel.logos(run, one, faces, matches):
        matrix, core = np.asarray(told["matrix"], np.float64), told["core"]
        floor = {ACTIVATION: "threshold", ASCENT: "floor"}.get(told["face"])
        percent = percent_of(asked, floor) if floor and faces is not None else None
        if percent is not None and not (floor == "threshold" and not told.get("whole", True)):
            facet = told["facet"] if floor == "floor" else None
            matrix = channel.matrix_of(run, one, faces, told["face"], facet, percent)
        mine = form if form != "weights" or told["face"] == FILTER else "bits"
        heights = _heights(run, one, told["face"], matrix, mine)
        if trim and mine != "weights":
            heights = heights[core[0] : core[1]]
        if asked.get("turned") == "1":
            heights = reverse_complement(heights)
        found.append((_face_words(told), mine, heights, core[0] if trim else 0))
    return found


def _heights(
    run: Run, one: int, face: str, matrix: NDArray[np.float64], form: str
) -> NDArray[np.float64]:
    if form == "weights" and face == FILTER and run.offsets:
        return run.ensemble["filter"].values[channel.place_of(run, one)].astype(np.float64)
    return matrix if form == "probability" else in_bits(matrix)


def _face_words(told: dict) -> str:
    """Return what a picture is made of."""
    words = WORDS[told["face"]]
    if not told.get("whole", True) or told["face"] == ASCENT:
        words += f", facet {told['facet'] + 1} ({told['share']:.0%})"
    if told["n"]:
        words += f" · {count(told['n'], 'fragment' if told['face'] == ACTIVATION else 'start')}"
    best = next(iter(told["matches"] or []), None)
    if best and best["q_value"] <= 0.05:
        words += f" · like {best['name']} ({best['id']}), q {number(best['q_value'])}"
    return words


def draw_faces(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw all pictures of a channel below each other, positions in line."""
    one, found = number_of(run, asked), _pictures(run, asked)
    if not found:
        return says(figure, "This channel has no picture before a look at the channels.")
    turned = "; read on the other strand" if asked.get("turned") == "1" else ""
    caption = f"letters as high as their axis says{turned} · run {run.id}"
    box = placed.page(figure, titled(run, one, "what it sees"), caption)
    longest = max(len(heights) for _, _, heights, _ in found)
    each = min(box.tall / len(found), 34.0)
    wide = min(box.wide - 10, 7.5 * longest)
    for i, (words, form, heights, _) in enumerate(found):
        top = box.top + each * i
        placed.write(figure, box.left, top + 0.6, fitted(words, box.wide))
        where = Box(box.left + 9, top + 4, wide, max(each - 10.5, 3.0))
        scaled_logo(figure, where, heights, form=form, wanted=longest)
    return None


def tall_faces(width: float, run: Run, selection: Selection, asked: Asked) -> float:
    """Return the height of the pictures."""
    n = len(_pictures(run, asked))
    return placed.around(width) + 1 + (_LOGO + 2) * n if n else 30


def faces_rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return the height of each letter of each picture."""
    frames = [
        pd.DataFrame(
            {
                "picture": words,
                "unit": form,
                "position": range(1, len(heights) + 1),
                **dict(zip("ACGT", np.asarray(heights).T, strict=True)),
            }
        )
        for words, form, heights, _ in _pictures(run, asked)
    ]
    empty = pd.DataFrame(columns=["picture", "unit", "position", *"ACGT"])
    return pd.concat(frames) if frames else empty


PANELS = (
    Panel(
        "faces", "What it sees", "channel", draw_faces, faces_rows,
        asks=(*LOOK, "form", "turned", "trim", "threshold", "floor"), tall=tall_faces,
    ),
)  # fmt: skip
