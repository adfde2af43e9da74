"""What is told of a layer when it is picked in the drawing of the network."""

from collections.abc import Mapping

from deepresolve_dash.runs.costs import LayerCosts
from deepresolve_dash.runs.estimate import Estimate
from deepresolve_dash.views.measures import count, duration, size

_DEVICES = {"cpu": "CPU", "cuda": "GPU"}


def details(card: Mapping, costs: LayerCosts) -> list[dict]:
    """Return what is told of each layer.

    Returns
    -------
    list of dict
        `name`, `kind`, `advised`, `rows` [[name, value, note]], `why_not` (None where it can
        be cut), `cuts` (outputs for whose class scores it can be cut; None for the first),
        `weights` (of the card).
    """
    first, *others = card["outputs"]
    found = []
    for layer in card["layers"]:
        name = layer["name"]
        cuts = [None] if name in first["cuts"] else []
        cuts += [output["name"] for output in others if name in output["cuts"]]
        found.append(
            {
                "name": name,
                "kind": layer["kind"],
                "advised": name == card["advised_layer"],
                "rows": _rows(layer) + _cost_rows(layer, costs),
                "why_not": None if layer["can_cut"] else layer["why_not"],
                "cuts": cuts,
                "weights": layer["weights"],
            }
        )
    return found


def map_size(layer: Mapping) -> str:
    """Return channels x positions, empty for what is no map."""
    known = layer["channels"] and layer["width"]
    return f"{layer['channels']:,} × {layer['width']:,}" if known else ""


def run_cost(costs: LayerCosts, cost: Estimate) -> tuple[str, str]:
    """Return the time of a usual run in words, and what run is meant."""
    time = f"about {duration(cost.seconds)} on this machine's {_DEVICES[costs.device]}"
    usual = f"{count(costs.n_classes, 'class', 'classes')}, {count(costs.n_trials, 'trial')}"
    basis = "from runs here before" if cost.measured else "a rough guess: none ran here yet"
    return time, f"{usual}, default settings; {basis}"


def _rows(layer: Mapping) -> list[list[str]]:
    """Return the shape of a layer's output."""
    rows = []
    if map_size(layer):
        rows.append(["channels K", f"{layer['channels']:,}", ""])
        rows.append(["positions W", f"{layer['width']:,}", ""])
    else:
        rows.append(["output", "not a map of channels × positions", ""])
    if layer["receptive_field_bp"]:
        rows.append(["a position sees", f"{layer['receptive_field_bp']:,} bp", ""])
    n = sum(array["n"] for array in layer["weights"])
    rows.append(["weights", f"{n:,}" if n else "none", ""])
    return rows


def _cost_rows(layer: Mapping, costs: LayerCosts) -> list[list[str]]:
    """Return what a run costs at a layer, nothing where the first output cannot be cut."""
    cost = costs.layers.get(layer["name"])
    if cost is None:
        return []
    values = 4 * layer["tail_values"]
    return [
        ["time of a run", *run_cost(costs, cost)],
        ["memory of a run", f"about {size(cost.memory_bytes)}", ""],
        [
            "one pass from here",
            f"{count(layer['tail_macs'], 'multiply-add')}, {size(values)}",
            "of numbers; forward, without what comes before",
        ],
    ]
