"""Weights that mean something by themselves: filters of the first layer, rows of the last."""

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.errors import LayerError
from deepresolve_dash.networks.execute import node_shapes
from deepresolve_dash.networks.graph import INPUT, Network, Node, Ref
from deepresolve_dash.networks.operations import CHANNELWISE, CONVOLUTIONS, REARRANGEMENTS
from deepresolve_dash.networks.paths import find_logits, first_input, last_nodes, needed


def first_layer_filters(network: Network, layer: str) -> NDArray[np.float32] | None:
    """Return the filters that the channels of a layer are, in reading direction.

    Parameters
    ----------
    network : Network
        The network.
    layer : str
        Layer that the network is cut at.

    Returns
    -------
    float32 array (channel, offset, base) or None
        Bases in the order A, C, G, T whatever the alphabet of the input. None when anything but
        channel-wise operations lies between the first convolution and the cut.

    Raises
    ------
    LayerError
        When the layer does not exist.
    """
    ends = last_nodes(network)
    if layer not in ends:
        raise LayerError(f"Layer '{layer}' is not in this model; it has {', '.join(ends)}.")
    convolution = _single_convolution(network, ends[layer].name)
    if convolution is None:
        return None
    kernel = kernel_over_bases(network, convolution)
    if kernel is None:
        return None
    rows = [network.alphabet.index(base) for base in "ACGT"]
    return np.ascontiguousarray(kernel[:, rows].transpose(0, 2, 1))


def last_layer_weights(network: Network, output: str | None = None) -> NDArray[np.float32] | None:
    """Return the weights of the dense layer that makes the class scores.

    Parameters
    ----------
    network : Network
        The network.
    output : str, optional
        Head whose class scores are meant; the first when left out.

    Returns
    -------
    float32 array (target, feature) or None
        None when the scores are not made by a dense layer.
    """
    nodes = {node.name: node for node in network.nodes}
    node = nodes[find_logits(network, output).node]
    if node.op != "aten.linear.default":
        return None
    return _kernel(network, node).copy()


def _single_convolution(network: Network, target: str) -> Node | None:
    """Return the one convolution of the sequence that a node takes channel by channel."""
    names = needed(network, target)
    found = [node for node in network.nodes if node.op in CONVOLUTIONS and node.name in names]
    if len(found) != 1:
        return None
    convolution = found[0]
    after = needed(network, target, source=convolution.name) - {convolution.name}
    before = needed(network, convolution.name) - {convolution.name}
    operations = {node.name: node.op for node in network.nodes}
    channelwise = all(operations.get(name) in CHANNELWISE for name in after & operations.keys())
    direct = all(operations.get(name) in REARRANGEMENTS for name in before & operations.keys())
    return convolution if channelwise and direct and INPUT not in after else None


def kernel_over_bases(network: Network, convolution: Node) -> NDArray[np.float32] | None:
    """Return the kernel of a convolution of the sequence, dilation filled with zeros.

    Parameters
    ----------
    network : Network
    convolution : Node
        Nothing but rearrangements lies between it and the sequence.

    Returns
    -------
    float32 array (channel, base, offset) or None
        Bases in the network's alphabet; None when the kernel does not span them.
    """
    kernel = _kernel(network, convolution)
    dilation = convolution.args[5] if len(convolution.args) > 5 else 1
    if kernel.ndim == 4:
        shapes = {INPUT: (4, network.input_length), **node_shapes(network)}
        rows, columns = kernel.shape[2:]
        n_inputs, height, width = shapes[first_input(convolution)] or (0, 0, 0)
        if n_inputs == 4 and height == rows == 1:
            kernel, axis = kernel[:, :, 0], 1
        elif n_inputs == 4 and width == columns == 1:
            kernel, axis = kernel[..., 0], 0
        elif n_inputs == 1 and height == rows == 4:
            kernel, axis = kernel[:, 0], 1
        elif n_inputs == 1 and width == columns == 4:
            kernel, axis = kernel[:, 0].transpose(0, 2, 1), 0
        else:
            return None
        dilation = dilation[axis] if isinstance(dilation, tuple) else dilation
    step = dilation[0] if isinstance(dilation, tuple) else dilation
    if kernel.shape[1] != 4 or not isinstance(step, int):
        return None
    spread = np.zeros((*kernel.shape[:2], (kernel.shape[2] - 1) * step + 1), dtype=np.float32)
    spread[..., ::step] = kernel
    return spread


def _kernel(network: Network, node: Node) -> NDArray[np.float32]:
    """Return the kernel of a convolution or a dense layer."""
    kernel = node.args[1]
    assert isinstance(kernel, Ref)
    return network.weights[kernel.name]
