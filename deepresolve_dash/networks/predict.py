"""Class scores and probabilities of sequences, in batches."""

import numpy as np
import torch
from numpy.typing import NDArray

from deepresolve_dash.networks.execute import entering, execute, weight_tensors
from deepresolve_dash.networks.graph import Network, find_output
from deepresolve_dash.networks.paths import find_logits


def predict(
    network: Network,
    one_hot: NDArray[np.float32],
    *,
    batch: int = 256,
    output: str | None = None,
    device: str = "cpu",
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return class scores and probabilities.

    Parameters
    ----------
    network : Network
        The network.
    one_hot : float32 array (n, 4, length)
        Sequences in the network's alphabet.
    batch : int
        Sequences at a time.
    output : str, optional
        Head whose classes are meant; the first when left out.
    device : str
        Where it is computed.

    Returns
    -------
    logits : float32 array (n, target)
        Class scores before sigmoid or softmax.
    probabilities : float32 array (n, target)
        After it; NaN when the network ends without either.

    Raises
    ------
    LayerError
        When the output does not exist.
    """
    logits = find_logits(network, output)
    n_classes = len(find_output(network, output).class_names)
    wanted = [logits.node, find_output(network, output).node]
    weights = weight_tensors(network, device)
    scores = np.empty((len(one_hot), n_classes), dtype=np.float32)
    probabilities = np.full_like(scores, np.nan)
    for start in range(0, len(one_hot), batch):
        rows = slice(start, start + batch)
        x = torch.tensor(np.ascontiguousarray(one_hot[rows]), dtype=torch.float32, device=device)
        with torch.no_grad():
            values = execute(network.nodes, weights | entering(x), wanted)
        scores[rows] = values[wanted[0]].flatten(1).cpu().numpy()
        if logits.removed_activation == "log_softmax":
            probabilities[rows] = values[wanted[1]].exp().cpu().numpy()
        elif logits.removed_activation:
            probabilities[rows] = values[wanted[1]].cpu().numpy()
    return scores, probabilities
