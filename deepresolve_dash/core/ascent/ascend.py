"""The ascent of many classes and trials at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import pad

from deepresolve_dash.core.ascent.base import Base
from deepresolve_dash.core.ascent.calibrate import calibrate
from deepresolve_dash.core.ascent.climb import check_convergence, climb
from deepresolve_dash.core.ascent.objective import Tail, per_row, squared_norm
from deepresolve_dash.core.ascent.optimisers import make_step
from deepresolve_dash.core.ascent.problem import Count, Problem, Progress
from deepresolve_dash.core.ascent.rows import Chunk, Rows, make_rows
from deepresolve_dash.core.settings import (
    CALIBRATION_ROUNDS,
    DEFAULT,
    N_CALIBRATION_ROWS,
    AscentSettings,
    Regime,
)


@dataclass(frozen=True)
class AtBase:
    """What a network says at the base map.

    Attributes
    ----------
    score : float32 array (target,)
        S_c(m), logits.
    gradient : float32 array (target, channel)
        Gradient of S_c at m, mean over positions, logits per feature-map unit.
    """

    score: NDArray
    gradient: NDArray


@dataclass(frozen=True)
class Ascent:
    """Raw results of one regime; arrays are (target, trial, ...), float32 unless said.

    Attributes
    ----------
    fiv : (target, trial, channel)
        Mean of each kept map over its positions, feature-map units; NaN for a diverged row.
    score, objective, gradient_norm : (target, trial)
        Logits, logits, logits per feature-map unit.
    n_steps : int (target, trial)
    converged, diverged : bool (target, trial)
    trace : (target, trial, record)
        Objective at every tenth step, NaN after the end.
    norm_ratio : (target, trial)
        |U| of each kept map in units of radius x base distance; 1 is what l2 is calibrated for.
    l2 : (target,)
        Penalty, logits per squared feature-map unit; NaN for a dead class.
    fim : (target, trial, channel, position) or None
    """

    fiv: NDArray
    score: NDArray
    objective: NDArray
    gradient_norm: NDArray
    n_steps: NDArray
    converged: NDArray
    diverged: NDArray
    trace: NDArray
    norm_ratio: NDArray
    l2: NDArray
    fim: NDArray | None = None


def ascend(
    tail: Tail,
    targets: Sequence[int],
    *,
    base: Base,
    settings: AscentSettings,
    keep_fim: bool = False,
    progress: Progress | None = None,
) -> dict[str, Ascent]:
    """Maximise S_c(m + U) - l2 |U|^2 from many starts, for every class and regime.

    *Source:* the paper's feature importance maps and vectors; `AscentSettings` names our choices.

    Parameters
    ----------
    tail : function
        Feature maps (row, channel, position) -> logits (row, output); its parameters must not
        require gradients.
    targets : sequence of int
        Output index of each class.
    base : Base
        Base map and distance.
    settings : AscentSettings
    keep_fim : bool
        Keep the whole maps beside their means.
    progress : function, optional
        Told (row-steps done, row-steps in all); whatever it raises ends the ascent.

    Returns
    -------
    dict of regime name -> Ascent
    """
    problem = Problem(tail, base, settings)
    index = np.asarray(targets, np.int64)
    count = Count(_row_steps(len(index), settings), progress)
    return {
        regime.name: _ascend_regime(problem, index, regime, keep_fim, count)
        for regime in settings.regimes
    }


def at_base(tail: Tail, targets: Sequence[int], base: Base) -> AtBase:
    """Measure each class score and its gradient at the base map."""
    problem = Problem(tail, base, DEFAULT.ascent)
    rows = make_rows(targets, 1)
    found = []
    for chunk in problem.chunks(rows):
        objective = problem.objective(rows, chunk, np.ones(len(rows.target)))
        zero = base.map.new_zeros(len(chunk.index), *problem.shape)
        score, gradient = objective.score(zero)
        found.append((chunk, {"score": score, "gradient": gradient.mean(2)}))
    return AtBase(**{name: array[:, 0] for name, array in _gather(found, len(targets)).items()})


def _row_steps(n_targets: int, settings: AscentSettings) -> int:
    """Return the row-steps of a whole ascent, calibration included."""
    calibrated = sum(settings.given_l2(regime) is None for regime in settings.regimes)
    calibration = calibrated * CALIBRATION_ROUNDS * N_CALIBRATION_ROWS * DEFAULT.ascent.steps
    return n_targets * (calibration + len(settings.regimes) * settings.n_trials * settings.steps)


def _ascend_regime(
    problem: Problem, targets: NDArray[np.int64], regime: Regime, keep_fim: bool, count: Count
) -> Ascent:
    """Run all rows of one regime."""
    n_trials = problem.settings.n_trials
    l2 = calibrate(problem, targets, regime, count)
    rows, row_l2 = make_rows(targets, n_trials), np.repeat(l2, n_trials)
    found = []
    for chunk in problem.chunks(rows):
        tensors = _run_chunk(problem, rows, chunk, row_l2, regime)
        if not keep_fim:
            del tensors["fim"]
        found.append((chunk, tensors))
        count.add(len(chunk.members) * problem.settings.steps)
    return Ascent(l2=l2.astype(np.float32), **_gather(found, len(targets)))


def _run_chunk(
    problem: Problem, rows: Rows, chunk: Chunk, row_l2: NDArray, regime: Regime
) -> dict[str, Tensor]:
    """Climb one chunk; the rows of a dead class stay at the base map, where nothing moves them."""
    settings = problem.settings
    objective = problem.objective(rows, chunk, row_l2)
    dead = torch.as_tensor(np.isnan(row_l2[chunk.index]), device=problem.device)
    start = problem.start(rows, chunk, regime).masked_fill(per_row(dead), 0.0)
    step = make_step(settings, l2=objective.l2, scale=problem.scale(regime))
    climbed = climb(objective, start, step, settings)
    converged, norm = check_convergence(objective, climbed.u)
    diverged = climbed.diverged
    return {
        "fiv": climbed.u.mean(2).masked_fill(diverged[:, None], torch.nan),
        "fim": climbed.u,
        "norm_ratio": squared_norm(climbed.u).sqrt() / (regime.radius * problem.base.distance),
        "score": climbed.score,
        "objective": climbed.objective,
        "gradient_norm": norm,
        "n_steps": climbed.n_steps,
        "converged": (converged | dead) & ~diverged,
        "diverged": diverged,
        "trace": climbed.trace,
    }


def _gather(found: list[tuple[Chunk, dict[str, Tensor]]], n_targets: int) -> dict[str, NDArray]:
    """Put the results of all chunks in the order of the rows, as (target, trial, ...)."""
    members = np.concatenate([chunk.members for chunk, _ in found])
    back = np.argsort(members)
    gathered = {}
    for name in found[0][1]:
        parts = [tensors[name][chunk.places].cpu() for chunk, tensors in found]
        if name == "trace":
            longest = max(part.shape[1] for part in parts)
            parts = [pad(p, (0, longest - p.shape[1]), value=torch.nan) for p in parts]
        array = torch.cat(parts).numpy()[back]
        gathered[name] = array.reshape(n_targets, -1, *array.shape[1:])
    return gathered
