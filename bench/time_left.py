"""How wrong the time left is that is shown of a run, after a tenth of it and after half of it.

    python -m bench.time_left [--device cpu] [--json]

Whole runs, on a CPU with one thread, as a worker makes them that nobody helps: other numbers of
classes and trials, other layers, networks and presets. The clock is that of the processor, or with
a GPU the one on the wall. Prints, for each, the seconds of its ascent and the time left that is
shown then as a share of what the ascent still takes: +10% is a tenth too long. What follows an
ascent, its summary, is not in the time left; how long that takes is in the last column.
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

Case = tuple[str, Callable[[], Network], str, int, int, str]

# name, network, layer, classes, trials, preset
SMALL: list[Case] = [
    ("a small convolution", small_network, "first", 64, 10, "default"),
    ("", small_network, "first", 256, 10, "default"),
    ("", small_network, "first", 512, 10, "default"),
    ("", small_network, "first", 64, 100, "default"),
]
PANEL: list[Case] = [
    ("panel, as shipped", lambda: load_network(NETWORKS / "panel"), "conv1", 34, 10, "default"),
    ("", lambda: load_network(NETWORKS / "panel"), "pool1", 34, 100, "default"),
    ("", lambda: load_network(NETWORKS / "panel"), "conv2", 34, 300, "default"),
    ("", lambda: load_network(NETWORKS / "panel"), "pool1", 34, 100, "paper"),
]
LARGE: dict[str, Case] = {
    device: ("DeepSEA's size", deepsea_network, "pool2", n_classes, 10, "default")
    for device, n_classes in (("cpu", 4), ("cuda", 919))
}


def timed(job: Job, device: str) -> dict:
    """Run a job; return the seconds of its ascent and of what follows, and the errors."""
    left, ended = TimeLeft(), 0.0
    clock = time.process_time if device == "cpu" else time.monotonic
    told: dict[float, tuple[float, float | None]] = {}  # share -> when, seconds left

    def progress(done: int, total: int) -> None:
        nonlocal begun
        now = clock()
        begun = begun or now
        shown = left.at(now, done, total)
        for share in SHARES:
            if share not in told and done >= share * total:
                told[share] = now, shown

    def phase(name: str) -> None:
        nonlocal ended
        if name == "summary" and not ended:
            ended = clock()

    begun = 0.0
    execute(job, device=device, progress=progress, on_phase=phase)
    after = clock() - ended
    errors = [None if shown is None else shown / (ended - now) - 1 for now, shown in told.values()]
    return {"seconds": ended - begun, "errors": errors, "after": after}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--device", choices=tuple(LARGE), default="cpu")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("| network | layer | classes x trials | preset | seconds | a tenth | half | summary, s |")
    print("|---|---|---|---|---|---|---|---|")
    rows = []
    for name, network, layer, n_classes, n_trials, preset in [
        *SMALL,
        *PANEL,
        LARGE[options.device],
    ]:
        settings = ascent_settings(preset, n_trials=n_trials)
        classes = ",".join(map(str, range(n_classes)))
        job = make_job(
            network(), network_name=name, layer=layer, preset=preset, settings=settings,
            classes=classes,
        )  # fmt: skip
        row = timed(job, options.device)
        rows.append({"case": [name, layer, n_classes, n_trials, preset], **row})
        errors = ["none yet" if error is None else f"{error:+.0%}" for error in row["errors"]]
        cells = [name, layer, f"{n_classes} x {n_trials}", preset, f"{row['seconds']:.0f}", *errors]
        print("| " + " | ".join([*cells, f"{row['after']:.1f}"]) + " |", flush=True)
    if options.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
