"""Sequences of the panel demo: random, with motifs planted in them."""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.demos.panel import LENGTH, MOTIFS, RELEASE, columns, interacting_pairs
from deepresolve_dash.motifs.jaspar import jaspar_motifs

N_SLOTS = 8  # places of a sequence; each holds one motif at most, so that none overlap
SHARE = 0.17  # of sequences that hold a motif
PAIR_SHARE = 0.5  # of sequences that hold an interacting pair on top of that


class Planted(NamedTuple):
    """Sequences and what was planted in them.

    Attributes
    ----------
    sequences : uint8 array (n, position), 0 to 3 for A, C, G, T
    start : int16 array (n, motif), first position of each motif, -1 where it is not planted
    reverse : bool array (n, motif), true where it was planted on the other strand
    """

    sequences: NDArray[np.uint8]
    start: NDArray[np.int16]
    reverse: NDArray[np.bool_]


@cache  # reading a release takes seconds
def planted_pwms() -> dict[str, NDArray[np.float64]]:
    """Return the matrix (offset, base) of each motif, in the order of `MOTIFS`."""
    known = jaspar_motifs(RELEASE, ids=set(MOTIFS.values()))
    return {name: known[motif_id].pwm for name, motif_id in MOTIFS.items()}


def generate_panel(generator: np.random.Generator, n: int) -> Planted:
    """Draw random sequences and plant motifs in them, each sampled from its matrix.

    Choice: a motif is in 17% of the sequences by itself; 50% hold, besides, both motifs of one of
    the five interacting pairs, without which too few sequences would tell what a pair does.

    Parameters
    ----------
    n : int
        Number of sequences.
    """
    sequences = generator.integers(0, 4, (n, LENGTH), dtype=np.uint8)
    slots = _slots(generator, _drawn(generator, n))
    reverse = generator.random(slots.shape) < 0.5
    start = np.full(slots.shape, -1, dtype=np.int16)
    for motif, pwm in enumerate(planted_pwms().values()):
        rows = np.flatnonzero(slots[:, motif] >= 0)
        room = LENGTH // N_SLOTS - len(pwm)
        start[rows, motif] = slots[rows, motif] * (LENGTH // N_SLOTS)
        start[rows, motif] += generator.integers(0, room + 1, len(rows), dtype=np.int16)
        letters = _sample(generator, pwm, len(rows))
        turned = reverse[rows, motif]
        letters[turned] = 3 - letters[turned, ::-1]
        sequences[rows[:, None], start[rows, motif, None] + np.arange(len(pwm))] = letters
    return Planted(sequences, start, reverse & (start >= 0))


def _drawn(generator: np.random.Generator, n: int) -> NDArray[np.bool_]:
    """Draw which motifs each sequence holds: bool (n, motif)."""
    drawn = generator.random((n, len(MOTIFS))) < SHARE
    pairs = np.array([columns(pair) for pair in interacting_pairs()])
    rows = np.flatnonzero(generator.random(n) < PAIR_SHARE)
    chosen = pairs[generator.integers(0, len(pairs), len(rows))]
    drawn[rows[:, None], chosen] = True
    return drawn


def _slots(generator: np.random.Generator, drawn: NDArray[np.bool_]) -> NDArray[np.int16]:
    """Give each motif a slot of its own, -1 where it is absent or there is no slot left."""
    keys = np.where(drawn, generator.random(drawn.shape), np.inf)
    rank = keys.argsort(axis=1).argsort(axis=1)
    order = generator.random((len(drawn), N_SLOTS)).argsort(axis=1)
    slot = np.take_along_axis(order, np.minimum(rank, N_SLOTS - 1), axis=1)
    return np.where(drawn & (rank < N_SLOTS), slot, -1).astype(np.int16)


def _sample(generator: np.random.Generator, pwm: NDArray[np.float64], n: int) -> NDArray[np.uint8]:
    """Draw n instances of a matrix (offset, base): uint8 (n, offset)."""
    bounds = pwm.cumsum(axis=1)[:, :3]
    draws = generator.random((n, len(pwm), 1))
    return (draws > bounds).sum(axis=2).astype(np.uint8)
