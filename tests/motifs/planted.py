"""Networks whose channels see what was written into them."""

from collections.abc import Sequence

import numpy as np

from deepresolve_dash.networks.build import sequential_network
from deepresolve_dash.networks.graph import Network

LENGTH = 60
GATA, EBOX = "AGATAAG", "CCACGTGA"


def kernel_of(word: str, width: int = 9, at: int = 1) -> np.ndarray:
    """Weights (base, offset): 1 for each letter of a word, -1 for the other bases there."""
    kernel = np.zeros((4, width), np.float32)
    for place, letter in enumerate(word):
        kernel[:, at + place] = -1
        kernel["ACGT".index(letter), at + place] = 1
    return kernel


def complement(word: str) -> str:
    """The word as the other strand reads it."""
    return word[::-1].translate(str.maketrans("ACGT", "TGCA"))


def first_layer() -> Network:
    """Channels: GATA, its reverse complement, GATA 1 bp to the right, E-box, a dead one."""
    kernels = [kernel_of(GATA), kernel_of(complement(GATA)), kernel_of(GATA, at=2),
               kernel_of(EBOX), np.zeros((4, 9), np.float32)]  # fmt: skip
    bias = np.array([-3, -3, -3, -3, -1], np.float32)
    return _pooled([("conv1", np.stack(kernels), bias)])


def both_strands() -> Network:
    """The only channel of the second layer reads GATA on either strand, channel 1 the E-box."""
    first = np.stack([kernel_of(GATA), kernel_of(complement(GATA)), kernel_of(EBOX)])
    second = np.zeros((2, 3, 1), np.float32)
    second[0, :2, 0] = 1
    second[1, 2, 0] = 1
    return _pooled([
        ("conv1", first, np.full(3, -4, np.float32)), ("conv2", second, np.zeros(2, np.float32)),
    ])  # fmt: skip


def anywhere() -> Network:
    """A dense layer after a convolution: its channel sees GATA wherever it lies."""
    n_positions = LENGTH - 9 + 1
    steps = [
        ("conv1", "conv", {"kernel": kernel_of(GATA)[None], "bias": np.float32([-4])}),
        ("conv1", "relu", {}),
        ("conv2", "conv", {"kernel": np.ones((1, 1, n_positions), np.float32)}),
        ("flat", "flatten", {}),
        ("dense", "linear", {"kernel": np.ones((1, 1), np.float32)}),
    ]
    return sequential_network(steps, input_length=LENGTH)


def planted_reads(
    words: Sequence[str], *, n: int = 40, seed: int = 0, length: int = LENGTH
) -> list[tuple[str, str]]:
    """Random sequences with one word each, in turn, at places that differ."""
    generator = np.random.default_rng(seed)
    reads = []
    for i in range(n):
        word = words[i % len(words)]
        letters = generator.choice(list("ACGT"), length)
        at = int(generator.integers(5, length - len(word) - 5))
        letters[at : at + len(word)] = list(word)
        reads.append((f"read_{i}", "".join(letters)))
    return reads


def _pooled(layers: Sequence[tuple[str, np.ndarray, np.ndarray]]) -> Network:
    """Convolutions with ReLU, then the maximum over all positions and one dense output."""
    steps: list[tuple[str, str, dict]] = []
    for name, kernel, bias in layers:
        steps += [(name, "conv", {"kernel": kernel, "bias": bias}), (name, "relu", {})]
    n_channels = len(layers[-1][1])
    weights = np.ones((1, n_channels), np.float32)
    steps += [("pool", "global_max", {}), ("dense", "linear", {"kernel": weights})]
    return sequential_network(steps, input_length=LENGTH)
