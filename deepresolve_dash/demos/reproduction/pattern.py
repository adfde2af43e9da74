"""Which channel of a first layer sees a pattern."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepresolve_dash.demos.synthetic import encode


@dataclass(frozen=True)
class Seen:
    """The channel that sees a pattern best, and how well: a cosine, 1 for the pattern itself."""

    channel: int
    cosine: float


def pattern_match(filters: ArrayLike, pattern: str) -> NDArray[np.float64]:
    """Return how well each filter matches a pattern that it may hold anywhere.

    *Choice:* the cosine between the whole filter and the pattern alone, both centred over the bases
    of a position, at the best of all offsets. Whatever else a filter sees lowers it; the size of
    the filter plays no part.

    Parameters
    ----------
    filters : float array (channel, offset, base)
    pattern : str
        Not longer than a filter.

    Returns
    -------
    float64 array (channel,), -1 to 1; 0 for a filter that tells no bases apart
    """
    kernels = np.asarray(filters, np.float64)
    centred = kernels - kernels.mean(axis=2, keepdims=True)
    codes = encode(pattern)
    places = np.arange(len(codes))
    dots = [
        centred[:, first + places, codes].sum(axis=1)
        for first in range(kernels.shape[1] - len(codes) + 1)
    ]
    norms = np.linalg.norm(centred, axis=(1, 2)) * np.sqrt(0.75 * len(codes))  # centred one-hot
    return np.divide(np.max(dots, axis=0), norms, out=np.zeros_like(norms), where=norms > 0)


def find_channels(filters: ArrayLike, patterns: Iterable[str]) -> dict[str, Seen]:
    """Return for each pattern the channel whose filter matches it best."""
    found = {}
    for pattern in patterns:
        match = pattern_match(filters, pattern)
        best = int(np.argmax(match))
        found[pattern] = Seen(best, float(match[best]))
    return found


def channels_line(found: dict[str, Seen]) -> str:
    """Name the channel of each pattern, for people to check, and what two patterns share."""
    parts = [f"{pattern} {seen.channel} ({seen.cosine:.2f})" for pattern, seen in found.items()]
    line = f"Channels, by the best match of their filters (cosine): {', '.join(parts)}."
    of_channel: dict[int, list[str]] = {}
    for pattern, seen in found.items():
        of_channel.setdefault(seen.channel, []).append(pattern)
    for channel, patterns in of_channel.items():
        if len(patterns) > 1:
            line += (
                f" Channel {channel} is the best for {' and '.join(patterns)}: "
                "these have no channel each, and answers about them mean little."
            )
    return line
