"""What a network offers to a run, and the spec of a choice from it: the one way to make a spec."""

from dataclasses import dataclass

from deepresolve_dash.core.settings import AscentSettings, find_preset
from deepresolve_dash.errors import LayerError
from deepresolve_dash.networks.layer_info import LayerInfo, check_layer
from deepresolve_dash.runs.spec import RunSpec, choose_classes

_AROUND = "The class scores of this output also know the sequence by a way around it."


@dataclass(frozen=True)
class Offer:
    """One output of a network and the layers that it can be cut at.

    Attributes
    ----------
    network : str
        Hash of the network.
    output : str or None
        Output head as a spec names it: None for the first.
    class_names : tuple of str
    layers : tuple of LayerInfo
    advised_layer : str or None
        None when the network cannot be cut.
    """

    network: str
    output: str | None
    class_names: tuple[str, ...]
    layers: tuple[LayerInfo, ...]
    advised_layer: str | None


def offer_of_card(card: dict, output: str | None = None) -> Offer:
    """Return what the card of a stored model says of an output, the first one for None.

    Raises
    ------
    LayerError
        When there is no such output.
    """
    names = [one["name"] for one in card["outputs"]]
    if output is not None and output not in names:
        raise LayerError(f"Output '{output}' is not in this model; it has {', '.join(names)}.")
    place = names.index(output) if output is not None else 0
    chosen = card["outputs"][place]
    layers = tuple(
        _layer(one, can_cut=one["name"] in chosen["cuts"]) if place else _layer(one)
        for one in card["layers"]
    )
    return Offer(
        card["hash"],
        output if place else None,
        tuple(chosen["classes"]),
        layers,
        chosen["advised_layer"],
    )


def make_spec(
    offer: Offer,
    *,
    layer: str,
    classes: str,
    preset: str,
    settings: AscentSettings,
    sequences: str | None = None,
    labels: str | None = None,
    keep_fim: bool = False,
) -> RunSpec:
    """Return the spec of a choice.

    Parameters
    ----------
    offer : Offer
    layer : str
        Name of a layer, or `advised`.
    classes : str
        As `choose_classes` reads it.
    preset : str
    settings : AscentSettings
    sequences, labels : str, optional
        Their hashes.
    keep_fim : bool

    Raises
    ------
    SettingsError
        When the layer, a class or the preset does not exist, or the layer cannot be cut.
    """
    find_preset(preset)
    if layer == "advised" and layer not in {info.name for info in offer.layers}:
        if offer.advised_layer is None:
            raise LayerError("This model has no layer at which it can be cut.")
        layer = offer.advised_layer
    check_layer(offer.layers, layer)
    return RunSpec(
        network=offer.network,
        output=offer.output,
        layer=layer,
        classes=choose_classes(classes, offer.class_names),
        preset=preset,
        settings=settings,
        sequences=sequences,
        labels=labels,
        keep_fim=keep_fim,
    )


def _layer(one: dict, *, can_cut: bool | None = None) -> LayerInfo:
    """Return a layer of a card, its cut judged anew for another output."""
    info = LayerInfo(**{name: one[name] for name in LayerInfo._fields})
    if can_cut is None:
        return info
    return info._replace(can_cut=can_cut, why_not=None if can_cut else info.why_not or _AROUND)
