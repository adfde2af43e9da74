"""One sequence through a network: class scores, and the channels of a layer along it."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepresolve_dash.core.budget import chunk_rows
from deepresolve_dash.motifs.scan import encode, one_hot_rows
from deepresolve_dash.networks.execute import execute, node_shapes, weight_tensors
from deepresolve_dash.networks.graph import INPUT, Network
from deepresolve_dash.networks.paths import find_logits, needed
from deepresolve_dash.networks.predict import predict
from deepresolve_dash.networks.unpooled import unpooled

_LETTERS = "ACGTN"


class Reading(NamedTuple):
    """What a network makes of one sequence.

    Attributes
    ----------
    logits, probabilities : float32 array (target,)
        Probabilities are NaN when the network ends without sigmoid or softmax.
    maps : float32 array (channel, position)
        Of the layer, before a pooling that ends it; empty without a layer.
    width, stride, offset : int
        Position i sees the bases [offset + stride * i, offset + stride * i + width).
    """

    logits: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    maps: NDArray[np.float32]
    width: int
    stride: int
    offset: int


def codes_of(letters: str) -> NDArray[np.uint8]:
    """Return letters as 0 to 3 for A C G T and 4 for N."""
    return np.array([_LETTERS.index(letter) for letter in letters], dtype=np.uint8)


def score_function(
    network: Network, output: str | None, device: torch.device | str
) -> Callable[[Tensor], Tensor]:
    """Return the network as a function from one-hot sequences to logits (n, target)."""
    logits = find_logits(network, output).node
    names = needed(network, logits)
    nodes = [node for node in network.nodes if node.name in names]
    weights = weight_tensors(network, device)

    def scores(x: Tensor) -> Tensor:
        values = execute(nodes, weights | {INPUT: x.contiguous()}, [logits])
        return values[logits].flatten(1)

    return scores


def rows_at_once(network: Network, device: torch.device | str) -> int:
    """Return how many sequences go through at once: the ascent's rule for the largest map."""
    kind = torch.device(device).type
    sizes = [int(np.prod(shape)) for shape in node_shapes(network).values() if shape]
    return chunk_rows((max(sizes, default=1), 1), kind)


def read_sequence(
    network: Network,
    letters: str,
    *,
    layer: str | None,
    output: str | None = None,
    device: torch.device | str = "cpu",
) -> Reading:
    """Return the scores of a sequence and what the channels of a layer say along it.

    Parameters
    ----------
    network : Network
    letters : str
        A, C, G, T, N, as many as the network reads.
    layer : str or None
        A layer that can be cut at; None for scores alone.

    Raises
    ------
    LayerError
        When the layer or the output does not exist, or it cannot be cut there.
    """
    rows = one_hot_rows(network.alphabet, network.unknown_base)
    own = encode(codes_of(letters)[None], rows, "cpu")
    logits, probabilities = predict(network, own.numpy(), output=output, device=str(device))
    if layer is None:
        nothing = np.empty((0, 0), dtype=np.float32)
        return Reading(logits[0], probabilities[0], nothing, 0, 0, 0)
    whole = unpooled(network, layer, output=output).to(device)
    with torch.no_grad():
        maps = whole.head(own.to(device))[0].cpu().numpy()
    return Reading(logits[0], probabilities[0], maps, *whole.field)
