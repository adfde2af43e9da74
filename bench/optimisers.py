"""Which step rule, start or schedule climbs best per row-step, on trained networks.

    python -m bench.optimisers [--models FOLDER] [--trials 40] [--quick | --held-out N] [--json]

Every candidate of `bench.candidates` climbs the same classes at the same l2, and from the same
starts where it has no own. Two tables, one per regime: medians over the networks, with the lowest
and highest network in brackets. What the columns are is told below the tables.
"""

import argparse
import json
import math
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import rankdata
from torch import Tensor

from bench.candidates import CANDIDATES, FINALISTS, REFERENCES, Method
from bench.climbers import Climb, ball, walk
from bench.tasks import MODELS, Task, problems
from deepresolve_dash.core.ascent.climb import check_convergence
from deepresolve_dash.core.ascent.objective import Objective
from deepresolve_dash.core.statistics.mixture import fit_mixture
from deepresolve_dash.core.statistics.ofiv import is_guarded, kinds, overall_importance
from deepresolve_dash.core.statistics.optima import distinct_optima
from deepresolve_dash.core.statistics.weights import inconsistency, trial_weights

STANDARD = next(iter(CANDIDATES))
TOGETHER = 1000  # rows of several candidates that are polished side by side
BUDGET = 1010  # row-steps per class: ten trials of the default
LEAST = {  # what counts as better or worse than the default
    "objective": 1e-3, "budget_best": 1e-3, "budget_optima": 0.1, "budget_good": 0.1,
}  # fmt: skip
COLUMNS = (
    "candidate", "row-steps", "time", "objective", "best", "near", "converged", "OFIV", "optima",
    "raw", "trials in budget", "best in budget", "optima in budget", "good in budget",
    "+ / - objective", "+ / - best", "+ / - optima", "+ / - good",
)  # fmt: skip
LEGEND = """
row-steps   gradients per row; time: core time, the default is 1
objective   (objective - S(m)) / (best known - S(m)), mean over rows; best: the best of all trials
near        rows within 1e-3 of the best known; converged: by the run's own test
optima      distinct FIVs after 100 more small steps from each kept map, so that what has not
            converged does not count as a find; raw: before them
OFIV        rank correlation with the best map of every trial over all methods
in budget   with as many trials as 1010 row-steps pay for: trials, best objective, optima, and
            optima within 10% of the best known objective
+ / -       networks on which the candidate is better / worse than the default: mean objective by
            more than 1e-3, best objective in budget by more than 1e-3, optima in budget by 0.1, and
            optima within 10% by 0.1
"""


@dataclass(frozen=True)
class Found:
    """What one candidate found: arrays (target, trial, ...), numbers per row."""

    fiv: NDArray
    score: NDArray
    objective: NDArray
    converged: NDArray
    polished_fiv: NDArray
    polished: NDArray
    row_steps: float
    seconds: float


