"""The figure of the table of channels: a sheet of their logos."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from deepresolve_dash.exports.figures import placed
from deepresolve_dash.exports.figures.logo_parts import in_bits, scaled_logo
from deepresolve_dash.exports.figures.marks import says
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.placed import Box
from deepresolve_dash.exports.figures.style import QUIET
from deepresolve_dash.exports.figures.text import MM, SMALL, fitted, plain
from deepresolve_dash.exports.known import known_of
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import channel_table
from deepresolve_dash.views.palette import KIND_MARKS, KIND_NAMES, UNITS, number
from deepresolve_dash.views.selection import Selection

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CELL, TALL = 40.0, 15.5  # mm of a channel on the sheet
USUAL = 24  # channels of a sheet whose height nobody chose
FLAGS = ("dead", "uniform", "artefact")
FACES = {
    "filter": "what the filter likes: its positive weights",
    "activation": "sequences that turn the channel on",
    "ascent": "what the network's gradient asks for",
}


def table_of(run: Run, selection: Selection, asked: Asked) -> dict:
    """Return the table of channels as the page shows it."""
    faces, matches = known_of(run).looked
    seen = channel_table.seen(run, faces, matches, str(asked.get("face") or ""))
    return channel_table.data(run, selection, faces, matches, seen)


def _flags(told: dict, i: int) -> list[str]:
    return [name for name in FLAGS if told.get(name) is not None and told[name][i]]


def _match(told: dict, i: int, *, weak: bool) -> str:
    """Return the name of the best match; empty where it is not significant."""
    found = told["match"][i] if "match" in told else None
    return found[0] if found and (weak or told["q_value"][i] <= told["q"]) else ""


def arranged(told: dict, asked: Asked) -> list[int]:
    """Return the places of the channels that are listed, in the order of the page."""
    weak = asked.get("weak") == "1"
    sort = str(asked.get("sort") or "rank")
    key, turned = sort.removeprefix("-"), sort.startswith("-")

    def unknown(value: Any) -> float:
        return np.inf if value is None or value != value else float(value)

    def column(name: str, sign: int = 1) -> Callable[[int], float]:
        return lambda i: unknown(sign * told[name][i]) if name in told else np.inf

    sorts: dict[str, Callable[[int], float]] = {
        "channel": column("channel"),
        "match": lambda i: told["q_value"][i] if _match(told, i, weak=weak) else np.inf,
        "ofiv": column("ofiv", -1),
        "rank": column("rank"),
        "il": column("level", -1),
        "kind": column("kind", -1),
        "max": column("maximum", -1),
        "family": column("family"),
        "flags": lambda i: -len(_flags(told, i)),
    }
    by = sorts.get(key, sorts["rank"])
    words = str(asked.get("find") or "").lower().split()
    kept = [
        i for i in range(len(told["channel"]))
        if all(word in _words(told, i, weak=weak) for word in words)
    ]  # fmt: skip
    kept.sort(key=lambda i: told["rank"][i])
    return sorted(kept, key=by, reverse=turned)


def _words(told: dict, i: int, *, weak: bool) -> str:
    """Return what a channel is found by."""
    parts = [f"ch {told['channel'][i]}", _match(told, i, weak=weak), KIND_NAMES[told["kind"][i]]]
    if told.get("called"):
        parts.append(told["called"][i] or "")
    parts += _flags(told, i)
    if "members" in told and told["members"][i] > 1:
        parts.append(f"family {told['family'][i]} {told['relation'][i]}")
    return " ".join(parts).lower()


def class_words(run: Run, selection: Selection) -> str:
    """Return the class that channels are looked at for."""
    place = run.summary.target.values.tolist().index(selection.target)
    return f"class {selection.target} {plain(run.summary.target_name.values[place])}"


def draw_table(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw the logos of as many channels as fit, in the order of the table."""
    told = table_of(run, selection, asked)
    faces, _ = known_of(run).looked
    if not told["face"]:
        return says(
            figure, "These channels have no logos before they are looked at. The table has them."
        )
    listed = arranged(told, asked)
    if not listed:
        return says(figure, "No channel fits these words.")
    matrices = channel_table.logos(run, faces, told["face"]) / 255
    wide, tall = (inches * MM for inches in figure.get_size_inches())
    columns = max(1, int((wide - 2 * placed.EDGE) // CELL))
    fit = columns * max(1, int((tall - placed.around(wide) - 1) // TALL))
    shown = listed[:fit]
    of = f"{len(shown)} of {len(listed)}" if len(shown) < len(listed) else str(len(listed))
    caption = (
        f"{of} channels, run {run.id} · {told['face']}: {FACES[told['face']]}; 0 to 2 bits, a tick "
        f"every 5 bp · OFIV ({UNITS}) and rank for {class_words(run, selection)}, "
        f"{told['regimes']['ofiv']}"
        + (f" · motifs of {told['database']}" if told["database"] else "")
    )
    box = placed.page(figure, f"What channels see, {run.info.get('name', run.id)}", caption)
    longest = matrices.shape[1]
    each = box.wide / columns
    for at, i in enumerate(shown):
        left, top = box.left + each * (at % columns), box.top + TALL * (at // columns)
        cell = Box(left, top, each, TALL)
        _draw_cell(figure, cell, told, i, matrices[i], longest, asked)
    return None


def _draw_cell(
    figure: "Figure", cell: Box, told: dict, i: int, matrix: np.ndarray, longest: int, asked: Asked
) -> None:
    """Draw number, name, logo and numbers of one channel."""
    name = _match(told, i, weak=asked.get("weak") == "1")
    q = f"q {number(told['q_value'][i])}" if name else ""
    head = f"{told['channel'][i]} {name}".strip()
    placed.write(figure, cell.left + 3.5, cell.top, fitted(head, cell.wide - 19), weight="bold")
    placed.write(figure, cell.right - 2, cell.top, q, size=SMALL, ha="right", color=QUIET)
    where = Box(cell.left + 3.5, cell.top + 2.9, cell.wide - 5.5, 7.2)
    scaled_logo(figure, where, in_bits(matrix), wanted=longest, numbers=False)
    flags = _flags(told, i)
    numbers = (
        f"{KIND_MARKS[told['kind'][i]]} OFIV {number(told['ofiv'][i], sign=True)}, "
        f"rank {told['rank'][i]}" + (f" · {', '.join(flags)}" if flags else "")
    )
    words = fitted(numbers, cell.wide - 5, SMALL)
    placed.write(figure, cell.left + 3.5, cell.top + 11.2, words, size=SMALL, color=QUIET)


def tall_table(width: float, run: Run, selection: Selection, asked: Asked) -> float:
    """Return the height of the first channels."""
    told = table_of(run, selection, asked)
    n = min(len(arranged(told, asked)), USUAL)
    columns = max(1, int((width - 2 * placed.EDGE) // CELL))
    return placed.around(width) + 2 + TALL * -(-n // columns) if n and told["face"] else 30


def table_rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return the table, a row for each channel that is listed."""
    told = table_of(run, selection, asked)
    places = arranged(told, asked)
    frame = {"channel": [int(told["channel"][i]) for i in places]}
    if "match" in told:
        found = [told["match"][i] or ["", ""] for i in places]
        frame |= {
            "motif_name": [str(one[0]) for one in found],
            "motif_id": [str(one[1]) for one in found],
            "p_value": [told["p_value"][i] for i in places],
            "q_value": [told["q_value"][i] for i in places],
        }
    frame |= {
        f"OFIV ({UNITS})": [float(told["ofiv"][i]) for i in places],
        "rank": [told["rank"][i] for i in places],
        "inconsistency level": [float(told["level"][i]) for i in places],
        "kind": [KIND_NAMES[told["kind"][i]] for i in places],
    }
    for name, title in (
        ("maximum", "largest activation (units of the channel)"), ("family", "family"),
        ("relation", "relation"), ("family_ofiv", f"OFIV of the family ({UNITS})"),
        ("bits", "information (bits)"),
    ):  # fmt: skip
        if told.get(name) is not None:
            frame[title] = [told[name][i] for i in places]
    frame["flags"] = [", ".join(_flags(told, i)) for i in places]
    return pd.DataFrame(frame)


_TABLE_ASKS = ("face", "sort", "find", "weak", "source", "database")
PANELS = (
    Panel(
        "channel-table", "Channels", "channels", draw_table, table_rows,
        asks=_TABLE_ASKS, tall=tall_table,
    ),
)  # fmt: skip
