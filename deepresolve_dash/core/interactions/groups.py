"""Groups of channels: those that rise and fall together over real sequences."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from deepresolve_dash.errors import SettingsError

_SILENT = 1e-6  # of the largest standard deviation, below which a channel says nothing

Group = tuple[int, ...]


def group_channels(maxima: ArrayLike, *, cut: float = 0.5) -> tuple[Group, ...]:
    """Group channels by the correlation of their maxima.

    *Choice:* a motif is seen by several channels, so that channels are tested together: average
    linkage on 1 - correlation, cut at 1 - `cut`. Channels without variance are in no group.

    Parameters
    ----------
    maxima : float array (n_sequences, channel)
        Maximum of each channel over the positions of each real map.
    cut : float
        Least mean correlation within a group.

    Returns
    -------
    tuple of tuple of int
        Channels of each group, ascending; groups by their first channel.
    """
    values = np.asarray(maxima, np.float64)
    alive = np.flatnonzero(~silent(values))
    if len(alive) < 2:
        return tuple((int(channel),) for channel in alive)
    distance = 1 - np.atleast_2d(np.corrcoef(values[:, alive].T))
    tree = linkage(squareform(np.maximum(distance, 0), checks=False), "average")
    label = fcluster(tree, 1 - cut, "distance")
    groups = (tuple(alive[label == one].tolist()) for one in np.unique(label))
    return tuple(sorted(groups))


def silent(maxima: ArrayLike) -> NDArray[np.bool_]:
    """Tell which channels do not vary over the sequences.

    Parameters
    ----------
    maxima : float array (n_sequences, channel)

    Returns
    -------
    bool array (channel,)
    """
    spread = np.asarray(maxima, np.float64).std(axis=0)
    return ~(spread > _SILENT * spread.max(initial=0.0))


def activity(maxima: ArrayLike, spread: ArrayLike, group: Sequence[int]) -> NDArray[np.float64]:
    """Return how much a group is on in each map: the sum of channel maximum / spread.

    Parameters
    ----------
    maxima : float array (n_sequences, channel)
    spread : float array (channel,)
        Standard deviation of each channel's maxima over the real maps.
    group : sequence of int

    Returns
    -------
    float array (n_sequences,)
    """
    members = list(group)
    values, scale = np.asarray(maxima, np.float64), np.asarray(spread, np.float64)
    return (values[:, members] / scale[members]).sum(axis=1)


def holding(groups: Sequence[Group], pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return, for pairs of channels, the places of the groups that hold them.

    Raises
    ------
    SettingsError
        When a channel is in no group, or both are in the same one.
    """
    place = {channel: i for i, group in enumerate(groups) for channel in group}
    found = []
    for a, b in pairs:
        for channel in (a, b):
            if channel not in place:
                raise SettingsError(
                    f"Channel {channel} is in no group.",
                    "It does not exist, or does not vary over the sequences; choose another one.",
                )
        if place[a] == place[b]:
            together = ", ".join(map(str, groups[place[a]]))
            raise SettingsError(
                f"Channels {a} and {b} are in one group ({together}).",
                "Choose channels of two groups, or a higher cut.",
            )
        found.append((min(place[a], place[b]), max(place[a], place[b])))
    return found
