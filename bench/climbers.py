"""Step rules that climb S_c(m + U) - l2 |U|^2, compared by `bench.optimisers`.

One gradient is one row-step: a rule is given the gradient and the objective at the map it asked
for, and says which map comes next; a trial of a line search is a map like any other.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from bench.tasks import Task
from deepresolve_dash.core.ascent import optimisers
from deepresolve_dash.core.ascent.objective import Objective, per_row, squared_norm

Rule = Callable[[int, Tensor, Tensor, Tensor], Tensor]  # (step, U, grad S, objective) -> next U
MakeRule = Callable[[Task, int], Rule]


@dataclass(frozen=True)
class Climb:
    """Best map of each row, its class score and objective, and row-steps per row."""

    u: Tensor
    score: Tensor
    objective: Tensor
    row_steps: float


def walk(objective: Objective, start: Tensor, rule: Rule, n_steps: int) -> Climb:
    """Follow a rule for a number of steps and keep the best map of each row."""
    u, best_u = start, start
    best = torch.full((len(start),), -torch.inf)
    best_score = torch.full_like(best, torch.nan)
    for i in range(n_steps + 1):
        score, gradient = objective.score(u)
        value = objective.penalised(score, u)
        better = value > best
        best, best_score = torch.where(better, value, best), torch.where(better, score, best_score)
        best_u = torch.where(per_row(better), u, best_u)
        if i < n_steps:
            u = rule(i, u, gradient, value)
    return Climb(best_u, best_score, best, n_steps + 1)


def cosine(rate: float, n_steps: int) -> list[float]:
    """Return rates that fall to 0 as half a cosine."""
    return (rate * 0.5 * (1 + np.cos(np.pi * np.arange(n_steps) / n_steps))).tolist()


def ball(
    rate: float, momentum: float, *, nesterov: bool = False, first_l2: float = 1.0
) -> MakeRule:
    """Heavy ball on grad S / (2 l2) - U with cosine decay, as in the default.

    `first_l2` is the factor of l2 at the start; it goes to 1 over the first half of the steps.
    """

    def make(task: Task, n_steps: int) -> Rule:
        rates, l2 = cosine(rate, n_steps), task.objective.l2
        velocity: Tensor | float = 0.0

        def rule(i: int, u: Tensor, gradient: Tensor, _: Tensor) -> Tensor:
            nonlocal velocity
            factor = first_l2 ** max(0.0, 1 - 2 * i / n_steps)
            residual = gradient / per_row(2 * l2 * factor) - u
            velocity = momentum * velocity + residual
            return u + rates[i] * (residual + momentum * velocity if nesterov else velocity)

        return rule

    return make


DEFAULT = ball(0.05, 0.8)


def adam(rate: float) -> MakeRule:
    """Return the shipped option `adam`, its rate in units of the start's scale."""

    def make(task: Task, n_steps: int) -> Rule:
        rates = [task.scale * r for r in cosine(rate, n_steps)]
        step = optimisers.adam(rates, l2=task.objective.l2)
        return lambda i, u, gradient, _: step(i, u, gradient)

    return make


def barzilai_borwein(most: float, *, decay: bool, short: bool = True) -> MakeRule:
    """Take steps of the length <s, y> / <y, y> (short) or <s, s> / <s, y> (long).

    s is the last change of the map, y the fall of the residual grad S / (2 l2) - U, so that 1 is
    exact inside a linear region. At most `most`, and `most` where the curvature is not concave.
    """

    def make(task: Task, n_steps: int) -> Rule:
        caps = cosine(most, n_steps) if decay else [most] * n_steps
        before: tuple[Tensor, Tensor] | None = None

        def rule(i: int, u: Tensor, gradient: Tensor, _: Tensor) -> Tensor:
            nonlocal before
            residual = gradient / per_row(2 * task.objective.l2) - u
            length = torch.full((len(u),), min(caps[i], 0.1))
            if before is not None:
                s, y = u - before[0], before[1] - residual
                sy = (s * y).sum((1, 2))
                length = sy / squared_norm(y) if short else squared_norm(s) / sy
                length = torch.where(sy > 0, length.clamp(0.005, caps[i]), caps[i])
            before = u, residual
            return u + per_row(length) * residual

        return rule

    return make


