"""The pictures of the first screen of a class page."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from deepresolve_dash.exports.figures.marks import colour_bar, heat, kind_legend, says, short
from deepresolve_dash.exports.figures.names import channel_ticks, counted, named, names_below
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.style import (
    INK,
    KIND_HATCHES,
    KINDS,
    PAPER,
    QUIET,
    framed,
    height_of,
    y_title,
)
from deepresolve_dash.exports.figures.text import (
    MM,
    POINT,
    SMALL,
    TICK,
)
from deepresolve_dash.exports.known import known_of
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import channels, fiv, ofiv
from deepresolve_dash.views.matrix import Matrix
from deepresolve_dash.views.palette import KIND_NAMES, UNITS
from deepresolve_dash.views.selection import IMPORTANCE, MODES, Selection, of_class, regime_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAMED_ROWS = 60  # trials up to which each is named


def caption(run: Run, selection: Selection, regime: str, more: str = "") -> str:
    """Return the small line below a figure: run, class, regime."""
    name = of_class(run.summary, selection, IMPORTANCE).target_name.values
    parts = [
        run.info.get("name", ""),
        f"class {selection.target} {name}",
        f"regime {regime}" if regime else "",
        f"run {run.id}",
        more,
    ]
    return " · ".join(part for part in parts if part)


def ordered(run: Run, selection: Selection, asked: Asked) -> tuple[Matrix, list[int]]:
    """Return the ensemble of a class in the order that is asked for, and the places of its rows.

    Returns
    -------
    Matrix, list of int
        The places are those in the order by score.
    """
    whole = fiv.data(run.ensemble, run.summary, selection)
    rows, columns = list(range(len(whole.rows))), list(range(len(whole.columns)))
    if "clustered" in (asked.get("rows"), asked.get("columns")):
        found = fiv.orders(whole)
        rows = found["rows"] if asked.get("rows") == "clustered" else rows
        columns = found["columns"] if asked.get("columns") == "clustered" else columns
    if asked.get("columns") == "level":
        level = of_class(run.summary, selection, MODES).inconsistency
        mine = level.sel(channel=list(whole.column_ids)).values
        columns = np.argsort(-mine, kind="stable").tolist()

    def pick(values: tuple, places: list[int]) -> tuple:
        return tuple(values[place] for place in places)

    shown = Matrix(
        whole.values[np.ix_(rows, columns)],
        whole.limit,
        pick(whole.rows, rows),
        pick(whole.columns, columns),
        pick(whole.row_ids, rows),
        pick(whole.column_ids, columns),
    )
    return shown, rows


def draw_fiv(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw the ensemble as a map, the weight of each trial at its side."""
    shown, rows = ordered(run, selection, asked)
    main, side = figure.subplots(1, 2, width_ratios=(9, 1))
    image = heat(main, shown.values, shown.limit)
    wide = figure.get_figwidth() * MM * 0.72 / len(shown.columns)
    names = channel_ticks(main, run, range(len(shown.columns)), shown.column_ids, room=wide)
    by = asked.get("columns") if asked.get("columns") in fiv.COLUMN_TITLES else "ofiv"
    main.set_xlabel(("" if names else "rank of ") + fiv.COLUMN_TITLES[str(by)])
    _trials(main, run, selection, shown, rows, asked)
    weight = fiv.strips(run.ensemble, run.summary, selection)["weight"]["values"][rows]
    side.barh(range(len(rows)), np.nan_to_num(weight), height=0.8, color=QUIET)
    side.set_ylim(main.get_ylim())
    side.set_yticks([])
    side.set_xlabel("trial\nweight")
    most = float(np.nanmax(weight, initial=0)) or 1.0
    side.set_xticks([0, most], ["0", short(most)])
    colour_bar(figure, image, [main, side], f"importance ({UNITS})", shown.limit)
    regime = regime_for(run.summary, selection, MODES)
    star = "* not converged" if "*" in "".join(_marks(run, selection)) else ""
    framed(figure, "Feature importance vectors", caption(run, selection, regime, star))


def _marks(run: Run, selection: Selection) -> list[str]:
    return fiv.row_marks(of_class(run.ensemble, selection, MODES))


def _trials(
    axes: "Axes",
    run: Run,
    selection: Selection,
    shown: Matrix,
    rows: list[int],
    asked: Asked,
) -> None:
    """Name the trials of an ensemble beside its rows, or count them where they are too many."""
    each, count = fiv.ROW_TITLES["clustered" if asked.get("rows") == "clustered" else "score"]
    tall = height_of(axes) * 0.7 / len(rows)
    if tall < 1.1 * SMALL * POINT:
        counted(axes, len(rows))
        axes.set_ylabel(count)
        return
    marks = _marks(run, selection)
    names = [f"{trial}{marks[row]}" for trial, row in zip(shown.row_ids, rows, strict=True)]
    axes.set_yticks(range(len(rows)), names, fontsize=min(TICK, tall / POINT / 1.05))
    axes.tick_params(axis="y", length=0)
    axes.set_ylabel(each)


