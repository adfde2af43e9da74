"""What stays the same over all rows of an ascent, and how its chunks are worked through."""

import queue
from collections.abc import Callable, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Lock

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepresolve_dash.core.ascent.base import Base
from deepresolve_dash.core.ascent.objective import Objective, Tail
from deepresolve_dash.core.ascent.rows import Chunk, Rows, chunks, start_maps
from deepresolve_dash.core.settings import AscentSettings, Regime, start_scale

Progress = Callable[[int, int], None]  # (row-steps done, row-steps in all)
Arrays = dict[str, NDArray]
Units = MutableMapping[str, Arrays]  # results of finished units of work, by name
OnStep = Callable[[], None]


@dataclass
class Count:
    """Row-steps done so far, told to `progress`; several devices may add at once."""

    total: int
    progress: Progress | None = None
    done: float = 0
    _lock: Lock = field(default_factory=Lock, repr=False)

    def add(self, row_steps: float) -> None:
        """Count some more; less than 0 takes back what is to be done again."""
        with self._lock:
            self.done = min(self.total, self.done + row_steps)
            done = self.done
        if self.progress:
            self.progress(round(done), self.total)


@dataclass(frozen=True)
class Problem:
    """An ascent on one device: tail, base and settings, its progress, and what is already done.

    Attributes
    ----------
    tail : function
    base : Base
    settings : AscentSettings
    count : Count
    chunk_size : int
        Rows of a chunk.
    units : mutable mapping or None
        Finished units of work.
    replicas : sequence of (tail, base)
        The same on other devices, which take chunks from this one.
    """

    tail: Tail
    base: Base
    settings: AscentSettings
    count: Count
    chunk_size: int
    units: Units | None = None
    replicas: Sequence[tuple[Tail, Base]] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """Channels K and positions W of a map."""
        return self.base.map.shape[0], self.base.map.shape[1]

    @property
    def device(self) -> torch.device:
        """Device that the rows live on."""
        return self.base.map.device

    def scale(self, regime: Regime) -> float:
        """Return the standard deviation of normal starts, feature-map units."""
        return start_scale(self.settings, regime, self.base.distance, self.shape)

    def each(
        self,
        rows: Rows,
        name: str,
        compute: Callable[["Problem", Chunk, OnStep], Arrays],
        steps: int,
    ) -> list[tuple[Chunk, Arrays]]:
        """Compute every chunk of some rows, on all devices.

        Each chunk is a unit of work: one that is known is not computed again. All of them count for
        the same row-steps: a chunk takes the same time however many of its places are taken.

        Parameters
        ----------
        rows : Rows
        name : str
            Name of the units, without the number of the chunk.
        compute : function
            (problem on one device, chunk, function to call after each step) -> arrays.
        steps : int
            Steps of each row, at most.
        """
        devices = [replace(self, tail=t, base=b, replicas=()) for t, b in self.replicas]
        free: queue.SimpleQueue[Problem] = queue.SimpleQueue()
        for problem in (self, *devices):
            free.put(problem)

        todo = list(enumerate(chunks(rows, self.chunk_size)))
        row_steps = len(rows.target) * steps / len(todo)

        def unit(numbered: tuple[int, Chunk]) -> tuple[Chunk, Arrays]:
            turn, chunk = numbered
            problem = free.get()
            try:
                key = f"{name}-{self.chunk_size}-{turn}"
                return chunk, problem._unit(key, chunk, compute, row_steps, steps)
            finally:
                free.put(problem)

        if not devices:
            return [unit(one) for one in todo]
        pool = ThreadPoolExecutor(1 + len(devices))
        try:
            return list(pool.map(unit, todo))
        finally:
            pool.shutdown(cancel_futures=True)

    def _unit(
        self,
        name: str,
        chunk: Chunk,
        compute: Callable[["Problem", Chunk, OnStep], Arrays],
        row_steps: float,
        steps: int,
    ) -> Arrays:
        """Return the arrays of a chunk: those that are known, else computed and kept."""
        left = row_steps

        def on_step() -> None:
            nonlocal left
            left -= row_steps / steps
            self.count.add(row_steps / steps)

        if self.units is not None and name in self.units:
            result = self.units[name]
        else:
            result = compute(self, chunk, on_step)
            if self.units is not None:
                self.units[name] = result
        self.count.add(left)
        return result

    def start(self, rows: Rows, chunk: Chunk, regime: Regime) -> Tensor:
        """Return the initial deviations of one chunk."""
        part = Rows(rows.target[chunk.index], rows.trial[chunk.index])
        return start_maps(part, self.shape, self.scale(regime), self.settings).to(self.device)

    def objective(self, rows: Rows, chunk: Chunk, l2: NDArray) -> Objective:
        """Return the objective of one chunk, given every row's penalty (NaN, a dead row, is 1)."""
        penalty = np.nan_to_num(l2[chunk.index], nan=1.0)
        return Objective(
            self.tail,
            self.base.map,
            torch.as_tensor(rows.target[chunk.index], device=self.device),
            torch.as_tensor(penalty, dtype=torch.float32, device=self.device),
            bfloat16=self.settings.precision == "bfloat16",
        )
