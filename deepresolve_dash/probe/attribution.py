"""Which bases of a sequence a class score depends on: every mutation tried, and one gradient."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepresolve_dash.motifs.matrices import UNKNOWN
from deepresolve_dash.motifs.scan import encode
from deepresolve_dash.probe.found import N_BASES

Scores = Callable[[Tensor], Tensor]
Progress = Callable[[int, int], None]


def mutation_effects(
    scores: Scores,
    letters: NDArray[np.uint8],
    rows: NDArray[np.float32],
    *,
    batch: int,
    targets: Sequence[int] | None = None,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
) -> NDArray[np.float32]:
    """Change every base into each of the other three, one at a time: in-silico mutagenesis.

    *Choice:* places of N are left alone: nothing is known that could be changed.

    Parameters
    ----------
    scores : function
        float32 (n, 4, length) -> logits (n, target).
    letters : uint8 array (place,)
        0 to 3 for A C G T, 4 for N.
    rows : float32 array (letter, row)
        What the network reads for each letter.
    batch : int
        Sequences at a time.
    targets : sequence of int, optional
        Output indices that are wanted; all without it, which takes no longer.
    progress : function, optional
        Told (mutations done, mutations in all); whatever it raises ends the work.

    Returns
    -------
    float32 array (place, base A C G T, target), logits
        Change of the scores; 0 for the base that is there, NaN for N.
    """
    known = letters != UNKNOWN
    place, base = np.nonzero(known[:, None] & (letters[:, None] != np.arange(N_BASES)))
    table = torch.from_numpy(rows).to(device)
    with torch.no_grad():
        own = encode(letters[None], rows, device)
        before = scores(own)[0]
        wanted = list(range(len(before)) if targets is None else targets)
        change = np.zeros((len(letters), N_BASES, len(wanted)), dtype=np.float32)
        change[~known] = np.nan
        for start in range(0, len(place), batch):
            part = slice(start, start + batch)
            mutants = own.repeat(len(place[part]), 1, 1)
            at = torch.from_numpy(place[part]).to(device)
            mutants[torch.arange(len(at), device=device), :, at] = table[
                torch.from_numpy(base[part]).to(device)
            ]
            found = (scores(mutants) - before)[:, wanted]
            change[place[part], base[part]] = found.cpu().numpy()
            if progress:
                progress(min(start + batch, len(place)), len(place))
    return change


def integrated_gradients(
    scores: Scores,
    letters: NDArray[np.uint8],
    rows: NDArray[np.float32],
    target: int,
    *,
    batch: int,
    n_points: int,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
) -> tuple[NDArray[np.float32], float]:
    """Integrate the gradient of a score along the way from no sequence at all to this one.

    *Source:* Sundararajan, Taly and Yan, "Axiomatic attribution for deep networks" (2017); the
    integral is the mean over the middles of `n_points` equal pieces of a straight line.

    *Choice:* the line starts from N everywhere, as the network reads N. Shuffles of the sequence
    would be another start for each sequence, and an edit would move the start along with it: two
    sequences could not be compared base by base. A base that is N contributes nothing.

    Parameters
    ----------
    scores, letters, rows, batch, device, progress
        As for `mutation_effects`.
    target : int
    n_points : int

    Returns
    -------
    contribution : float32 array (place,)
        Logits; together about the score less that of N everywhere.
    start : float
        Score of N everywhere, logits.
    """
    own = encode(letters[None], rows, device)
    blank = encode(np.full_like(letters, UNKNOWN)[None], rows, device)
    shares = (torch.arange(n_points, device=device) + 0.5) / n_points
    total = torch.zeros_like(own)
    for start in range(0, n_points, batch):
        share = shares[start : start + batch, None, None]
        points = (blank + share * (own - blank)).requires_grad_(True)
        with torch.enable_grad():
            (gradient,) = torch.autograd.grad(scores(points)[:, target].sum(), points)
        total += gradient.sum(dim=0, keepdim=True)
        if progress:
            progress(min(start + batch, n_points), n_points)
    with torch.no_grad():
        at_start = float(scores(blank)[0, target])
    parts = (total / n_points * (own - blank)).sum(dim=1)[0]
    return parts.cpu().numpy().astype(np.float32), at_start
