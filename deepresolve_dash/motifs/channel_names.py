"""Names of channels after known motifs: one rule for every view that shows a channel."""

import xarray as xr

from deepresolve_dash.motifs.faces import ACTIVATION, ASCENT, FILTER
from deepresolve_dash.motifs.names import Named, best_name

LARGEST_Q = 0.05  # up to which a channel bears the name of a motif
ORDER = ACTIVATION, FILTER, ASCENT  # the sequences themselves before what is made of weights


def name_of(matches: xr.Dataset, channel: int) -> Named | None:
    """Return the known motif that a channel is named after; None when none fits well enough.

    *Choice:* the first of the activation logo, the filter and the ascent whose largest facet has a
    best match with q <= 0.05.
    """
    found = (best_name(matches, channel, name=face) for face in ORDER)
    return next((one for one in found if one is not None and one.q_value <= LARGEST_Q), None)


def channel_names(matches: xr.Dataset | None) -> dict[int, str]:
    """Return the names of the channels that have one; none when nothing was matched."""
    if matches is None:
        return {}
    channels = sorted(set(matches["channel"].values.tolist()))
    found = {channel: name_of(matches, channel) for channel in channels}
    return {channel: one.name for channel, one in found.items() if one is not None}
