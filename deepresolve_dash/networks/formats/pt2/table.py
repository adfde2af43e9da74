"""What each ATen operation is in our graph, by the name that torch.export writes."""

from collections.abc import Callable

from deepresolve_dash.networks.formats.pt2 import layers, norms, numbers, sequences, shapes
from deepresolve_dash.networks.formats.tracing import Traced, Tracing


def _plain(op: str) -> Callable[..., Traced]:
    """Return the reader of an operation that our graph has under the same name."""

    def read(t: Tracing, *args, **options) -> Traced:  # noqa: ANN002, ANN003
        return t.add(op, *args, *options.values())

    return read


def _names(text: str) -> list[str]:
    return text.split()


def _all(names: str, read: Callable) -> dict[str, Callable]:
    return dict.fromkeys(names.split(), read)


FUNCTIONS: dict[str, Callable] = {
    **{
        name: _plain(f"aten.{name}.default")
        for name in _names(
            "abs celu cos elu erf exp expm1 hardshrink hardswish hardtanh leaky_relu log log1p "
            "log_sigmoid logical_not mish neg reciprocal relu rsqrt selu sigmoid silu sin softplus "
            "softshrink sqrt tanh threshold"
        )
    },
    **{name: numbers.compare(name) for name in ("eq", "ge", "gt", "le", "lt", "ne")},
    "gelu": numbers.gelu,
    "hardsigmoid": numbers.hard_sigmoid,
    "relu6": numbers.relu6,
    "square": numbers.square,
    "prelu": numbers.prelu,
    "_prelu_kernel": _plain("own.prelu"),
    **{name: numbers.binary(name) for name in ("add", "sub", "mul", "div")},
    **{"subtract": numbers.binary("sub"), "multiply": numbers.binary("mul")},
    **{"divide": numbers.binary("div"), "true_divide": numbers.binary("div")},
    "rsub": numbers.reverse_subtract,
    "pow": numbers.power,
    "maximum": numbers.extreme("maximum"),
    "minimum": numbers.extreme("minimum"),
    **_all("clamp clip clamp_min clamp_max", numbers.clamp),
    "where": numbers.where,
    "masked_fill": numbers.masked_fill,
    "mean": numbers.reduce("aten.mean.dim"),
    "sum": numbers.reduce("aten.sum.dim_IntList"),
    "any.dim": numbers.any_of,
    "max.dim": numbers.maxima("amax"),
    "min.dim": numbers.maxima("amin"),
    "max.other": numbers.extreme("maximum"),
    "min.other": numbers.extreme("minimum"),
    "amax": numbers.reduce("aten.amax.default"),
    "amin": numbers.reduce("aten.amin.default"),
    "logsumexp": numbers.reduce("aten.logsumexp.default"),
    "var": numbers.variance,
    "std": numbers.deviation,
    "var_mean": numbers.variance_and_mean,
    **_all("norm linalg_vector_norm", numbers.norm),
    "cumsum": numbers.cumulative,
    **_all("softmax _softmax", numbers.softmax("softmax")),
    **_all("log_softmax _log_softmax", numbers.softmax("log_softmax")),
    "glu": numbers.gated,
    "convolution": lambda t, transposed, **options: layers.any_convolution(
        t, transposed_=transposed, **options
    ),
    "conv1d": layers.convolution(1),
    "conv2d": layers.convolution(2),
    "conv_transpose1d": layers.transposed(1),
    "conv_transpose2d": layers.transposed(2),
    "max_pool1d": layers.max_pool(1),
    "max_pool2d": layers.max_pool(2),
    "max_pool1d_with_indices": layers.max_pool(1, places=True),
    "max_pool2d_with_indices": layers.max_pool(2, places=True),
    "avg_pool1d": layers.average_pool(1),
    "avg_pool2d": layers.average_pool(2),
    **_all("adaptive_avg_pool1d adaptive_avg_pool2d _adaptive_avg_pool2d", layers.adaptive_average),
    **_all("adaptive_max_pool1d adaptive_max_pool2d", layers.adaptive_maximum),
    "linear": layers.linear,
    **_all("addmm baddbmm", layers.add_product),
    **_all("matmul mm bmm", layers.matmul),
    "einsum": layers.einsum,
    "batch_norm": norms.batch_norm,
    "_native_batch_norm_legit_no_training": norms.batch_norm_parts,
    "_native_batch_norm_legit.no_stats": norms.own_batch_norm_parts,
    "layer_norm": norms.layer_norm,
    "native_layer_norm": norms.layer_norm_parts,
    "group_norm": norms.group_norm,
    "native_group_norm": norms.group_norm_parts,
    "instance_norm": norms.instance_norm,
    "rms_norm": norms.rms_norm,
    "lstm": sequences.recurrent("own.lstm"),
    "gru": sequences.recurrent("own.gru"),
    "rnn_tanh": sequences.recurrent("own.rnn"),
    "scaled_dot_product_attention": sequences.attention,
    "_scaled_dot_product_flash_attention_for_cpu": sequences.attention_parts,
    **_all("alias clone contiguous detach lift_fresh_copy positive", shapes.same),
    **_all("to _to_copy type_as", shapes.convert),
    **_all("dropout feature_dropout alpha_dropout feature_alpha_dropout", shapes.dropout),
    **_all("reshape view _unsafe_view", shapes.reshape),
    "flatten": shapes.flatten,
    "unflatten": shapes.unflatten,
    **_all("transpose swapaxes swapdims", shapes.transpose),
    **_all("t numpy_T mT matrix_H", shapes.matrix_transpose),
    "permute": shapes.permute,
    "movedim": shapes.move_axes,
    **_all("expand broadcast_to", shapes.expand),
    "expand_as": shapes.expand_as,
    **_all("repeat tile", shapes.repeat),
    "repeat_interleave": shapes.repeat_each,
    "slice": shapes.slice_,
    "narrow": shapes.narrow,
    "select": shapes.select,
    "split": shapes.split,
    "split_with_sizes": shapes.split_sizes,
    "chunk": shapes.chunk,
    "unbind": shapes.unbind,
    "index": shapes.index,
    "index_select": shapes.index_select,
    **_all("cat concat", shapes.concatenate),
    "stack": shapes.stack,
    "squeeze": shapes.squeeze,
    "unsqueeze": shapes.unsqueeze,
    "flip": shapes.flip,
    "roll": shapes.roll,
    "pad": shapes.pad,
    "constant_pad_nd": shapes.pad,
    "sym_size": shapes.size_of,
    "upsample_nearest1d": shapes.upsample_nearest,
    "upsample_nearest2d": shapes.upsample_nearest,
    "upsample_linear1d": shapes.upsample_linear,
}
"""Name without overload -> reader; what is not here is refused by name."""

VIEWS = frozenset(
    _names(
        "alias detach reshape view flatten unflatten transpose swapaxes swapdims t numpy_T mT "
        "permute movedim expand broadcast_to expand_as slice narrow select split chunk unbind "
        "split_with_sizes squeeze unsqueeze"
    )
)
"""Operations whose result shares its memory with what it was made of."""

FACTORIES = frozenset(_names("arange eye full linspace ones scalar_tensor zeros"))
"""Operations that make an array of numbers alone."""

LIKE = frozenset(_names("full_like ones_like zeros_like new_full new_ones new_zeros"))
"""Operations that make an array of the shape of another, or for it."""

FOLDED = (
    FACTORIES
    | LIKE
    | (FUNCTIONS.keys() - {"sym_size", "dropout"})
    | frozenset(
        _names(
            "_weight_norm _weight_norm_interface bitwise_and bitwise_not bitwise_or ceil "
            "embedding floor floor_divide fmod gather logical_and logical_not logical_or meshgrid "
            "outer remainder round sign tril triu trunc"
        )
    )
)
"""Operations that are evaluated when all that goes in is known beforehand."""
