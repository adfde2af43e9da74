"""The penalty l2 of each class, set so that its maps have the wanted norm."""

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepresolve_dash.core.ascent.climb import climb
from deepresolve_dash.core.ascent.objective import squared_norm
from deepresolve_dash.core.ascent.optimisers import heavy_ball, make_step
from deepresolve_dash.core.ascent.problem import Arrays, OnStep, Problem
from deepresolve_dash.core.ascent.rows import Chunk, Rows, make_rows
from deepresolve_dash.core.settings import (
    CALIBRATION_STEPS,
    CHECK_STEPS,
    DEFAULT,
    N_CALIBRATION_ROWS,
    Regime,
)

_RATE = 0.1  # of the ascent that l2 is found along, undecayed
_GAIN = 0.3  # how far log l2 follows the latest estimate
_FIRST = 3  # steps before l2 follows
_MOST_CHECKS = 4
_NEAR = 0.05  # relative error of the norm that is good enough


def calibrate(problem: Problem, targets: NDArray[np.int64], regime: Regime) -> NDArray[np.float64]:
    """Return the l2 of each class: the given one, or that at which |U| = radius x base distance.

    *Choice:* five rows climb 20 undecayed steps while l2 follows <U, grad S> / (2 |U| wanted norm),
    the median over the rows, |grad S| / (2 wanted norm) for a row where that is not above 0. Where
    it starts, |grad S| / (2 wanted norm), is exact for a linear tail. Then an ascent of 40 steps
    from the starts checks the norm; off by more than 5%, l2 is multiplied by |U| / wanted norm, or
    put in the middle of the bracket found so far, and checked again, four times at most. The
    closest is kept, since a class whose trials end at optima of different norm has no exact answer:
    `Ascent.norm_ratio` tells.

    Returns
    -------
    float64 array (target,)
        Logits per squared feature-map unit; NaN for a dead class: the gradient is 0 at every start.
    """
    rows = make_rows(targets, N_CALIBRATION_ROWS)
    given = problem.settings.given_l2(regime)
    steps = CALIBRATION_STEPS if given is None else 0
    whole = replace(problem, chunk_size=max(problem.chunk_size, N_CALIBRATION_ROWS))

    def followed(problem: Problem, chunk: Chunk, on_step: OnStep) -> Arrays:
        l2 = _along_an_ascent(problem, rows, chunk, regime, steps, on_step)
        return {"l2": l2.cpu()[chunk.places].numpy()}

    l2 = _median(whole.each(rows, f"{regime.name}-l2-{targets[0]}", followed, steps), "l2")
    if given is not None:
        return np.where(np.isnan(l2), np.nan, given)
    low, high = np.zeros(len(l2)), np.full(len(l2), np.inf)
    closest, gap = l2.copy(), np.full(len(l2), np.inf)
    for check in range(_MOST_CHECKS):
        todo = np.flatnonzero((gap > _NEAR) & ~np.isnan(l2))
        if check and not len(todo):
            break
        ratio = np.full(len(l2), np.nan)
        if len(todo):
            ratio[todo] = _norm_ratios(whole, targets[todo], l2[todo], regime, check)
        error = np.abs(np.log(ratio))
        closest, gap = np.where(error < gap, l2, closest), np.fmin(error, gap)
        low, high = np.where(ratio > 1, l2, low), np.where(ratio < 1, l2, high)
        l2 = _within(l2 * ratio, low, high)
    return closest


def _within(proposal: NDArray, low: NDArray, high: NDArray) -> NDArray[np.float64]:
    """Return each proposal, or the geometric middle of its bracket where it lies outside."""
    outside = (proposal <= low) | (proposal >= high)
    middle = np.sqrt(np.where(outside, low, 1.0) * np.where(outside, high, 1.0))
    return np.where(outside, middle, proposal)


