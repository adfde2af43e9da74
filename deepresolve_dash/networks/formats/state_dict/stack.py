"""The wiring of a plain network, guessed from the shapes of its weights; without torch.

A plain network has convolutions in a row, each with normalisation, activation and pooling, then
dense layers. Shapes tell its layers and their order; they do not tell pooling and activations, but
the first dense layer says how much the poolings leave of the sequence.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from deepresolve_dash.errors import ModelFileError

Rows = Sequence[Mapping[str, Any]]
ACTIVATIONS = (
    "relu", "sigmoid", "softmax", "tanh", "elu", "selu", "gelu", "softplus", "exponential",
)  # fmt: skip
"""Activations that a form offers; an architecture file knows some more."""
SIZES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 13, 15, 16, 20)  # of a pooling, as networks have them
_MOST_CONVOLUTIONS = 3  # for which all combinations of sizes are tried
_WEIGHTED = ("conv", "dense")


class ArchitectureNeeded(ModelFileError):
    """A file has weights, and does not tell how they are wired.

    Attributes
    ----------
    weights : list of dict
        `name`, `kind` and `shape` of each module, as `guess_layers` takes them.
    """

    def __init__(self, message: str, hint: str, weights: list[dict[str, Any]]) -> None:
        super().__init__(message, hint)
        self.weights = weights


class Shape(NamedTuple):
    """What a layer gives: channels and positions; one position once they are features."""

    kind: str
    channels: int
    width: int


def guess_layers(
    weights: Rows, input_length: int, *, fit: bool = True
) -> list[list[dict[str, Any]]]:
    """Return the layers that a plain network with these weights may have, the likeliest first.

    *Choice:* the activation is a ReLU, after the last layer a sigmoid; poolings are all alike where
    that fits, else all but the last, else as near to each other as fits; convolutions without
    border are tried before "same" ones, pooling over all positions first where the dense layer has
    one weight per channel.

    Parameters
    ----------
    weights : sequence of dict
        `name`, `kind` ("conv", "dense" or "batch_norm") and `shape` of each module's weight, in
        the order of the network.
    input_length : int
        Length of the sequences, bp.
    fit : bool
        Whether a wiring must fit; else the first that comes to mind is returned.

    Returns
    -------
    list of lists of layers
        As in an architecture file; empty when no wiring fits.

    Raises
    ------
    ModelFileError
        When the weights are not those of a plain network.
    """
    n_conv = sum(row["kind"] == "conv" for row in weights)
    others = [row["name"] for row in weights if row["kind"] not in (*_WEIGHTED, "batch_norm")]
    if others or n_conv in (0, len(weights)):
        odd = f": {others[0]} is none of these" if others else ""
        raise ModelFileError(
            f"The weights are not those of convolutions followed by dense layers{odd}.",
            "Say how they are wired in an architecture file (TOML).",
        )
    weights = _in_order(weights)
    found = []
    for poolings, padding in _options(n_conv, by_channel=_by_channel(weights)):
        layers = _layers(weights, poolings, padding)
        if not fit:
            return [layers]
        try:
            list(stack_shapes(layers, weights, input_length))
        except ModelFileError:
            continue
        found.append(layers)
    return found


def stack_shapes(layers: Rows, weights: Rows, input_length: int) -> Iterator[Shape]:
    """Yield what each layer of a plain network gives.

    Raises
    ------
    ModelFileError
        At the first layer that does not fit, with the reason.
    """
    shapes = {row["name"]: tuple(row["shape"]) for row in weights}
    channels, width = 4, input_length
    for layer in layers:
        kind, weight = layer["kind"], shapes.get(layer.get("from", ""), ())
        called = layer.get("from") or kind
        if kind == "conv":
            _same(called, "channels", weight[1], channels)
            reach = (max(weight[2:]) - 1) * int(layer.get("dilation", 1)) + 1
            border = 0 if layer.get("padding", 0) in (0, "valid") else reach - 1
            channels, width = weight[0], _steps(called, width + border, reach, layer, 1)
        elif kind in ("max_pool", "average_pool"):
            size = int(layer["size"])
            width = _steps(called, width, size, layer, size)
        elif kind in ("global_max", "global_average"):
            width = 1
        elif kind == "flatten":
            channels, width = channels * width, 1
        elif kind == "dense":
            _same(called, "features", weight[1], channels)
            channels = weight[0]
        elif kind == "batch_norm":
            _same(called, "channels", weight[0], channels)
        yield Shape(kind, channels, width)


def architecture_text(layers: Rows, input_length: int) -> str:
    """Write an architecture file."""
    rows = [f"input_length = {int(input_length)}"]
    for layer in layers:
        rows += ["", "[[layers]]", *(f"{name} = {_toml(value)}" for name, value in layer.items())]
    return "\n".join(rows) + "\n"


def _in_order(weights: Rows) -> Rows:
    """Put convolutions before dense layers, each normalisation after what has its size.

    A checkpoint has them so already; in a safetensors file they are sorted by name.
    """
    norms = [row for row in weights if row["kind"] == "batch_norm"]
    before = None
    for row in weights:
        if row["kind"] == "batch_norm" and (
            before is None or before["shape"][0] != row["shape"][0]
        ):
            break
        if row["kind"] == "conv" and before is not None and before["kind"] == "dense":
            break
        before = row
    else:
        return weights
    ordered = []
    for kind in _WEIGHTED:
        for row in (one for one in weights if one["kind"] == kind):
            fits = [norm for norm in norms if norm["shape"][0] == row["shape"][0]]
            ordered += [row, *fits[:1]]
            norms = [norm for norm in norms if norm not in fits[:1]]
    return ordered


def _by_channel(weights: Rows) -> bool:
    """Tell whether the first dense layer has one weight per channel of the last convolution."""
    channels = [row["shape"][0] for row in weights if row["kind"] == "conv"]
    features = [row["shape"][1] for row in weights if row["kind"] == "dense"]
    return channels[-1:] == features[:1]


def _options(n_conv: int, *, by_channel: bool) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield poolings after each convolution, and the border of all convolutions."""
    alike = [(size,) * n_conv for size in SIZES]
    but_last = [(size,) * (n_conv - 1) + (1,) for size in SIZES]
    whole = [(size,) * (n_conv - 1) + ("global",) for size in SIZES]
    every = product(SIZES, repeat=n_conv) if n_conv <= _MOST_CONVOLUTIONS else ()
    near = sorted(every, key=lambda sizes: max(sizes) / min(sizes))
    usual = [*whole, *alike, *but_last] if by_channel else [*alike, *but_last, *whole]
    seen = dict.fromkeys([*usual, *near])
    for poolings in seen:
        for padding in ("valid", "same"):
            yield poolings, padding


