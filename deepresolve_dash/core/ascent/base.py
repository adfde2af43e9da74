"""The base map m that deviations start from, and the distance D that gives them a scale."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from deepresolve_dash.core.settings import AscentSettings
from deepresolve_dash.errors import LayerError

Head = Callable[[Tensor], Tensor]

_BATCH = 64


@dataclass(frozen=True)
class Base:
    """Base map and the distance that a regime's radius is counted in.

    Attributes
    ----------
    map : float32 tensor (channel, position)
        m, feature-map units; 0 for the paper's presets.
    distance : float
        D, the median distance of background maps from m; with base 0 the paper's R, the norm of
        their mean.
    """

    map: Tensor
    distance: float


def make_base(head: Head, sequences: Tensor, settings: AscentSettings) -> Base:
    """Measure the base map on background sequences.

    *Choice:* m is the mean feature map of background sequences, never of motif-rich ones.

    Parameters
    ----------
    head : function
        One-hot (n, 4, length) -> feature maps (n, channel, position).
    sequences : float32 tensor (n, 4, length)
        Background sequences, on the device of the head.

    Raises
    ------
    LayerError
        When all maps are the same, so that there is no distance to count in.
    """
    mean = _mean_map(head, sequences)
    if settings.base == "zero":
        distance = float(mean.norm())
        base = torch.zeros_like(mean)
    else:
        distances = [(maps - mean).flatten(1).norm(dim=1) for maps in _maps(head, sequences)]
        distance, base = float(torch.cat(distances).median()), mean
    if not 0 < distance < math.inf:
        raise LayerError(
            "This layer gives the same feature map for every sequence.", "Choose another layer."
        )
    return Base(base.float(), distance)


def _mean_map(head: Head, sequences: Tensor) -> Tensor:
    """Mean feature map, float64 (channel, position)."""
    return torch.stack([maps.double().sum(0) for maps in _maps(head, sequences)]).sum(0) / len(
        sequences
    )


def feature_maps(head: Head, sequences: Tensor) -> Tensor:
    """Return the feature maps of all sequences, (n, channel, position)."""
    return torch.cat(list(_maps(head, sequences)))


def _maps(head: Head, sequences: Tensor) -> Iterator[Tensor]:
    with torch.no_grad():
        for batch in sequences.split(_BATCH):
            yield head(batch)
