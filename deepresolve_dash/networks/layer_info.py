"""What is said of a layer, and the refusal of one that cannot be cut; without torch."""

from collections.abc import Sequence
from typing import NamedTuple

from deepresolve_dash.errors import LayerError


class LayerInfo(NamedTuple):
    """A layer, and whether the network can be cut at its output."""

    name: str
    kind: str
    channels: int | None
    width: int | None
    receptive_field_bp: int | None
    can_cut: bool
    why_not: str | None


def check_layer(layers: Sequence[LayerInfo], name: str) -> None:
    """Refuse a layer that does not exist or cannot be cut.

    Raises
    ------
    LayerError
        With the reason, and the layers there are.
    """
    offered = ", ".join(layer.name for layer in layers if layer.can_cut) or "none"
    for layer in layers:
        if layer.name == name and layer.can_cut:
            return
        if layer.name == name:
            raise LayerError(
                f"Layer '{name}' cannot be cut: {layer.why_not}", f"Layers to cut: {offered}."
            )
    names = ", ".join(layer.name for layer in layers)
    raise LayerError(f"Layer '{name}' is not in this model; it has {names}.")
