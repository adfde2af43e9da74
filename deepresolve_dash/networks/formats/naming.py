"""Layers of a file that is a row of operations: which belong together, and what they are."""

from collections.abc import Iterable

from deepresolve_dash.networks.builder import Builder

_KINDS = (
    ("conv_transpose", "transposed convolution"),
    ("conv", "convolution"),
    ("lstm", "recurrent"),
    ("gru", "recurrent"),
    ("rnn", "recurrent"),
    ("attention", "attention"),
    ("linear", "dense"),
    ("addmm", "dense"),
    ("gemm", "dense"),
    ("max_pool", "max pooling"),
    ("maxpool", "max pooling"),
    ("amax", "max pooling"),
    ("globalmax", "max pooling"),
    ("avg_pool", "average pooling"),
    ("averagepool", "average pooling"),
    ("mean", "mean"),
    ("batch_norm", "batch normalisation"),
    ("batchnorm", "batch normalisation"),
    ("layer_norm", "layer normalisation"),
    ("layernorm", "layer normalisation"),
    ("group_norm", "group normalisation"),
    ("instance_norm", "instance normalisation"),
    ("instancenorm", "instance normalisation"),
    ("rms_norm", "normalisation"),
    ("einsum", "product"),
    ("matmul", "product"),
    ("bmm", "product"),
    ("cat", "concatenation"),
    ("stack", "concatenation"),
    ("softmax", "activation"),
    ("relu", "activation"),
    ("prelu", "activation"),
    ("leaky", "activation"),
    ("elu", "activation"),
    ("gelu", "activation"),
    ("silu", "activation"),
    ("mish", "activation"),
    ("sigmoid", "activation"),
    ("tanh", "activation"),
    ("softplus", "activation"),
    ("threshold", "activation"),
    ("glu", "activation"),
    ("exp", "activation"),
    ("dropout", "dropout"),
    ("add", "sum"),
    ("sub", "difference"),
    ("mul", "product"),
    ("div", "quotient"),
    ("maximum", "maximum"),
    ("minimum", "minimum"),
    ("sum", "sum"),
    ("pad", "padding"),
    ("slice", "cropping"),
    ("flip", "flip"),
    ("flatten", "flatten"),
    ("reshape", "reshape"),
    ("view", "reshape"),
)


def kind_of(operations: Iterable[str]) -> str:
    """Return the kind of a layer; the most telling operation in it decides.

    Parameters
    ----------
    operations : names
        As the file has them, upper or lower case.
    """
    names = [name.lower() for name in operations]
    for part, kind in _KINDS:
        if any(name.startswith(part) or f"_{part}" in name for name in names):
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
        self._open = ""
        self._operations: list[str] = []

    def enter(self, name: str | None, operation: str) -> None:
        """Say what the next operation is, and the layer that it is in; None for no layer."""
        if name is None:
            self._builder.close()
            self._wanted = None
            return
        if name != self._wanted:
            self._open = self._builder.open(name, "")
            self._wanted, self._operations = name, []
        self._operations.append(operation)
        self._builder.layers[self._open] = kind_of(self._operations)
