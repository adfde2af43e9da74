"""Layers of a file that is a row of operations: which belong together, and what they are."""

from collections.abc import Iterable

from deepresolve_dash.networks.builder import Builder

_KINDS = (
    ("conv_transpose", "transposed convolution"),
    ("conv", "convolution"),
    ("lstm gru rnn", "recurrent"),
    ("scaled_dot_product_attention", "attention"),
    ("linear", "dense"),
    ("max_pool amax adaptive_max_pool", "max pooling"),
    ("avg_pool adaptive_avg_pool", "average pooling"),
    ("batch_norm", "batch normalisation"),
    ("layer_norm", "layer normalisation"),
    ("group_norm", "group normalisation"),
    ("instance_norm", "instance normalisation"),
    ("rms_norm", "normalisation"),
    ("einsum matmul", "product"),
    ("cat stack", "concatenation"),
    (
        "softmax log_softmax sigmoid relu leaky_relu prelu elu celu selu gelu silu mish",
        "activation",
    ),
    ("erf tanh softplus softsign threshold glu exp hard clamp", "activation"),
    ("mean", "mean"),
    ("add sum", "sum"),
    ("sub", "difference"),
    ("mul", "product"),
    ("div", "quotient"),
    ("maximum", "maximum"),
    ("minimum", "minimum"),
    ("slice take select", "cropping"),
    ("flip", "flip"),
    ("constant_pad reflection_pad replication_pad", "padding"),
    ("upsample", "upsampling"),
    ("alias", "dropout"),
    ("flatten", "flatten"),
    ("reshape permute", "reshape"),
)


def kind_of(operations: Iterable[str]) -> str:
    """Return the kind of a layer; the most telling operation in it decides.

    Parameters
    ----------
    operations : names
        As in our graph, without overload.
    """
    names = list(operations)
    if "softmax" in names and sum(name in ("matmul", "einsum") for name in names) > 1:
        return "attention"
    for starts, kind in _KINDS:
        if any(name.startswith(tuple(starts.split())) for name in names):
            return kind
    return "arithmetic"


class Layers:
    """Opens a layer whenever the next operation is of another than the last.

    Parameters
    ----------
    builder : Builder
        Whose layers they are.
    """

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._wanted: str | None = None

    def enter(self, name: str | None) -> None:
        """Say which layer the next operation is in; None for no layer."""
        if name is None:
            self._builder.close()
        elif name != self._wanted:
            self._builder.open(name, "")
        self._wanted = name

    def name_kinds(self) -> None:
        """Say what each layer is that has been opened so."""
        operations: dict[str, list[str]] = {}
        for node in self._builder.draft().nodes:
            operations.setdefault(node.layer, []).append(node.op.split(".")[1])
        for layer, kind in self._builder.layers.items():
            self._builder.layers[layer] = kind or kind_of(operations.get(layer, []))
