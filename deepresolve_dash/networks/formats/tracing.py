"""A graph of a file on its way into ours: what depends on the sequence, and what is known before.

Every value is traced for two rows and for three, so that sizes which follow the batch are told from
those which do not. A file that was saved for one batch alone says so (`static`), and its sizes are
read as if they followed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.builder import Builder
from deepresolve_dash.networks.execute import check_node, entering
from deepresolve_dash.networks.formats.constants import Constant, Pair, fold
from deepresolve_dash.networks.formats.guesses import Guesses
from deepresolve_dash.networks.formats.sizes import Size, followed, for_one_row
from deepresolve_dash.networks.graph import BATCH, INPUT, Argument, Ref
from deepresolve_dash.networks.operations import function

Known = Constant | Pair | int | float | bool | None
Traced = Ref | Constant
"""A value of the graph: one that the sequence changes, or one known beforehand."""

_LOWEST = -1e30  # stands for minus infinity in a mask that is added


class Tracing:
    """A graph in the making, with constants folded.

    Parameters
    ----------
    input_length : int
        Length of the sequences, bp.
    static : int or None
        Number of rows that the file was saved for, when it allows no other.
    guesses : Guesses, optional
        What is meant where such a file has several meanings.
    """

    def __init__(
        self, input_length: int, static: int | None = None, guesses: Guesses | None = None
    ) -> None:
        self.builder = Builder(input_length)
        self.input = Ref(INPUT)
        self.static = static
        self._guesses = guesses or Guesses()
        self._three = entering(torch.empty((3, 4, input_length), device="meta"))
        self._stored: dict[tuple[int, bool], tuple[Constant, Ref]] = {}

    def add(self, op: str, *args, **options) -> Any:  # noqa: ANN002, ANN003, ANN401
        """Add an operation; known arrays become weights, sizes that follow the batch name it.

        What is known beforehand is evaluated, and comes back as a constant.
        """
        if not is_live([*args, *options.values()]):
            return fold(function(op), list(args), options)
        plain = [self._argument(each) for each in args]
        named = {name: self._argument(each) for name, each in options.items()}
        ref = self.builder.add(op, *plain, **named)
        node = self.builder.node(ref)
        assert node is not None
        self._three[ref.name] = check_node(node, self._three)
        return ref

    def again(self, ref: Ref) -> None:
        """Trace a node that the builder added, for three rows."""
        node = self.builder.node(ref)
        if node is not None and ref.name not in self._three:
            for name in node.inputs:
                if name not in self._three:
                    self._three[name] = self.builder.value(name)
            self._three[ref.name] = check_node(node, self._three)

    def shape(self, x: Traced) -> list[Size]:
        """Return the whole shape of a value; a size that follows the batch is a pair."""
        if isinstance(x, Constant):
            two, three = x.two.shape, x.three.shape
        else:
            two, three = self.builder.value(x.name).shape, self._three[x.name].shape
        return [a if a == b else Pair(a, b) for a, b in zip(two, three, strict=True)]

    def rank(self, x: Traced) -> int:
        """Return the number of axes, the batch included."""
        return len(self.shape(x))

    def axis(self, x: Traced, axis: int) -> int:
        """Return the number of an axis counted from the front."""
        rank = self.rank(x)
        if not -rank <= axis < max(rank, 1):
            raise ModelFileError(f"A value of {rank} axes has no axis {axis}.")
        return axis % max(rank, 1)

    def size(self, x: Traced, axis: int) -> int:
        """Return the size of an axis that does not follow the batch."""
        found = self.shape(x)[self.axis(x, axis)]
        if isinstance(found, Pair):
            raise ModelFileError("The model computes across the sequences of a batch.")
        return found

    def keep(self, x: Traced) -> Traced:
        """Add a node that changes nothing, to keep the name of a layer."""
        return x if isinstance(x, Constant) else self.add("aten.alias.default", x)

    def reshape(self, x: Traced, sizes: Sequence[Size]) -> Traced:
        """Give a value another shape; -1 stands for what is left."""
        if isinstance(x, Constant):
            return fold(torch.reshape, [x, list(sizes)])
        sizes = followed(self.shape(x), sizes, self.static, self._guesses)
        if sizes == self.shape(x):
            return x
        following = [isinstance(size, Pair) for size in sizes]
        if sum(following) > 1:
            raise ModelFileError("The model reshapes its batch over several axes.")
        plain = tuple(-1 if isinstance(size, Pair) else size for size in sizes)
        return self.add("aten.reshape.default", x, plain)

    def permute(self, x: Traced, order: Sequence[int]) -> Traced:
        """Give the axes another order; nothing for the same."""
        order = [self.axis(x, axis) for axis in order]
        if order == sorted(order):
            return x
        if isinstance(x, Constant):
            return fold(torch.permute, [x, order])
        node = self.builder.node(x)
        if node is not None and node.op == "aten.permute.default":
            source, before = node.args
            order = [before[axis] for axis in order]  # pyright: ignore
            x = source  # pyright: ignore[reportAssignmentType]
            if order == sorted(order):
                return x
        return self.add("aten.permute.default", x, tuple(order))

    def swap(self, x: Traced, one: int, other: int) -> Traced:
        """Swap two axes."""
        order = list(range(self.rank(x)))
        one, other = (self.axis(x, axis) if order else 0 for axis in (one, other))
        if order:
            order[one], order[other] = order[other], order[one]
        return self.permute(x, order)

    def expand(self, x: Traced, sizes: Sequence[Size]) -> Traced:
        """Repeat axes of size 1; -1 keeps an axis."""
        if isinstance(x, Constant):
            return fold(torch.Tensor.expand, [x, list(sizes)])
        own = [1] * (len(sizes) - self.rank(x)) + self.shape(x)
        wanted: list[Argument] = []
        for size, before in zip(sizes, own, strict=True):
            kept = size in (-1, before) or (isinstance(before, Pair) and size == self.static)
            wanted.append(-1 if kept else self._size(size))
        if all(size == -1 for size in wanted):
            return x
        return self.add("aten.expand.default", x, tuple(wanted))

    def slice(self, x: Traced, axis: int, start: int, stop: int, step: int = 1) -> Traced:
        """Take a stretch of an axis; nothing for all of it."""
        if isinstance(x, Constant):
            return fold(torch.ops.aten.slice.Tensor, [x, axis, start, stop, step])
        axis = self.axis(x, axis)
        size = self.shape(x)[axis]
        if isinstance(size, Pair):
            if start == 0 and stop >= 2**31 - 1 and step == 1:
                return x
            raise ModelFileError("The model takes some of the sequences of a batch.")
        start, stop, step = slice(start, stop, step).indices(size)
        if (start, stop, step) == (0, size, 1):
            return x
        return self.add("aten.slice.Tensor", x, axis, start, stop, step)

    def split(self, x: Traced, sizes: Iterable[int], axis: int) -> list[Traced]:
        """Cut an axis into pieces of these sizes."""
        parts, start = [], 0
        for size in sizes:
            parts.append(self.slice(x, axis, start, start + size))
            start += size
        return parts

    def select(self, x: Traced, axis: int, index: int) -> Traced:
        """Take one place of an axis, which goes away."""
        if isinstance(x, Constant):
            return fold(torch.select, [x, axis, index])
        size = self.size(x, axis)
        if not -size <= index < size:
            raise ModelFileError(f"An axis of {size} places has no place {index}.")
        return self.add("aten.select.int", x, self.axis(x, axis), index % size)

    def squeeze(self, x: Traced, axes: Sequence[int] | None = None) -> Traced:
        """Drop axes of size 1: these, or all."""
        sizes = self.shape(x)
        wanted = range(len(sizes)) if axes is None else [self.axis(x, axis) for axis in axes]
        gone = {axis for axis in wanted if sizes[axis] == 1}
        return self.reshape(x, [size for axis, size in enumerate(sizes) if axis not in gone])

    def unsqueeze(self, x: Traced, axis: int) -> Traced:
        """Add an axis of size 1."""
        if isinstance(x, Constant):
            return fold(torch.unsqueeze, [x, axis])
        return self.add("aten.unsqueeze.default", x, axis % (self.rank(x) + 1))

    def matmul(self, x: Traced, other: Traced) -> Traced:
        """Multiply matrices; a plain matrix of weights makes a dense layer."""
        if isinstance(x, Constant) and isinstance(other, Constant):
            return fold(torch.matmul, [x, other])
        if isinstance(other, Constant) and other.two.ndim == 2 and self.rank(x) > 1:
            return self.add("aten.linear.default", x, self.permute(other, (1, 0)), None)
        return self.add("aten.matmul.default", x, other)

    def weight(self, constant: Constant, *, mask: bool = False) -> Ref:
        """Store a known array, once, and return a reference to it.

        An array that follows the batch, such as zeros for every row, is stored for one row.
        """
        key = (id(constant.two), mask)
        if key in self._stored:
            return self._stored[key][1]
        axis, array = (None, constant.two) if constant.fixed else for_one_row(constant)
        array = array.detach().to(torch.float32)
        if mask:
            array = array.clamp(min=_LOWEST)
        prefix = f"{self.builder.open_layer}."
        name = constant.name.removeprefix(prefix)
        if axis is None:
            ref = self.builder.weight(name, array.numpy())
            self._three[ref.name] = self.builder.value(ref.name)
        else:
            ref = self._every_row(name, array, axis)
        self._stored[key] = (constant, ref)
        return ref

    def _every_row(self, name: str, array: Tensor, axis: int) -> Ref:
        """Store an array that repeats itself along an axis as often as there are rows."""
        stored = self.builder.weight(name, array.unsqueeze(axis).numpy())
        sizes = [Ref(BATCH) if each == axis else -1 for each in range(array.ndim + 1)]
        rows = self.builder.add("aten.expand.default", stored, tuple(sizes))
        flat = [*array.shape[:axis], -1, *array.shape[axis + 1 :]]
        ref = self.builder.add("aten.reshape.default", rows, tuple(flat))
        self.again(rows)
        self.again(ref)
        return ref

    def rows(self, values: Sequence[Traced]) -> list[Traced]:
        """Give arrays that were saved for one row as many as the others have."""
        follow = [isinstance(self.shape(each)[0], Pair) for each in values if self.rank(each)]
        if self.static != 1 or not any(follow):
            return list(values)
        made: list[Traced] = []
        for each in values:
            if isinstance(each, Constant) and each.fixed and each.two.shape[:1] == (1,):
                two, three = (each.two.expand(n, *each.two.shape[1:]) for n in (2, 3))
                each = replace(each, two=two, three=three)
            made.append(each)
        return made

    def _argument(self, value) -> Argument:  # noqa: ANN001
        """Return an argument of a node."""
        if isinstance(value, Constant):
            return self.weight(value)
        if isinstance(value, Pair):
            return self._size(value)
        if isinstance(value, list | tuple):
            return tuple(self._argument(item) for item in value)
        if isinstance(value, Ref | bool | int | float) or value is None:
            return value
        raise ModelFileError(f"An operation has the argument {value!r}, which is not supported.")

    def _size(self, size: Size) -> Argument:
        """Return a size as an argument."""
        if not isinstance(size, Pair):
            return size
        if size.multiple != 1:
            raise ModelFileError("The model has a size that follows the batch in an odd way.")
        return Ref(BATCH)


def is_live(value: object) -> bool:
    """Tell whether the sequence is in a value, or in one inside it."""
    return isinstance(value, Ref) or (isinstance(value, list | tuple) and any(map(is_live, value)))
