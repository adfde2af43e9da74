"""Small networks with random weights."""

import numpy as np

from deepresolve_dash.networks.build import sequential_network
from deepresolve_dash.networks.builder import Builder

TARGETS, CHANNELS, LENGTH = 2, 7, 29


def draw(generator, *shape):
    return (generator.normal(size=shape) * 0.5).astype(np.float32)


def one_convolution(seed=0, **options):
    """conv 7 x 5, relu, max-pool 3, flatten, dense 11, relu, dense 2, sigmoid"""
    g = np.random.default_rng(seed)
    steps = [
        ("conv1", "conv", {"kernel": draw(g, CHANNELS, 4, 5), "bias": draw(g, CHANNELS)}),
        ("conv1", "relu", {}),
        ("pool1", "max_pool", {"size": 3}),
        ("flat", "flatten", {}),
        ("dense1", "linear", {"kernel": draw(g, 11, CHANNELS * 8), "bias": draw(g, 11)}),
        ("dense1", "relu", {}),
        ("dense2", "linear", {"kernel": draw(g, TARGETS, 11), "bias": draw(g, TARGETS)}),
        ("out", "sigmoid", {}),
    ]
    return sequential_network(steps, input_length=LENGTH, **options)


def deep(lengths, *, input_length, last="softmax"):
    """Convolutions and poolings in turn; lengths = ((kernel, pool size or 0), ...)"""
    g = np.random.default_rng(1)
    steps, n_inputs = [], 4
    for index, (width, size) in enumerate(lengths, start=1):
        kernel = draw(g, CHANNELS, n_inputs, width)
        steps.append((f"conv{index}", "conv", {"kernel": kernel}))
        steps.append((f"conv{index}", "relu", {}))
        if size:
            steps.append((f"pool{index}", "max_pool", {"size": size}))
        n_inputs = CHANNELS
    steps.append(("global", "global_average", {}))
    steps.append(("dense", "linear", {"kernel": draw(g, TARGETS, CHANNELS)}))
    steps.append(("dense", last, {}))
    return sequential_network(steps, input_length=input_length)


def residual(seed=0):
    """conv1 -> conv2, plus conv1 around it -> mean -> dense"""
    g = np.random.default_rng(seed)
    b = Builder(LENGTH)
    with b.layer("conv1", "convolution"):
        stem = b.conv(b.input, draw(g, CHANNELS, 4, 5))
    with b.layer("conv2", "convolution"):
        branch = b.conv(stem, draw(g, CHANNELS, CHANNELS, 3), padding=[(1, 1)])
        branch = b.activation(branch, "relu")
    with b.layer("sum", "sum"):
        both = b.add("aten.add.Tensor", stem, branch)
    with b.layer("mean", "average pooling"):
        mean = b.global_average(both)
    with b.layer("dense", "dense"):
        scores = b.linear(mean, draw(g, TARGETS, CHANNELS))
    return b.network(scores)


def random_one_hots(n, length=LENGTH, seed=5):
    g = np.random.default_rng(seed)
    return np.eye(4, dtype=np.float32)[g.integers(4, size=(n, length))].transpose(0, 2, 1).copy()
