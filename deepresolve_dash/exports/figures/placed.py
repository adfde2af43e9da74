"""Figures whose parts stand at places in mm: matrices that are square, names that have room."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.errors import SettingsError
from deepresolve_dash.exports.figures.marks import heat, short, with_minus
from deepresolve_dash.exports.figures.style import EDGE, HEAD, INK, LINE, PAPER, QUIET, UPRIGHT
from deepresolve_dash.exports.figures.text import (
    LABEL,
    MM,
    POINT,
    SMALL,
    TICK,
    TITLE,
    fitted,
    width_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

BAR = 2.2  # mm, width of a bar of colours
_LEAST = 1.5  # mm of axes that can be read
READABLE = 1.15 * SMALL * POINT  # mm that a line of small type needs
SHADES = (
    *("#4c78a8", "#f58518", "#54a24b", "#b279a2"),
    *("#e4c441", "#72b7b2", "#9d755d", "#e45756"),
)


class Box(NamedTuple):
    """A part of a figure, mm from its left upper corner."""

    left: float
    top: float
    wide: float
    tall: float

    @property
    def right(self) -> float:
        """Where it ends."""
        return self.left + self.wide

    @property
    def foot(self) -> float:
        """Where it ends below."""
        return self.top + self.tall


def page(figure: "Figure", title: str, caption: str) -> Box:
    """Put title and caption into a figure whose parts are placed by hand; return the room left."""
    figure.set_layout_engine("none")
    wide, tall = (inches * MM for inches in figure.get_size_inches())
    room = wide - 2 * EDGE
    write(figure, EDGE, EDGE, fitted(title, room, TITLE), size=TITLE)
    lines = wrapped(caption, room, SMALL, most=3)
    step = 1.25 * SMALL * POINT
    for i, line in enumerate(lines):
        top = tall - EDGE / 2 - (len(lines) - i) * step
        write(figure, EDGE, top, line, size=SMALL, color=QUIET)
    foot = EDGE / 2 + len(lines) * step + 1
    return Box(EDGE, HEAD, room, max(1.0, tall - HEAD - foot))


def around(width: float) -> float:
    """Return the mm of height that title and caption take in a figure of a width, at most."""
    lines = 2 if width >= 150 else 3
    return HEAD + EDGE / 2 + lines * 1.25 * SMALL * POINT + 1


def write(figure: "Figure", left: float, top: float, words: str, **how: Any) -> None:
    """Put words at a place in mm; their upper edge lies there unless said otherwise."""
    wide, tall = (inches * MM for inches in figure.get_size_inches())
    how = {"va": "top", "ha": "left", "size": TICK} | how
    figure.text(left / wide, 1 - top / tall, words, **how)


def axes_in(figure: "Figure", box: Box, **how: Any) -> "Axes":
    """Return axes at a place in mm.

    Raises
    ------
    SettingsError
        When the figure is too small for them.
    """
    wide, tall = (inches * MM for inches in figure.get_size_inches())
    if min(box.wide, box.tall) < _LEAST or box.right > wide + EDGE or box.foot > tall + EDGE:
        raise SettingsError(
            f"This figure does not fit into {wide:.0f} × {tall:.0f} mm.", "Make it wider or higher."
        )
    place = box.left / wide, 1 - box.foot / tall, box.wide / wide, box.tall / tall
    return figure.add_axes(place, **how)


def bare(axes: "Axes") -> "Axes":
    """Return the axes without ticks and lines."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.patch.set_visible(False)
    return axes


def bar_beside(figure: "Figure", image: "AxesImage", box: Box, label: str, limit: float) -> None:
    """Draw the bar of colours of a map at a place, with its unit at its right."""
    axes = axes_in(figure, box)
    steps = np.linspace(-limit, limit, 256)[:, None]
    axes.imshow(
        steps, cmap=image.cmap, vmin=-limit, vmax=limit, aspect="auto", origin="lower",
        extent=(0, 1, -limit, limit), interpolation="none",
    )  # fmt: skip
    axes.set_xticks([])
    ticks = [-limit, 0, limit] if box.tall < 22 else [-limit, -limit / 2, 0, limit / 2, limit]
    axes.set_yticks(ticks, [short(value, sign=True) for value in ticks])
    axes.yaxis.tick_right()
    axes.yaxis.set_label_position("right")
    names = with_minus(image, label, limit)
    label = next((name for name in names if width_of(name) <= box.tall + 9), label)
    side = "center" if width_of(label) <= box.tall else "top"  # there is room below a bar
    axes.set_ylabel(fitted(label, box.tall + 9, TICK), size=TICK, labelpad=1, loc=side)
    axes.spines[:].set_visible(True)


def bar_room(limit: float) -> float:
    """Return the mm that a bar of colours takes with its numbers and its unit."""
    widest = max(width_of(short(value, sign=True)) for value in (limit, -limit, limit / 2))
    return 1.2 + BAR + 1.6 + widest + 3.2


