"""What is odd about a trained network, told from running it on a few sequences."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from deepresolve_dash.networks.base_order import base_order
from deepresolve_dash.networks.cost import network_cost
from deepresolve_dash.networks.execute import entering, execute, node_shapes
from deepresolve_dash.networks.graph import Finding, Network, Node, Ref
from deepresolve_dash.networks.operations import (
    CHANNELWISE,
    CONVOLUTIONS,
    POINTWISE,
    REARRANGEMENTS,
)
from deepresolve_dash.networks.paths import needed
from deepresolve_dash.networks.predict import predict
from deepresolve_dash.networks.sequences import random_sequences
from deepresolve_dash.networks.weights_views import kernel_over_bases

_WORK = 8 * 10**9  # multiply-adds for all predictions, a second of one processor at most
_LARGEST = 4 * 10**9  # multiply-adds of one prediction
_FEWEST, _MOST = 4, 64  # sequences that are predicted
_FILTER_SEQUENCES, _VALUES = 200, 2**24  # numbers held at a time
_STILL = 1e-5  # of the size of a value; what varies less does not vary
_SAME = 1e-3  # of the spread of scores
_NAMED = 8  # names in a sentence
_UNTOLD = Finding(
    "The order of the bases cannot be told from the filters.",
    "Nothing in the model convolves the bases of the sequence itself.",
    "Compare the prediction for a sequence you know with that for a shuffled one.",
)


class _Rows(NamedTuple):
    """Sequences (n, 4, length) and how many of them, the first ones, are random."""

    one_hot: NDArray[np.float32]
    n_random: int


def examine(network: Network) -> list[Finding]:
    """Look for first filters that never answer, constant classes, and a preference for a strand.

    *Choice:* 200 random sequences for the filters and 4 to 64 for the scores, fewer for costly
    networks and always the same ones. A network of more than 4e9 multiply-adds is not run: it would
    take longer than a card may.

    Parameters
    ----------
    network : Network
        Checked.
    """
    generator = np.random.default_rng(0)
    convolution = _first_convolution(network)
    cost = network_cost(network)
    n = min(max(_WORK // (3 * max(cost.macs, 1)), _FEWEST), _MOST)
    kernel = first_filters(network)
    order = _UNTOLD if kernel is None else base_order(network, kernel)
    if cost.macs > _LARGEST:
        return [
            order,
            Finding(
                "The network was not tried out: it is too large for a card.",
                f"One prediction takes {cost.macs:,} multiply-adds.",
                "Probe a sequence to see that it answers as it should.",
            ),
        ]
    liked = _liked(network, convolution) if convolution else _none(network)
    rows = random_sequences(generator, n, network.input_length)
    asked = _Rows(np.concatenate([rows, liked[: len(rows)]]), len(rows))
    dead = dead_filters(network, convolution, generator) if convolution else []
    found = [order, *dead]
    there = reverse_complements(network, rows)
    every = _scores(network, np.concatenate([asked.one_hot, there]))
    scores, other = every[: len(asked.one_hot)], every[len(asked.one_hot) :]
    if not np.isfinite(every).all():
        return [*found, _not_finite(every)]
    return [*found, *constant_classes(network, scores, asked), *_strands(scores[:n], other)]


def first_filters(network: Network) -> NDArray[np.float32] | None:
    """Return the filters (filter, base, offset) of the first convolution of the sequence, if any.

    Bases are in the network's alphabet.
    """
    convolution = _first_convolution(network)
    return None if convolution is None else kernel_over_bases(network, convolution)


def dead_filters(
    network: Network, convolution: Node, generator: np.random.Generator
) -> list[Finding]:
    """Say which filters of the first convolution give the same answer to everything.

    The sequences are random, and those that each filter likes best: a long filter with a high
    threshold may never answer to random ones. All positions are compared over the sequences.
    """
    end = _activated(network, convolution)
    shape = node_shapes(network)[end]
    if shape is None:
        return []
    n = max(min(_FILTER_SEQUENCES, _VALUES // max(int(np.prod(shape)), 1)), 2)
    random = random_sequences(generator, n, network.input_length)
    values = _values(network, end, np.concatenate([random, _liked(network, convolution)]))
    if not np.isfinite(values).all():
        return []
    spread = np.ptp(values, axis=0).reshape(len(values[0]), -1).max(1)
    size = np.abs(values).max(axis=0).reshape(len(values[0]), -1).max(1)
    dead = np.flatnonzero(spread <= _STILL * np.maximum(size, 1e-30))
    if not dead.size:
        return []
    of = f"of the {len(spread):,} filters of '{convolution.layer or convolution.name}'"
    never = "never answers" if dead.size == 1 else "never answer"
    return [
        Finding(
            f"{dead.size:,} {of} {never}: {_listed([str(k) for k in dead])}.",
            f"The same value for {n} random sequences and for those that fit the filters best.",
            "Nothing to do: they are channels that no class can use. Many of them tell of a "
            "training that failed, or of weights that were not read in full.",
        )
    ]


def constant_classes(network: Network, scores: NDArray[np.float32], asked: _Rows) -> list[Finding]:
    """Say which classes have the same score for all sequences.

    Parameters
    ----------
    network : Network
    scores : float array (n, class)
        Of all outputs, one after the other.
    asked : _Rows
        The sequences.
    """
    size = np.maximum(np.abs(scores).max(0), 1e-30)
    still = np.flatnonzero(np.ptp(scores, axis=0) <= _STILL * size)
    if not still.size:
        return []
    names = [name for output in network.outputs for name in output.class_names]
    n_liked = len(asked.one_hot) - asked.n_random
    more = f" and {n_liked} made of what the first filters like best" if n_liked else ""
    what = "class never varies" if still.size == 1 else "classes never vary"
    return [
        Finding(
            f"The scores of {still.size:,} of {len(names):,} {what}: "
            f"{_listed([names[k] for k in still])}."
            if still.size > 1
            else f"The score of one of {len(names):,} classes never varies: {names[still[0]]}.",
            f"The same value for {asked.n_random} random sequences{more}.",
            "Check that the weights were read in full; a class like this cannot be explained.",
        )
    ]


def reverse_complements(network: Network, one_hot: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the other strand of one-hot sequences (n, 4, length) in the network's alphabet."""
    order = [network.alphabet.index("TGCA"["ACGT".index(base)]) for base in network.alphabet]
    return np.ascontiguousarray(one_hot[:, order, ::-1])


