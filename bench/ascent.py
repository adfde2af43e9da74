"""The ascent against the way it is usually written, and against the bare product of its shape.

    python -m bench.ascent [--models FOLDER] [--rounds 3] [--rows 3] [--device cpu] [--json]

In one run, with one thread on a CPU:

(a) reference: one class and one trial at a time, plain steps, all logits, gradients to the map
(b) the same, batched over ten trials of a class
(c) ours: chunks of (class, trial) rows
(d) the bare convolution of the tail's shape, forward and back to the map, as the roofline

Prints row-steps per core-second (seconds of the device on a GPU), the share of (d) in operations
per second, the time until (c) has the objective at which (a) stops improving, memory per row, and
how time grows with classes, trials, channels and width (slopes of the logarithms; 1 is linear), and
that of (d) with width: a kernel of 5 has 12 places on 16 positions, and 124 on 128.
How wrong the time left is: `bench.time_left`.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from bench.tails import Subject, count_flops, deepsea_size, published, small, usual_convolutions
from deepresolve_dash.core.ascent.ascend import ascend, join
from deepresolve_dash.core.ascent.climb import climb
from deepresolve_dash.core.ascent.memory import fitting_rows
from deepresolve_dash.core.ascent.objective import Objective
from deepresolve_dash.core.ascent.optimisers import make_step, plain
from deepresolve_dash.core.ascent.rows import make_rows, start_maps
from deepresolve_dash.core.settings import DEFAULT, AscentSettings, Regime, ascent_settings

PLAIN = 0.02  # step of (a) in units of 1 / (2 l2): 0.006 to 0.056 in the paper and its vectors
PATIENCE, MOST_STEPS = 10, 10_000  # of (a): the paper's
REGIME = Regime("modes", 1.0)
_NEAR = 1e-3  # share of the climb from S(m) that may be missing when (c) is called there
_ROUNDS = 5  # of measuring how time grows
N_MODELS = 10  # published models whose objective is waited for


def clock(device: str) -> float:
    """Return seconds of computing: of this process, or on a GPU until all of it is done."""
    if device == "cpu":
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()


def rows_of(subject: Subject, n: int, l2: float) -> tuple[Objective, torch.Tensor]:
    """Return the objective and the starts of n rows, ten trials a class."""
    trials = min(n, 10)
    rows = make_rows(np.arange(-(-n // trials)) % subject.n_outputs, trials)
    target = torch.as_tensor(rows.target[:n], device=subject.base.map.device)
    scale = subject.base.distance / np.sqrt(subject.base.map.numel())
    shape = subject.base.map.shape[0], subject.base.map.shape[1]
    starts = start_maps(rows, shape, scale, DEFAULT.ascent)[:n].to(target.device)
    penalty = torch.full((n,), l2, device=target.device)
    return Objective(subject.tail, subject.base.map, target, penalty), starts


def rate(subject: Subject, n_rows: int, settings: AscentSettings, l2: float, device: str) -> float:
    """Return the row-steps per second of a chunk that climbs."""
    objective, starts = rows_of(subject, n_rows, l2)
    step = make_step(settings, l2=objective.l2, scale=1.0)
    begun = clock(device)
    climb(objective, starts, step, settings, lambda: None)
    return n_rows * (settings.steps + 1) / (clock(device) - begun)


def bare_rate(subject: Subject, n_rows: int, steps: int, device: str) -> float:
    """Return the rows per second of the bare product, forward and back to the map."""
    h = subject.base.map.expand(n_rows, -1, -1).clone().requires_grad_(True)
    begun = clock(device)
    for _ in range(steps + 1):
        product = subject.bare(h)
        torch.autograd.grad(product, h, torch.ones_like(product))
    return n_rows * (steps + 1) / (clock(device) - begun)


def penalty(subject: Subject) -> float:
    """Return the median l2 of the first classes, as the default preset finds it."""
    settings = replace(DEFAULT.ascent, regimes=(REGIME,), steps=1)
    classes = range(min(4, subject.n_outputs))
    found = [
        block for _, block in ascend(subject.tail, classes, base=subject.base, settings=settings)
    ]
    return float(np.nanmedian(join(found)[REGIME.name].l2))


def speeds(subject: Subject, rounds: int, device: str) -> dict:
    """Return the rates of (a) to (d), the best of interleaved rounds."""
    l2, n_rows = penalty(subject), fitting_rows(subject.tail, subject.base)
    flops, bare_flops = subject.flops(), count_flops(subject.bare, subject.base.map)
    steps = int(np.clip(2e9 / flops if device == "cpu" else 100, 4, 100))
    usual = replace(ascent_settings("paper", l2=l2, step_size=PLAIN / (2 * l2)), patience=None)
    ours = ascent_settings(steps=steps)
    measured: dict[str, list[float]] = {name: [] for name in "abcd"}
    for _ in range(rounds + 1):  # the first warms up
        with usual_convolutions():
            measured["a"].append(rate(subject, 1, replace(usual, steps=4 * steps), l2, device))
            measured["b"].append(rate(subject, 10, replace(usual, steps=2 * steps), l2, device))
        measured["c"].append(rate(subject, n_rows, ours, l2, device))
        measured["d"].append(bare_rate(subject, n_rows, steps, device))
    a, b, c, d = (max(measured[name][1:]) for name in "abcd")
    return {
        "rows_of_a_chunk": n_rows, "a": a, "b": b, "c": c, "c_over_a": c / a, "c_over_b": c / b,
        "share_of_d": c * flops / (d * bare_flops), "tflops": c * flops / 1e12, "l2": l2,
    }  # fmt: skip


def time_to_objective(subject: Subject, l2: float, n_rows: int, device: str) -> dict:
    """Compare the time at which ours has the mean objective that (a) stops at."""
    settings = ascent_settings("paper", l2=l2, step_size=PLAIN / (2 * l2), steps=MOST_STEPS)
    settings = replace(settings, start_decay=MOST_STEPS, patience=PATIENCE)
    reached, n_steps, begun = [], [], clock(device)
    every, starts = rows_of(subject, n_rows, l2)
    for row in range(n_rows):
        one = Objective(subject.tail, subject.base.map, every.target[row : row + 1], every.l2[:1])
        step = plain([settings.step_size] * MOST_STEPS, l2=one.l2)
        with usual_convolutions():
            climbed = climb(one, starts[row : row + 1], step, settings, lambda: None)
        reached.append(float(climbed.objective))
        n_steps.append(int(climbed.n_steps))
    theirs = (clock(device) - begun) / n_rows
    at_base, _ = every.score(torch.zeros_like(starts))
    goal = float(np.mean(reached))
    goal -= _NEAR * (goal - float(at_base.mean()))
    chunk = fitting_rows(subject.tail, subject.base)
    objective, starts = rows_of(subject, chunk, l2)
    step, u = make_step(DEFAULT.ascent, l2=objective.l2, scale=1.0), starts
    begun, taken, best = clock(device), 0, -np.inf
    while taken < DEFAULT.ascent.steps:
        score, gradient = objective.score(u)
        best = float(objective.penalised(score, u)[:n_rows].mean())
        if best >= goal:
            break
        u = step(taken, u, gradient)
        taken += 1
    ours = (clock(device) - begun) / chunk
    return {
        "rows": n_rows, "steps_of_a": float(np.mean(n_steps)), "steps_of_c": taken,
        "reached": bool(best >= goal), "times_less": theirs / ours,
    }  # fmt: skip


def times_to_objective(made: list[Callable[[], Subject]], n_rows: int, device: str) -> dict:
    """Return the medians over some subjects, and how many of them (c) got there with at all."""
    found = []
    for make in made:
        subject = make().to(device)
        found.append(time_to_objective(subject, penalty(subject), n_rows, device))
    there = [one for one in found if one["reached"]]
    medians = {key: float(np.median([one[key] for one in there or found])) for key in found[0]}
    return medians | {"reached": len(there), "of": len(found)}


def memory_per_row(name: str, numbers: int, models: Path | None, device: str) -> float:
    """Return the bytes that another row takes: of a fresh process, or as the GPU tells."""
    few = max(128, 2**21 // numbers)  # enough to outgrow what building the network left
    many = 4 * few
    peaks = []
    for n_rows in (few, many):
        command = [sys.executable, "-m", "bench.ascent", "--peak", name, str(n_rows)]
        command += ["--device", device] + (["--models", str(models)] if models else [])
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
        peaks.append(int(done.stdout.split()[-1]))
    return (peaks[1] - peaks[0]) / (many - few)


def peak(subject: Subject, n_rows: int, device: str) -> int:
    """Return the most bytes held while some rows climb."""
    objective, starts = rows_of(subject, n_rows, 1.0)
    settings = ascent_settings(steps=4)
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    else:
        Path("/proc/self/clear_refs").write_text("5")  # forget the peak of building the network
    step = make_step(settings, l2=objective.l2, scale=1.0)
    climb(objective, starts, step, settings, lambda: None)
    if device == "cuda":
        return torch.cuda.max_memory_allocated()
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


def slopes(device: str) -> dict:
    """Return how time grows: slope of log time over log size."""
    settings = ascent_settings(n_trials=8, steps=10)

    def seconds(subject: Subject, n_classes: int = 64, n_trials: int = 8) -> float:
        begun, trials = clock(device), replace(settings, n_trials=n_trials)
        for _ in ascend(subject.tail, range(n_classes), base=subject.base, settings=trials):
            pass
        return clock(device) - begun

    def slope(measure: Callable[[int], float], sizes: list[int]) -> float:
        """Return the median over rounds that measure the sizes in turns.

        The best times would not do: a short one catches a quick moment of the machine, a long one
        cannot.
        """
        rounds = np.log([[measure(n) for n in sizes] for _ in range(_ROUNDS)])
        return float(np.median(np.polyfit(np.log(sizes), rounds.T, 1)[0]))

    plain_size = small().to(device)
    channels = {n: small(n_channels=n).to(device) for n in (64, 128, 256, 512)}
    widths = {n: small(width=n).to(device) for n in (16, 32, 64, 128)}
    return {
        "classes": slope(lambda n: seconds(plain_size, n_classes=n), [64, 128, 256, 512]),
        "trials": slope(lambda n: seconds(plain_size, n_trials=n), [20, 40, 80, 160]),
        "channels": slope(lambda n: seconds(channels[n]), list(channels)),
        "width": slope(lambda n: seconds(widths[n]), list(widths)),
        "width_of_d": slope(lambda n: 1 / bare_rate(widths[n], 512, 20, device), list(widths)),
    }


def subjects(models: Path | None) -> dict[str, list[Callable[[], Subject]]]:
    """Return what is measured, by name; speed and memory of the first."""
    found: dict[str, list[Callable[[], Subject]]] = {"DeepSEA": [deepsea_size]}
    if models:
        folders = sorted(path for path in models.iterdir() if path.is_dir())
        found["published"] = [partial(published, folder) for folder in folders[:N_MODELS]]
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=Path, help="folder of published models")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=3, help="rows of (a) that run to their end")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--peak", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.backends.cudnn.allow_tf32, torch.backends.cudnn.benchmark = False, True
    made = subjects(options.models)
    if options.peak:
        subject = made[options.peak[0]][0]().to(options.device)
        print(peak(subject, int(options.peak[1]), options.device))
        return
    told = {}
    for name, makes in made.items():
        first = makes[0]().to(options.device)
        told[name] = speeds(first, options.rounds, options.device)
        told[name] |= times_to_objective(makes, options.rows, options.device)
        per_row = memory_per_row(name, first.base.map.numel(), options.models, options.device)
        told[name]["megabytes_per_row"] = per_row / 1e6
        print(f"\n{name}")
        for key, value in told[name].items():
            print(f"  {key:20} {value:,.3g}")
    told["slopes"] = slopes(options.device)
    print("\nslopes")
    for key, value in told["slopes"].items():
        print(f"  {key:20} {value:.3f}")
    if options.json:
        print(json.dumps(told))


if __name__ == "__main__":
    main()
