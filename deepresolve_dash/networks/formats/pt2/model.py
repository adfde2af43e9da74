"""The whole of a .pt2 file: inputs, nodes in turn, outputs."""

import operator
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.constants import fixed, fold
from deepresolve_dash.networks.formats.finish import finished
from deepresolve_dash.networks.formats.guesses import Guesses, first_that_fits
from deepresolve_dash.networks.formats.inputs import enter_inputs
from deepresolve_dash.networks.formats.naming import Layers
from deepresolve_dash.networks.formats.pt2.archive import AGAIN, Archive
from deepresolve_dash.networks.formats.pt2.arguments import argument, results
from deepresolve_dash.networks.formats.pt2.symbols import input_shapes
from deepresolve_dash.networks.formats.pt2.table import FACTORIES, FOLDED, FUNCTIONS, LIKE, VIEWS
from deepresolve_dash.networks.formats.tracing import Tracing, is_live
from deepresolve_dash.networks.graph import Network

_ATEN = "torch.ops.aten."
_NUMBERS: dict[str, Callable[..., Any]] = {
    f"_operator.{function.__name__}": function
    for function in (
        operator.add,
        operator.sub,
        operator.mul,
        operator.floordiv,
        operator.truediv,
        operator.mod,
        operator.neg,
    )
}
_UNNAMED = VIEWS | {"sym_size", "contiguous", "clone", "to", "_to_copy"}
_CONTAINERS = ("torch.nn.modules.container.", "torch.nn.modules.transformer.")
_CHECKS = ("_assert", "sym_constrain", "_check", "sym_is")
_OPEN_ROWS = (
    "It was saved for a fixed number of sequences; export it with an open number: "
    "`python -m deepresolve_dash export-snippet` prints how."
)
_UNSAFE = (
    KeyError,
    TypeError,
    ValueError,
    IndexError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
)


def read_pt2(path: Path, *, length: int | None = None) -> Network:
    """Read a program of torch.export.

    Parameters
    ----------
    path : Path
    length : int, optional
        Length of the sequences where the program leaves it open, bp.

    Raises
    ------
    ModelFileError
        When something in it is broken or not supported; the message names the layer.
    """
    try:
        with zipfile.ZipFile(path) as file:
            archive = Archive(file, path)
            return first_that_fits(
                lambda guesses: _Program(archive, length, path, guesses).network()
            )
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, UnicodeError):
        raise ModelFileError(f"{path} is not a readable zip archive.", "Copy it again.") from None
    except _UNSAFE as error:
        raise ModelFileError(
            f"{path} is not a sound program of torch.export: {str(error)[:80]!r} is wrong in it.",
            AGAIN,
        ) from None