def _norm_ratios(
    problem: Problem, targets: NDArray[np.int64], l2: NDArray, regime: Regime, check: int
) -> NDArray[np.float64]:
    """Return |U| / wanted norm of each class after a short ascent, the median over its rows.

    Only the first check counts as progress: it alone is made for every class.
    """
    rows, row_l2 = make_rows(targets, N_CALIBRATION_ROWS), np.repeat(l2, N_CALIBRATION_ROWS)
    settings = replace(DEFAULT.ascent, steps=CHECK_STEPS)
    wanted = regime.radius * problem.base.distance

    def checked(problem: Problem, chunk: Chunk, on_step: OnStep) -> Arrays:
        objective = problem.objective(rows, chunk, row_l2)
        step = make_step(settings, l2=objective.l2, scale=1.0)
        start = problem.start(rows, chunk, regime)
        told = on_step if check == 0 else lambda: problem.count.add(0)
        climbed = climb(objective, start, step, settings, told)
        return {"ratio": (squared_norm(climbed.u).sqrt() / wanted).cpu()[chunk.places].numpy()}

    name = f"{regime.name}-check{check}-{targets[0]}"
    return _median(problem.each(rows, name, checked, 0 if check else CHECK_STEPS), "ratio")


def _median(found: list[tuple[Chunk, Arrays]], name: str) -> NDArray[np.float64]:
    """Return the median over the rows of each class, in the order of the rows."""
    members = np.concatenate([chunk.members for chunk, _ in found])
    values = np.concatenate([arrays[name] for _, arrays in found]).astype(np.float64)
    by_class = values[np.argsort(members)].reshape(-1, N_CALIBRATION_ROWS)
    return np.median(by_class, axis=1)


def _along_an_ascent(
    problem: Problem, rows: Rows, chunk: Chunk, regime: Regime, steps: int, on_step: OnStep
) -> Tensor:
    """Return the l2 at each place of a chunk, NaN for a dead class; float64 (row,)."""
    wanted = regime.radius * problem.base.distance
    objective = problem.objective(rows, chunk, np.ones(len(rows.target)))
    u = problem.start(rows, chunk, regime)
    _, gradient = objective.score(u)
    first = _of_class(squared_norm(gradient).sqrt() / (2 * wanted))
    log = first.double().log().nan_to_num(nan=0.0)
    l2 = log.exp().float()
    step = heavy_ball([_RATE] * steps, l2=l2)
    seen = [log]
    for i in range(steps):
        u = step(i, u, gradient)
        _, gradient = objective.score(u)
        if i >= _FIRST:
            latest = _of_class(_estimate(u, gradient, wanted)).double().log()
            log = torch.where(latest.isfinite(), torch.lerp(log, latest, _GAIN), log)
            l2.copy_(log.exp())  # the step rule looks it up
        seen.append(log)
        on_step()
    kept = torch.stack(seen[-(1 + steps // 3) :]).mean(0).exp()
    return torch.where(first.isnan(), torch.nan, kept)


def _estimate(u: Tensor, gradient: Tensor, wanted: float) -> Tensor:
    """Return the l2 at which maps in the direction of U would have the wanted norm; (row,)."""
    along = (u * gradient).sum(dim=(1, 2)) / squared_norm(u).sqrt()
    return torch.where(along > 0, along, squared_norm(gradient).sqrt()) / (2 * wanted)


def _of_class(values: Tensor) -> Tensor:
    """Return at each place the median of its class's values above 0, NaN where there are none.

    The rows of a class stand side by side; places after the last whole class belong to nobody.
    """
    n = len(values) // N_CALIBRATION_ROWS * N_CALIBRATION_ROWS
    by_class = torch.where(values > 0, values, torch.nan)[:n].reshape(-1, N_CALIBRATION_ROWS)
    median = by_class.nanmedian(dim=1).values.repeat_interleave(N_CALIBRATION_ROWS)
    return torch.cat([median, values.new_ones(len(values) - n)])
