"""Attention of Keras: many heads, and plain dot products."""

from math import sqrt

import numpy as np

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.builder import Builder
from deepresolve_dash.networks.formats.keras.config import LayerConfig
from deepresolve_dash.networks.formats.keras.values import (
    Given,
    Reading,
    Value,
    from_keras,
    to_keras,
)
from deepresolve_dash.networks.graph import Ref
from deepresolve_dash.networks.operations import ATTENTION


def multi_head_attention(reading: Reading, given: Given, layer: LayerConfig) -> Value:
    """MultiHeadAttention over positions."""
    builder, options = reading.builder, layer.options
    query, value, key = _operands(builder, given, layer)
    n_heads, key_size = int(options["num_heads"]), int(options["key_dim"])
    value_size = int(options.get("value_dim") or key_size)
    n_inside = [builder.shape(ref)[-1] for ref in (query, key, value)]
    wanted = options.get("output_shape")
    wanted = wanted if isinstance(wanted, list | tuple) else [wanted or n_inside[0]]
    if options.get("attention_axes") not in (None, [1], 1) or len(wanted) != 1:
        raise ModelFileError(f"Layer '{layer.name}' attends over unusual axes: not supported.")
    sizes = (key_size, key_size, value_size)
    shapes: list[tuple[int, ...]] = []
    has_bias = bool(options.get("use_bias", True))
    for n_features, size in zip(n_inside, sizes, strict=True):
        shapes += [(n_features, n_heads, size), (n_heads, size)][: 1 + has_bias]
    shapes += [(n_heads, value_size, int(wanted[0])), (int(wanted[0]),)][: 1 + has_bias]
    arrays = reading.take(layer, shapes)
    step = 1 + has_bias
    heads = []
    for number, ref in enumerate((query, key, value)):
        kernel, *bias = arrays[number * step : (number + 1) * step]
        flat = kernel.reshape(kernel.shape[0], -1).T
        x = builder.linear(ref, flat, *(item.ravel() for item in bias))
        x = builder.add("aten.reshape.default", x, (-1, builder.shape(x)[0], *kernel.shape[1:]))
        heads.append(builder.permute(x, (0, 2, 1, 3)))
    causal = bool(given.named.get("use_causal_mask"))
    x = builder.permute(builder.add(ATTENTION, *heads, None, 0.0, causal), (0, 2, 1, 3))
    x = builder.add("aten.reshape.default", x, (-1, builder.shape(x)[0], n_heads * value_size))
    kernel, *bias = arrays[3 * step :]
    x = builder.linear(x, kernel.reshape(-1, kernel.shape[-1]).T, *bias)
    return from_keras(builder, x, channels_last=True)


def attention(reading: Reading, given: Given, layer: LayerConfig) -> Value:
    """Attention by dot products, without weights but one scale."""
    builder, options = reading.builder, layer.options
    query, value, key = _operands(builder, given, layer)
    if options.get("score_mode", "dot") != "dot":
        raise ModelFileError(f"Layer '{layer.name}' scores by sums of tanh: not supported.")
    factor = sqrt(builder.shape(query)[-1])
    if options.get("use_scale"):
        (scale,) = reading.take(layer, [()])
        factor *= float(np.float64(scale))
    query = builder.add("aten.mul.Tensor", query, factor)
    causal = bool(options.get("causal") or given.named.get("use_causal_mask"))
    x = builder.add(ATTENTION, query, key, value, None, 0.0, causal)
    return from_keras(builder, x, channels_last=True)


def _operands(builder: Builder, given: Given, layer: LayerConfig) -> tuple[Ref, Ref, Ref]:
    """Return query, value and key, each (n, position, feature); the key is the value by default."""
    named = given.named
    if any(isinstance(named.get(name), Value) for name in named if "mask" in name):
        raise ModelFileError(f"Layer '{layer.name}' takes a mask: not supported.")
    places = (item for item in given.positional if isinstance(item, Value))
    by_name = [named.get(name) for name in ("query", "value", "key")]
    found = [item if isinstance(item, Value) else next(places, None) for item in by_name]
    query, value, key = found[0], found[1], found[2] or found[1]
    refs = [to_keras(builder, item) for item in (query, value, key) if item is not None]
    if len(refs) != 3 or any(len(builder.shape(ref)) != 2 for ref in refs):
        raise ModelFileError(
            f"Layer '{layer.name}' needs a query and a value, each with positions and features."
        )
    return refs[0], refs[1], refs[2]
