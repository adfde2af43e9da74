"""What is found out about one sequence; read without torch."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

N_BASES = 4


class Reading(NamedTuple):
    """What a network makes of one sequence.

    Attributes
    ----------
    logits, probabilities : float32 array (target,)
        Probabilities are NaN when the network ends without sigmoid or softmax.
    maps : float32 array (channel, position)
        Of the layer, before a pooling that ends it; empty without a layer.
    width, stride, offset : int
        Position i sees the bases [offset + stride * i, offset + stride * i + width).
    """

    logits: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    maps: NDArray[np.float32]
    width: int
    stride: int
    offset: int


class Bases(NamedTuple):
    """What the bases of a sequence give a class score.

    Attributes
    ----------
    change : float32 array (place, base A C G T), logits
        Of the score when a base becomes another; 0 for the base that is there, NaN for N.
    gradient : float32 array (place,), logits
        Integrated gradients.
    score, start : float
        Score of the sequence and of N everywhere, logits.
    """

    change: NDArray[np.float32]
    gradient: NDArray[np.float32]
    score: float
    start: float

    @property
    def effect(self) -> NDArray[np.float32]:
        """How much each base gives the score: the mean loss when it becomes another one, logits.

        0 for N.
        """
        return np.nan_to_num(-self.change.sum(axis=1) / (N_BASES - 1)).astype(np.float32)

    @property
    def missing(self) -> float:
        """What the gradients miss of score less start, as a share of the sum of their sizes.

        0 is perfect; more points on the line bring it down.
        """
        missed = float(self.gradient.sum()) - (self.score - self.start)
        return abs(missed) / max(float(np.abs(self.gradient).sum()), 1e-6)
