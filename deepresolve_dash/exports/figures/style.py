"""How a figure for print looks, and how it becomes the bytes of a file.

Ground, ink, type and colours are those of paper whatever the screen shows. Text stays text in SVG
and PDF, and the same figure is the same bytes: no date, no random ids.
"""

import io
import math
import warnings
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from deepresolve_dash.errors import SettingsError
from deepresolve_dash.exports.figures.fonts import families, with_all_named
from deepresolve_dash.exports.figures.powers import into_titles
from deepresolve_dash.exports.figures.text import (
    LABEL,
    MM,
    SMALL,
    TICK,
    TITLE,
    fitted,
    lined,
    plain,
    width_of,
)

if TYPE_CHECKING:  # a server that draws no figure never loads matplotlib
    from matplotlib.figure import Figure

FORMATS = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png"}
WIDTHS = (85, 114, 174)  # mm: one column, one and a half, two columns of a journal
NARROWEST, WIDEST = 30, 400  # mm
LOWEST, HIGHEST = 20, 400  # mm
COARSEST, FINEST = 50, 1200  # dots per inch
LARGEST = 60_000_000  # pixels of a picture

INK, QUIET, LINE, PAPER = "#171b22", "#586170", "#dde2e9", "#ffffff"
NEGATIVE, NEGATIVE_MID, ZERO = "#0b4a8f", "#7fb0dd", "#ffffff"
POSITIVE_MID, POSITIVE, BLANK = "#f2a56d", "#a83a05", "#d5d9df"
KINDS = ("#64748b", "#0d8a7e", "#a3299f")
KIND_HATCHES = ("", "////", "xxxx")
COMPONENTS = ("#3f5470", "#b25a00", "#7a3cc9")
COMPONENT_LINES = ("-", (0, (5, 2)), (0, (1, 1.5)))
COMPONENT_SYMBOLS = ("o", "D", "^")
BARS, ACCENT = "#c3cad4", "#2b4fc4"

EDGE, HEAD, LEGEND = 1.5, 5.5, 3.1  # mm: margin, title, a line of a legend
FOOT, FURTHER = 5, 2.6  # mm: caption, each further line of it
HIGHER = "Make it wider or higher."

_THEME: dict[Any, Any] = {
    "text.parse_math": False,  # a name may hold $ and \\
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "svg.hashsalt": "figure",
    "font.size": TICK,
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.labelsize": LABEL,
    "axes.labelpad": 2,
    "axes.titlesize": LABEL,
    "axes.titlepad": 3,
    "axes.linewidth": 0.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.limits": (-3, 5),
    "axes.formatter.useoffset": False,
    "axes.axisbelow": True,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": TICK,
    "ytick.labelsize": TICK,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
    "xtick.major.size": 2,
    "ytick.major.size": 2,
    "xtick.major.pad": 1.5,
    "ytick.major.pad": 1.5,
    "xtick.minor.visible": False,
    "ytick.minor.visible": False,
    "grid.color": LINE,
    "grid.linewidth": 0.4,
    "legend.fontsize": TICK,
    "legend.frameon": False,
    "legend.borderpad": 0,
    "legend.handlelength": 1.4,
    "legend.handletextpad": 0.5,
    "legend.columnspacing": 1.2,
    "legend.labelspacing": 0.3,
    "legend.borderaxespad": 0,
    "lines.linewidth": 1,
    "hatch.linewidth": 0.35,
    "hatch.color": PAPER,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "figure.constrained_layout.h_pad": 1.0 / MM,
    "figure.constrained_layout.w_pad": 1.0 / MM,
    "figure.constrained_layout.hspace": 0.02,
    "figure.constrained_layout.wspace": 0.02,
}
UPRIGHT: dict[str, Any] = {
    "rotation": 90, "rotation_mode": "anchor", "ha": "right", "va": "center",
}  # fmt: skip
"""Names below a matrix, which end at it in every font."""
LOCK = Lock()  # matplotlib keeps its settings in one table for the whole process


