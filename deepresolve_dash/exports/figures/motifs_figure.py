"""The figure of the known motifs that a picture of a channel resembles."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from deepresolve_dash.exports.figures import placed
from deepresolve_dash.exports.figures.channel_parts import LOOK, WORDS, number_of, titled
from deepresolve_dash.exports.figures.logo_parts import in_bits, scaled_logo, small_logo
from deepresolve_dash.exports.figures.marks import says, short
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.placed import Box
from deepresolve_dash.exports.figures.style import QUIET
from deepresolve_dash.exports.figures.text import SMALL, fitted
from deepresolve_dash.exports.known import known_of
from deepresolve_dash.motifs.filters import reverse_complement
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import channel, channel_table
from deepresolve_dash.views.selection import Selection

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MATCHES = 10  # listed
_LINE = 3.3  # mm


def _matched(run: Run, asked: Asked) -> tuple[dict | None, list[dict]]:
    """Return the picture whose matches are shown, and those of them that are shown."""
    faces, matches = known_of(run).looked
    there = channel_table.shown_faces(run, faces)
    face = channel_table.shown_face(there, str(asked.get("face") or ""))
    facet = int(asked["facet"]) if str(asked.get("facet") or "").isdecimal() else 0
    mine = [
        told for told in channel.logos(run, number_of(run, asked), faces, matches)
        if told["face"] == face
    ]  # fmt: skip
    told = next((one for one in mine if one["facet"] == facet), mine[0] if mine else None)
    if told is None or not told["matches"]:
        return told, []
    weak = asked.get("weak") == "1"
    return told, [hit for hit in told["matches"] if weak or hit["q_value"] <= 0.05][:MATCHES]


def draw_motifs(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw a picture above the known motif that it resembles most, and list the others."""
    one, (told, shown) = number_of(run, asked), _matched(run, asked)
    if told is None or told["matches"] is None:
        return says(figure, "Nothing has been matched yet: look at the channels first.")
    if not shown:
        return says(figure, f"No known motif resembles the {WORDS[told['face']]} with q ≤ 0.05.")
    _, matches = known_of(run).looked
    assert matches is not None
    caption = (
        f"TOMTOM against {int(matches.attrs['n_targets']):,} motifs of {matches.attrs['database']};"
        f" E = p × motifs, q by Benjamini and Hochberg over the motifs · run {run.id}"
    )
    box = placed.page(figure, titled(run, one, "known motifs"), caption)
    hit = shown[0]
    motif = np.asarray(hit["pwm"], np.float64)
    motif = reverse_complement(motif) if hit["strand"] == "-" else motif
    query, first = np.asarray(hit["matrix"], np.float64), min(0, hit["offset"])
    length = max(len(motif), hit["offset"] + len(query)) - first
    wide = min(box.wide - 10, 7.5 * length)
    turned = ", reverse complemented" if hit["strand"] == "-" else ""
    for i, (words, matrix, at) in enumerate(
        (
            (f"{WORDS[told['face']]} of channel {one}", query, hit["offset"] - first),
            (f"{hit['name']} ({hit['id']}){turned}", motif, -first),
        )
    ):
        top = box.top + 15.5 * i
        placed.write(figure, box.left, top + 0.6, fitted(words, box.wide))
        where = Box(box.left + 9, top + 4, wide, 9.5)
        axes = scaled_logo(figure, where, in_bits(matrix), first=at, wanted=length, numbers=False)
        axes.set_ylabel("bits")
    placed.write(
        figure, box.left + 9 + wide, box.top + 30.2, "a tick every 5 bp", size=SMALL, ha="right"
    )
    _draw_matches(figure, Box(box.left, box.top + 33, box.wide, box.tall - 33), shown)
    return None


def _draw_matches(figure: "Figure", box: Box, shown: list[dict]) -> None:
    """Write the matches as a table with small logos."""
    ends = [0.0, 0.24, 0.41, 0.54, 0.67, 0.78, 0.85]
    at = [box.left + end * box.wide for end in ends]
    for x, words in zip(at, ("motif", "id", "p", "E", "q", "strand", ""), strict=True):
        placed.write(figure, x, box.top, words, size=SMALL, color=QUIET)
    for i, hit in enumerate(shown):
        top = box.top + 3 + _LINE * 1.15 * i
        if top + _LINE > box.foot + 1:
            break
        cells = (
            fitted(hit["name"], 0.23 * box.wide), fitted(hit["id"], 0.16 * box.wide),
            short(hit["p_value"]), short(hit["e_value"]), short(hit["q_value"]),
            "−" if hit["strand"] == "-" else "+",
        )  # fmt: skip
        for x, words in zip(at[:-1], cells, strict=True):
            placed.write(figure, x, top + _LINE / 2, words, va="center")
        motif = np.asarray(hit["pwm"], np.float64)
        motif = reverse_complement(motif) if hit["strand"] == "-" else motif
        small_logo(figure, Box(at[-1], top, box.right - at[-1], _LINE - 0.2), in_bits(motif))


def tall_motifs(width: float, run: Run, selection: Selection, asked: Asked) -> float:
    """Return the height of the two logos and of the list."""
    _, shown = _matched(run, asked)
    return placed.around(width) + 38 + 1.15 * _LINE * len(shown) if shown else 30


def motifs_rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return the matches that are listed."""
    names = {
        "name": "motif_name", "id": "motif_id", "p_value": "p_value", "e_value": "e_value",
        "q_value": "q_value", "offset": "offset (bp)", "overlap": "overlap (bp)",
        "strand": "orientation",
    }  # fmt: skip
    _, shown = _matched(run, asked)
    words = {"+": "forward", "-": "reverse"}  # a sign alone would be a formula
    rows = [{**hit, "strand": words.get(hit["strand"], "")} for hit in shown]
    return pd.DataFrame({title: [row[key] for row in rows] for key, title in names.items()})


PANELS = (
    Panel(
        "motifs", "Known motifs", "channel", draw_motifs, motifs_rows,
        asks=(*LOOK, "face", "facet", "weak"), tall=tall_motifs,
    ),
)  # fmt: skip
