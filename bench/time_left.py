"""How wrong the time left is that is shown of a run, after a tenth of it and after half of it.

    python -m bench.time_left [--json]

Whole runs on one thread, as a worker makes them that nobody helps: other numbers of classes and
trials, other layers, networks and presets. The clock is that of the processor. Prints, for each,
the seconds of its ascent and the time left that is shown then as a share of what the ascent still
takes: +10% is a tenth too long. What follows an ascent, its summary, is not in the time left; how
long that takes is in the last column.
"""

import argparse
import json
import time
from collections.abc import Callable

import torch

from bench.tails import deepsea_network, small_network
from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.demos.ship import NETWORKS
from deepresolve_dash.networks.graph import Network
from deepresolve_dash.networks.neutral import load_network
from deepresolve_dash.runs.execute import execute
from deepresolve_dash.runs.job import Job, make_job
from deepresolve_dash.runs.watch import TimeLeft

SHARES = (0.1, 0.5)

CASES: list[tuple[str, Callable[[], Network], str, int, int, str]] = [
    ("a small convolution", small_network, "first", 64, 10, "default"),
    ("", small_network, "first", 256, 10, "default"),
    ("", small_network, "first", 512, 10, "default"),
    ("", small_network, "first", 64, 100, "default"),
    ("panel, as shipped", lambda: load_network(NETWORKS / "panel"), "conv1", 34, 10, "default"),
    ("", lambda: load_network(NETWORKS / "panel"), "pool1", 34, 100, "default"),
    ("", lambda: load_network(NETWORKS / "panel"), "conv2", 34, 300, "default"),
    ("", lambda: load_network(NETWORKS / "panel"), "pool1", 34, 100, "paper"),
    ("DeepSEA's size", deepsea_network, "pool2", 4, 10, "default"),
]  # name, network, layer, classes, trials, preset


def timed(job: Job) -> dict:
    """Run a job; return the seconds of its ascent and of what follows, and the errors."""
    left, ended = TimeLeft(), 0.0
    told: dict[float, tuple[float, float | None]] = {}  # share -> when, seconds left

    def progress(done: int, total: int) -> None:
        nonlocal begun
        now = time.process_time()
        begun = begun or now
        shown = left.at(now, done, total)
        for share in SHARES:
            if share not in told and done >= share * total:
                told[share] = now, shown

    def phase(name: str) -> None:
        nonlocal ended
        if name == "summary" and not ended:
            ended = time.process_time()

    begun = 0.0
    execute(job, device="cpu", progress=progress, on_phase=phase)
    after = time.process_time() - ended
    errors = [None if shown is None else shown / (ended - now) - 1 for now, shown in told.values()]
    return {"seconds": ended - begun, "errors": errors, "after": after}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("| network | layer | classes x trials | preset | seconds | a tenth | half | summary, s |")
    print("|---|---|---|---|---|---|---|---|")
    rows = []
    for name, network, layer, n_classes, n_trials, preset in CASES:
        settings = ascent_settings(preset, n_trials=n_trials)
        classes = ",".join(map(str, range(n_classes)))
        job = make_job(
            network(), network_name=name, layer=layer, preset=preset, settings=settings,
            classes=classes,
        )  # fmt: skip
        row = timed(job)
        rows.append({"case": [name, layer, n_classes, n_trials, preset], **row})
        errors = ["none yet" if error is None else f"{error:+.0%}" for error in row["errors"]]
        cells = [name, layer, f"{n_classes} x {n_trials}", preset, f"{row['seconds']:.0f}", *errors]
        print("| " + " | ".join([*cells, f"{row['after']:.1f}"]) + " |", flush=True)
    if options.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
