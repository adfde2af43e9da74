"""The penalty l2 of each class, set so that its maps have the wanted norm."""

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepresolve_dash.core.ascent.objective import squared_norm
from deepresolve_dash.core.ascent.optimisers import heavy_ball
from deepresolve_dash.core.ascent.problem import Arrays, OnStep, Problem
from deepresolve_dash.core.ascent.rows import Chunk, Rows, make_rows
from deepresolve_dash.core.settings import CALIBRATION_STEPS, N_CALIBRATION_ROWS, Regime

_RATE = 0.1  # of the ascent that l2 is found along, undecayed
_GAIN = 0.3  # how far log l2 follows the latest estimate
_FIRST = 3  # steps before l2 follows


def calibrate(problem: Problem, targets: NDArray[np.int64], regime: Regime) -> NDArray[np.float64]:
    """Return the l2 of each class: the given one, or that at which |U| = radius x base distance.

    *Choice:* five rows climb 40 undecayed steps while l2 follows <U, grad S> / (2 |U| wanted norm),
    the median over the rows, |grad S| / (2 wanted norm) for a row where that is not above 0; the
    geometric mean over the last third is kept. Where l2 starts, |grad S| / (2 wanted norm) at the
    starts, is exact for a linear tail. A class whose trials end at optima of different norm has no
    exact answer: `Ascent.norm_ratio` tells.

    Returns
    -------
    float64 array (target,)
        Logits per squared feature-map unit; NaN for a dead class: the gradient is 0 at every start.
    """
    rows = make_rows(targets, N_CALIBRATION_ROWS)
    given = problem.settings.given_l2(regime)
    steps = CALIBRATION_STEPS if given is None else 0
    whole = replace(problem, chunk_size=max(problem.chunk_size, N_CALIBRATION_ROWS))

    def calibrated(problem: Problem, chunk: Chunk, on_step: OnStep) -> Arrays:
        l2 = _along_an_ascent(problem, rows, chunk, regime, steps, on_step)
        return {"l2": l2.cpu()[chunk.places].numpy()}

    l2 = np.empty(len(rows.target))
    for chunk, arrays in whole.each(rows, f"{regime.name}-l2-{targets[0]}", calibrated, steps):
        l2[chunk.members] = arrays["l2"]
    per_class = l2[::N_CALIBRATION_ROWS]
    return per_class if given is None else np.where(np.isnan(per_class), np.nan, given)


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
