"""What a layer takes each time it is used, in the words of Keras 1, 2 and 3."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeGuard

_CONSTANT = "_CONSTANT_VALUE"


class Source(NamedTuple):
    """A value: which layer makes it, in which of its calls, as which of its results."""

    layer: str
    call: int = 0
    result: int = 0


@dataclass(frozen=True)
class Call:
    """One use of a layer: what it takes, in the order of its arguments and by name.

    Arguments are sources, and for operations without a layer numbers and what else JSON has.
    """

    layer: str
    index: int
    arguments: tuple[object, ...]
    keywords: dict[str, object] = field(default_factory=dict)

    @property
    def sources(self) -> tuple[Source, ...]:
        """All values that it takes."""
        found: list[Source] = []
        for item in (*self.arguments, *self.keywords.values()):
            several = item if type(item) is tuple else (item,)
            found += [each for each in several if isinstance(each, Source)]
        return tuple(found)


def arguments(node: object) -> tuple[tuple[object, ...], dict[str, object]]:
    """Return the arguments of a call in the words of Keras 1, 2 or 3."""
    if isinstance(node, dict) and "args" in node:
        named = {name: _argument(value) for name, value in (node.get("kwargs") or {}).items()}
        return tuple(_flat(node["args"])), named
    entries = _entries(node)
    named = {}
    for entry in entries:
        if isinstance(entry, list) and len(entry) > 3 and isinstance(entry[3], dict):
            named |= {name: _argument(value) for name, value in entry[3].items()}
    return tuple(_flat([entry[:3] for entry in entries])), named


def _argument(value: object) -> object:
    """Return a source, or a value as it is."""
    found = list(_flat([value]))
    return found[0] if len(found) == 1 else tuple(found)


def _flat(values: list) -> Iterator[object]:
    """Yield sources and other values of nested arguments; lists without a source stay whole."""
    for value in values:
        if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
            layer, call, result = value["config"]["keras_history"]
            yield Source(str(layer), int(call), int(result))
        elif _is_source(value):
            yield value[2] if value[0] == _CONSTANT else Source(*value[:3])
        elif isinstance(value, list) and value and all(isinstance(v, list | dict) for v in value):
            yield from _flat(value)
        else:
            yield value


def sources(value: object) -> Iterator[Source]:
    """Yield the sources in the inputs or outputs of a model, a list or a dict of them."""
    for item in _flat(_entries(value)):
        if not isinstance(item, Source):
            raise TypeError(item)
        yield item


def _entries(value: object) -> list:
    """Return the entries of a list or dict of values; one value alone is a list of one."""
    if isinstance(value, dict):
        return list(value.values())
    if not isinstance(value, list):
        raise TypeError(value)
    return [value] if _is_source(value) else value


def _is_source(value: object) -> TypeGuard[list]:
    """Tell whether a value is [layer, call, result, ...] as Keras 1 and 2 write it."""
    if not isinstance(value, list) or len(value) < 3:
        return False
    kinds = [type(item) for item in value[:3]]
    return kinds == [str, int, int] or value[0] == _CONSTANT