def _layers(weights: Rows, poolings: Sequence[str | int], padding: str) -> list[dict[str, Any]]:
    """Return layers with such poolings; a normalisation follows what it has the size of."""
    last = [row["name"] for row in weights if row["kind"] in _WEIGHTED][-1]
    left = iter(poolings)
    layers: list[dict[str, Any]] = []
    is_map = True
    for row, following in zip(weights, [*weights[1:], None], strict=True):
        if row["kind"] == "dense" and is_map:
            layers.append({"kind": "flatten"})
            is_map = False
        layer: dict[str, Any] = {"kind": row["kind"], "from": row["name"]}
        if row["kind"] == "conv" and padding != "valid":
            layer["padding"] = padding
        normalised = following is not None and following["kind"] == "batch_norm"
        if not normalised:
            layer["activation"] = "sigmoid" if _owner(weights, row) == last else "relu"
        layers.append(layer)
        if is_map and not normalised:
            layers += _pooling(next(left))
    return layers


def _owner(weights: Rows, row: Mapping[str, Any]) -> str:
    """Return the convolution or dense layer that a row is, or is the normalisation of."""
    before = [one["name"] for one in weights[: weights.index(row) + 1] if one["kind"] in _WEIGHTED]
    return before[-1] if before else ""


def _pooling(size: str | int) -> list[dict[str, Any]]:
    if size == "global":
        return [{"kind": "global_max"}]
    return [] if size == 1 else [{"kind": "max_pool", "size": size}]


def _steps(called: str, width: int, reach: int, layer: Mapping[str, Any], stride: int) -> int:
    """Return the windows that fit."""
    if reach < 1 or width < reach:
        raise ModelFileError(f"'{called}' needs {reach} positions, and {width} are left.")
    return (width - reach) // int(layer.get("stride") or stride) + 1


def _same(called: str, what: str, expected: int, given: int) -> None:
    if expected != given:
        raise ModelFileError(f"'{called}' takes {expected:,} {what}, and gets {given:,}.")


def _toml(value: object) -> str:
    """Write a number or a text as TOML."""
    if isinstance(value, str):
        plain = value.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in plain) + '"'
    return str(value)
