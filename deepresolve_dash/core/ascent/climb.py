"""One chunk of rows from their starts to their results."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from deepresolve_dash.core.ascent.objective import Objective, per_row, squared_norm
from deepresolve_dash.core.ascent.optimisers import Step, heavy_ball
from deepresolve_dash.core.settings import AscentSettings

TRACE_EVERY = 10
_PROBE = [0.05] * 10  # undecayed steps that ask whether a map can still be improved
_GAIN = 1e-4


@dataclass(frozen=True)
class Climbed:
    """Results of a chunk; every tensor has the rows first.

    Attributes
    ----------
    u : (row, channel, position)
        Kept deviation, feature-map units.
    score, objective : (row,)
        S and S - l2 |U|^2 at the best objective, logits.
    n_steps : (row,)
        Steps taken.
    diverged : (row,)
        Whether anything was not finite.
    trace : (row, record)
        Objective at every tenth step, NaN after a row has stopped.
    """

    u: Tensor
    score: Tensor
    objective: Tensor
    n_steps: Tensor
    diverged: Tensor
    trace: Tensor


def climb(
    objective: Objective,
    start: Tensor,
    step: Step,
    settings: AscentSettings,
    on_step: Callable[[], None],
) -> Climbed:
    """Run the ascent of one chunk.

    *Choice:* a fixed budget, or `patience` steps without a better objective; the best map of a row
    is kept (`keep="last"`: its last one). Stopped rows keep their place, so that the shape of the
    arithmetic does not change. `on_step` is called after every step; what it raises ends the climb.
    """
    n = len(start)
    u, best_u = start, start
    best = torch.full((n,), -torch.inf, device=start.device)
    best_score = torch.full_like(best, torch.nan)
    active = torch.ones(n, dtype=torch.bool, device=start.device)
    finite = active.clone()
    since = torch.zeros(n, dtype=torch.long, device=start.device)
    n_steps = torch.zeros_like(since)
    trace = []
    for i in range(settings.steps + 1):
        score, gradient = objective.score(u)
        value = objective.penalised(score, u)
        better = value > best
        if settings.patience is not None:
            better &= active
            since = torch.where(better, 0, since + 1)
        best, best_score = torch.where(better, value, best), torch.where(better, score, best_score)
        best_u = torch.where(per_row(better), u, best_u)
        if i % TRACE_EVERY == 0:
            trace.append(torch.where(active, value, torch.nan))
        now_finite = value.abs() < torch.inf
        finite &= now_finite
        active &= now_finite
        if settings.patience is not None:
            active &= since < settings.patience
            if not active.any():
                break
        if i == settings.steps:
            finite &= torch.isfinite(gradient).all(2).all(1)
            break
        after = step(i, u, gradient)
        u = after if settings.patience is None else torch.where(per_row(active), after, u)
        n_steps += active
        on_step()
    kept = best_u if settings.keep == "best" else u
    return Climbed(kept, best_score, best, n_steps, ~finite, torch.stack(trace, dim=1))


def check_convergence(objective: Objective, u: Tensor) -> tuple[Tensor, Tensor]:
    """Try to improve the kept maps; return (converged, gradient norm), both (row,).

    *Choice:* converged when ten undecayed heavy-ball steps gain less than 1e-4 of
    |objective - S(m)|. The gradient norm alone does not do, since optima sit at kinks of a ReLU
    tail; it is reported, in logits per feature-map unit.
    """
    at_base, _ = objective.score(torch.zeros_like(u))
    score, gradient = objective.score(u)
    norm = squared_norm(gradient - per_row(2 * objective.l2) * u).sqrt()
    before = best = objective.penalised(score, u)
    step = heavy_ball(_PROBE, l2=objective.l2)
    for i in range(len(_PROBE)):
        u = step(i, u, gradient)
        score, gradient = objective.score(u)
        best = torch.fmax(best, objective.penalised(score, u))
    return best - before < _GAIN * (before - at_base).abs(), norm
