"""Classes that several workers ascend are those of one worker, on networks of planted logic."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from app import DEMOS
from deepresolve_dash.core.ascent.ascend import ascend, join
from deepresolve_dash.core.ascent.base import Base
from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.networks.cut import cut
from deepresolve_dash.networks.neutral import load_network

NETWORKS = DEMOS.parent / "networks"


def planted(name, dtype):
    """The tail of a shipped network of known logic, and a base map, in a precision of its own."""
    parts = cut(load_network(NETWORKS / name), "advised")
    weights = {key: weight.to(dtype) for key, weight in parts.tail.weights.items()}
    drawn = torch.randn(parts.n_channels, parts.width, generator=torch.Generator().manual_seed(2))
    return replace(parts.tail, weights=weights), Base(drawn.to(dtype), 2.0), parts.n_outputs


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", ["panel", "synthetic-2"])
def test_classes_in_parts_and_in_another_order_are_the_same_to_the_bit(name, dtype, monkeypatch):
    monkeypatch.setattr("deepresolve_dash.core.ascent.ascend.fitting_rows", lambda *_: 16)
    tail, base, n_outputs = planted(name, dtype)
    half = n_outputs // 2
    given = {"base": base, "settings": ascent_settings(n_trials=3, steps=15)}
    whole = join([block for _, block in ascend(tail, range(n_outputs), **given)])
    units = {}
    for part in ([slice(half, n_outputs)], [slice(0, half)]):  # by two workers
        list(ascend(tail, range(n_outputs), units=units, turns=lambda *_, p=part: p, **given))
    known = len(units)
    order = [slice(0, half), slice(half, n_outputs)]
    merged = [b for _, b in ascend(tail, range(n_outputs), units=units,
                                   turns=lambda *_: order, **given)]  # fmt: skip
    assert len(units) == known  # nothing was computed again
    for regime, ascent in join(merged).items():
        for key, array in vars(ascent).items():
            assert array is None or np.array_equal(
                array, vars(whole[regime])[key], equal_nan=array.dtype.kind == "f"
            )
