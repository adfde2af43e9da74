"""The penalty l2 of each class, set so that its maps have the wanted norm."""

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.core.ascent.climb import climb
from deepresolve_dash.core.ascent.objective import squared_norm
from deepresolve_dash.core.ascent.optimisers import make_step
from deepresolve_dash.core.ascent.problem import Arrays, Problem
from deepresolve_dash.core.ascent.rows import Chunk, make_rows
from deepresolve_dash.core.settings import (
    CALIBRATION_ROUNDS,
    DEFAULT,
    N_CALIBRATION_ROWS,
    Regime,
)

_NEAR = 0.05  # relative error of the norm that is good enough


def calibrate(problem: Problem, targets: NDArray[np.int64], regime: Regime) -> NDArray[np.float64]:
    """Return the l2 of each class: the given one, or that at which |U| = radius x base distance.

    *Choice:* start from |grad S| / (2 |U|), which is exact for a linear tail. Then solve five rows
    with the damped ascent and multiply l2 by |U| / wanted norm (median over the rows) until the
    norm is right to 5%; as |U| falls with l2, a correction that leaves the bracket found so far is
    replaced by the middle of the bracket. At most six solves; the closest l2 is kept, since a tail
    with kinks may have none that is exact.

    Returns
    -------
    float64 array (target,)
        Logits per squared feature-map unit; NaN for a dead class: the gradient is 0 at every start.
    """
    radius = regime.radius * problem.base.distance
    l2 = _steepness(problem, targets, regime) / (2 * radius)
    l2[l2 == 0] = np.nan
    given = problem.settings.given_l2(regime)
    if given is not None:
        return np.where(np.isnan(l2), np.nan, given)
    low, high = np.zeros(len(l2)), np.full(len(l2), np.inf)
    closest, gap = l2.copy(), np.full(len(l2), np.inf)
    n_steps = len(l2) * N_CALIBRATION_ROWS * DEFAULT.ascent.steps
    for solve in range(CALIBRATION_ROUNDS):
        finished = problem.count.done + n_steps
        todo = np.flatnonzero((gap > _NEAR) & ~np.isnan(l2))
        if len(todo):
            ratio = np.full(len(l2), np.nan)
            ratio[todo] = _norms(problem, targets[todo], l2[todo], regime, solve) / radius
            error = np.abs(np.log(ratio))
            closest, gap = np.where(error < gap, l2, closest), np.fmin(error, gap)
            low, high = np.where(ratio > 1, l2, low), np.where(ratio < 1, l2, high)
            l2 = _within(l2 * ratio, low, high)
        problem.count.reach(finished)
    return closest


def _within(proposal: NDArray, low: NDArray, high: NDArray) -> NDArray[np.float64]:
    """Return each proposal, or the geometric middle of its bracket where it lies outside."""
    outside = (proposal <= low) | (proposal >= high)
    middle = np.sqrt(np.where(outside, low, 1.0) * np.where(outside, high, 1.0))
    return np.where(outside, middle, proposal)


def _steepness(problem: Problem, targets: NDArray[np.int64], regime: Regime) -> NDArray[np.float64]:
    """Return the norm of the gradient at each class's starts, the median over its rows."""
    rows = make_rows(targets, N_CALIBRATION_ROWS)
    norm = np.empty(len(rows.target))
    for chunk in problem.chunks(rows):
        objective = problem.objective(rows, chunk, np.ones(len(norm)))
        _, gradient = objective.score(problem.start(rows, chunk, regime))
        norm[chunk.members] = squared_norm(gradient).sqrt().cpu()[chunk.places]
    by_class = np.where(norm > 0, norm, np.nan).reshape(-1, N_CALIBRATION_ROWS)
    alive = (~np.isnan(by_class)).any(1)
    median = np.zeros(len(by_class))
    median[alive] = np.nanmedian(by_class[alive], axis=1)
    return median


def _norms(
    problem: Problem, targets: NDArray[np.int64], l2: NDArray, regime: Regime, solve: int
) -> NDArray[np.float64]:
    """Return |U| of each class at the end of a damped ascent, the median over its rows."""
    rows, settings = make_rows(targets, N_CALIBRATION_ROWS), DEFAULT.ascent
    row_l2 = np.repeat(l2, N_CALIBRATION_ROWS)
    norm = np.empty(len(row_l2))
    for turn, chunk in enumerate(problem.chunks(rows)):
        n_rows = len(chunk.members)

        def solved(chunk: Chunk = chunk, n_rows: int = n_rows) -> Arrays:
            objective = problem.objective(rows, chunk, row_l2)
            step = make_step(settings, l2=objective.l2, scale=1.0)
            start = problem.start(rows, chunk, regime)
            climbed = climb(objective, start, step, settings, lambda: problem.count.add(n_rows))
            return {"norm": squared_norm(climbed.u).sqrt().cpu()[chunk.places].numpy()}

        name = f"{regime.name}-calibrate{solve}-{targets[0]}-{turn}"
        norm[chunk.members] = problem.unit(name, n_rows * settings.steps, solved)["norm"]
    return np.median(norm.reshape(-1, N_CALIBRATION_ROWS), axis=1)
