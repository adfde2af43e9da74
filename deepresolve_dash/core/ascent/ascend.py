"""The ascent of many classes and trials at once."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepresolve_dash.core.ascent.base import Base
from deepresolve_dash.core.ascent.calibrate import calibrate
from deepresolve_dash.core.ascent.climb import check_convergence, climb
from deepresolve_dash.core.ascent.memory import fitting_rows, is_out_of_memory
from deepresolve_dash.core.ascent.objective import Tail, per_row, squared_norm
from deepresolve_dash.core.ascent.optimisers import make_step
from deepresolve_dash.core.ascent.problem import Arrays, Count, OnStep, Problem, Progress, Units
from deepresolve_dash.core.ascent.rows import Chunk, Rows, classes_at_once, make_rows
from deepresolve_dash.core.budget import row_steps
from deepresolve_dash.core.settings import DEFAULT, AscentSettings, Regime

Turns = Callable[[int, int, int], Iterable[slice]]


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
    units: Units | None = None,
    replicas: Sequence[tuple[Tail, Base]] = (),
    known: Mapping[str, Ascent] | None = None,
    turns: Turns | None = None,
) -> Iterator[tuple[list[int], dict[str, Ascent]]]:
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
        Told (row-steps done, row-steps in all) after every step; whatever it raises ends the
        ascent.
    units : mutable mapping of str -> dict of arrays, optional
        Finished units of work, one chunk of rows each. What it holds is not computed again, so
        that an ascent that was stopped goes on where it was, to the same bits.
    replicas : sequence of (tail, base)
        Tail and base on other devices, which share the work; the numbers are the same.
    known : mapping of regime name -> Ascent, optional
        Results of the same ascent with fewer trials, for the same classes: only the other trials
        are computed.
    turns : function, optional
        (number of classes, classes that stand side by side in a chunk, classes of a block that
        memory is filled by) -> slices of the classes, in the order in which they are to be done.
        The numbers of a class are the same whatever the slices are; left out, blocks follow
        each other to the end.

    Yields
    ------
    (output indices, regime name -> Ascent) of each block of classes, when all of it is done

    Raises
    ------
    RuntimeError
        When the memory of a device is too small for a single row.
    """
    n_known = next(iter(known.values())).fiv.shape[1] if known else 0
    count = Count(row_steps(len(targets), settings, n_known), progress)
    rows = fitting_rows(tail, base)
    problem = Problem(tail, base, settings, count, rows, units, replicas)
    filling, whole = classes_at_once(rows, settings.n_trials)
    block_size = whole * (1 + len(replicas))
    for block in (turns or _in_order)(len(targets), filling, block_size):
        chosen = np.asarray(targets[block], np.int64)
        theirs = {name: _classes(ascent, block) for name, ascent in (known or {}).items()}
        problem, regimes = _ascend_block(problem, chosen, keep_fim, theirs)
        yield chosen.tolist(), regimes


def join(blocks: Sequence[dict[str, Ascent]]) -> dict[str, Ascent]:
    """Join the regimes of several blocks of classes."""
    return {name: _join_ascents([block[name] for block in blocks]) for name in blocks[0]}


def at_base(tail: Tail, targets: Sequence[int], base: Base) -> AtBase:
    """Measure each class score and its gradient at the base map."""
    rows = make_rows(targets, 1)

    def measured(problem: Problem, chunk: Chunk, _: OnStep) -> Arrays:
        objective = problem.objective(rows, chunk, np.ones(len(rows.target)))
        zero = base.map.new_zeros(len(chunk.index), *problem.shape)
        score, gradient = objective.score(zero)
        return _members({"score": score, "gradient": gradient.mean(2)}, chunk)

    problem = Problem(tail, base, DEFAULT.ascent, Count(0), fitting_rows(tail, base))
    found = problem.each(rows, "base", measured, 0)
    return AtBase(**{name: array[:, 0] for name, array in _gather(found, len(targets)).items()})


def _in_order(n_classes: int, _: int, size: int) -> Iterator[slice]:
    """Yield blocks of classes, one after the other."""
    for first in range(0, n_classes, size):
        yield slice(first, first + size)


