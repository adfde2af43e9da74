"""What each kind of layer in an architecture file does, as nodes of the graph.

Values are (n, channel, position), or (n, feature) after a flattening or a global pooling. Options
are keyword arguments with the defaults of PyTorch.
"""

from collections.abc import Callable, Sequence

import numpy as np

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.builder import Builder
from deepresolve_dash.networks.formats.state_dict.modules import Module
from deepresolve_dash.networks.graph import Ref
from deepresolve_dash.networks.padding import convolution_padding

_PLACES = ("valid", "same", "causal")


def conv(
    builder: Builder,
    x: Ref,
    module: Module,
    *,
    stride: int = 1,
    padding: int | str = 0,
    dilation: int = 1,
) -> Ref:
    """Add a convolution; a 1 x n kernel is one of length n. Padding: zeros, "same" or "causal"."""
    kernel = module.arrays["weight"]
    if kernel.ndim == 4:
        thin = next((axis for axis in (2, 3) if kernel.shape[axis] == 1), None)
        if thin is None:
            raise ModelFileError(f"The kernel of '{module.name}' is {kernel.shape}: not 1 x n.")
        kernel = kernel.squeeze(thin)
    if padding in _PLACES:
        length = builder.shape(x)[-1]
        pairs = convolution_padding(
            str(padding), [length], kernel.shape[2:], [stride], [dilation], theano=False
        )
    else:
        pairs = [(int(padding), int(padding))]
    bias = module.arrays.get("bias")
    return builder.conv(x, kernel, bias, stride=stride, padding=pairs, dilation=dilation)


def dense(builder: Builder, x: Ref, module: Module) -> Ref:
    """Add a dense layer over the features, or over the channels of each position."""
    kernel, bias = module.arrays["weight"], module.arrays.get("bias")
    if len(builder.shape(x)) == 1:
        return builder.linear(x, kernel, bias)
    return builder.conv(x, kernel[:, :, None], bias)


def batch_norm(builder: Builder, x: Ref, module: Module, *, epsilon: float = 1e-5) -> Ref:
    """Add batch normalisation as it is at prediction."""
    arrays = module.arrays
    mean, variance = arrays["running_mean"], arrays["running_var"]
    scale = arrays.get("weight", np.ones_like(mean))
    shift = arrays.get("bias", np.zeros_like(mean))
    return builder.batch_norm(x, scale, shift, mean, variance, epsilon=epsilon)


def max_pool(
    builder: Builder,
    x: Ref,
    module: None,
    *,
    size: int,
    stride: int | None = None,
    padding: int = 0,
) -> Ref:
    """Add max-pooling; the stride is the size unless given."""
    return builder.max_pool(builder.pad(x, [(padding, padding)], -np.inf), size, stride)


def average_pool(
    builder: Builder,
    x: Ref,
    module: None,
    *,
    size: int,
    stride: int | None = None,
    padding: int = 0,
) -> Ref:
    """Add average-pooling, the border counted as zeros."""
    return builder.average_pool(builder.pad(x, [(padding, padding)]), size, stride)


def global_max(builder: Builder, x: Ref, module: None) -> Ref:
    """Add the maximum over all positions."""
    return builder.global_max(x)


def global_average(builder: Builder, x: Ref, module: None) -> Ref:
    """Add the mean over all positions."""
    return builder.global_average(x)


def flatten(builder: Builder, x: Ref, module: None, *, order: str = "channel, position") -> Ref:
    """Add a flattening, channel by channel or position by position."""
    if order not in ("channel, position", "position, channel"):
        raise ValueError("order is 'channel, position' or 'position, channel'")
    last = order == "position, channel" and len(builder.shape(x)) == 2
    return builder.flatten(builder.permute(x, (0, 2, 1)) if last else x)


def dropout(builder: Builder, x: Ref, module: None) -> Ref:
    """Add nothing: dropout is off at prediction."""
    return builder.keep(x)


def lstm(builder: Builder, x: Ref, module: Module, *, last: bool = False) -> Ref:
    """Add an LSTM, in one direction or both, in one layer or more; `last` keeps its last step."""
    return _recurrent(builder, x, module, "own.lstm", last)


def gru(builder: Builder, x: Ref, module: Module, *, last: bool = False) -> Ref:
    """Add a GRU, as `lstm`."""
    return _recurrent(builder, x, module, "own.gru", last)


def crop(builder: Builder, x: Ref, module: None, *, left: int, right: int) -> Ref:
    """Leave out positions at both ends."""
    return builder.pad(x, [(-left, -right)])


def add_up(builder: Builder, ends: Sequence[Ref]) -> Ref:
    """Add branches, as a residual block does."""
    total = ends[0]
    for end in ends[1:]:
        if builder.shape(end) != builder.shape(total):
            raise ModelFileError(
                f"Branches of shape {builder.shape(total)} and {builder.shape(end)} are not added."
            )
        total = builder.add("aten.add.Tensor", total, end)
    return total


def join(builder: Builder, ends: Sequence[Ref]) -> Ref:
    """Put the channels or features of branches one behind the other."""
    return builder.add("aten.cat.default", tuple(ends), 1)


def _recurrent(builder: Builder, x: Ref, module: Module, op: str, last: bool) -> Ref:
    """Run over the positions of a map, all arrays in the order of PyTorch."""
    arrays = module.arrays
    both = any(name.endswith("_reverse") for name in arrays)
    n_layers = sum(name.startswith("weight_ih") for name in arrays) // (1 + both)
    refs = []
    for index in range(n_layers):
        for suffix in (f"l{index}", f"l{index}_reverse")[: 1 + both]:
            kernels = arrays[f"weight_ih_{suffix}"], arrays[f"weight_hh_{suffix}"]
            zeros = np.zeros(len(kernels[0]))
            biases = (arrays.get(f"bias_{way}_{suffix}", zeros) for way in ("ih", "hh"))
            refs += [builder.weight(suffix, array) for array in (*kernels, *biases)]
    x = builder.add(op, builder.permute(x, (0, 2, 1)), tuple(refs), n_layers, both)
    return builder.add("aten.select.int", x, 1, -1) if last else builder.permute(x, (0, 2, 1))


LAYERS: dict[str, tuple[str, str | None, Callable[..., Ref]]] = {
    "conv": ("convolution", "conv", conv),
    "dense": ("dense", "dense", dense),
    "batch_norm": ("batch normalisation", "batch_norm", batch_norm),
    "max_pool": ("max pooling", None, max_pool),
    "average_pool": ("average pooling", None, average_pool),
    "global_max": ("max pooling", None, global_max),
    "global_average": ("average pooling", None, global_average),
    "flatten": ("flatten", None, flatten),
    "dropout": ("dropout", None, dropout),
    "lstm": ("recurrent", "lstm", lstm),
    "gru": ("recurrent", "gru", gru),
    "crop": ("crop", None, crop),
}
"""Kind in the file -> kind in words, kind of `Module` it takes, and what it does."""

BRANCHES: dict[str, tuple[str, Callable[[Builder, Sequence[Ref]], Ref]]] = {
    "add": ("sum", add_up),
    "concat": ("concatenation", join),
}
"""Kinds that join branches -> kind in words, and what they do."""