def named_map(
    figure: "Figure",
    box: Box,
    values: NDArray[np.float64],
    limit: float,
    *,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
) -> "AxesImage":
    """Draw a map of signed values, with names left and below where there is room for their type.

    Parameters
    ----------
    rows, columns : sequence of str
        Plain names, already short enough; nothing is written for none.
    """
    axes = axes_in(figure, box)
    image = heat(axes, values, limit)
    axes.spines[:].set_color(QUIET)
    n_rows, n_columns = values.shape
    axes.tick_params(length=0)
    axes.set_xticks([])
    axes.set_yticks([])
    if len(rows):
        axes.set_yticks(range(n_rows), rows, fontsize=type_size(box.tall / n_rows))
    if len(columns):
        size = type_size(box.wide / n_columns)
        axes.set_xticks(range(n_columns), columns, fontsize=size, **UPRIGHT)
    return image


def type_size(room: float) -> float:
    """Return the type that suits lines of a height in mm."""
    return TICK if room >= 1.15 * TICK * POINT else SMALL


def readable(room: float) -> bool:
    """Tell whether lines of a height in mm can hold a name."""
    return room >= READABLE


def short_names(names: Sequence[str], room: float) -> tuple[list[str], float]:
    """Return names that fit into some mm, and the mm that they take."""
    found = [fitted(name, room) for name in names]
    return found, max((width_of(name) for name in found), default=0.0)


def wrapped(words: str, room: float, points: float = TICK, *, most: int = 4) -> list[str]:
    """Return plain words in lines of at most `room` mm, the rest left out."""
    lines: list[str] = []
    rest = fitted(words, most * room, points).split(" ") if words else []
    while rest and len(lines) < most:
        line = rest.pop(0)
        while rest and width_of(f"{line} {rest[0]}", points) <= room:
            line = f"{line} {rest.pop(0)}"
        lines.append(line)
    if rest:
        lines[-1] = f"{lines[-1]} …"
    return [fitted(line, room, points) for line in lines]


def lines_of(axes: "Axes", segments: Sequence, **how: Any) -> None:
    """Draw many lines as one thing."""
    from matplotlib.collections import LineCollection

    if len(segments):
        axes.add_collection(
            LineCollection(segments, **({"colors": QUIET, "linewidths": 0.5} | how))
        )


def frame(axes: "Axes", x: float, y: float) -> None:
    """Draw a frame around one cell of a map."""
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, fill=False, edgecolor=INK, linewidth=0.9))


def grid(axes: "Axes", axis: str) -> None:
    """Draw quiet lines at the numbers of an axis."""
    axes.grid(axis=axis, color=LINE, linewidth=0.4)  # type: ignore[arg-type]


def heading(figure: "Figure", box: Box, words: str, short: str = "") -> None:
    """Write what a part shows above it, in short where there is little room."""
    words = short if short and width_of(words, LABEL) > box.wide else words
    write(figure, box.left, box.top - 3.4, fitted(words, box.wide, LABEL), size=LABEL)


def label_points(axes: Any, points: Sequence[tuple[float, float, str]]) -> None:
    """Name points of placed axes, each name left out that would cover another or leave the axes."""
    place, size = axes.get_position(), axes.figure.bbox_inches.size * MM
    box = Box(0, 0, place.width * size[0], place.height * size[1])
    (x0, x1), (y0, y1) = axes.get_xlim(), axes.get_ylim()
    taken: list[Box] = []
    for x, y, words in points:
        name = fitted(words, min(60.0, 0.75 * box.wide), SMALL)
        long, high = width_of(name, SMALL), 1.25 * SMALL * POINT
        left, low = (x - x0) / (x1 - x0) * box.wide, (y - y0) / (y1 - y0) * box.tall
        for at, foot in (
            (left + 1.2, low + 0.3), (left - 1.2 - long, low + 0.3),
            (left + 1.2, low - high - 0.3), (left - 1.2 - long, low - high - 0.3),
        ):  # fmt: skip
            mine = Box(at, foot, long, high)
            inside = at >= 0 and mine.right <= box.wide and foot >= 0 and mine.foot <= box.tall
            if inside and not any(_cover(mine, other) for other in taken):
                taken.append(mine)
                where = x0 + at / box.wide * (x1 - x0), y0 + foot / box.tall * (y1 - y0)
                axes.text(
                    *where, name, size=SMALL, va="bottom", ha="left", zorder=1.5,
                    bbox={"facecolor": PAPER, "alpha": 0.75, "pad": 0.3, "linewidth": 0},
                )  # fmt: skip
                break


def _cover(one: Box, other: Box) -> bool:
    """Tell whether two boxes have something in common."""
    return (
        one.left < other.right
        and other.left < one.right
        and one.top < other.foot
        and other.top < one.foot
    )
