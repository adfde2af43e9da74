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
    u, best_u = start, start
    best = torch.full((len(start),), -torch.inf, device=start.device)
    best_score = torch.full_like(best, torch.nan)
    since = torch.zeros_like(best)  # steps without a better objective
    lost = torch.zeros_like(best, dtype=torch.bool)
    going = ~lost
    values, gone_on = [], []
    for i in range(settings.steps + 1):
        score, gradient = objective.score(u)
        value = objective.penalised(score, u)
        values.append(value)
        better = value > best
        best, best_score = torch.where(better, value, best), torch.where(better, score, best_score)
        best_u = torch.where(per_row(better), u, best_u)
        if settings.patience is not None:
            since = torch.where(better, 0, since + 1)
            going = going & value.isfinite() & (since < settings.patience)
            gone_on.append(going)
            if not going.any():
                break
        if i == settings.steps:
            lost = ~torch.isfinite(gradient).all(2).all(1)
            break
        after = step(i, u, gradient)
        u = after if settings.patience is None else torch.where(per_row(going), after, u)
        on_step()
    history = torch.stack(values, dim=1)
    finite = history.isfinite().cumprod(1).bool()
    went = torch.stack(gone_on, dim=1) if gone_on else finite
    return Climbed(
        u=best_u if settings.keep == "best" else u,
        score=best_score,
        objective=best,
        n_steps=went[:, : settings.steps].sum(1),
        diverged=lost | ~finite[:, -1],
        trace=_trace(history, went),
    )


def _trace(history: Tensor, went: Tensor) -> Tensor:
    """Return every tenth objective (row, record) of (row, step), NaN once a row had stopped."""
    until = torch.cat([torch.ones_like(went[:, :1]), went[:, :-1]], dim=1)
    return torch.where(until, history, torch.nan)[:, ::TRACE_EVERY]


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
