"""The end of a file on its way into our graph: its outputs, and maps in our order of axes."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.check import check_network
from deepresolve_dash.networks.execute import forward
from deepresolve_dash.networks.formats.tracing import Tracing
from deepresolve_dash.networks.graph import Finding, Network, Ref
from deepresolve_dash.networks.heads import head
from deepresolve_dash.networks.orientation import NOWHERE, Order, channels_first, map_orders

_ROWS = 3
_TOLERANCE = 1e-4  # of the largest score


def finished(
    t: Tracing, outputs: Mapping[str, Any], *, format: str, findings: Sequence[Finding]
) -> Network:
    """Return the network, checked.

    Parameters
    ----------
    t : Tracing
    outputs : dict
        Output -> its value in the graph.
    format : str
        What was read, in words.
    findings : list of Finding

    Raises
    ------
    ModelFileError
        When no output depends on the sequence, or one is not a number per class.
    """
    live = {name: value for name, value in outputs.items() if isinstance(value, Ref)}
    if not live:
        raise ModelFileError("No output of the model depends on the sequence.")
    turns = any(node.op == "aten.permute.default" for node in t.builder.draft().nodes)
    orders = map_orders(t.builder.draft()) if turns else {}
    heads, said = {}, list(findings)
    for name, value in live.items():
        heads[name], found = head(t.builder, name, _as_map(t, value, orders))
        said += found
    network = t.builder.network(heads, format=format, findings=said)
    if t.static is not None:
        _check_rows(network)
    turned = channels_first(network, orders)
    return turned if turned is network else check_network(turned)


def _as_map(t: Tracing, x: Ref, orders: Mapping[str, Order]) -> Ref:
    """Return an output with its batch first and its positions last."""
    order = orders.get(x.name, (0, 1, 2))
    return x if order == (0, 1, 2) or NOWHERE in order else t.add("aten.permute.default", x, order)


def _check_rows(network: Network) -> None:
    """Refuse a network in which the sequences of a batch change each other."""
    letters = torch.randint(
        4, (_ROWS, network.input_length), generator=torch.Generator().manual_seed(0)
    )
    x = torch.nn.functional.one_hot(letters, 4).transpose(1, 2).float()
    with torch.no_grad():
        together = forward(network, x)
        alone = [forward(network, row[None]) for row in x]
    for name, values in together.items():
        rows = torch.cat([each[name] for each in alone])
        if not (values - rows).abs().max() <= _TOLERANCE * max(1.0, float(rows.abs().max())):
            raise ModelFileError(
                "The model was saved for a fixed number of sequences, and they change each other.",
                "Export it with an open number of rows: "
                "`python -m deepresolve_dash export-snippet` prints how.",
            )
