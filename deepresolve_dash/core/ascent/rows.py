"""Rows of the ascent: (class, trial) pairs, their starting maps and their chunks."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepresolve_dash.core.settings import N_CALIBRATION_ROWS, AscentSettings

_BACKGROUND, _ROW = 0, 1  # spawn keys: streams that never meet
_LARGE = 2**12  # numbers of a map that are worth a thread
_TOGETHER = 10  # trials of a class that stand side by side in a chunk
_GOLDEN = (5**0.5 - 1) / 2  # its multiples keep apart on a circle, however many they are


@dataclass(frozen=True)
class Rows:
    """Class and trial of each row, int arrays (row,); the trials of a class are neighbours."""

    target: NDArray[np.int64]
    trial: NDArray[np.int64]


@dataclass(frozen=True)
class Chunk:
    """Some rows in a chunk of fixed size.

    Attributes
    ----------
    index : int array (place,)
        Row at each place; places that no row needs repeat one of the rows.
    members : int array (row,)
        The rows that are computed here.
    places : int array (row,)
        Their places.
    """

    index: NDArray[np.int64]
    members: NDArray[np.int64]
    places: NDArray[np.int64]


def make_rows(targets: Sequence[int] | NDArray[np.int64], n_trials: int, *, first: int = 0) -> Rows:
    """Pair every class (output index) with every trial from the `first` on."""
    trials = np.arange(first, n_trials)
    return Rows(np.repeat(targets, len(trials)), np.tile(trials, len(targets)))


def side_by_side(size: int, n_trials: int) -> int:
    """Return how many classes stand side by side in a chunk of `size` places."""
    return max(1, size // min(n_trials, _TOGETHER))


def classes_at_once(size: int, n_trials: int) -> tuple[int, int]:
    """Return how many classes fill a chunk, and how many whole chunks, those that find l2 too."""
    beside = side_by_side(size, n_trials)
    filling = max(1, beside // -(-n_trials // _TOGETHER))
    return filling, max(beside, size // N_CALIBRATION_ROWS // beside * beside)


def chunks(rows: Rows, size: int) -> Iterator[Chunk]:
    """Split rows into chunks of `size` places.

    *Choice:* the shape of a chunk never depends on how many rows there are, and a row's place in
    its chunk only on its class and its trial (and the number of trials, below ten): matrix products
    can round a row differently at another place, and the same spec must give the same numbers
    whatever the other classes are, and whether trials were added later. The next ten trials of a
    class stand where other classes have theirs, so that few classes of many trials fill a chunk.
    """
    n_trials = int(rows.trial.max()) + 1
    together, n_slots = min(n_trials, _TOGETHER), side_by_side(size, n_trials)
    away = (rows.trial // together * _GOLDEN * n_slots).astype(np.int64)
    slot = (rows.target + away) % n_slots
    place = (slot * together + rows.trial % together) % size
    turn = _occurrence(slot * size + place)
    for t in range(int(turn.max()) + 1):
        members = np.flatnonzero(turn == t)
        index = np.full(size, members[0])
        index[place[members]] = members
        yield Chunk(index, members, place[members])


def _occurrence(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how often each value has come before."""
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    first = np.searchsorted(ranked, ranked)
    count = np.empty(len(values), np.int64)
    count[order] = np.arange(len(values)) - first
    return count


def background_generator(seed: int) -> np.random.Generator:
    """Return the generator of background sequences: its own, whatever classes and trials are."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_BACKGROUND,)))


def start_maps(
    rows: Rows, shape: tuple[int, int], scale: float, settings: AscentSettings
) -> Tensor:
    """Draw initial deviations: float32 (row, channel, position), feature-map units.

    *Source:* the paper starts from random maps. *Choice:* one generator per (seed, output index,
    trial), on the CPU, so that a row's start does not depend on the other rows or the device.

    Parameters
    ----------
    rows : Rows
    shape : (K, W)
    scale : float
        Standard deviation of normal starts, feature-map units; uniform starts are on [0, 1).
    settings : AscentSettings
        Kind of start and seed.
    """
    maps = np.empty((len(rows.target), *shape), np.float32)

    def draw(i: int) -> None:
        key = (_ROW, int(rows.target[i]), int(rows.trial[i]))
        generator = np.random.default_rng(np.random.SeedSequence(settings.seed, spawn_key=key))
        if settings.start == "uniform":
            generator.random(dtype=np.float32, out=maps[i])
        else:
            generator.standard_normal(dtype=np.float32, out=maps[i])

    if maps[0].size < _LARGE:
        for i in range(len(maps)):
            draw(i)
    else:
        with ThreadPoolExecutor() as pool:
            list(pool.map(draw, range(len(maps))))
    return torch.from_numpy(maps if settings.start == "uniform" else maps * np.float32(scale))
