"""The card of a network: what it is, what is odd, where to cut."""

import json
from collections.abc import Sequence
from pathlib import Path

from deepresolve_dash.errors import LayerError
from deepresolve_dash.networks.card_version import CARD_VERSION
from deepresolve_dash.networks.cost import n_parameters, network_cost, tail_costs
from deepresolve_dash.networks.doctor import examine
from deepresolve_dash.networks.graph import Finding, Network, Output, network_hash
from deepresolve_dash.networks.heads import choices
from deepresolve_dash.networks.layer_graph import layer_sources, output_sources
from deepresolve_dash.networks.layers import advised_layer, find_layers
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.networks.paths import find_logits
from deepresolve_dash.networks.weight_statistics import weight_statistics

CARD = "card.json"


def save_with_card(network: Network, folder: Path) -> dict:
    """Write a network in neutral form with its card beside it; returns the card with its `hash`."""
    described = {"hash": network_hash(network)} | card(network)
    save_network(network, folder)
    (folder / CARD).write_text(json.dumps(described))
    return described


def card(network: Network) -> dict:
    """Describe a network as plain JSON data.

    Returns
    -------
    dict
        `card_version`, `format`, `input` {`length`, `alphabet`, `unknown_base`}, `layers`
        [{`name`, `kind`, `channels`, `width`, `receptive_field_bp`, `can_cut`, `why_not`,
        `tail_macs`, `tail_values`, `from` (see `layer_sources`), `weights` (see
        `weight_statistics`)}], `advised_layer`, `outputs` [{`name`, `n`, `classes`,
        `advised_layer`, `cuts`, `from`}], `classes`, `removed_activation`, `parameters`,
        `row_bytes` (what all operations make of one sequence, together), `findings` [{`what`,
        `evidence`, `fix`}], `choices` (see there). Layers, their `Cost` as tails, the advised one
        and the classes are those of the first output.
    """
    removed = find_logits(network).removed_activation
    found = [*network.findings, *examine(network), *_scores(removed)]
    costs = tail_costs(network)
    takes, weights = layer_sources(network), weight_statistics(network)
    ends = output_sources(network)
    return {
        "card_version": CARD_VERSION,
        "format": network.format,
        "input": {
            "length": network.input_length,
            "alphabet": network.alphabet,
            "unknown_base": network.unknown_base,
        },
        "layers": [
            layer._asdict()
            | {"tail_macs": costs[layer.name].macs, "tail_values": costs[layer.name].values}
            | {"from": takes[layer.name], "weights": weights[layer.name]}
            for layer in find_layers(network)
        ],
        "advised_layer": _advised(network),
        "outputs": [
            _output(network, output) | {"from": end}
            for output, end in zip(network.outputs, ends, strict=True)
        ],
        "classes": list(network.class_names),
        "removed_activation": removed,
        "parameters": n_parameters(network),
        "row_bytes": 4 * network_cost(network).values,
        "findings": [vars(finding) for finding in _in_order(found)],
        "choices": choices(network),
    }


def _in_order(findings: Sequence[Finding]) -> list[Finding]:
    """Put first what may need something done."""
    return sorted(findings, key=lambda one: one.fix.startswith("Nothing to do"))


def _output(network: Network, output: Output) -> dict:
    """Describe one head."""
    layers = find_layers(network, output.name, measure=False)
    return {
        "name": output.name,
        "n": len(output.class_names),
        "classes": list(output.class_names),
        "advised_layer": _advised(network, output.name),
        "cuts": [layer.name for layer in layers if layer.can_cut],
    }


def _advised(network: Network, output: str | None = None) -> str | None:
    """Return the advised layer, None when the network cannot be cut."""
    try:
        return advised_layer(network, output)
    except LayerError:
        return None


def _scores(removed: str | None) -> list[Finding]:
    """Say what the class scores are."""
    if removed:
        return [
            Finding(
                f"Class scores are taken before the final {removed}.",
                f"The model ends with a {removed}.",
                "Nothing to do; probabilities are still given beside the scores.",
            )
        ]
    return [
        Finding(
            "The output is taken as the class scores.",
            "The model ends without a sigmoid or softmax.",
            "Nothing to do if it was trained so; probabilities are not known.",
        )
    ]