def fiv_rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return a row per trial: score, weight, whether it converged, the FIV of every channel."""
    shown, rows = ordered(run, selection, asked)
    strips = fiv.strips(run.ensemble, run.summary, selection)
    marks = _marks(run, selection)
    told = {
        "trial": shown.row_ids,
        "score (logits)": strips["score"]["values"][rows],
        "weight": strips["weight"]["values"][rows],
        "converged": [int(not marks[row]) for row in rows],
    }
    names = [f"channel {named(run, k)} FIV ({UNITS})" for k in shown.column_ids]
    return pd.concat([pd.DataFrame(told), pd.DataFrame(shown.values, columns=names)], axis=1)


def draw_ofiv(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw channels as bars by falling OFIV, with intervals, kinds, and the compared class."""
    ranked = ofiv.data(run.ensemble, run.summary, selection)
    modes, headline = (regime_for(run.summary, selection, one) for one in (MODES, IMPORTANCE))
    told = headline if headline == modes else f"{headline}, kinds from {modes}"
    framed(figure, "Overall importance (OFIV)", caption(run, selection, told))
    if not np.isfinite(ranked.ofiv).any():
        return says(figure, "No result: the OFIV of this class is not known.")
    places = ofiv.shown(ranked, asked.get("bars", "few"))
    x = np.arange(len(places)) + np.r_[0, np.cumsum(np.diff(places) > 1)][: len(places)]
    axes = figure.subplots()
    few = len(places) <= ofiv.LABELLED
    value, low, high = (one[places] for one in (ranked.ofiv, ranked.low, ranked.high))
    axes.axhline(0, color=QUIET, linewidth=0.5)
    kinds = ranked.kind[places]
    for kind in np.unique(kinds):
        mine = kinds == kind
        axes.bar(
            x[mine],
            value[mine],
            width=0.75 if few else 1,
            color=KINDS[kind],
            hatch=KIND_HATCHES[kind],
            edgecolor=PAPER,
            linewidth=0,
        )
    if few:
        reach = np.maximum([value - low, high - value], 0)
        axes.errorbar(x, value, np.nan_to_num(reach), fmt="none", ecolor=INK, elinewidth=0.6,
                      capsize=1, capthick=0.5)  # fmt: skip
    else:
        for bound in (low, high):
            axes.step(x, bound, where="mid", color=INK, linewidth=0.5)
    kind_legend(figure, np.unique(kinds).tolist(), _others(axes, ranked, places, x))
    axes.set_xlim(-0.6, x.max() + 0.6)
    axes.grid(axis="y")
    y_title(axes, f"OFIV ({UNITS})")
    room = figure.get_figwidth() * MM * 0.84 / (x.max() + 1)
    names = few and channel_ticks(axes, run, x, ranked.channel[places].tolist(), room=room)
    if not names:
        counted(axes, len(x), upright=False)
    axes.set_xlabel(_below(ranked, places, names=names))
    for gap in x[:-1][np.diff(x) > 1]:
        axes.text(gap + 1, 0, "…", ha="center", va="bottom", size=9)
    return None


def _others(axes: "Axes", ranked: ofiv.Ranking, places: np.ndarray, x: np.ndarray) -> list:
    """Draw the OFIV of the compared class as open circles, and what the whiskers are."""
    from matplotlib.lines import Line2D

    told = [Line2D([], [], color=INK, linewidth=0.6, label="95% interval over restarts")]
    if ranked.second is None:
        return told
    style = {"marker": "o", "markersize": 3, "markeredgewidth": 0.6, "linestyle": "none"}
    axes.plot(x, ranked.second[places], color=INK, markerfacecolor="none", **style)
    name = f"the same channels in {ranked.second_name}"
    return [*told, Line2D([], [], color=INK, markerfacecolor="none", label=name, **style)]


def _below(ranked: ofiv.Ranking, places: np.ndarray, *, names: bool) -> str:
    """Return what stands below the bars."""
    n, half = len(ranked.channel), len(places) // 2
    if len(places) < n:
        return f"channel, by falling OFIV: first and last {half} of {n}"
    return "channel, by falling OFIV" if names else "rank of channel by falling OFIV"


def ofiv_rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return a row per channel, all of them, by falling OFIV."""
    found = channels.data(run.ensemble, run.summary, selection)
    ranked = ofiv.data(run.ensemble, run.summary, selection)
    known = known_of(run)
    told = {
        "rank": np.arange(len(found["channel"])) + 1,
        "channel": found["channel"],
        "motif": [known.called.get(int(k), "") for k in found["channel"]],
        f"OFIV ({UNITS})": found["ofiv"],
        f"OFIV low, 2.5% ({UNITS})": found["low"],
        f"OFIV high, 97.5% ({UNITS})": found["high"],
        f"IL (squared {UNITS})": found["level"],
        "kind": [KIND_NAMES[kind] for kind in found["kind"]],
        "component": found["component"] + 1,
        "trials positive": found["up"],
        "trials negative": found["down"],
        "trials": found["n_trials"],
    }
    if found["gradient"] is not None:
        told[f"gradient at base (logits per {UNITS})"] = found["gradient"]
    if found["swing"] is not None:
        told["clamp swing (logits)"] = found["swing"]
    if ranked.second is not None:
        told[f"OFIV in {ranked.second_name} ({UNITS})"] = ranked.second
    return pd.DataFrame(told)


def _tall(width: float, run: Run, selection: Selection, asked: Asked) -> float:
    """Return the height of the ranking, names below it included."""
    ranked = ofiv.data(run.ensemble, run.summary, selection)
    places = ofiv.shown(ranked, asked.get("bars", "few"))
    names = names_below(run, ranked.channel[places].tolist()) if len(places) <= ofiv.LABELLED else 0
    return 30 + 0.28 * width + names


PANELS = (
    Panel(
        "fiv",
        "Feature importance vectors",
        "class",
        draw_fiv,
        fiv_rows,
        asks=("rows", "columns"),
    ),
    Panel(
        "ofiv",
        "Overall importance (OFIV)",
        "class",
        draw_ofiv,
        ofiv_rows,
        asks=("bars",),
        tall=_tall,
    ),
)
