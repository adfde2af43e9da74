"""The objective S_c(m + U) - l2 |U|^2 of a chunk of rows, and its gradient."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor

Tail = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Objective:
    """Objective of the rows of one chunk.

    *Source:* the paper's equation of the feature importance map, `argmax_H S_c(H) - l2 |H|^2`.
    *Choice:* H = m + U, the penalty is on the deviation U from a base map m; the paper's m is 0.

    Attributes
    ----------
    tail : function
        (row, channel, position) -> logits (row, output).
    base : tensor (channel, position)
        The base map m.
    target : int64 tensor (row,)
        Output index of each row.
    l2 : tensor (row,)
        Penalty of each row, logits per squared feature-map unit.
    bfloat16 : bool
        Whether products are rounded to bfloat16 numbers: quicker, for a preview.
    """

    tail: Tail
    base: Tensor
    target: Tensor
    l2: Tensor
    bfloat16: bool = False

    def score(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """Return the class scores (row,) and their gradients with respect to the deviations."""
        h = (self.base + u).requires_grad_(True)
        with torch.enable_grad(), self._rounding():
            logits = self.tail(h)
            chosen = torch.zeros_like(logits).scatter_(1, self.target[:, None], 1.0)
            (gradient,) = torch.autograd.grad(logits, h, chosen)
        return logits.detach().gather(1, self.target[:, None])[:, 0].float(), gradient

    def _rounding(self) -> AbstractContextManager:
        if not self.bfloat16:
            return nullcontext()
        return torch.autocast(self.base.device.type, torch.bfloat16)

    def penalised(self, s: Tensor, u: Tensor) -> Tensor:
        """Return S - l2 |U|^2 for scores (row,) and deviations (row, channel, position)."""
        return s - self.l2 * squared_norm(u)


def squared_norm(u: Tensor) -> Tensor:
    """Squared norm of each row's map: (row, channel, position) -> (row,)."""
    return (u * u).sum(dim=(1, 2))


def per_row(values: Tensor) -> Tensor:
    """Give (row,) values the shape that multiplies maps."""
    return values[:, None, None]
