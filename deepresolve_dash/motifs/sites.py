"""Which fragments count, and which ones an ascent starts from."""

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.motifs.settings import MotifSettings

LEVELS = np.round(np.linspace(0.05, 1, 20), 2)
_PERCENTILE = 99


def thresholds(maxima: NDArray) -> NDArray[np.float32]:
    """Return the activation from which a fragment counts, (channel,).

    *Choice:* half of the maximum over the sequences when that is positive, else the 99th percentile
    of the sequences' maxima.
    """
    highest = maxima.max(axis=0)
    rare = np.percentile(maxima, _PERCENTILE, axis=0)
    return np.where(highest > 0, highest / 2, rare).astype(np.float32)


def choose_starts(
    activation: NDArray, limit: NDArray, settings: MotifSettings
) -> NDArray[np.int64]:
    """Return the fragments that the ascent starts from, (channel, start); -1 when there are fewer.

    Parameters
    ----------
    activation : float array (channel, site)
        Falling.
    limit : float array (channel,)
        Threshold of each channel.
    """
    chosen = np.full((len(activation), settings.n_top + settings.n_spread), -1)
    for channel, values in enumerate(activation):
        n = int((values >= limit[channel]).sum())  # NaN is never above
        top = np.arange(min(n, settings.n_top))
        rest = np.arange(len(top), n)
        n_spread = min(len(rest), settings.n_spread)
        spread = rest[np.linspace(0, len(rest) - 1, n_spread).astype(int)] if n_spread else rest[:0]
        chosen[channel, : len(top) + n_spread] = np.concatenate([top, spread])
    return chosen


def levels_above(maxima: NDArray) -> NDArray[np.int64]:
    """Count the sequences whose maximum reaches each level of the highest, (channel, level)."""
    highest = maxima.max(axis=0)
    return np.stack([(maxima >= level * highest).sum(axis=0) for level in LEVELS], axis=1)
