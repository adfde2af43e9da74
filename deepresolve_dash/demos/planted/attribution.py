"""First-order importances of channels at the layer of the cut, to compare the ascent with."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepresolve_dash.core.ascent.objective import Tail
from deepresolve_dash.networks.cut import Part
from deepresolve_dash.networks.graph import Network
from deepresolve_dash.networks.operations import POINTWISE

N_PATH = 16  # points of the straight line that gradients are integrated along
N_MAPS = 300  # real feature maps that attributions are averaged over
TOP_SHARE = 0.2  # of the maps: those that a class scores highest


def saliency_at_zero(
    tail: Tail, targets: Sequence[int], shape: tuple[int, int]
) -> NDArray[np.float64]:
    """Gradient of each score at the map of zeros, mean over positions: (target, channel)."""
    gradient = gradients(tail, targets, torch.zeros(1, *shape))
    return gradient[:, 0].mean(dim=2).double().numpy()


def gradient_times_activation(
    tail: Tail, targets: Sequence[int], maps: Tensor
) -> NDArray[np.float64]:
    """Mean over maps of the sum over positions of gradient x activation: (target, channel)."""
    return (gradients(tail, targets, maps) * maps).sum(dim=3).mean(dim=1).double().numpy()


def integrated_gradients(
    tail: Tail, target: int, maps: Tensor, base: Tensor, *, n_points: int = N_PATH
) -> Tensor:
    """Integrated gradients of one score from a base map to each map.

    *Source:* Sundararajan, Taly and Yan, "Axiomatic attribution for deep networks" (2017); the
    integral is the mean over the middles of `n_points` equal pieces of the straight line.

    Parameters
    ----------
    tail : function
        Feature maps (n, channel, position) -> logits (n, output).
    target : int
    maps : tensor (n, channel, position)
    base : tensor (channel, position)

    Returns
    -------
    tensor (n, channel, position), logits; each map's sum is about S(map) - S(base)
    """
    total = torch.zeros_like(maps)
    for point in (torch.arange(n_points) + 0.5) / n_points:
        total += gradients(tail, [target], base + point * (maps - base))[0]
    return total / n_points * (maps - base)


def mean_integrated_gradients(
    tail: Tail,
    targets: Sequence[int],
    maps: Tensor,
    base: Tensor,
    *,
    choose: Callable[[Tensor], Tensor] = lambda scores: torch.arange(len(scores)),
) -> NDArray[np.float64]:
    """Average integrated gradients over maps, summed over positions.

    Parameters
    ----------
    choose : function
        Scores (n,) of a class -> the maps to average over; all without it.

    Returns
    -------
    float64 array (target, channel), logits
    """
    with torch.no_grad():
        scores = tail(maps)
    found = []
    for target in targets:
        chosen = maps[choose(scores[:, target])]
        found.append(integrated_gradients(tail, target, chosen, base).sum(dim=2).mean(dim=0))
    return torch.stack(found).double().numpy()


def highest(scores: Tensor) -> Tensor:
    """Choose the maps of the highest fifth of the scores."""
    return scores.argsort(descending=True)[: max(1, round(TOP_SHARE * len(scores)))]


def path_through_weights(
    tail: Part, targets: Sequence[int], shape: tuple[int, int]
) -> NDArray[np.float64]:
    """First-order path from the map to each score, as if the units behind the cut were linear.

    Parameters
    ----------
    tail : Part
        Of a cut network.
    targets : sequence of int
    shape : (int, int)
        Channels and positions of the map.

    Returns
    -------
    float64 array (target, channel), mean over positions
    """
    nodes = tuple(
        replace(node, op="aten.alias.default", args=node.args[:1], kwargs={})
        if node.op in POINTWISE
        else node
        for node in tail.nodes
    )
    return saliency_at_zero(replace(tail, nodes=nodes), targets, shape)


def filter_norm(network: Network, layer: str) -> NDArray[np.float64]:
    """Norm of each filter of a convolution, the same for every class: (channel,)."""
    return np.linalg.norm(network.weights[f"{layer}.kernel"].astype(np.float64), axis=(1, 2))


def gradients(tail: Tail, targets: Sequence[int], maps: Tensor) -> Tensor:
    """Gradient of each score at each map: (target, n, channel, position)."""
    found = []
    for target in targets:
        leaf = maps.detach().requires_grad_(True)
        with torch.enable_grad():
            (gradient,) = torch.autograd.grad(tail(leaf)[:, target].sum(), leaf)
        found.append(gradient)
    return torch.stack(found)
