"""The power of ten of an axis, said in its title as journals want it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from deepresolve_dash.exports.figures.text import LABEL, MM, width_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def titled(words: str, power: int) -> str:
    """Return the title of an axis whose numbers are to be read times a power of ten.

    It stands before the unit: `OFIV (units)` becomes `OFIV (×10⁻³ units)`.
    """
    times = f"×10{str(power).translate(_RAISED)}"
    head, bracket, unit = words.rpartition("(")
    return f"{head}({times} {unit}" if bracket else f"{words} ({times})"


def into_titles(figure: "Figure") -> None:
    """Move each power of ten from the end of its axis into its title, and keep it.

    An axis without a title keeps it at its end.
    """
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            power = _power(axis) if axis.label.get_text() else 0
            if power:
                axis.set_major_formatter(_without(power))
                axis.label.set_text(_wrapped(axis, titled(axis.label.get_text(), power)))


def _without(power: int) -> Callable[[float, object], str]:
    """Return what writes the numbers of an axis without their power of ten."""
    return lambda value, _: f"{value / 10.0**power:.4g}".replace("-", "−")


def _power(axis: Any) -> int:
    """Return the power of ten that would stand at the end of an axis, 0 for none."""
    from matplotlib.ticker import ScalarFormatter

    formatter = axis.get_major_formatter()
    if not isinstance(formatter, ScalarFormatter):
        return 0
    axis.get_majorticklabels()  # looks for the ticks
    told = formatter.get_offset().replace("−", "-").partition("e")[2]
    return int(told or 0)


def _wrapped(axis: Any, words: str) -> str:
    """Return a title, its unit on a line of its own where one line has no room."""
    figure = axis.axes.figure
    upright = axis.axis_name == "y"
    room = 0.55 * figure.get_figheight() * MM if upright else 0.8 * figure.get_figwidth() * MM
    long = "\n" not in words and width_of(words, LABEL) > room
    return words.replace(" (", "\n(") if long else words