class _Program:
    """A program on its way into our graph."""

    def __init__(self, archive: Archive, length: int | None, path: Path, guesses: Guesses) -> None:
        program = archive.program
        self._module = program["graph_module"]
        self._graph = self._module["graph"]
        self._version = str(program.get("torch_version", "?"))[:40]
        self._ranges = program.get("range_constraints") or {}
        self._path = path
        self._values: dict[str, Any] = {}
        self._bases: dict[str, str] = {}
        self._used_later: dict[str, int] = {}
        self._enter(archive.arrays(), length, guesses)

    def network(self) -> Network:
        """Return the network."""
        t = self._tracing
        nodes = self._graph["nodes"]
        for place, node in enumerate(nodes):
            for entry in node["inputs"]:
                self._used_later.update(dict.fromkeys(_names(entry["arg"]), place))
        layers = Layers(t.builder)
        for place, node in enumerate(nodes):
            layers.enter(_layer(node))
            self._read(node, place)
        layers.name_kinds()
        outputs = {}
        for index, entry in enumerate(self._module["signature"]["output_specs"]):
            ((kind, told),) = entry.items()
            if kind == "user_output":
                name = told["arg"].get("as_tensor", {}).get("name")
                outputs[f"output {index}"] = self._values.get(name)
        if len(outputs) == 1:
            outputs = {"output": next(iter(outputs.values()))}
        return finished(
            t, outputs, format=f"PyTorch {self._version} (.pt2)", findings=self._findings
        )

    def _enter(self, arrays: dict[str, torch.Tensor], length: int | None, guesses: Guesses) -> None:
        """Bring in parameters, buffers and inputs."""
        inputs: dict[str, list] = {}
        for entry in self._module["signature"]["input_specs"]:
            ((kind, told),) = entry.items()
            if kind == "user_input" and "as_tensor" in told["arg"]:
                name = told["arg"]["as_tensor"]["name"]
                inputs[name] = self._graph["tensor_values"][name]["sizes"]
            elif kind in ("parameter", "buffer", "tensor_constant"):
                stored = told[f"{kind}_name"]
                if stored not in arrays:
                    raise ModelFileError(f"{self._path} lacks the array '{stored}'.", AGAIN)
                self._values[told["arg"]["name"]] = fixed(arrays[stored], stored)
            elif kind != "user_input":
                raise ModelFileError(f"The program has an input of the kind '{kind}'.", AGAIN)
        shapes, example = input_shapes(inputs, self._ranges, length)
        self._tracing, entered, self._findings = enter_inputs(
            shapes, length, guesses, example=example
        )
        self._values |= entered

    def _read(self, node: dict, place: int) -> None:
        """Add what a node is in our graph, and remember its results by name."""
        name, inplace = _operation(node)
        if name.startswith(_CHECKS):
            return
        given = {each["name"]: argument(each["arg"], self._values) for each in node["inputs"]}
        try:
            found = self._call(node, name, given)
        except TypeError as error:
            raise ModelFileError(
                f"Layer '{_layer(node) or node['name']}' uses '{node['target']}' in a way that is "
                f"not supported: {str(error)[:80]}.",
                AGAIN,
            ) from None
        except ModelFileError as error:
            layer = _layer(node) or str(node["name"])
            message = error.message
            if "Layer" not in message:
                message = f"Layer '{layer}': {message[0].lower()}{message[1:]}"
            hint = _OPEN_ROWS if self._tracing.static else error.hint
            raise ModelFileError(message, hint) from None
        named = results(node["outputs"])
        made = found if isinstance(found, list) else [found]
        for result, value in zip(named, made, strict=False):
            if result is not None:
                self._values[result] = value
        sources = _names(node["inputs"][0]["arg"]) if node["inputs"] else []
        if name in VIEWS and sources:
            self._bases.update(dict.fromkeys(filter(None, named), sources[0]))
        if inplace and sources:
            self._overwrite(sources[0], found, place)

    def _call(self, node: dict, name: str, given: dict[str, Any]) -> Any:  # noqa: ANN401
        """Return the results of a node: references, or what is known beforehand."""
        target = node["target"]
        if target in _NUMBERS:
            return fold(_NUMBERS[target], list(given.values()))
        if not target.startswith(_ATEN):
            raise ModelFileError(
                f"It uses the operation '{target}', which is not supported.", AGAIN
            )
        if name in FOLDED and not is_live(list(given.values())):
            return _folded(node, name, given)
        if name in LIKE:
            return _like(self._tracing, name, given)
        overload = target.rpartition(".")[2]
        read = FUNCTIONS.get(f"{name}.{overload}") or FUNCTIONS.get(name)
        if read is None:
            raise ModelFileError(
                f"It uses the operation '{target.removeprefix(_ATEN)}', which is not supported."
            )
        return read(self._tracing, **given)

    def _overwrite(self, name: str, found: Any, place: int) -> None:  # noqa: ANN401
        """Let the old name of a value that was changed in place mean the new one."""
        base = self._bases.get(name)
        while base is not None:
            if self._used_later.get(base, -1) > place:
                raise ModelFileError(
                    "A part of a value is changed in place, which is not supported.",
                    "Export it with `.run_decompositions()`.",
                )
            base = self._bases.get(base)
        self._values[name] = found


def _like(t: Tracing, name: str, given: dict[str, Any]) -> Any:  # noqa: ANN401
    """Return an array of the shape of a value, or of a shape that follows it."""
    sizes = given.get("size") or t.shape(given["self"])
    fill = 0.0 if "zeros" in name else 1.0 if "ones" in name else given["fill_value"]
    return fold(torch.full, [list(sizes), fill], factory=True)


def _folded(node: dict, name: str, given: dict[str, Any]) -> Any:  # noqa: ANN401
    """Evaluate a node whose arguments are all known."""
    overload = node["target"].rpartition(".")[2]
    packet = getattr(torch.ops.aten, name)
    if overload not in packet.overloads():
        raise ModelFileError(f"It uses an unknown form of '{name}'.")
    plain = [given[each["name"]] for each in node["inputs"] if each.get("kind") != 2]
    named = {
        each["name"]: given[each["name"]]
        for each in node["inputs"]
        if each.get("kind") == 2 and each["name"] not in ("device", "layout", "pin_memory")
    }
    return fold(getattr(packet, overload), plain, named, factory=name in FACTORIES)


def _operation(node: dict) -> tuple[str, bool]:
    """Return the name of an operation without overload, and whether it changes its input."""
    target = str(node["target"])
    if not target.startswith(_ATEN):
        return target, False
    name = target.removeprefix(_ATEN).partition(".")[0]
    if name.endswith("_") and not name.endswith("__"):
        return name[:-1], True
    return name, False


def _layer(node: dict) -> str | None:
    """Return the path of the module that a node is in; None for what only moves values.

    What a module of the user's own does by itself gets the name of the node.
    """
    stack = str(node.get("metadata", {}).get("nn_module_stack", ""))
    path, kind = "", ""
    for entry in stack.split(";"):
        parts = entry.split(",")
        if len(parts) == 3:
            path, kind = parts[1], parts[2]
    own = kind.startswith("torch.nn.modules.") and not kind.startswith(_CONTAINERS)
    if path and own:
        return path
    if _operation(node)[0] in _UNNAMED:
        return None
    return f"{path}.{node['name']}" if path else str(node["name"])


def _names(arg: Any) -> list[str]:  # noqa: ANN401
    """Return the names of values in an argument."""
    if isinstance(arg, dict):
        own = [arg[key] for key in ("name", "as_name") if isinstance(arg.get(key), str)]
        return own + [name for value in arg.values() for name in _names(value)]
    return [name for value in arg for name in _names(value)] if isinstance(arg, list) else []
