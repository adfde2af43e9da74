"""What stays the same over all rows of an ascent, and how a chunk of rows is made from it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepresolve_dash.core.ascent.base import Base
from deepresolve_dash.core.ascent.objective import Objective, Tail
from deepresolve_dash.core.ascent.rows import Chunk, Rows, chunk_size, chunks, start_maps
from deepresolve_dash.core.settings import AscentSettings, Regime, start_scale

Progress = Callable[[int, int], None]  # (row-steps done, row-steps in all)


@dataclass(frozen=True)
class Problem:
    """Tail, base and settings of an ascent."""

    tail: Tail
    base: Base
    settings: AscentSettings

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

    def chunks(self, rows: Rows) -> Iterator[Chunk]:
        """Split rows into chunks, see `rows.chunks`."""
        return chunks(rows, chunk_size(self.shape, self.device))

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


@dataclass
class Count:
    """Row-steps done so far, told to `progress`."""

    total: int
    progress: Progress | None = None
    done: int = 0

    def add(self, row_steps: int) -> None:
        """Count some more."""
        self.done = min(self.total, self.done + row_steps)
        if self.progress:
            self.progress(self.done, self.total)