def _ascend_block(
    problem: Problem, targets: NDArray[np.int64], keep_fim: bool, known: Mapping[str, Ascent]
) -> tuple[Problem, dict[str, Ascent]]:
    """Run a block of classes, again with half the rows in a chunk when memory runs out.

    Returns
    -------
    (the problem with the chunks that fit, regime name -> Ascent)
    """
    before = problem.count.done
    try:
        return problem, {
            regime.name: _ascend_regime(problem, targets, regime, keep_fim, known.get(regime.name))
            for regime in problem.settings.regimes
        }
    except RuntimeError as error:
        if problem.chunk_size == 1 or not is_out_of_memory(error):
            raise
    if problem.device.type == "cuda":
        torch.cuda.empty_cache()
    problem.count.add(before - problem.count.done)
    smaller = replace(problem, chunk_size=problem.chunk_size // 2)
    return _ascend_block(smaller, targets, keep_fim, known)


def _ascend_regime(
    problem: Problem,
    targets: NDArray[np.int64],
    regime: Regime,
    keep_fim: bool,
    known: Ascent | None,
) -> Ascent:
    """Run all rows of one regime and block, but for the trials that are known."""
    n_trials, n_known = problem.settings.n_trials, known.fiv.shape[1] if known else 0
    l2 = known.l2.astype(np.float64) if known else calibrate(problem, targets, regime)
    rows = make_rows(targets, n_trials, first=n_known)
    row_l2 = np.repeat(l2, n_trials - n_known)

    def climbed(problem: Problem, chunk: Chunk, on_step: OnStep) -> Arrays:
        tensors = _run_chunk(problem, rows, chunk, row_l2, regime, on_step)
        if not keep_fim:
            del tensors["fim"]
        return _members(tensors, chunk)

    name = f"{regime.name}-trials-{targets[0]}-{n_known}"
    found = problem.each(rows, name, climbed, problem.settings.steps)
    made = Ascent(l2=l2.astype(np.float32), **_gather(found, len(targets)))
    return _join_ascents([known, made], axis=1) if known else made


def _run_chunk(
    problem: Problem,
    rows: Rows,
    chunk: Chunk,
    row_l2: NDArray,
    regime: Regime,
    on_step: OnStep,
) -> dict[str, Tensor]:
    """Climb one chunk; the rows of a dead class stay at the base map, where nothing moves them."""
    settings = problem.settings
    objective = problem.objective(rows, chunk, row_l2)
    dead = torch.as_tensor(np.isnan(row_l2[chunk.index]), device=problem.device)
    start = problem.start(rows, chunk, regime).masked_fill(per_row(dead), 0.0)
    step = make_step(settings, l2=objective.l2, scale=problem.scale(regime))
    climbed = climb(objective, start, step, settings, on_step)
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


def _members(tensors: dict[str, Tensor], chunk: Chunk) -> Arrays:
    """Return the results of a chunk's rows, without its padding."""
    return {name: tensor.cpu()[chunk.places].numpy() for name, tensor in tensors.items()}


def _gather(found: Sequence[tuple[Chunk, Arrays]], n_targets: int) -> Arrays:
    """Put the results of all chunks in the order of the rows, as (target, trial, ...)."""
    back = np.argsort(np.concatenate([chunk.members for chunk, _ in found]))
    gathered = {}
    for name in found[0][1]:
        array = _concatenate([arrays[name] for _, arrays in found], name)[back]
        gathered[name] = array.reshape(n_targets, -1, *array.shape[1:])
    return gathered


def _classes(ascent: Ascent, chosen: slice) -> Ascent:
    """Return the results of some classes."""
    return replace(ascent, **{name: array[chosen] for name, array in _arrays(ascent)})


def _join_ascents(parts: Sequence[Ascent], axis: int = 0) -> Ascent:
    """Join results along classes (axis 0) or trials (axis 1); l2 is the same for all trials."""
    joined = {
        name: _concatenate([vars(part)[name] for part in parts], name, axis)
        for name, array in _arrays(parts[0])
        if axis < array.ndim
    }
    return replace(parts[0], **joined)


def _arrays(ascent: Ascent) -> list[tuple[str, NDArray]]:
    """Return the results that were kept, by name."""
    return [(name, array) for name, array in vars(ascent).items() if array is not None]


def _concatenate(arrays: Sequence[NDArray], name: str, axis: int = 0) -> NDArray:
    """Join along an axis; a trace that ended sooner is filled with NaN."""
    if name != "trace":
        return np.concatenate(arrays, axis)
    longest = max(array.shape[-1] for array in arrays)
    missing = [[(0, 0)] * (a.ndim - 1) + [(0, longest - a.shape[-1])] for a in arrays]
    padded = [np.pad(a, m, constant_values=np.nan) for a, m in zip(arrays, missing, strict=True)]
    return np.concatenate(padded, axis)
