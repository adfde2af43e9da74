"""Receptive-field ascent: the sequence that a channel likes best, from fragments that it likes."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

_RATE = 0.5  # of the way to the fixed point, in the first step
_BATCH = 256

Head = Callable[[Tensor], Tensor]
Narrow = Callable[[int, int], Head]
Progress = Callable[[int, int], None]


class Rows(NamedTuple):
    """Starts of an ascent, one a row.

    Attributes
    ----------
    inputs : float32 tensor (row, 4, length)
        What stands around the frame, and in it at the start.
    begin : int64 tensor (row,)
        First base of the frame.
    channel, position : int64 tensor (row,)
        The value that is raised.
    """

    inputs: Tensor
    begin: Tensor
    channel: Tensor
    position: Tensor

    def part(self, low: int, high: int) -> "Rows":
        """Return some of the rows."""
        return Rows(*(field[low:high] for field in self))


def ascend(
    head: Head,
    rows: Rows,
    *,
    width: int,
    n_steps: int,
    narrow: Narrow | None = None,
    progress: Progress | None = None,
) -> tuple[Tensor, Tensor]:
    """Raise the activation of each row's channel over the bases of its frame.

    *Source:* the paper's way to see deeper layers: l2-regularised gradient ascent over the
    receptive field, from activating fragments. *Choice:* over deviations u from 0.25 in each base;
    the gradient's mean over the bases of a position is taken off, since it says nothing of which
    base is there; the penalty is chosen in each step so that the optimum has the norm of the
    start, as in the ascent over feature maps: u <- u + rate (|start| gradient / |gradient| - u),
    40 steps, the rate falling from a half by a cosine, the best u kept.

    Parameters
    ----------
    head : function
        float32 (n, 4, length) -> maps (n, channel, position).
    rows : Rows
    width : int
        Bases of the frame.
    narrow : function, optional
        Of two channels: a head that makes the channels from the first on, before the second, or
        all of them. Saves the others' work where rows lie in the order of their channels.
    progress : function, optional
        Told (row-steps done, row-steps in all) after every step; whatever it raises ends the
        ascent.

    Returns
    -------
    deviation : float32 tensor (row, 4, width)
    activation : float32 tensor (row,)
        Value of the channel there.
    """
    n = len(rows.inputs)
    deviations, activations = [], []
    for low in range(0, n, _BATCH):
        part = rows.part(low, low + _BATCH)
        done, n_here = low * (n_steps + 1), len(part.inputs)

        def tell(step: int, done: int = done, n_here: int = n_here) -> None:
            if progress:
                progress(done + n_here * step, n * (n_steps + 1))

        found = _ascend(*_narrowed(head, part, narrow), width, n_steps, tell)
        deviations.append(found[0])
        activations.append(found[1])
    if not n:
        return rows.inputs[:, :, :width], rows.inputs[:, 0, 0]
    return torch.cat(deviations), torch.cat(activations)


def contributions(head: Head, rows: Rows, *, n: int) -> Tensor:
    """Return how much each base of each row raises the row's value: gradient times input.

    The gradient's mean over the bases of a position is taken off.

    Returns
    -------
    float32 tensor (row, length)
    """
    found = []
    for low in range(0, n, _BATCH):
        part = rows.part(low, low + _BATCH)
        inputs = part.inputs.detach().requires_grad_()
        _, gradient = _value(head, inputs, part)
        found.append((gradient * part.inputs).sum(1))
    return torch.cat(found)


def _narrowed(head: Head, rows: Rows, narrow: Narrow | None) -> tuple[Head, Rows]:
    """Return a head for the channels of these rows alone, and the rows with its channels."""
    if narrow is None:
        return head, rows
    low, high = int(rows.channel.min()), int(rows.channel.max()) + 1
    narrower = narrow(low, high)
    return narrower, rows if narrower is head else rows._replace(channel=rows.channel - low)


def _ascend(
    head: Head, rows: Rows, width: int, n_steps: int, tell: Callable[[int], None]
) -> tuple[Tensor, Tensor]:
    """Ascend one batch; `tell` hears of every step."""
    places = rows.begin[:, None] + torch.arange(width, device=rows.begin.device)
    places = places[:, None].expand(-1, 4, -1)
    u = rows.inputs.gather(2, places) - 0.25
    radius = _norm(u)
    best, highest = u, torch.full((len(u),), -torch.inf, device=u.device)
    for step in range(n_steps + 1):
        inputs = rows.inputs.scatter(2, places, 0.25 + u).requires_grad_()
        value, gradient = _value(head, inputs, rows)
        better = value > highest
        best = torch.where(better[:, None, None], u, best)
        highest = torch.where(better, value, highest)
        inside = gradient.gather(2, places)
        norm = _norm(inside)
        goal = torch.where(norm > 0, radius * inside / norm.clamp(min=1e-30), u)
        u = u + _rate(step, n_steps) * (goal - u)
        tell(step + 1)
    return best, highest


def _value(head: Head, inputs: Tensor, rows: Rows) -> tuple[Tensor, Tensor]:
    """Return each row's value and its gradient without the mean over bases."""
    maps = head(inputs)
    value = maps[torch.arange(len(maps), device=maps.device), rows.channel, rows.position]
    (gradient,) = torch.autograd.grad(value.sum(), inputs)
    return value.detach(), gradient - gradient.mean(1, keepdim=True)


def _rate(step: int, n_steps: int) -> float:
    return _RATE * 0.5 * (1 + torch.cos(torch.tensor(torch.pi * step / n_steps)).item())


def _norm(values: Tensor) -> Tensor:
    return values.flatten(1).norm(dim=1)[:, None, None]
