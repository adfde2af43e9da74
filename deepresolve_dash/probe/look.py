"""One sequence through a network: class scores, and the channels of a layer along it."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepresolve_dash.core.budget import chunk_rows
from deepresolve_dash.motifs.scan import encode, one_hot_rows
from deepresolve_dash.networks.execute import entering, execute, node_shapes, weight_tensors
from deepresolve_dash.networks.graph import Network
from deepresolve_dash.networks.paths import find_logits, needed
from deepresolve_dash.networks.predict import predict
from deepresolve_dash.networks.unpooled import unpooled
from deepresolve_dash.probe.attribution import Progress, integrated_gradients, mutation_effects
from deepresolve_dash.probe.found import Bases, Reading

_LETTERS = "ACGTN"


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
        values = execute(nodes, weights | entering(x.contiguous()), [logits])
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


def read_mutations(
    network: Network,
    letters: str,
    *,
    targets: Sequence[int] | None = None,
    output: str | None = None,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
) -> NDArray[np.float32]:
    """Return the change of class scores by every mutation, see `mutation_effects`.

    Returns
    -------
    float32 array (place, base A C G T, target), logits
        Of the wanted classes, or of all.
    """
    return mutation_effects(
        score_function(network, output, device),
        codes_of(letters),
        one_hot_rows(network.alphabet, network.unknown_base),
        batch=rows_at_once(network, device),
        targets=targets,
        device=device,
        progress=progress,
    )


def read_bases(
    network: Network,
    letters: str,
    target: int,
    change: NDArray[np.float32],
    *,
    n_points: int,
    output: str | None = None,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
) -> Bases:
    """Return what the bases of a sequence give a class score.

    Parameters
    ----------
    network : Network
    letters : str
        A, C, G, T, N, as many as the network reads.
    target : int
        Output index of the class.
    change : float32 array (place, base)
        Of the score by every mutation.
    n_points : int
        Of the line that gradients are integrated along.
    progress : function, optional
        Told (points done, points in all); whatever it raises ends the work.
    """
    scores, codes = score_function(network, output, device), codes_of(letters)
    rows = one_hot_rows(network.alphabet, network.unknown_base)
    gradient, start = integrated_gradients(
        scores,
        codes,
        rows,
        target,
        batch=rows_at_once(network, device),
        n_points=n_points,
        device=device,
        progress=progress,
    )
    with torch.no_grad():
        score = float(scores(encode(codes[None], rows, device))[0, target])
    return Bases(change, gradient, score, start)
