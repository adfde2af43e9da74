"""What a usual run costs at each layer of a model, before anything is chosen."""

from dataclasses import dataclass

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.runs.estimate import Estimate, estimate
from deepresolve_dash.runs.offer import make_spec, offer_of_card


@dataclass(frozen=True)
class LayerCosts:
    """Costs of a run of all classes of the first output with the default settings.

    Attributes
    ----------
    device : {"cpu", "cuda"}
        Where it would run.
    layers : dict of str to Estimate
        For each layer that can be cut.
    n_classes, n_trials : int
    """

    device: str
    layers: dict[str, Estimate]
    n_classes: int
    n_trials: int


def layer_costs(card: dict, speed: float | None, device: str) -> LayerCosts:
    """Estimate a run at each layer that can be cut.

    Parameters
    ----------
    card : dict
        A model's card; one that was made before it told of costs gives none.
    speed : float or None
        See `estimate`.
    device : {"cpu", "cuda"}
    """
    offer, settings = offer_of_card(card), ascent_settings()
    told = {one["name"] for one in card["layers"] if "tail_macs" in one}
    found = {}
    for layer in offer.layers:
        if layer.can_cut and layer.name in told:
            spec = make_spec(
                offer, layer=layer.name, classes="all", preset="default", settings=settings
            )
            found[layer.name] = estimate(card, spec, speed, device)
    return LayerCosts(device, found, len(offer.class_names), settings.n_trials)