class Size(NamedTuple):
    """Width and height in mm, and the dots per inch of what is made of dots."""

    width: float = WIDTHS[0]
    height: float = 60
    dpi: int = 300

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height of a picture."""
        wide, tall = (max(1, round(mm / MM * self.dpi)) for mm in self[:2])
        return wide, tall


def checked(size: Size) -> Size:
    """Return a size that can be drawn.

    Raises
    ------
    SettingsError
        When it is too small, too large, or no number.
    """
    if not NARROWEST <= size.width <= WIDEST:
        raise SettingsError(
            f"A figure cannot be {size.width:g} mm wide.",
            f"Choose a width from {NARROWEST} to {WIDEST} mm.",
        )
    if not LOWEST <= size.height <= HIGHEST:
        raise SettingsError(
            f"A figure cannot be {size.height:g} mm high.",
            f"Choose a height from {LOWEST} to {HIGHEST} mm.",
        )
    if not COARSEST <= size.dpi <= FINEST:
        raise SettingsError(
            f"A picture cannot have {size.dpi:g} dots per inch.",
            f"Choose {COARSEST} to {FINEST}.",
        )
    if math.prod(size.pixels) > LARGEST:
        raise SettingsError(
            "A picture of this size and resolution is too large.", "Choose fewer dots per inch."
        )
    return size


def as_bytes(draw: Callable[["Figure"], None], file_format: str, size: Size) -> bytes:
    """Return the file of a figure.

    Parameters
    ----------
    draw : function of a matplotlib Figure
        Draws into it; it is empty and has the wanted size.
    file_format : {"svg", "pdf", "png"}
    size : Size

    Returns
    -------
    bytes
        The same for the same figure.

    Raises
    ------
    SettingsError
        When there is no such format, or the figure does not fit into its size.
    """
    if file_format not in FORMATS:
        raise SettingsError(
            f"There are no figures as '{file_format[:20]}'.", "Choose svg, pdf or png."
        )
    dots = file_format == "png"
    wide, tall = size.pixels
    inches = (wide / size.dpi, tall / size.dpi) if dots else (size.width / MM, size.height / MM)
    import matplotlib
    from matplotlib.figure import Figure

    theme: dict[Any, Any] = _THEME | {"font.family": families(file_format)}
    with LOCK, matplotlib.rc_context(theme), warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        figure = Figure(figsize=inches, dpi=size.dpi if dots else 72, layout="constrained")
        draw(figure)
        into_titles(figure)
        if figure.get_layout_engine() is not None:
            figure.draw_without_rendering()
            figure.set_layout_engine("none")  # laid out once
        if dots:
            _pool(figure)
        file = io.BytesIO()
        told: dict = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(
            file_format, {"Software": None}
        )
        figure.savefig(file, format=file_format, metadata=told, dpi=figure.dpi)
    _hear(said, size)
    made = file.getvalue()
    return with_all_named(made) if file_format == "svg" else made


def _hear(said: list[warnings.WarningMessage], size: Size) -> None:
    """Turn what matplotlib says of too little room into a sentence, and pass on the rest."""
    for one in said:
        if "collapsed to zero" in str(one.message) or "decorations" in str(one.message):
            raise SettingsError(
                f"This figure does not fit into {size.width:g} × {size.height:g} mm.",
                HIGHER,
            )
    for one in said:
        warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)


def _pool(figure: "Figure") -> None:
    """Show of all cells under a dot the one farthest from zero, as the screen does."""
    from deepresolve_dash.exports.figures.marks import HEAT, pooled

    for axes in figure.axes:
        for image in axes.get_images():
            if image.get_gid() == HEAT:
                box = axes.get_window_extent()
                cells = np.ma.asarray(image.get_array())
                image.set_data(pooled(cells, int(box.height), int(box.width)))


def framed(figure: "Figure", title: str, caption: str) -> None:
    """Put the title above a figure and the caption below it, on up to three lines."""
    room = figure.get_figwidth() * MM - 2 * EDGE
    left, tall = EDGE / MM / figure.get_figwidth(), figure.get_figheight() * MM
    at = {"x": left, "in_layout": False}
    figure.text(y=1 - EDGE / tall, s=fitted(title, room, TITLE), va="top", size=TITLE, **at)
    lines = lined(plain(caption).split(" · "), room)[:3]
    words = "\n".join(fitted(line, room, SMALL) for line in lines)
    figure.text(y=EDGE / tall, s=words, va="bottom", size=SMALL, color=QUIET, **at)
    _keep_free(figure, top=HEAD, bottom=FOOT + FURTHER * (len(lines) - 1))


def height_of(axes: Any) -> float:
    """Return the height of the figure that axes are in, in mm."""
    return axes.figure.get_figheight() * MM


def y_title(axes: Any, words: str) -> None:
    """Title an upright axis, or a bar of colours, its unit on a line of its own if it must be."""
    room = 0.55 * height_of(axes)
    axes.set_ylabel(words.replace(" (", "\n(") if width_of(words, LABEL) > room else words)


def legend(figure: "Figure", handles: Sequence[Any]) -> None:
    """Put a legend below the title, in as many lines as the width asks for."""
    if not handles:
        return
    wide, tall = figure.get_figwidth() * MM, figure.get_figheight() * MM
    names = [fitted(one.get_label(), wide - 2 * EDGE - 6) for one in handles]
    widest = max(width_of(name) for name in names) + 7.5
    columns = max(1, min(len(names), int((wide - 2 * EDGE) / widest)))
    lines = -(-len(names) // columns)
    at = (EDGE / wide, 1 - HEAD / tall)
    box = figure.legend(handles, names, loc="upper left", bbox_to_anchor=at, ncols=columns)
    box.set_in_layout(False)
    _, bottom, _, _ = figure.get_layout_engine().get()["rect"]  # type: ignore[union-attr]
    _keep_free(figure, top=HEAD + lines * LEGEND + 0.5, bottom=bottom * tall)


def _keep_free(figure: "Figure", *, top: float, bottom: float) -> None:
    """Keep axes away from the upper and the lower edge, by mm."""
    tall = figure.get_figheight() * MM
    if top + bottom > 0.8 * tall:
        raise SettingsError(f"This figure does not fit into a height of {tall:.0f} mm.", HIGHER)
    rect = (0, bottom / tall, 1, 1 - (top + bottom) / tall)
    figure.get_layout_engine().set(rect=rect)  # type: ignore[union-attr]
