"""The figure of all pairs of classes as points."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deepresolve_dash.exports.figures import placed
from deepresolve_dash.exports.figures.marks import says
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.parts import ALONE, lone, second_of, titled
from deepresolve_dash.exports.figures.placed import Box
from deepresolve_dash.exports.figures.style import ACCENT, BARS, COMPONENTS, INK, POSITIVE
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import class_matrices, classes
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.selection import IMPORTANCE, Selection, regime_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_FEW = 5000  # pairs that are drawn one by one
_LABELLED = 6  # found pairs that are named
_FIELDS = 120  # small fields along an axis that pairs are counted in


class _Pairs(NamedTuple):
    """Pairs that both comparisons know: places of their classes, and their two values."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]

    def only(self, which: NDArray) -> "_Pairs":
        """Return some of the pairs."""
        return _Pairs(self.first[which], self.second[which], self.x[which], self.y[which])


def box_of(asked: Asked) -> tuple[float, ...] | None:
    """Return the rectangle that is asked for: from and to in A, and in the other comparison."""
    try:
        found = tuple(float(part) for part in str(asked.get("brush") or "").split(","))
    except ValueError:
        return None
    return found if len(found) == 4 and np.isfinite(found).all() else None


def _pairs(run: Run, selection: Selection, asked: Asked) -> _Pairs:
    i, j = np.triu_indices(run.summary.sizes["target"], 1)
    x, y = (
        classes.values(run.summary, selection, name)[i, j]
        for name in ("similarity", second_of(run, asked))
    )
    return _Pairs(i, j, x, y).only(np.isfinite(x) & np.isfinite(y))


def _inside(pairs: _Pairs, box: tuple[float, ...]) -> _Pairs:
    """Return the pairs inside a rectangle, by falling similarity."""
    left, right, low, high = box
    found = pairs.only(
        (pairs.x >= left) & (pairs.x <= right) & (pairs.y >= low) & (pairs.y <= high)
    )
    return found.only(np.argsort(-found.x, kind="stable"))


def scatter_rows(run: Run, selection: Selection, asked: Asked) -> pd.DataFrame:
    """Return the pairs inside the rectangle, by falling similarity; all pairs without one."""
    if lone(run):
        return pd.DataFrame({"class_index": [], "other_index": []})
    found, box = _pairs(run, selection, asked), box_of(asked)
    found = found if box is None else _inside(found, box)
    names = run.summary.target_name.values.astype(str).astype(object)
    targets = run.summary.target.values
    return pd.DataFrame(
        {
            "class_index": targets[found.first],
            "class_name": names[found.first],
            "other_index": targets[found.second],
            "other_name": names[found.second],
            classes.COMPARISONS["similarity"].value: found.x,
            classes.COMPARISONS[second_of(run, asked)].value: found.y,
        }
    )


def draw_scatter(figure: "Figure", run: Run, selection: Selection, asked: Asked) -> None:
    """Draw all pairs of classes as points, or how many lie where when there are very many."""
    if lone(run):
        return says(figure, ALONE)
    found, box, name = _pairs(run, selection, asked), box_of(asked), second_of(run, asked)
    regime = regime_for(run.summary, selection, IMPORTANCE)
    caption = f"{count(len(found.x), 'pair')} of classes · {regime} · run {run.id}"
    if box is not None:
        n = class_matrices.brushed(run.summary, selection, name, box)["n"]
        caption = f"{count(n, 'pair')} in the frame, of {caption}"
    if not len(found.x):
        return says(figure, "No pair of classes is known to both comparisons.")
    whole = placed.page(figure, titled(run, "All pairs of classes"), caption)
    dense = len(found.x) > _FEW
    where = Box(whole.left + 11, whole.top + 1, whole.wide - (26 if dense else 13), whole.tall - 10)
    axes = placed.axes_in(figure, where)
    if dense:
        _density(figure, axes, found, Box(where.right + 2, where.top, placed.BAR, 30))
    else:
        axes.scatter(found.x, found.y, s=4, color=COMPONENTS[0], alpha=0.55, linewidths=0)
    second = classes.COMPARISONS[name]
    plain = second.value == "dot product"
    axes.set_xlabel("Similarity of positive OFIVs, A (correlation)")
    axes.set_ylabel(second.title if plain else f"{second.title}, {second.value}")
    axes.axhline(0, color=BARS, linewidth=0.5, zorder=0)
    axes.axvline(0, color=BARS, linewidth=0.5, zorder=0)
    _mark(axes, run, found, selection, box)
    return None


def _density(figure: "Figure", axes: "Axes", found: _Pairs, where: Box) -> None:
    """Draw how many pairs lie in each small field, with a bar of what the greys mean."""
    from matplotlib.colors import LogNorm

    counts, xs, ys = np.histogram2d(found.x, found.y, bins=_FIELDS)
    image = axes.imshow(
        np.ma.masked_equal(counts.T, 0), origin="lower", aspect="auto", cmap="Greys",
        norm=LogNorm(0.5, max(float(counts.max()), 2.0)), interpolation="none",
        extent=(xs[0], xs[-1], ys[0], ys[-1]),
    )  # fmt: skip
    bar = placed.axes_in(figure, where)
    figure.colorbar(image, cax=bar)
    bar.set_ylabel("pairs of classes")
    powers = [10**power for power in range(8) if 10**power <= counts.max()]
    bar.set_yticks(powers, [f"{power:,}" for power in powers])
    bar.minorticks_off()


def _mark(
    axes: "Axes",
    run: Run,
    found: _Pairs,
    selection: Selection,
    box: tuple[float, ...] | None,
) -> None:
    """Mark the pair that is compared and the pairs inside the rectangle, with their names."""
    from matplotlib.patches import Rectangle

    names = run.summary.target_name.values.astype(str)
    labels = []
    if selection.pair is not None:
        targets = run.summary.target.values
        one, other = (
            np.isin(targets[part], selection.pair) for part in (found.first, found.second)
        )
        mine = found.only(one & other)
        axes.plot(mine.x, mine.y, "o", ms=5, mfc="none", mec=INK, mew=0.9)
        labels += _labels(mine, names)
    if box is not None:
        axes.add_patch(
            Rectangle(
                (box[0], box[2]), box[1] - box[0], box[3] - box[2],
                fill=False, edgecolor=ACCENT, linewidth=0.7, linestyle=(0, (3, 2)),
            )
        )  # fmt: skip
        inside = _inside(found, box)
        axes.scatter(inside.x, inside.y, s=5, color=POSITIVE, linewidths=0, zorder=3)
        labels += _labels(inside.only(np.arange(min(len(inside.x), _LABELLED))), names)
    placed.label_points(axes, list(dict.fromkeys(labels)))


def _labels(found: _Pairs, names: NDArray) -> list[tuple[float, float, str]]:
    """Return places and words of pairs."""
    return [
        (float(x), float(y), f"{names[i]} – {names[j]}") for i, j, x, y in zip(*found, strict=True)
    ]


PANELS = (
    Panel(
        "scatter", "All pairs of classes", "classes", draw_scatter, scatter_rows,
        asks=("second", "brush"), tall=lambda width, *_: min(0.85 * width, 110),
    ),
)  # fmt: skip
