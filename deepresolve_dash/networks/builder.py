"""A graph in the making: every reader and every recipe makes its nodes here."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.check import check_finite, check_network
from deepresolve_dash.networks.execute import check_node, entering
from deepresolve_dash.networks.graph import INPUT, Argument, Finding, Network, Node, Output, Ref
from deepresolve_dash.networks.paths import pruned

ACTIVATIONS: dict[str, tuple[str, tuple[Argument, ...]]] = {
    "relu": ("aten.relu.default", ()),
    "sigmoid": ("aten.sigmoid.default", ()),
    "tanh": ("aten.tanh.default", ()),
    "elu": ("aten.elu.default", ()),
    "selu": ("aten.selu.default", ()),
    "softplus": ("aten.softplus.default", ()),
    "softsign": ("own.softsign", ()),
    "exponential": ("aten.exp.default", ()),
    "swish": ("aten.silu.default", ()),
    "gelu": ("aten.gelu.default", ()),
    "hard_sigmoid": ("own.hard_sigmoid", (0.2, 0.5)),  # as in Keras 1 and 2
}

_BATCH = 2


class Builder:
    """A graph in the making.

    Every method adds nodes to the layer opened last and returns a reference to its result. Maps are
    channels-first: (n, channel, position), or (n, channel, row, position).

    Parameters
    ----------
    input_length : int
        Length of the sequences, bp.
    """

    def __init__(self, input_length: int) -> None:
        self.input_length = input_length
        self.input = Ref(INPUT)
        self.layers: dict[str, str] = {}
        self._layer = ""
        self._nodes: list[Node] = []
        self._by_name: dict[str, Node] = {}
        self._weights: dict[str, np.ndarray] = {}
        sequence = torch.empty((_BATCH, 4, input_length), device="meta")
        self._values = entering(sequence)

    @contextmanager
    def layer(self, name: str, kind: str) -> Iterator[str]:
        """Open a layer; what is added inside belongs to it. A name used before gets a number."""
        yield self.open(name, kind)
        self.close()

    def open(self, name: str, kind: str) -> str:
        """Open a layer until it is closed or another is opened; returns its name."""
        self._layer = name = self._free(name, self.layers)
        self.layers[name] = kind
        return name

    def close(self) -> None:
        """Close the open layer; what is added next belongs to none."""
        self._layer = ""

    def shape(self, x: Ref) -> tuple[int, ...]:
        """Return the shape of a value without the batch axis."""
        return tuple(self._values[x.name].shape[1:])

    def weight(self, name: str, array: ArrayLike) -> Ref:
        """Store a weight array of the open layer, as float32."""
        name = self._free(f"{self._layer}.{name}" if self._layer else name, self._values)
        with np.errstate(over="ignore"):
            stored = np.array(array, dtype=np.float32, order="C")
        check_finite({name: stored})
        self._weights[name] = stored
        self._values[name] = torch.empty(stored.shape, device="meta")
        return Ref(name)

    def add(self, op: str, *args: Argument, **options: Argument) -> Ref:
        """Add one operation of the whitelist."""
        short = op.split(".")[1]
        name = self._free(f"{self._layer}/{short}" if self._layer else short, self._values)
        node = Node(name, op, args, options, self._layer)
        self._values[name] = check_node(node, self._values)
        self._nodes.append(node)
        self._by_name[name] = node
        return Ref(name)

    def conv(
        self,
        x: Ref,
        kernel: ArrayLike,
        bias: ArrayLike | None = None,
        *,
        stride: Sequence[int] | int = 1,
        padding: Sequence[tuple[int, int]] = (),
        dilation: Sequence[int] | int = 1,
    ) -> Ref:
        """Add a convolution as networks mean it, that is a cross-correlation.

        Parameters
        ----------
        x : Ref
            (n, in, position) or (n, in, row, position).
        kernel : array (out, in, width) or (out, in, height, width)
            In reading direction.
        bias : array (out,) or None
            Added to every position.
        stride, dilation : int or one int per spatial axis
            Step between windows, and between the positions of a window.
        padding : one pair (before, after) per spatial axis
            Zeros around the input; none when empty.
        """
        kernel = np.asarray(kernel)
        n_axes = kernel.ndim - 2
        return self.add(
            f"aten.conv{n_axes}d.default",
            self.pad(x, padding),
            self.weight("kernel", kernel),
            None if bias is None else self.weight("bias", bias),
            _each(stride, n_axes),
            _each(0, n_axes),
            _each(dilation, n_axes),
        )

    def max_pool(
        self, x: Ref, size: Sequence[int] | int, stride: Sequence[int] | int | None = None
    ) -> Ref:
        """Add max-pooling over windows, without padding; the stride is the size unless given."""
        return self._pool("max_pool", x, size, stride)

    def average_pool(
        self, x: Ref, size: Sequence[int] | int, stride: Sequence[int] | int | None = None
    ) -> Ref:
        """Add average-pooling over windows, without padding; the stride is the size by default."""
        return self._pool("avg_pool", x, size, stride)

    def global_max(self, x: Ref) -> Ref:
        """Add the maximum over all positions: (n, channel)."""
        return self.add("aten.amax.default", x, tuple(range(2, len(self.shape(x)) + 1)))

    def global_average(self, x: Ref) -> Ref:
        """Add the mean over all positions: (n, channel)."""
        return self.add("aten.mean.dim", x, tuple(range(2, len(self.shape(x)) + 1)))

    def pad(self, x: Ref, padding: Sequence[tuple[int, int]], value: float = 0.0) -> Ref:
        """Add a border; one pair (before, after) per spatial axis."""
        if not any(map(any, padding)):
            return x
        flat = tuple(int(size) for pair in reversed(padding) for size in pair)
        return self.add("aten.constant_pad_nd.default", x, flat, value)

    def linear(self, x: Ref, kernel: ArrayLike, bias: ArrayLike | None = None) -> Ref:
        """Add a dense layer over the last axis; kernel (out, in), bias (out,)."""
        stored = None if bias is None else self.weight("bias", bias)
        return self.add("aten.linear.default", x, self.weight("kernel", kernel), stored)

    def batch_norm(self, x: Ref, scale, shift, mean, variance, *, epsilon: float) -> Ref:  # noqa: ANN001
        """Add batch normalisation as it is at prediction; arrays (channel,), scale may be None."""
        return self.add(
            "aten.batch_norm.default",
            x,
            None if scale is None else self.weight("scale", scale),
            None if shift is None else self.weight("shift", shift),
            self.weight("mean", mean),
            self.weight("variance", variance),
            False,
            0.0,
            float(epsilon),
            False,
        )

    def activation(self, x: Ref, name: str) -> Ref:
        """Add an activation of `ACTIVATIONS`, or softmax and log_softmax over the channels."""
        if name in ("softmax", "log_softmax"):
            return self.add(f"aten.{name}.int", x, 1)
        if name not in ACTIVATIONS:
            raise ModelFileError(
                f"Layer '{self._layer}' has the activation '{name}', which is not supported."
            )
        op, arguments = ACTIVATIONS[name]
        return self.add(op, x, *arguments)

    def flatten(self, x: Ref) -> Ref:
        """Add a flattening to (n, features), channel by channel."""
        return self.add("aten.flatten.using_ints", x, 1)

    def permute(self, x: Ref, order: Sequence[int]) -> Ref:
        """Add a change of the order of axes, the batch being axis 0; nothing for the same order."""
        if list(order) == sorted(order):
            return x
        return self.add("aten.permute.default", x, tuple(order))

    def keep(self, x: Ref) -> Ref:
        """Add a node that changes nothing, to keep the name of a layer such as dropout."""
        return self.add("aten.alias.default", x)

    @property
    def open_layer(self) -> str:
        """Name of the layer that nodes are added to; empty for none."""
        return self._layer

    def value(self, name: str) -> Tensor:
        """Return a value of two rows, without its numbers."""
        return self._values[name]

    def node(self, x: Ref) -> Node | None:
        """Return the node that makes a value; None for the input and weights."""
        return self._by_name.get(x.name)

    def draft(self) -> Network:
        """Return what there is so far, unchecked and without outputs."""
        weights = dict(self._weights)
        return Network(tuple(self._nodes), weights, self.input_length, (), dict(self.layers))

    def network(
        self,
        output: Ref | Mapping[str, Ref],
        *,
        class_names: Sequence[str] | None = None,
        alphabet: str = "ACGT",
        format: str = "neutral form",
        findings: Sequence[Finding] = (),
    ) -> Network:
        """Return the finished network, checked, without what leads to no output.

        Parameters
        ----------
        output : Ref or dict of Ref
            Class scores or probabilities (n, class); by name where there are several heads.
        class_names : sequence of str, optional
            Of the first output.
        alphabet, format, findings
            As in `Network`.

        Raises
        ------
        ModelFileError
            When the graph is not sound or an output is not one number per class.
        """
        refs = {"output": output} if isinstance(output, Ref) else output
        outputs = []
        for name, ref in refs.items():
            n_classes = self.shape(ref)[0] if self.shape(ref) else 0
            names = class_names if class_names and not outputs else None
            numbered = [f"class {index}" for index in range(n_classes)]
            outputs.append(Output(name, ref.name, tuple(names or numbered)))
        network = replace(
            self.draft(),
            outputs=tuple(outputs),
            alphabet=alphabet,
            format=format,
            findings=tuple(findings),
        )
        return check_network(pruned(network))

    def _pool(
        self, kind: str, x: Ref, size: Sequence[int] | int, stride: Sequence[int] | int | None
    ) -> Ref:
        """Add pooling of a kind over as many axes as the value has positions."""
        n_axes = len(self.shape(x)) - 1
        sizes = _each(size, n_axes)
        return self.add(
            f"aten.{kind}{n_axes}d.default",
            x,
            sizes,
            sizes if stride is None else _each(stride, n_axes),
        )

    @staticmethod
    def _free(name: str, taken: dict) -> str:
        """Return a name that is not taken: itself, or with #2, #3, ..."""
        numbered = (f"{name}#{number}" for number in count(2))
        return name if name not in taken else next(new for new in numbered if new not in taken)


def _each(value: Sequence[int] | int, n_axes: int) -> tuple[int, ...]:
    """Return one whole number per axis."""
    return (value,) * n_axes if isinstance(value, int) else tuple(int(item) for item in value)
