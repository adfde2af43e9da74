"""See what the channels of a layer see: from sequences to the raw material of all faces."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepresolve_dash.motifs.ascent import Rows, ascend, contributions
from deepresolve_dash.motifs.facets import Facets, find_facets
from deepresolve_dash.motifs.laid import lay
from deepresolve_dash.motifs.scan import Scan, encode, scan
from deepresolve_dash.motifs.settings import MotifSettings
from deepresolve_dash.motifs.sites import choose_starts, thresholds

WIDEST_BP = 64  # receptive field, beyond which a piece of it is looked at
PIECE_BP = 32
_PEAK_BP = 11  # over which contributions are added up to find the middle of a piece
_LEAST = 0.2  # of the maximum, below which a site is not kept
_LOCALISED_SITES = 200  # each of them takes a gradient

Head = Callable[[Tensor], Tensor]
Progress = Callable[[int, int], None]


class Lens(NamedTuple):
    """The network up to the layer, in the forms that are needed.

    Attributes
    ----------
    head : function
        float32 (n, 4, length) -> maps (n, channel, position), before pooling.
    width, stride, offset : int
        Position i sees the bases [offset + stride * i, offset + stride * i + width).
    window : function
        The same for a short piece of sequence.
    window_length, window_start, window_position : int
        Bases of the piece, where the receptive field begins in it, and the position that sees it.
    rows : float32 array (letter, row)
        Input for each letter A C G T N.
    device : torch.device or str
    narrow : function, optional
        Of two channels: the head that the ascent takes, for the channels from the first on and
        before the second, or for all.
    """

    head: Head
    width: int
    stride: int
    offset: int
    window: Head
    window_length: int
    window_start: int
    window_position: int
    rows: NDArray[np.float32]
    device: torch.device | str = "cpu"
    narrow: Callable[[int, int], Head] | None = None

    @property
    def localised(self) -> bool:
        """Whether the receptive field is so wide that a motif can lie anywhere in it."""
        return self.stride == 0 or self.width > WIDEST_BP

    @property
    def frame_bp(self) -> int:
        """Width of the frame that fragments are cut with."""
        return min(self.width, PIECE_BP) if self.localised else self.width


class Seen(NamedTuple):
    """Raw material of the faces, arrays as `motifs.faces` describes them."""

    site_sequence: NDArray[np.int64]
    site_start: NDArray[np.int64]
    site_strand: NDArray[np.int64]
    site_facet: NDArray[np.int64]
    site_activation: NDArray[np.float32]
    threshold: NDArray[np.float32]
    maxima: NDArray[np.float32]
    ascent: NDArray[np.float32]
    ascent_activation: NDArray[np.float32]
    ascent_site: NDArray[np.int64]
    facets: tuple[Facets, ...]


def see(
    lens: Lens,
    letters: NDArray,
    *,
    settings: MotifSettings,
    progress: Progress | None = None,
    on_phase: Callable[[str], None] | None = None,
) -> Seen:
    """Find fragments, climb from them, and cluster what is arrived at.

    *Choice:* in a receptive field wider than 64 bp, or when all positions see the same bases, a
    motif can lie anywhere: each fragment is then a piece of 32 bp around the peak of gradient
    times input, one a sequence; the ascent moves only its bases in their sequence; and
    the fragments are laid, on either strand, on the facet that they are most like.

    Parameters
    ----------
    lens : Lens
    letters : uint8 array (sequence, place)
    settings : MotifSettings
    progress : function, optional
        Told (units done, units in all); whatever it raises ends the work.
    on_phase : function, optional
        Told what is going on, again and again: `sequences`, `pieces`, `ascent`,
        `facets`.
    """
    tell = on_phase or (lambda _: None)
    tell("sequences")
    n_sites = min(settings.n_sites, _LOCALISED_SITES) if lens.localised else settings.n_sites
    apart = None if lens.localised else max(1, lens.width // 2 // lens.stride)
    found = scan(
        lens.head, letters, lens.rows, n_sites=n_sites, apart=apart, device=lens.device,
        progress=progress,
    )  # fmt: skip
    limit = thresholds(found.maxima)
    found = _without_weak(found, limit)
    begin = _frames(lens, letters, found, tell)
    tell("ascent")
    starts = choose_starts(found.activation, limit, settings)
    rows = _rows(lens, letters, found, begin, starts)
    deviation, value = ascend(
        lens.head if lens.localised else lens.window,
        rows,
        width=lens.frame_bp,
        n_steps=settings.n_steps,
        narrow=lens.narrow,
        progress=progress,
    )
    order = lens.rows[:4].argmax(axis=1)  # of A C G T among the rows of the input
    ascent, activation = _by_start(starts, deviation[:, torch.from_numpy(order)], value)
    facets = tuple(_found(one, tell) for one in ascent)
    laid = lay(letters, found.sequence, begin, ascent, facets, move=lens.localised)
    return Seen(
        found.sequence, laid.begin, laid.strand, laid.facet, found.activation, limit,
        found.maxima, ascent, activation,
        starts, facets,
    )  # fmt: skip


def _found(deviation: NDArray, tell: Callable[[str], None]) -> Facets:
    tell("facets")
    return find_facets(deviation)


def _without_weak(found: Scan, limit: NDArray) -> Scan:
    """Drop sites far below the threshold, and those of channels that say the same everywhere."""
    highest = np.nanmax(np.where(np.isnan(found.activation), -np.inf, found.activation), axis=1)
    least = np.where(highest > 0, _LEAST * highest, limit)
    alive = found.maxima.max(axis=0) > found.maxima.min(axis=0)
    kept = (found.activation >= least[:, None]) & alive[:, None]
    n = max(1, int(kept.sum(axis=1).max()))
    return Scan(
        np.where(kept, found.sequence, -1)[:, :n],
        np.where(kept, found.position, -1)[:, :n],
        np.where(kept, found.activation, np.nan)[:, :n].astype(np.float32),
        found.maxima,
    )


def _frames(
    lens: Lens, letters: NDArray, found: Scan, tell: Callable[[str], None]
) -> NDArray[np.int64]:
    """Return the first base of each site's frame, (channel, site)."""
    begin = lens.offset + lens.stride * found.position
    if not lens.localised:
        return np.where(found.sequence >= 0, begin, 0)
    channel, site = np.nonzero(found.sequence >= 0)
    peaks = np.zeros(found.sequence.shape, np.int64)
    chunk = 256
    for low in range(0, len(channel), chunk):
        tell("pieces")
        k, s = channel[low : low + chunk], site[low : low + chunk]
        inputs = encode(letters[found.sequence[k, s]], lens.rows, lens.device)
        rows = _row_tensors(lens, inputs, np.zeros(len(k), np.int64), k, found.position[k, s])
        shares = contributions(lens.head, rows, n=len(k)).clamp(min=0)[:, None]
        summed = torch.nn.functional.avg_pool1d(shares, _PEAK_BP, 1, _PEAK_BP // 2)[:, 0]
        peaks[k, s] = summed.argmax(1).cpu().numpy()
    most = letters.shape[1] - lens.frame_bp
    return np.clip(peaks - lens.frame_bp // 2, 0, most)


def _rows(lens: Lens, letters: NDArray, found: Scan, begin: NDArray, starts: NDArray) -> Rows:
    """Return the starts of all channels as rows of one ascent."""
    channel, start = np.nonzero(starts >= 0)
    site = starts[channel, start]
    sequence = letters[found.sequence[channel, site]]
    frame = begin[channel, site]
    if lens.localised:
        inputs = encode(sequence, lens.rows, lens.device)
        return _row_tensors(lens, inputs, frame, channel, found.position[channel, site])
    places = frame[:, None] + np.arange(lens.width)
    inside = (places >= 0) & (places < letters.shape[1])
    rows = np.arange(len(sequence))[:, None]
    cut = np.where(inside, sequence[rows, np.clip(places, 0, letters.shape[1] - 1)], 4)
    inputs = torch.full((len(cut), 4, lens.window_length), 0.25, device=lens.device)
    stop = lens.window_start + lens.width
    inputs[:, :, lens.window_start : stop] = encode(cut, lens.rows, lens.device)
    same = np.full(len(cut), 1)
    return _row_tensors(
        lens, inputs, lens.window_start * same, channel, lens.window_position * same
    )


def _row_tensors(
    lens: Lens, inputs: Tensor, begin: NDArray, channel: NDArray, position: NDArray
) -> Rows:
    places = (torch.from_numpy(np.ascontiguousarray(one)).to(lens.device)
              for one in (begin, channel, position))  # fmt: skip
    return Rows(inputs, *places)


def _by_start(
    starts: NDArray, deviation: Tensor, value: Tensor
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what the rows arrived at as (channel, start, offset, base) and (channel, start)."""
    width = deviation.shape[2]
    ascent = np.full((*starts.shape, width, 4), np.nan, dtype=np.float32)
    activation = np.full(starts.shape, np.nan, dtype=np.float32)
    ascent[starts >= 0] = deviation.transpose(1, 2).cpu().numpy()
    activation[starts >= 0] = value.cpu().numpy()
    return ascent, activation
