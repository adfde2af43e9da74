"""The candidates of `bench.optimisers`: a step rule, a number of steps and a kind of start each."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from scipy.cluster.hierarchy import fcluster, linkage
from torch import Tensor

from bench.climbers import (
    DEFAULT,
    Climb,
    MakeRule,
    adam,
    ball,
    barzilai_borwein,
    lbfgs,
    searched,
    walk,
)
from bench.tasks import Task
from deepresolve_dash.core.ascent.objective import Objective

Start = Callable[[Task], Tensor]
Method = Callable[[Task], Climb]


def antithetic(task: Task) -> Tensor:
    """Put normal starts in pairs of opposite sign."""
    u = task.normal.clone()
    u[1::2] = -u[::2]
    return u


def repelled(task: Task, group: int = 10) -> Tensor:
    """Make normal starts orthogonal in groups of ten trials, norms kept."""
    parts = []
    for part in task.normal.flatten(1).split(group):
        basis, _ = torch.linalg.qr(part.T)
        parts.append(basis.T * part.norm(dim=1, keepdim=True))
    return torch.cat(parts).reshape(task.normal.shape)


def method(make: MakeRule, n_steps: int, start: Start = lambda task: task.normal) -> Method:
    """Climb all rows from a kind of start."""
    return lambda task: walk(task.objective, start(task), make(task, n_steps), n_steps)


def two_stage(first: int, second: int, apart: float) -> Method:
    """Short climbs; the best of each group of like FIVs goes on, and its group takes its result."""

    def run(task: Task) -> Climb:
        short = method(DEFAULT, first)(task)
        fiv = short.u.mean(2).numpy()
        leader = np.arange(len(fiv))
        for rows in np.split(leader.copy(), task.shape[0]):
            norm = np.linalg.norm(fiv[rows], axis=1).mean()
            label = fcluster(linkage(fiv[rows], "complete"), apart * norm, "distance")
            for group in (rows[label == one] for one in np.unique(label)):
                leader[group] = group[int(short.objective[group].argmax())]
        chosen, place = np.unique(leader, return_inverse=True)
        onward = _onward(task, chosen, short.u[chosen], second)
        row_steps = short.row_steps + onward.row_steps * len(chosen) / len(leader)
        return Climb(onward.u[place], onward.score[place], onward.objective[place], row_steps)

    return run


def _onward(task: Task, rows: np.ndarray, start: Tensor, n_steps: int) -> Climb:
    """Climb some rows from given maps by the default rule."""
    of, whole = torch.as_tensor(rows), task.objective
    objective = Objective(whole.tail, whole.base, whole.target[of], whole.l2[of])
    rule = DEFAULT(replace(task, objective=objective), n_steps)
    return walk(objective, start, rule, n_steps)


def from_kin(steps: int) -> Method:
    """Every second class starts from the maps of the most similar class done before it."""

    def run(task: Task) -> Climb:
        rows = np.arange(len(task.normal)).reshape(task.shape)
        early, late = rows[::2].ravel(), rows[1::2].ravel()
        first = _onward(task, early, task.normal[early], 100)
        start = first.u.unflatten(0, rows[::2].shape)[task.kin].flatten(0, 1)
        second = _onward(task, late, start, steps)
        back = np.argsort(np.concatenate([early, late]))
        u, score, objective = (
            torch.cat([getattr(first, name), getattr(second, name)])[back]
            for name in ("u", "score", "objective")
        )
        share = len(late) / rows.size
        row_steps = (1 - share) * first.row_steps + share * second.row_steps
        return Climb(u, score, objective, row_steps)

    return run


def scaled(factor: float) -> Start:
    """Return normal starts times a factor."""
    return lambda task: factor * task.normal


CANDIDATES: dict[str, Method] = {
    "heavy ball .05/.8, 100 (default)": method(DEFAULT, 100),
    "default, other starts": method(DEFAULT, 100, lambda task: task.other),
    "heavy ball .05/.8, 30": method(DEFAULT, 30),
    "heavy ball .05/.8, 60": method(DEFAULT, 60),
    "heavy ball .05/.8, 200": method(DEFAULT, 200),
    "heavy ball .1/.8, 30": method(ball(0.1, 0.8), 30),
    "heavy ball .1/.8, 60": method(ball(0.1, 0.8), 60),
    "heavy ball .1/.8, 100": method(ball(0.1, 0.8), 100),
    "heavy ball .02/.9, 100": method(ball(0.02, 0.9), 100),
    "heavy ball .05/.9, 60": method(ball(0.05, 0.9), 60),
    "heavy ball .05/.9, 100": method(ball(0.05, 0.9), 100),
    "heavy ball .05/.9, 200": method(ball(0.05, 0.9), 200),
    "heavy ball .1/.9, 100": method(ball(0.1, 0.9), 100),
    "heavy ball .1/.9, 60": method(ball(0.1, 0.9), 60),
    "plain .3, 100": method(ball(0.3, 0.0), 100),
    "Nesterov .05/.8, 100": method(ball(0.05, 0.8, nesterov=True), 100),
    "Nesterov .05/.9, 100": method(ball(0.05, 0.9, nesterov=True), 100),
    "Nesterov .1/.9, 60": method(ball(0.1, 0.9, nesterov=True), 60),
    "Adam .1, 100": method(adam(0.1), 100),
    "Adam .1, 200 (option)": method(adam(0.1), 200),
    "Adam .2, 100": method(adam(0.2), 100),
    "L-BFGS 5, no search, 100": method(lbfgs(5, 1.0), 100),
    "L-BFGS 10, no search, 100": method(lbfgs(10, 1.0), 100),
    "L-BFGS 10, no search, damped .3, 100": method(lbfgs(10, 0.3), 100),
    "L-BFGS 5, line search, 60": method(searched(5), 60),
    "L-BFGS 5, line search, 100": method(searched(5), 100),
    "L-BFGS 10, line search, 100": method(searched(10), 100),
    "steepest, line search, 100": method(searched(0), 100),
    "Barzilai-Borwein short, 60": method(barzilai_borwein(1.0, decay=False), 60),
    "Barzilai-Borwein short, 100": method(barzilai_borwein(1.0, decay=False), 100),
    "Barzilai-Borwein short, decay, 100": method(barzilai_borwein(1.0, decay=True), 100),
    "Barzilai-Borwein long, decay, 100": method(
        barzilai_borwein(0.5, decay=True, short=False), 100
    ),
    "l2 from 4 times, 100": method(ball(0.05, 0.8, first_l2=4.0), 100),
    "l2 from a quarter, 100": method(ball(0.05, 0.8, first_l2=0.25), 100),
    "start: 0.1 x normal": method(DEFAULT, 100, scaled(0.1)),
    "start: 2 x normal": method(DEFAULT, 100, scaled(2.0)),
    "start: 3 x normal": method(DEFAULT, 100, scaled(3.0)),
    "start: antithetic": method(DEFAULT, 100, antithetic),
    "start: repelled": method(DEFAULT, 100, repelled),
    "start: background maps": method(DEFAULT, 100, lambda task: task.real),
    "3 x normal, ball .1/.8, 100": method(ball(0.1, 0.8), 100, scaled(3.0)),
    "3 x normal, ball .05/.9, 100": method(ball(0.05, 0.9), 100, scaled(3.0)),
    "repelled, ball .05/.9, 100": method(ball(0.05, 0.9), 100, repelled),
    "start: similar class, 30": from_kin(30),
    "two-stage 30 + 100, apart .05": two_stage(30, 100, 0.05),
    "two-stage 30 + 100, apart .3": two_stage(30, 100, 0.3),
    "two-stage 60 + 100, apart .05": two_stage(60, 100, 0.05),
}
REFERENCES: dict[str, Method] = {
    "heavy ball .02/.8, 500": method(ball(0.02, 0.8), 500),
    "Adam .1, 500": method(adam(0.1), 500),
    "L-BFGS 10, line search, 300": method(searched(10), 300),
}
FINALISTS = (
    "heavy ball .05/.8, 100 (default)", "default, other starts", "heavy ball .1/.8, 100",
    "heavy ball .05/.9, 100", "heavy ball .1/.9, 100", "start: 2 x normal", "start: 3 x normal",
    "3 x normal, ball .1/.8, 100", "3 x normal, ball .05/.9, 100",
)  # fmt: skip
