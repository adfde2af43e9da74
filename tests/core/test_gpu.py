"""What needs a CUDA device: numbers as on the CPU, and memory that really runs out."""

import numpy as np
import pytest
import torch

from deepresolve_dash.core.ascent import ascend as module
from deepresolve_dash.core.ascent.ascend import join
from deepresolve_dash.core.ascent.base import Base
from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.networks.convolution import conv1d

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")

CHANNELS, WIDTH = 48, 20


def tail_on(device: str, hidden: int, sizes: list[int]):
    """A convolution, a ReLU and outputs: (n, 48, 20) -> (n, 6); n is noted in `sizes`."""
    generator = torch.Generator().manual_seed(3)
    first = torch.randn(hidden, CHANNELS, 5, generator=generator).to(device) / 15
    second = torch.randn(hidden * (WIDTH - 4), 6, generator=generator).to(device) / 30

    def tail(h):
        sizes.append(len(h))
        return torch.relu(conv1d(h, first)).flatten(1) @ second

    return tail


def ascend_on(device: str, hidden: int = 64, n_trials: int = 10, sizes: list[int] | None = None):
    base = torch.rand(CHANNELS, WIDTH, generator=torch.Generator().manual_seed(4))
    blocks = module.ascend(
        tail_on(device, hidden, [] if sizes is None else sizes),
        range(6),
        base=Base(base.to(device), 3.0),
        settings=ascent_settings(n_trials=n_trials),
    )
    return join([regimes for _, regimes in blocks])


def test_cuda_agrees_with_the_cpu_on_objectives_and_class_means():
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        here, there = ascend_on("cpu"), ascend_on("cuda")
    for name, ours in here.items():
        theirs = there[name]
        assert theirs.objective.mean(1) == pytest.approx(ours.objective.mean(1), rel=2e-3)
        for a, b in zip(theirs.fiv.mean(1), ours.fiv.mean(1), strict=True):
            assert np.corrcoef(a, b)[0, 1] > 0.999


def test_when_the_memory_of_cuda_runs_out_chunks_are_halved(monkeypatch):
    monkeypatch.setattr(module, "fitting_rows", lambda *_: 512)
    plenty = ascend_on("cuda", hidden=512, n_trials=100)
    sizes: list[int] = []
    torch.cuda.empty_cache()
    # what stays are workspaces of matrix products, which no thread gives back
    allowed = torch.cuda.memory_reserved() + 48 * 2**20
    try:
        torch.cuda.set_per_process_memory_fraction(
            allowed / torch.cuda.get_device_properties(0).total_memory
        )
        short = ascend_on("cuda", hidden=512, n_trials=100, sizes=sizes)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert sizes[0] == 512
    assert 1 < sizes[-1] < 512
    for name, ours in plenty.items():
        assert short[name].objective.mean(1) == pytest.approx(ours.objective.mean(1), rel=2e-3)
