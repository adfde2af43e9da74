"""How a run is shared among the workers that are there; see `parts`."""

import time
from collections.abc import Callable, Iterator

from deepresolve_dash.runs.entry import Claim
from deepresolve_dash.runs.parts import Parts
from deepresolve_dash.runs.watch import Watch

_PER_WORKER = 2  # parts, at least, where there are enough classes
_LOOK_S = 0.1


class Shares:
    """The order in which the owner of a run goes through its classes: the `turns` of an ascent."""

    def __init__(
        self,
        ledger: Parts,
        claim: Claim,
        watch: Watch,
        n_workers: int,
        say: Callable[[str], None],
    ) -> None:
        """Share the run of a claim among so many workers."""
        self._ledger, self._claim, self._watch = ledger, claim, watch
        self._n_workers, self._say = n_workers, say

    def __call__(self, n_classes: int, slots: int, block: int) -> Iterator[slice]:
        """Yield classes that nobody else computes; at last, wait for those that others do."""
        pieces = cut_up(n_classes, slots, block, self._n_workers)
        parts = self._ledger.split(self._claim, pieces if len(pieces) > 1 else [])
        if not parts:
            for first in range(0, n_classes, block):
                yield slice(first, first + block)
            return
        self._say(f"{len(parts)} parts, {self._n_workers} workers")
        for _ in parts:
            part = self._ledger.take_part(self._claim)
            while part is None:  # helpers have the rest
                self._watch.phase("ascent")
                time.sleep(_LOOK_S)
                part = self._ledger.take_part(self._claim)
            yield slice(part.first, part.first + part.n)
            self._ledger.merge_part(self._claim, part.part)


def cut_up(n_classes: int, slots: int, block: int, n_workers: int) -> list[tuple[int, int]]:
    """Return (first class, classes) of the parts of a run; one part when nobody can help.

    *Choice:* whole blocks, since they fill the chunks of all rows; of fewer classes than two
    blocks for each worker, smaller parts that still fill chunks of their own.

    Parameters
    ----------
    n_classes : int
    slots : int
        Classes that fill a chunk.
    block : int
        Classes of a block: whole chunks.
    n_workers : int
    """
    if n_workers < 2:
        return [(0, n_classes)]
    share = -(-n_classes // (_PER_WORKER * n_workers * slots)) * slots
    size = min(block, share)
    return [(first, min(size, n_classes - first)) for first in range(0, n_classes, size)]
