"""A whole ascent of DeepSEA's size on a GPU: 919 classes, ten trials, both regimes.

    python -m bench.gpu [--classes 919] [--json]

Prints the seconds, with float32 and as a bfloat16 preview, the rate, the agreement of the preview,
the most memory held as a share of what was free, and how the rate depends on the rows of a chunk.
Says so and ends well where there is no GPU. Exit code 1 when more than 90% of the free memory are
taken or the preview is far off; the time depends on the card and is only printed beside the aim.
"""

import argparse
import json
import sys
import time
from dataclasses import replace

import torch

from bench.ascent import penalty, rate
from bench.tails import Subject, deepsea_size
from deepresolve_dash.core.ascent.ascend import ascend
from deepresolve_dash.core.ascent.memory import bytes_per_row, fitting_rows
from deepresolve_dash.core.ascent.preview import precision_agreement
from deepresolve_dash.core.settings import DEFAULT, AscentSettings, ascent_settings
from deepresolve_dash.runs.execute import full_precision

AIM_S, MOST_MEMORY, LEAST_AGREEMENT = 60, 0.9, 0.99
PRECISIONS = ("float32", "bfloat16")


def whole(subject: Subject, n_classes: int, settings: AscentSettings) -> dict:
    """Return time, rate and memory of a whole ascent."""
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    free, _ = torch.cuda.mem_get_info()
    held, done = torch.cuda.memory_allocated(), 0

    def progress(now: int, _: int) -> None:
        nonlocal done
        done = now

    torch.cuda.synchronize()
    begun = time.perf_counter()
    classes = range(n_classes)
    for _ in ascend(subject.tail, classes, base=subject.base, settings=settings, progress=progress):
        pass
    torch.cuda.synchronize()
    seconds = time.perf_counter() - begun
    most = torch.cuda.max_memory_allocated() - held
    return {
        "seconds": seconds,
        "row_steps": done,
        "tflops": done * subject.flops() / seconds / 1e12,
        "share_of_free_memory": most / free,
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--classes", type=int, default=919)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not torch.cuda.is_available():
        print("No CUDA device was found: nothing is measured.")
        return 0
    with full_precision(torch.device("cuda")):
        return measure(options.classes, options.json)


def measure(n_classes: int, as_json: bool) -> int:
    """Measure, print, and tell by the exit code whether the aims are met."""
    print(torch.cuda.get_device_name())
    subject = deepsea_size().to("cuda")
    fitting = fitting_rows(subject.tail, subject.base)
    told: dict = {"rows_of_a_chunk": fitting}
    told["bytes_per_row"] = bytes_per_row(subject.tail, subject.base)
    l2, steps = penalty(subject), ascent_settings(steps=5)
    for rows in (128, 512, 2048):
        rates = [rate(subject, rows, steps, l2, "cuda") for _ in range(3)]
        told[f"rate_{rows}"] = max(rates)
        print(f"{rows:5} rows: {max(rates):9,.0f} row-steps/s", flush=True)
    preview = replace(DEFAULT.ascent, precision="bfloat16")
    for name, settings in zip(PRECISIONS, (DEFAULT.ascent, preview), strict=True):
        told[name] = whole(subject, n_classes, settings)
        print(name, told[name], flush=True)
    agreement = precision_agreement(subject.tail, range(4), subject.base, preview)
    told["agreement"] = [float(r) for r in agreement]  # type: ignore[union-attr]
    for key, value in told.items():
        print(f"{key:20} {value}")
    if as_json:
        print(json.dumps(told))
    print(f"Aim for float32: {AIM_S} seconds.")
    full = any(told[name]["share_of_free_memory"] > MOST_MEMORY for name in PRECISIONS)
    return int(full or min(told["agreement"]) < LEAST_AGREEMENT)


if __name__ == "__main__":
    sys.exit(main())