class Memory:
    """The last pairs (s, y) of each row, newest last, for the two loops of L-BFGS."""

    def __init__(self, size: int, like: Tensor):
        self.s = like.new_zeros(size, *like.shape)
        self.y = torch.zeros_like(self.s)
        self.inverse = like.new_zeros(size, len(like))  # 1 / <s, y>; 0 is a pair without effect
        self.unit = like.new_ones(len(like))

    def add(self, s: Tensor, y: Tensor, rows: Tensor) -> None:
        """Keep the pairs of the rows in which the objective is concave along s."""
        sy = (s * y).sum((1, 2))
        keep = rows & (sy > 1e-3 * squared_norm(s)) & (squared_norm(s) > 0)
        safe = torch.where(keep, sy, 1.0)
        self.s = self._shifted(self.s, s, keep)
        self.y = self._shifted(self.y, y, keep)
        self.inverse = self._shifted(self.inverse, 1 / safe, keep)
        self.unit = torch.where(keep, safe / torch.where(keep, squared_norm(y), 1.0), self.unit)

    @staticmethod
    def _shifted(held: Tensor, new: Tensor, keep: Tensor) -> Tensor:
        moved = torch.cat([held[1:], new[None]])
        return torch.where(keep.view(1, -1, *[1] * (held.dim() - 2)), moved, held)

    def clear(self, rows: Tensor) -> None:
        """Forget the pairs of some rows."""
        self.inverse = torch.where(rows, 0.0, self.inverse)
        self.unit = torch.where(rows, 1.0, self.unit)

    def direction(self, residual: Tensor) -> Tensor:
        """Return the residual times the approximate inverse curvature."""
        q, weights = residual, []
        for s, y, inverse in zip(self.s.flip(0), self.y.flip(0), self.inverse.flip(0), strict=True):
            weights.append(inverse * (s * q).sum((1, 2)))
            q = q - per_row(weights[-1]) * y
        q = per_row(self.unit) * q
        for s, y, inverse in zip(self.s, self.y, self.inverse, strict=True):
            q = q + per_row(weights.pop() - inverse * (y * q).sum((1, 2))) * s
        return q


def lbfgs(size: int, rate: float) -> MakeRule:
    """L-BFGS of each row without a line search: cosine decay, never longer than the residual."""

    def make(task: Task, n_steps: int) -> Rule:
        rates, memory = cosine(rate, n_steps), Memory(size, task.normal)
        before: tuple[Tensor, Tensor] | None = None

        def rule(i: int, u: Tensor, gradient: Tensor, _: Tensor) -> Tensor:
            nonlocal before
            residual = gradient / per_row(2 * task.objective.l2) - u
            if before is not None:
                everyone = torch.ones(len(u), dtype=torch.bool)
                memory.add(u - before[0], before[1] - residual, everyone)
            before = u, residual
            way = memory.direction(residual)
            ratio = squared_norm(residual).sqrt() / squared_norm(way).sqrt().clamp_min(1e-30)
            return u + per_row(rates[i] * ratio.clamp(max=1.0)) * way

        return rule

    return make


def searched(size: int, first: float = 1.0) -> MakeRule:
    """L-BFGS of each row with a backtracking line search (Armijo); size 0 is steepest ascent.

    Every evaluation is one trial per row: a row whose trial is good enough goes on from there,
    another row halves its step. `first` is the length tried first along a new direction.
    """

    def make(task: Task, n_steps: int) -> Rule:
        l2, memory = task.objective.l2, Memory(size, task.normal)
        at: tuple[Tensor, Tensor, Tensor] | None = None
        way, length = task.normal, torch.full((len(task.normal),), 0.1)

        def rule(_: int, u: Tensor, gradient: Tensor, value: Tensor) -> Tensor:
            nonlocal at, way, length
            residual = gradient / per_row(2 * l2) - u
            if at is None:
                at, way = (u, residual, value), residual
                return u + per_row(length) * way
            slope = 2 * l2 * (at[1] * way).sum((1, 2))
            good = value >= at[2] + 1e-4 * length * slope
            if size:
                memory.add(u - at[0], at[1] - residual, good)
            at = (
                torch.where(per_row(good), u, at[0]),
                torch.where(per_row(good), residual, at[1]),
                torch.where(good, value, at[2]),
            )
            length = torch.where(good, first, length / 2)
            stuck = length < 1e-3
            memory.clear(stuck)
            length = torch.where(stuck, 0.1, length)
            onward = memory.direction(at[1]) if size else at[1]
            way = torch.where(per_row(good | stuck), onward, way)
            return at[0] + per_row(length) * way

        return rule

    return make
