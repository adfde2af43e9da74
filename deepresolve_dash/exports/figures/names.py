"""What channels, rows and columns are called along an axis."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deepresolve_dash.exports.figures.style import UPRIGHT
from deepresolve_dash.exports.figures.text import POINT, SMALL, TICK, fitted
from deepresolve_dash.exports.known import known_of
from deepresolve_dash.runs.store import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAME = 18  # mm that the name of a channel may take below an axis


def named(run: Run, channel: int) -> str:
    """Return a channel's number, with the motif that it is called after where that is known."""
    name = known_of(run).called.get(int(channel))
    return f"{channel} {name}" if name else str(channel)


def names_below(run: Run, channels: Sequence[int]) -> float:
    """Return how much height the names of channels take below an axis, about, in mm."""
    longest = max((len(named(run, channel)) for channel in channels), default=0)
    return min(NAME, 1.4 * longest)


def channel_ticks(
    axes: "Axes",
    run: Run,
    places: Sequence[float],
    channels: Sequence[int],
    *,
    room: float,
) -> bool:
    """Name channels below an axis while there is room, upright when it is narrow.

    Parameters
    ----------
    room : float
        Width of one channel, mm.

    Returns
    -------
    bool
        Whether each channel has its name; else the axis counts.
    """
    names = [named(run, channel) for channel in channels]
    if room < 1.15 * SMALL * POINT:
        axes.set_xticks([place for place in places if (place + 1) % _step(len(places)) == 0])
        axes.set_xticklabels([f"{int(place) + 1}" for place in axes.get_xticks()])
        return False
    plainly = all(name.isdecimal() for name in names) and room > 1.2 * len(max(names, key=len))
    axes.set_xticks(list(places))
    axes.set_xticklabels(
        [fitted(name, NAME) for name in names],
        fontsize=TICK if room > TICK * POINT else SMALL,
        **({} if plainly else UPRIGHT),
    )
    axes.tick_params(axis="x", length=0)
    return True


def _step(n: int) -> int:
    return next((by for by in (1, 2, 5, 10, 20, 50, 100, 200, 500) if n / by <= 10), 1000)


def counted(axes: "Axes", n: int, *, upright: bool = True) -> None:
    """Count rows (or columns) from 1 at round numbers."""
    step = _step(n)
    at = [i for i in range(n) if i == 0 or (i + 1) % step == 0]
    if upright:
        axes.set_yticks(at, [str(i + 1) for i in at])
    else:
        axes.set_xticks(at, [str(i + 1) for i in at])
