"""Tails of known size, whose ascent is timed."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from deepresolve_dash.core.ascent.base import Base, make_base
from deepresolve_dash.core.ascent.objective import Tail
from deepresolve_dash.core.ascent.rows import background_generator
from deepresolve_dash.core.settings import DEFAULT, N_BACKGROUND
from deepresolve_dash.networks import convolution
from deepresolve_dash.networks.build import sequential_network
from deepresolve_dash.networks.cut import Cut, cut
from deepresolve_dash.networks.graph import Network
from deepresolve_dash.networks.read import read_network
from deepresolve_dash.networks.sequences import random_sequences

Step = Callable[[], None]


@dataclass(frozen=True)
class Subject:
    """A tail with its base, and the product that most of its work is.

    Attributes
    ----------
    name : str
    tail, base : function, Base
    n_outputs : int
    kernel : tensor (out, channel, width)
        Of the first convolution of the tail; width 1 for a dense layer.
    """

    name: str
    tail: Tail
    base: Base
    n_outputs: int
    kernel: Tensor

    def to(self, device: str) -> "Subject":
        """Return the same on a device."""
        base = Base(self.base.map.to(device), self.base.distance)
        return Subject(
            self.name, self.tail.to(device), base, self.n_outputs, self.kernel.to(device)
        )  # type: ignore[attr-defined]

    def flops(self) -> int:
        """Count the operations of a row-step, as usually done: forward and back to the map."""
        with usual_convolutions():
            return count_flops(lambda h: self.tail(h)[:, 0], self.base.map)

    def bare(self, h: Tensor) -> Tensor:
        """Return the product alone."""
        return functional.conv1d(h, self.kernel)


def usual_convolutions() -> AbstractContextManager:
    """Let convolutions be torch's own, as they are in a loop that is usually written."""
    return patch.object(convolution, "exact_gradient", return_value=False)


def count_flops(score: Callable[[Tensor], Tensor], example: Tensor) -> int:
    """Count the operations of one row, forward and back to the map."""
    h = example[None].clone().requires_grad_(True)
    with FlopCounterMode(display=False) as counter:
        torch.autograd.grad(score(h).sum(), h)
    return counter.get_total_flops()


def deepsea_size() -> Subject:
    """480 channels x 53, a convolution of 960 x 8, dense 925, 919 outputs; random weights."""
    network = deepsea_network()
    parts = cut(network, "pool2")
    kernel = torch.tensor(network.weights["conv3.kernel"])
    return Subject(
        "DeepSEA size", parts.tail, background_base(network, parts, 64), parts.n_outputs, kernel
    )


def published(folder: Path) -> Subject:
    """Return a published model, cut at its advised layer; its tail begins with a dense layer."""
    network = read_network(folder)
    parts = cut(network, "advised")
    dense = next(array for array in parts.tail.weights.values() if array.ndim == 2)
    kernel = dense if dense.shape[1] == parts.n_channels * parts.width else dense.T
    kernel = kernel.reshape(len(kernel), parts.n_channels, parts.width)
    base = background_base(network, parts, N_BACKGROUND)
    return Subject(folder.name, parts.tail, base, parts.n_outputs, kernel.contiguous())


def small(n_channels: int = 64, width: int = 16, n_outputs: int = 512) -> Subject:
    """Return the tail of `small_network` as a subject, for how time grows."""
    network = small_network(n_channels, width, n_outputs)
    parts = cut(network, "first")
    kernel = torch.tensor(network.weights["conv.kernel"])
    return Subject("small", parts.tail, background_base(network, parts, 64), n_outputs, kernel)


def small_network(n_channels: int = 64, width: int = 16, n_outputs: int = 512) -> Network:
    """Return a convolution of 64 x 5, a global maximum and outputs, to be cut at `first`."""
    draw = np.random.default_rng(0)
    return sequential_network(
        [
            ("first", "conv", {"kernel": _draw(draw, n_channels, 4, 1)}),
            ("conv", "conv", {"kernel": _draw(draw, 64, n_channels, 5)}),
            ("conv", "relu", {}),
            ("pool", "global_max", {}),
            ("out", "linear", {"kernel": _draw(draw, n_outputs, 64)}),
        ],
        input_length=width,
    )


def deepsea_network() -> Network:
    """Return a network of DeepSEA's size with random weights, to be cut at `pool2`."""
    draw = np.random.default_rng(0)
    return sequential_network(
        [
            ("conv1", "conv", {"kernel": _draw(draw, 320, 4, 8)}),
            ("conv1", "relu", {}),
            ("pool1", "max_pool", {"size": 4, "stride": 4}),
            ("conv2", "conv", {"kernel": _draw(draw, 480, 320, 8)}),
            ("conv2", "relu", {}),
            ("pool2", "max_pool", {"size": 4, "stride": 4}),
            ("conv3", "conv", {"kernel": _draw(draw, 960, 480, 8)}),
            ("conv3", "relu", {}),
            ("flat", "flatten", {}),
            ("dense1", "linear", {"kernel": _draw(draw, 925, 960 * 46)}),
            ("dense1", "relu", {}),
            ("output", "linear", {"kernel": _draw(draw, 919, 925)}),
        ],
        input_length=883,
    )


def _draw(draw: np.random.Generator, *shape: int) -> np.ndarray:
    """Draw weights that keep the size of what passes through."""
    scale = np.sqrt(2 / np.prod(shape[1:]))
    return (draw.standard_normal(shape, dtype=np.float32) * scale).astype(np.float32)


def background_base(network: Network, parts: Cut, n: int) -> Base:
    """Return the base of a cut, of n background sequences."""
    letters = random_sequences(background_generator(0), n, network.input_length)
    return make_base(parts.head, torch.from_numpy(letters), DEFAULT.ascent)
