"""What stays the same over all rows of an ascent, and how a chunk of rows is made from it."""

from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepresolve_dash.core.ascent.base import Base
from deepresolve_dash.core.ascent.objective import Objective, Tail
from deepresolve_dash.core.ascent.rows import Chunk, Rows, chunks, start_maps
from deepresolve_dash.core.budget import chunk_rows
from deepresolve_dash.core.settings import AscentSettings, Regime, start_scale

Progress = Callable[[int, int], None]  # (row-steps done, row-steps in all)
Arrays = dict[str, NDArray]
Units = MutableMapping[str, Arrays]  # results of finished units of work, by name


@dataclass
class Count:
    """Row-steps done so far, told to `progress`."""

    total: int
    progress: Progress | None = None
    done: int = 0

    def add(self, row_steps: int) -> None:
        """Count some more."""
        self.reach(self.done + row_steps)

    def reach(self, done: int) -> None:
        """Count up to a number."""
        self.done = min(self.total, done)
        if self.progress:
            self.progress(self.done, self.total)


@dataclass(frozen=True)
class Problem:
    """Tail, base and settings of an ascent, its progress, and what of it is already done."""

    tail: Tail
    base: Base
    settings: AscentSettings
    count: Count
    units: Units | None = None

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

    @property
    def chunk_size(self) -> int:
        """Rows of a chunk."""
        return chunk_rows(self.shape, self.device.type)

    def unit(self, name: str, row_steps: int, compute: Callable[[], Arrays]) -> Arrays:
        """Return the results of a unit of work: those that are known, else computed and kept."""
        finished = self.count.done + row_steps
        known = self.units is not None and name in self.units
        result = self.units[name] if known and self.units is not None else compute()
        if self.units is not None and not known:
            self.units[name] = result
        self.count.reach(finished)
        return result

    def chunks(self, rows: Rows) -> Iterator[Chunk]:
        """Split rows into chunks, see `rows.chunks`."""
        return chunks(rows, self.chunk_size)

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
        )