def climb_all(task: Task, methods: dict[str, Method]) -> dict[str, Found]:
    """Run every method, and polish what it found."""
    climbs, seconds = {}, []
    for name, run in methods.items():
        if name.startswith("start: similar") and task.shape[0] == 1:
            continue
        begun = time.process_time()
        climbs[name] = run(task)
        seconds.append(time.process_time() - begun)
    together = max(1, TOGETHER // len(task.normal))
    polished = [
        one
        for first in range(0, len(climbs), together)
        for one in polish(task, list(climbs.values())[first : first + together])
    ]

    def array(tensor: Tensor) -> NDArray:
        return tensor.double().unflatten(0, task.shape).numpy()

    found = {}
    for (name, climb), after, time_s in zip(climbs.items(), polished, seconds, strict=True):
        before = (climb.u.mean(2), climb.score, climb.objective)
        converged, fiv, objective = after
        arrays = map(array, (*before, converged, fiv, objective))
        found[name] = Found(*arrays, row_steps=climb.row_steps, seconds=time_s)
    return found


def polish(task: Task, climbs: list[Climb]) -> list[tuple[Tensor, Tensor, Tensor]]:
    """Return (converged, FIV and objective after 100 small steps) of each row of some climbs."""
    whole, n = task.objective, len(climbs)
    objective = Objective(whole.tail, whole.base, whole.target.repeat(n), whole.l2.repeat(n))
    u = torch.cat([climb.u for climb in climbs])
    converged, _ = check_convergence(objective, u)
    rule = ball(0.02, 0.8)(replace(task, objective=objective), 100)
    after = walk(objective, u, rule, 100)
    parts = (x.chunk(n) for x in (converged, after.u.mean(2), after.objective))
    return list(zip(*parts, strict=True))


def overall(fiv: NDArray, score: NDArray) -> NDArray:
    """Return the OFIV of one class as a run derives it; (trial, channel), (trial,) given."""
    weight = trial_weights(score)
    levels = inconsistency(fiv, weight)
    guarded = is_guarded(fiv, weight, levels, guard=0.1)
    additive = fit_mixture(levels).additive(levels) | guarded
    return overall_importance(fiv, weight, kinds(fiv, weight, additive))


def overalls(fiv: NDArray, score: NDArray) -> list[NDArray]:
    """Return the OFIV of every class."""
    return [overall(*one) for one in zip(fiv, score, strict=True)]


def compare(task: Task, found: dict[str, Found]) -> dict[str, dict[str, float]]:
    """Return the numbers of every candidate, means over the classes."""
    best = np.max([one.polished.max(1) for one in found.values()], axis=0)
    at_zero, _ = task.objective.score(torch.zeros_like(task.normal))
    zero = at_zero.double().unflatten(0, task.shape).numpy()[:, :1]
    height = best[:, None] - zero
    same_starts = [one for name, one in found.items() if "start" not in name]
    winner = np.argmax([one.objective for one in same_starts], axis=0)
    rows = np.arange(task.shape[0])[:, None], np.arange(task.shape[1])
    fiv = np.stack([one.fiv for one in same_starts])[winner, *rows]
    score = np.stack([one.score for one in same_starts])[winner, *rows]
    reference = overalls(fiv, score)
    return {
        name: numbers(
            one, (one.objective - zero) / height, (one.polished - zero) / height, reference
        )
        for name, one in found.items()
    }


def numbers(
    one: Found, gain: NDArray, polished: NDArray, reference: list[NDArray]
) -> dict[str, float]:
    """Return the numbers of one candidate from its gains, shares of the best known one."""
    n_trials = gain.shape[1]
    in_budget = int(min(n_trials, max(1, round(BUDGET / one.row_steps))))
    windows = [np.arange(first, first + in_budget) % n_trials for first in range(0, n_trials, 10)]
    agree = [
        np.corrcoef(rankdata(ours), rankdata(theirs))[0, 1]
        for ours, theirs in zip(overalls(one.fiv, one.score), reference, strict=True)
    ]
    return {
        "row_steps": one.row_steps,
        "seconds": one.seconds,
        "objective": float(gain.mean()),
        "best": float(gain.max(1).mean()),
        "near": float((gain > 1 - 1e-3).mean()),
        "converged": float(one.converged.mean()),
        "optima": count(one.polished_fiv),
        "raw": count(one.fiv),
        "ofiv": float(np.nanmean(agree)),
        "trials": in_budget,
        "budget_best": float(np.mean([gain[:, window].max(1) for window in windows])),
        "budget_optima": float(np.mean([count(one.polished_fiv[:, w]) for w in windows])),
        "budget_good": float(
            np.mean([count(one.polished_fiv[:, w], polished[:, w] > 0.9) for w in windows])
        ),
    }


def count(fiv: NDArray, keep: NDArray | None = None) -> float:
    """Return the number of distinct optima, the mean over the classes; (target, trial, channel)."""
    keep = np.ones(fiv.shape[:2], bool) if keep is None else keep
    return float(np.mean([len(set(distinct_optima(f[k]))) for f, k in zip(fiv, keep, strict=True)]))


def table(networks: list[dict[str, dict[str, float]]]) -> list[dict]:
    """Return the rows of one regime's table: medians over networks, lowest and highest."""
    rows = []
    for name in dict.fromkeys(name for network in networks for name in network):
        pairs = [(net[name], net[STANDARD]) for net in networks if name in net]
        row: dict = {"candidate": name, "networks": len(pairs)}
        for key in pairs[0][0]:
            values = [one[key] for one, _ in pairs]
            row[key] = [float(f(values)) for f in (np.median, np.min, np.max)]
        ratio = [one["seconds"] / standard["seconds"] for one, standard in pairs]
        row["time"] = [float(f(ratio)) for f in (np.median, np.min, np.max)]
        for key, least in LEAST.items():
            change = np.array([one[key] - standard[key] for one, standard in pairs])
            row[f"{key}_won"] = [int((change > least).sum()), int((change < -least).sum())]
        rows.append(row)
    return rows


def show(title: str, rows: list[dict]) -> None:
    """Print a table as Markdown."""

    def spread(row: dict, key: str) -> str:
        middle, low, high = row[key]
        return f"{middle:.3f} ({low:.3f}, {high:.3f})"

    print(f"\n{title}\n")
    print("| " + " | ".join(COLUMNS) + " |")
    print("|" + "---|" * len(COLUMNS))
    for row in rows:
        cells = [
            row["candidate"], f"{row['row_steps'][0]:.0f}", f"{row['time'][0]:.2f}",
            spread(row, "objective"), f"{row['best'][0]:.3f}", f"{row['near'][0]:.2f}",
            f"{row['converged'][0]:.2f}", spread(row, "ofiv"),
            *(f"{row[key][0]:.1f} ({row[key][2]:.1f})" for key in ("optima", "raw")),
            f"{row['trials'][0]:.0f}", spread(row, "budget_best"),
            *(f"{row[key][0]:.2f} ({row[key][2]:.1f})" for key in ("budget_optima", "budget_good")),
            *("{} / {}".format(*row[f"{key}_won"])
              for key in LEAST),
        ]  # fmt: skip
        print("| " + " | ".join(cells) + " |")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--models", type=Path, default=MODELS, help="published models, if any")
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--quick", action="store_true", help="20 trials, no panel, two models")
    parser.add_argument(
        "--held-out", type=int, default=0, help="the finalists on so many other published models"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    n_trials = 20 if options.quick else options.trials
    methods = CANDIDATES | REFERENCES
    if options.held_out:
        methods = {name: CANDIDATES[name] for name in FINALISTS} | REFERENCES
    networks: dict[str, dict] = {}
    for name, tasks in problems(
        options.models, n_trials, quick=options.quick, held_out=options.held_out
    ):
        begun = time.process_time()
        networks[name] = {
            regime: compare(task, climb_all(task, methods)) for regime, task in tasks.items()
        }
        print(f"{name}: {math.ceil(time.process_time() - begun)} s", flush=True)
    tables = {
        regime: table([network[regime] for network in networks.values()])
        for regime in ("importance", "modes")
    }
    for regime, rows in tables.items():
        show(f"Regime {regime}, {len(networks)} networks", rows)
    print(LEGEND)
    if options.json:
        print(json.dumps({"networks": networks, "tables": tables}))


if __name__ == "__main__":
    main()
