"""Make a network from steps in a row, as training recipes need it."""

from collections.abc import Sequence

from deepresolve_dash.networks.builder import Builder
from deepresolve_dash.networks.graph import Network, Ref


def sequential_network(
    steps: Sequence[tuple[str, str, dict]],
    *,
    input_length: int,
    class_names: Sequence[str] | None = None,
    alphabet: str = "ACGT",
    format: str = "neutral form",
) -> Network:
    """Make a network from steps in a row.

    Parameters
    ----------
    steps : sequence of (layer name, kind, options)
        Kinds and options: `conv` (kernel (out, in, width), bias, stride, padding, dilation),
        `max_pool` and `average_pool` (size, stride), `global_max`, `global_average`, `flatten`,
        `linear` (kernel (out, in), bias), or an activation (`relu`, `sigmoid`, `softmax`, ...).
        A step with the name of the step before belongs to the same layer.
    input_length : int
        Length of the sequences, bp.

    Raises
    ------
    ModelFileError
        When the steps do not fit together.
    """
    builder = Builder(input_length)
    x = builder.input
    start = 0
    while start < len(steps):
        name, kind, _ = steps[start]
        stop = start + 1
        while stop < len(steps) and steps[stop][0] == name:
            stop += 1
        with builder.layer(name, LAYER_KINDS.get(kind, "activation")):
            for _, step, options in steps[start:stop]:
                x = _step(builder, x, step, options)
        start = stop
    return builder.network(x, class_names=class_names, alphabet=alphabet, format=format)


LAYER_KINDS = {
    "conv": "convolution",
    "max_pool": "max pooling",
    "average_pool": "average pooling",
    "global_max": "max pooling",
    "global_average": "average pooling",
    "flatten": "flatten",
    "linear": "dense",
}
"""Steps of `sequential_network` -> kind of layer in words; all other steps are activations."""


def _step(builder: Builder, x: Ref, kind: str, options: dict) -> Ref:
    """Add one step of `sequential_network`."""
    if kind in LAYER_KINDS:
        return getattr(builder, kind)(x, **options)
    return builder.activation(x, kind)
