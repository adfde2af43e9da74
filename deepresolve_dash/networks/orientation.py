"""Which axis of a value is that of positions, told from where its numbers come from.

The graph of dependencies is linear: run on ones, and on the number of each base, the ratio of the
two results is the centre of what a number sees. Along the axis of positions it moves; along that of
channels it stays.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from deepresolve_dash.networks.dependencies import dependency, whole
from deepresolve_dash.networks.execute import batch_axes, entering, traced_shapes
from deepresolve_dash.networks.graph import Argument, Network, Node, Ref
from deepresolve_dash.networks.paths import last_nodes

_Step = tuple[str, tuple[int, ...]]
_STILL = 1e-9  # bp; centres that move less do not move

Order = tuple[int, int, int]
NOWHERE = -1  # the place of channels and positions of what has none


def map_orders(network: Network) -> dict[str, Order]:
    """Return the order of axes that makes a map of every value of three axes.

    Parameters
    ----------
    network : Network
        Not yet checked, perhaps without outputs.

    Returns
    -------
    dict of (int, int, int)
        Node -> where its batch, channels and positions are; (0, 1, 2) where nothing tells them.
        Channels and positions are `NOWHERE` in what has none, as the last state of an LSTM.
    """
    axes = batch_axes(network)
    centres = _centres(network)
    orders = {}
    for name, (batch, rank) in axes.items():
        if rank == 3 and batch is not None:
            others = [axis for axis in range(3) if axis != batch]
            orders[name] = _order(centres[name].squeeze(batch), batch, others)
    return orders


def channels_first(network: Network, orders: Mapping[str, Order]) -> Network:
    """Return the same network with the output of every layer as a map (n, channel, position).

    A layer whose output has another order of axes is given a node that makes the map, and one after
    it that goes back.

    Parameters
    ----------
    network : Network
    orders : dict
        What `map_orders` found.
    """
    ends = {node.name for node in last_nodes(network).values()}
    turned = {name for name in ends if orders.get(name, (0, 1, 2)) != (0, 1, 2)}
    if not turned:
        return network
    shapes = traced_shapes(network)
    renamed: dict[str, str] = {}
    nodes: list[Node] = []
    for node in network.nodes:
        nodes.append(
            replace(
                node,
                args=tuple(_renamed(value, renamed) for value in node.args),
                kwargs={name: _renamed(value, renamed) for name, value in node.kwargs.items()},
            )
        )
        if node.name in turned:
            there, again = _steps(orders[node.name], shapes[node.name])
            for steps, layer in ((there, node.layer), (again, "")):
                for op, argument in steps:
                    before = nodes[-1].name
                    name = f"{node.name}/{'map' if layer else 'back'}{len(nodes)}"
                    nodes.append(Node(name, op, (Ref(before), argument), {}, layer))
            renamed[node.name] = nodes[-1].name
    return replace(network, nodes=tuple(nodes))


def _centres(network: Network) -> dict[str, Tensor]:
    """Return the centre of what every number of every node sees, bp; NaN where it sees nothing."""
    ramp = torch.arange(1, network.input_length + 1, dtype=torch.float64)
    ramp = ramp.expand(1, 4, network.input_length)
    found = []
    for sequence in (torch.ones_like(ramp), ramp):
        values = entering(sequence)
        with torch.no_grad():
            for node in network.nodes:
                values[node.name] = dependency(node, values, network)
        found.append(values)
    ones, numbers = found
    return {
        node.name: whole(network, node.name, numbers[node.name] / ones[node.name])
        for node in network.nodes
    }


def _order(centres: Tensor, batch: int, others: list[int]) -> Order:
    """Return the order of axes; positions are where the centre moves most."""
    means = (torch.nan_to_num(centres.nanmean(axis)) for axis in (1, 0))
    first, second = (float(each.max() - each.min()) if each.numel() else 0.0 for each in means)
    if max(first, second) < _STILL and min(centres.shape) > 1:
        return (batch, NOWHERE, NOWHERE)
    one, other = others
    return (batch, other, one) if first > second + _STILL else (batch, one, other)


def _steps(order: Order, shape: Sequence[int]) -> tuple[list[_Step], list[_Step]]:
    """Return the operations that make a map of a value, and those that go back."""
    if NOWHERE not in order:
        back = tuple(order.index(axis) for axis in range(3))
        return [("aten.permute.default", order)], [("aten.permute.default", back)]
    batch = order[0]
    others = [axis for axis in range(3) if axis != batch]
    rows = tuple(shape[axis] for axis in others)
    there: list[_Step] = [("aten.reshape.default", (-1, math.prod(rows)))]
    again: list[_Step] = [("aten.reshape.default", (-1, *rows))]
    if batch:
        first = (batch, *others)
        there.insert(0, ("aten.permute.default", first))
        again.append(("aten.permute.default", tuple(first.index(axis) for axis in range(3))))
    return there, again


def _renamed(value: Argument, names: Mapping[str, str]) -> Argument:
    """Return an argument with other names."""
    if isinstance(value, Ref):
        return Ref(names.get(value.name, value.name))
    if isinstance(value, tuple):
        return tuple(_renamed(item, names) for item in value)
    return value
