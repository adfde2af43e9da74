"""Where channels are active along sequences: the strongest fragments and the maxima."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepresolve_dash.motifs.matrices import UNKNOWN

Head = Callable[[Tensor], Tensor]
Progress = Callable[[int, int], None]

_BATCH = 64


class Scan(NamedTuple):
    """What channels do along sequences.

    Attributes
    ----------
    sequence, position : int64 array (channel, site)
        Where the strongest sites are; -1 when there are fewer.
    activation : float32 array (channel, site)
        Values there, falling; NaN when there are fewer.
    maxima : float32 array (sequence, channel)
    """

    sequence: NDArray[np.int64]
    position: NDArray[np.int64]
    activation: NDArray[np.float32]
    maxima: NDArray[np.float32]


def one_hot_rows(alphabet: str, unknown_base: float) -> NDArray[np.float32]:
    """Return what a network reads for each letter: (letter A C G T N, row of the input)."""
    rows = np.full((UNKNOWN + 1, 4), unknown_base, dtype=np.float32)
    for letter, base in enumerate("ACGT"):
        rows[letter] = np.eye(4, dtype=np.float32)[alphabet.index(base)]
    return rows


def encode(letters: NDArray, rows: NDArray[np.float32], device: torch.device | str) -> Tensor:
    """Return letters (n, length) as the input of a network, float32 (n, 4, length)."""
    table = torch.from_numpy(rows).to(device)
    return table[torch.from_numpy(letters.astype(np.int64)).to(device)].transpose(1, 2)


def scan(
    head: Head,
    letters: NDArray,
    rows: NDArray[np.float32],
    *,
    n_sites: int,
    apart: int | None,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
) -> Scan:
    """Find the strongest sites of every channel.

    *Choice:* a site is a position that no other within `apart` exceeds, so that one occurrence of a
    motif counts once.

    Parameters
    ----------
    head : function
        float32 (n, 4, length) -> maps (n, channel, position).
    letters : uint8 array (sequence, place)
    rows : float32 array (letter, row)
        As `one_hot_rows` returns them.
    n_sites : int
        Sites kept per channel.
    apart : int or None
        Positions on either side that a site must exceed; None for one site a sequence.
    progress : function, optional
        Told (sequences done, sequences in all); whatever it raises ends the scan.
    """
    best: tuple[Tensor, Tensor] | None = None
    maxima: list[Tensor] = []
    width = 1
    for begin in range(0, len(letters), _BATCH):
        with torch.no_grad():
            maps = head(encode(letters[begin : begin + _BATCH], rows, device))
            width = maps.shape[2]
            maxima.append(maps.amax(2).cpu())
            best = _merge(best, *_peaks(maps, apart, begin), n_sites)
        if progress:
            progress(min(begin + _BATCH, len(letters)), len(letters))
    assert best is not None
    values, places = (part.cpu().numpy() for part in best)
    there = np.isfinite(values)
    return Scan(
        np.where(there, places // width, -1),
        np.where(there, places % width, -1),
        np.where(there, values, np.nan).astype(np.float32),
        torch.cat(maxima).numpy(),
    )


def _peaks(maps: Tensor, apart: int | None, first: int) -> tuple[Tensor, Tensor]:
    """Return values and places of all positions, (channel, n); -inf where there is no peak."""
    n, n_channels, width = maps.shape
    if apart is None:
        top = maps.argmax(2, keepdim=True)
        peak = torch.zeros_like(maps, dtype=torch.bool).scatter_(2, top, True)
    else:
        around = min(apart, width - 1)
        highest = torch.nn.functional.max_pool1d(maps, 2 * around + 1, 1, around)
        peak = maps >= highest
    values = torch.where(peak, maps, -torch.inf).transpose(0, 1).reshape(n_channels, -1)
    places = torch.arange(first * width, (first + n) * width, device=maps.device)
    return values, places.expand(n_channels, -1)


def _merge(
    best: tuple[Tensor, Tensor] | None, values: Tensor, places: Tensor, n_sites: int
) -> tuple[Tensor, Tensor]:
    """Keep the strongest of what is known and what comes."""
    values, chosen = values.topk(min(n_sites, values.shape[1]), dim=1)
    places = places.gather(1, chosen)
    if best is None:
        return values, places
    values, places = torch.cat([best[0], values], 1), torch.cat([best[1], places], 1)
    values, chosen = values.topk(min(n_sites, values.shape[1]), dim=1)
    return values, places.gather(1, chosen)
