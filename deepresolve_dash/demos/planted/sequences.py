"""Sequences of the planted benchmark: a background like the genome's, with motifs in it."""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.demos.planted.grammar import (
    FLIPPED,
    LENGTH,
    MOTIFS,
    N_COPIES,
    RELEASE,
    probabilities,
)
from deepresolve_dash.motifs.jaspar import jaspar_motifs

N_SLOTS = 10  # places of a sequence; each holds one motif at most, so that none overlap

DINUCLEOTIDES = np.array(
    [
        [9.78, 5.04, 6.99, 7.73],
        [7.27, 5.21, 0.99, 6.99],
        [5.94, 4.27, 5.21, 5.04],
        [6.56, 5.94, 7.27, 9.78],
    ]
)
"""Choice: percent of each dinucleotide (first base, second base) in the background, about as in the
human genome, the same on both strands: rich in A and T, poor in CG."""


class Planted(NamedTuple):
    """Sequences and what was planted in them.

    Attributes
    ----------
    sequences : uint8 array (n, position), 0 to 3 for A, C, G, T
    first : int16 array (n, motif), start of the most upstream copy of each motif, -1 without one
    """

    sequences: NDArray[np.uint8]
    first: NDArray[np.int16]


@cache  # reading a release takes seconds
def planted_pwms() -> dict[str, NDArray[np.float64]]:
    """Return the matrix (offset, base) of each motif, in the order of `MOTIFS`."""
    known = jaspar_motifs(RELEASE, ids=set(MOTIFS.values()))
    return {name: known[motif_id].pwm for name, motif_id in MOTIFS.items()}


def draw_background(generator: np.random.Generator, n: int) -> NDArray[np.uint8]:
    """Draw sequences (n, position) from the Markov chain that `DINUCLEOTIDES` gives."""
    joint = DINUCLEOTIDES / DINUCLEOTIDES.sum()
    share = joint.sum(axis=1)
    bounds = (joint / share[:, None]).cumsum(axis=1)[:, :3]
    draws = generator.random((LENGTH, n, 1), dtype=np.float32)
    sequences = np.empty((LENGTH, n), dtype=np.uint8)
    sequences[0] = (draws[0] > share.cumsum()[:3]).sum(axis=1)
    for place in range(1, LENGTH):
        sequences[place] = (draws[place] > bounds[sequences[place - 1]]).sum(axis=1)
    return np.ascontiguousarray(sequences.T)


def sample_motif(
    generator: np.random.Generator, pwm: NDArray[np.float64], n: int
) -> NDArray[np.uint8]:
    """Draw n instances of a matrix (offset, base), with the substitutions that its counts have."""
    bounds = pwm.cumsum(axis=1)[:, :3]
    return (generator.random((n, len(pwm), 1)) > bounds).sum(axis=2).astype(np.uint8)


def plant(
    generator: np.random.Generator, sequences: NDArray[np.uint8], copies: NDArray[np.int_]
) -> Planted:
    """Write motifs at random places without overlap, each copy drawn from its matrix.

    Choice: on one strand only; a network that reads both would need two sets of channels.

    Parameters
    ----------
    sequences : uint8 array (n, position)
        Left as they are.
    copies : int array (n, motif)
        How many copies, 0 to 2; what finds no free slot is left out.
    """
    planted = sequences.copy()
    width = LENGTH // N_SLOTS
    slots = _slots(generator, copies)
    first = np.full(copies.shape, LENGTH, dtype=np.int16)
    for motif, pwm in enumerate(planted_pwms().values()):
        for copy in range(slots.shape[2]):
            rows = np.flatnonzero(slots[:, motif, copy] >= 0)
            start = slots[rows, motif, copy] * width
            start += generator.integers(0, width - len(pwm) + 1, len(rows))
            instances = sample_motif(generator, pwm, len(rows))
            planted[rows[:, None], start[:, None] + np.arange(len(pwm))] = instances
            first[rows, motif] = np.minimum(first[rows, motif], start)
    return Planted(planted, np.where(first < LENGTH, first, -1).astype(np.int16))


def draw_planted(generator: np.random.Generator, n: int) -> Planted:
    """Draw sequences in which each motif, by itself, has 0, 1 or 2 copies."""
    sequences = draw_background(generator, n)
    copies = generator.choice(len(N_COPIES), (n, len(MOTIFS)), p=N_COPIES)
    return plant(generator, sequences, copies)


def draw_labels(
    generator: np.random.Generator, first: NDArray[np.int16], *, flipped: float = FLIPPED
) -> NDArray[np.uint8]:
    """Draw labels (n, target); a share of them is flipped, each by itself."""
    chance = probabilities(first)
    labels = generator.random(chance.shape) < chance
    return (labels ^ (generator.random(chance.shape) < flipped)).astype(np.uint8)


def _slots(generator: np.random.Generator, copies: NDArray[np.int_]) -> NDArray[np.int_]:
    """Give each copy a slot of its own, -1 without one: (n, motif) -> (n, motif, copy)."""
    n, n_motifs = copies.shape
    most = max(1, int(copies.max(initial=0)))
    wanted = (copies[:, :, None] > np.arange(most)).reshape(n, -1)
    keys = np.where(wanted, generator.random(wanted.shape), np.inf)
    rank = keys.argsort(axis=1).argsort(axis=1)
    order = generator.random((n, N_SLOTS)).argsort(axis=1)
    slot = np.take_along_axis(order, np.minimum(rank, N_SLOTS - 1), axis=1)
    return np.where(wanted & (rank < N_SLOTS), slot, -1).reshape(n, n_motifs, most)
