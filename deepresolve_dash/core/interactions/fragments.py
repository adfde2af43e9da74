"""Pieces of real sequences that turn a group of channels on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepresolve_dash.core.ascent.base import feature_maps
from deepresolve_dash.core.interactions.board import channel_maxima
from deepresolve_dash.core.interactions.groups import Group, activity

_NARROW = 3  # a window longer than this part of the sequence is made shorter
_WIDTHS = (12, 16, 20, 26, 32, 40, 52, 64)  # bp that are tried
_KEPT = 0.9  # of the activity in the whole sequence, above that in a blank one


class Window(NamedTuple):
    """Position i of a map sees the bases [offset + stride * i, offset + stride * i + width)."""

    width: int
    stride: int
    offset: int


@dataclass(frozen=True)
class Fragments:
    """One-hot pieces of sequences.

    Attributes
    ----------
    letters : float32 tensor (fragment, 4, most bp)
        Rows beyond a fragment's width mean nothing.
    widths : int array (fragment,), bp
    """

    letters: Tensor
    widths: NDArray[np.int64]


def find_fragments(
    head: Callable[[Tensor], Tensor],
    sequences: Tensor,
    real: Tensor,
    group: Group,
    window: Window,
    *,
    n: int,
    blank: float = 0.25,
) -> Fragments:
    """Cut out what turns a group on in the sequences that turn it on most.

    *Choice:* the fragment is what the position with the highest sum of channel / standard deviation
    sees. Where that is more than a third of the sequence, as after pooling over all positions, it
    is the shortest piece that, alone in an otherwise blank sequence, keeps 90% of the activity.

    Parameters
    ----------
    head : function
        One-hot (n, 4, length) -> feature maps (n, channel, position).
    sequences : float32 tensor (n_sequences, 4, length)
    real : tensor (n_sequences, channel, position)
        Their feature maps.
    group : tuple of int
    window : Window
        What a position of the map sees.
    n : int
        Fragments.
    blank : float
        Value of an unknown base.
    """
    length = sequences.shape[2]
    maxima = channel_maxima(real)
    spread = maxima.std(axis=0)
    best = np.argsort(-activity(maxima, spread, group), kind="stable")[:n]
    members = list(group)
    scale = torch.from_numpy(spread[members]).to(real)[:, None]
    place = (real[best][:, members] / scale).sum(dim=1).argmax(dim=1).cpu().numpy()
    start = np.clip(window.offset + window.stride * place, 0, length - 1)
    stop = np.clip(window.offset + window.stride * place + window.width, start + 1, length)
    chosen = sequences[torch.from_numpy(best)]
    if window.width * _NARROW > length:

        def on(inputs: Tensor) -> NDArray[np.float64]:
            return activity(channel_maxima(feature_maps(head, inputs)), spread, group)

        pieces = [
            _shortest(on, one, (int(a), int(b)), blank)
            for one, a, b in zip(chosen, start, stop, strict=True)
        ]
        start, stop = (np.array(ends) for ends in zip(*pieces, strict=True))
    widths = stop - start
    letters = torch.full((len(best), 4, int(widths.max())), blank, device=sequences.device)
    for i, (a, b) in enumerate(zip(start, stop, strict=True)):
        letters[i, :, : b - a] = chosen[i, :, a:b]
    return Fragments(letters, widths)


def _shortest(
    on: Callable[[Tensor], NDArray[np.float64]],
    sequence: Tensor,
    ends: tuple[int, int],
    blank: float,
) -> tuple[int, int]:
    """Return the ends of the shortest piece that keeps the activity; all of it when none does."""
    first, last = ends
    low, high = on(torch.stack([torch.full_like(sequence, blank), sequence]))
    for width in _WIDTHS:
        starts = np.arange(first, last - width + 1)
        if not len(starts):
            break
        position = torch.arange(sequence.shape[1], device=sequence.device)
        begin = torch.from_numpy(starts).to(sequence.device)[:, None]
        inside = (position >= begin) & (position < begin + width)
        value = on(torch.where(inside[:, None], sequence, blank)) - low
        if value.max() >= _KEPT * (high - low):
            chosen = int(starts[value.argmax()])
            return chosen, chosen + width
    return first, last