def _strands(scores: NDArray[np.float32], other: NDArray[np.float32]) -> list[Finding]:
    """Say whether both strands of a sequence get the same scores (n, class)."""
    n, spread = len(scores), scores.astype(float).std(axis=0)  # huge ones have squares then
    moving = spread > _STILL * np.maximum(np.abs(scores).max(0), 1e-30)
    if not moving.any():
        return []
    largest = float((np.abs(scores - other)[:, moving] / spread[moving]).max())
    if largest <= _SAME:
        return [
            Finding(
                "Both strands of a sequence get the same scores.",
                f"Over {n} random sequences they differ by at most "
                f"{_SAME:g} of the spread (standard deviation) of a class.",
                "Nothing to do.",
            )
        ]
    return [
        Finding(
            "The two strands of a sequence get different scores.",
            f"Over {n} random sequences they differ by up to {largest:.2g} times the spread "
            "(standard deviation) of a class.",
            "Nothing to do if it was trained so; average over both strands where strand does not "
            "matter.",
        )
    ]


def _first_convolution(network: Network) -> Node | None:
    """Return the first convolution that reads nothing but the sequence."""
    convolutions = [node for node in network.nodes if node.op in CONVOLUTIONS]
    operations = {node.name: node.op for node in network.nodes}
    for node in convolutions:
        kernel = node.args[1]
        before = (needed(network, node.name) - {node.name}) & operations.keys()
        direct = all(operations[name] in REARRANGEMENTS for name in before)
        known = isinstance(kernel, Ref) and kernel.name in network.weights
        if direct and known and kernel_over_bases(network, node) is not None:
            return node
    return None


def _activated(network: Network, convolution: Node) -> str:
    """Return the node that holds a convolution's filters after their activation."""
    name = convolution.name
    while True:
        users = [node for node in network.nodes if name in node.inputs]
        if len(users) != 1 or users[0].op not in CHANNELWISE:
            return name
        name = users[0].name
        if users[0].op in POINTWISE:
            return name


def _liked(network: Network, convolution: Node) -> NDArray[np.float32]:
    """Return sequences (n, 4, length) that hold what each filter likes best, one after another."""
    kernel = kernel_over_bases(network, convolution)
    if kernel is None or kernel.shape[2] > network.input_length:
        return _none(network)
    best = np.eye(4, dtype=np.float32)[kernel.argmax(1)]  # (filter, offset, base)
    per_row = network.input_length // kernel.shape[2]
    n_rows = -(-len(best) // per_row)
    rows = np.zeros((n_rows, network.input_length, 4), dtype=np.float32)
    rows[..., 0] = 1
    for index, window in enumerate(best):
        start = index % per_row * kernel.shape[2]
        rows[index // per_row, start : start + kernel.shape[2]] = window
    return np.ascontiguousarray(rows.transpose(0, 2, 1))


def _scores(network: Network, one_hot: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the class scores of all outputs, one after the other."""
    batch = max(_VALUES // network_cost(network).values, 1)
    names = [output.name for output in network.outputs]
    parts = [predict(network, one_hot, batch=batch, output=name)[0] for name in names]
    return np.concatenate(parts, axis=1)


def _values(network: Network, name: str, one_hot: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the values of a node."""
    names = needed(network, name)
    nodes = [node for node in network.nodes if node.name in names]
    weights = {key: torch.tensor(network.weights[key]) for key in names & network.weights.keys()}
    values = weights | entering(torch.from_numpy(one_hot))
    with torch.no_grad():
        return execute(nodes, values, [name])[name].numpy()


def _none(network: Network) -> NDArray[np.float32]:
    return np.zeros((0, 4, network.input_length), dtype=np.float32)


def _not_finite(scores: NDArray[np.float32]) -> Finding:
    """Say that scores are not numbers."""
    n = int((~np.isfinite(scores)).any(1).sum())
    return Finding(
        "Some class scores are not numbers.",
        f"So for {n} of {len(scores)} sequences, although all weights are.",
        "Look for a normalisation with a negative variance, or a logarithm of zero.",
    )


def _listed(names: Sequence[str]) -> str:
    """Return names in a row, the first ones of many."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
