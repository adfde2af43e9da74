"""Ways to convolve, forward and back to the maps: time and error of each against ATen's own.

    python -m bench.convolutions [--device cpu] [--json]

For each shape the time of ATen's way and in frequency space, best of interleaved rounds, with one
thread on a CPU; the root mean square error of maps and gradients against float64, relative to their
size; and where the ascent chooses frequency space.
"""

import argparse
import json
import time
from collections.abc import Callable
from unittest.mock import patch

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from deepresolve_dash.networks import convolution
from deepresolve_dash.networks.convolution import FrequencyConvolution, tile_length

SHAPES = [  # channels, out, width of the kernel, positions
    (480, 960, 8, 53), (320, 480, 8, 216), (320, 320, 8, 500), (300, 200, 11, 200),
    (96, 96, 11, 100), (512, 512, 5, 128), (512, 512, 3, 128), (256, 64, 5, 40), (128, 128, 5, 50),
    (128, 128, 3, 50), (64, 128, 4, 30), (64, 64, 5, 16), (64, 64, 7, 1000), (32, 32, 5, 50),
    (16, 32, 8, 100),
]  # fmt: skip
ROUNDS, REPEATS = 3, 5
NUMBERS = 2**24  # of the maps of a chunk on a GPU

Way = Callable[[Tensor], Tensor]


def clock(device: str) -> float:
    """Return seconds of this process, or on a GPU until all of it is done."""
    if device == "cpu":
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()


def forward_and_back(way: Way, x: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor]:
    """Return the maps and the gradient to x."""
    made = way(x)
    (back,) = torch.autograd.grad(made, x, gradient)
    return made.detach(), back


def error(found: Tensor, exact: Tensor) -> float:
    """Return the root mean square error in units of the root mean square."""
    return float((found - exact).square().mean().sqrt() / exact.square().mean().sqrt())


def ways(kernel: Tensor, length: int) -> dict[str, Way]:
    """Return what is compared."""
    n_out, n_channels, width = kernel.shape
    with patch.object(convolution, "_GAIN", 0.0):
        tile = tile_length.__wrapped__(n_channels, n_out, width, length)
    return {
        "aten": lambda x: functional.conv1d(x, kernel),
        "frequency": lambda x: FrequencyConvolution.apply(x, kernel, tile),
    }


def measure(shape: tuple[int, int, int, int], device: str) -> dict:
    """Return seconds and errors of one shape."""
    n_channels, n_out, width, length = shape
    rows = 32 if device == "cpu" else max(32, min(4096, NUMBERS // (n_channels * length)))
    draw = torch.Generator().manual_seed(0)
    x = torch.rand(rows, n_channels, length, generator=draw).to(device).requires_grad_()
    kernel = torch.randn(n_out, n_channels, width, generator=draw) / np.sqrt(n_channels * width)
    kernel = kernel.to(device)
    gradient = torch.randn(rows, n_out, length - width + 1, generator=draw).to(device)
    seconds: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for name, way in ways(kernel, length).items():
            forward_and_back(way, x, gradient)
            begun = clock(device)
            for _ in range(REPEATS):
                forward_and_back(way, x, gradient)
            seconds.setdefault(name, []).append((clock(device) - begun) / REPEATS)
    some = x.detach()[:8].double().requires_grad_()
    exact = forward_and_back(
        lambda x: functional.conv1d(x, kernel.double()), some, gradient[:8].double()
    )
    errors = {}
    for name, way in ways(kernel, length).items():
        found = forward_and_back(way, x, gradient)
        errors[name] = [error(a[:8], b) for a, b in zip(found, exact, strict=True)]
    return {
        "shape": shape,
        "rows": rows,
        "seconds": {name: min(taken) for name, taken in seconds.items()},
        "errors": errors,
        "chosen": bool(tile_length(n_channels, n_out, width, length)),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.backends.cudnn.allow_tf32, torch.backends.cudnn.benchmark = False, True
    print(
        "channels  out  width  positions  rows: milliseconds (of ATen's), error of maps, gradient"
    )
    told = []
    for shape in SHAPES:
        found = measure(shape, options.device)
        told.append(found)
        print("{:8} {:4} {:6} {:10}".format(*shape), f"{found['rows']:5}:", end="")
        for name, seconds in found["seconds"].items():
            share = seconds / found["seconds"]["aten"]
            maps, gradient = found["errors"][name]
            print(f"  {name} {seconds * 1e3:.2f} ({share:.2f}) {maps:.1e} {gradient:.1e}", end="")
        print("  chosen: frequency" if found["chosen"] else "", flush=True)
    if options.json:
        print(json.dumps(told))


if __name__ == "__main__":
    main()
