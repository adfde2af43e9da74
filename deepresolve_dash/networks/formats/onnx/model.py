"""The whole of an ONNX model: inputs, nodes in turn, outputs."""

import ast
from pathlib import Path
from typing import Any

import onnx

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.constants import fixed
from deepresolve_dash.networks.formats.finish import finished
from deepresolve_dash.networks.formats.guesses import Guesses, first_that_fits
from deepresolve_dash.networks.formats.inputs import Declared, enter_inputs
from deepresolve_dash.networks.formats.kinds import EXPORT
from deepresolve_dash.networks.formats.naming import Layers
from deepresolve_dash.networks.formats.onnx.file import array, opset, parse
from deepresolve_dash.networks.formats.onnx.node import OnnxNode, attributes_of
from deepresolve_dash.networks.formats.onnx.table import FUNCTIONS, MOVES
from deepresolve_dash.networks.formats.tracing import Tracing, is_live
from deepresolve_dash.networks.graph import Network

_STANDARD = ("", "ai.onnx")
_UNSAFE = (
    KeyError,
    TypeError,
    ValueError,
    IndexError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
)
_OPEN_ROWS = "It was saved for a fixed number of sequences; export it with an open number."


def read_onnx(path: Path, *, length: int | None = None) -> Network:
    """Read an ONNX model.

    Parameters
    ----------
    path : Path
    length : int, optional
        Length of the sequences where the model leaves it open, bp.

    Raises
    ------
    ModelFileError
        When something in it is broken or not supported; the message names the layer.
    """
    model = parse(path)
    try:
        return first_that_fits(lambda guesses: _network(model, length, guesses))
    except _UNSAFE as error:
        raise ModelFileError(
            f"{path} is not a sound ONNX model: {str(error)[:80]!r} is wrong in it.", EXPORT
        ) from None


def _network(model: onnx.ModelProto, length: int | None, guesses: Guesses) -> Network:
    """Return the network of a parsed model."""
    graph = model.graph
    values: dict[str, Any] = {
        each.name: fixed(array(each), each.name) for each in graph.initializer
    }
    shapes = {each.name: _declared(each) for each in graph.input if each.name not in values}
    tracing, entered, findings = enter_inputs(shapes, length, guesses)
    values |= entered
    layers = Layers(tracing.builder)
    paths = [_path(node) for node in graph.node]
    containers = {tuple(each[:n]) for each in paths for n in range(len(each) - 1)}
    for node, modules in zip(graph.node, paths, strict=True):
        name = _layer(node, modules, containers)
        live = any(is_live(values.get(each)) for each in node.input)
        if live and node.op_type != "Shape":
            layers.enter(name)
        _read(tracing, node, values, opset(model), name or node.name or node.op_type)
    layers.name_kinds()
    outputs = {each.name: values.get(each.name) for each in graph.output}
    if len(outputs) == 1:
        outputs = {"output": next(iter(outputs.values()))}
    made_by = " ".join([model.producer_name or "unknown", model.producer_version])[:60].strip()
    return finished(tracing, outputs, format=f"ONNX {opset(model)} of {made_by}", findings=findings)


def _read(
    t: Tracing, node: onnx.NodeProto, values: dict[str, Any], version: int, layer: str
) -> None:
    """Add what a node is in our graph, and remember its results by name."""
    read = FUNCTIONS.get(node.op_type) if node.domain in _STANDARD else None
    if read is None:
        raise ModelFileError(
            f"Layer '{layer}' uses the operation '{node.op_type}', which is not supported.", EXPORT
        )
    missing = [name for name in node.input if name and name not in values]
    if missing:
        raise ModelFileError(f"Layer '{layer}' uses '{missing[0]}', which is not there.")
    given = [values[name] if name else None for name in node.input]
    try:
        attributes = attributes_of(node)
        made = OnnxNode(node.op_type, given, attributes, len(node.output), version)
        found = read(t, made)
    except ModelFileError as error:
        message = error.message
        if "Layer" not in message:
            message = f"Layer '{layer}': {message[0].lower()}{message[1:]}"
        hint = _OPEN_ROWS if t.static else error.hint
        raise ModelFileError(message, hint) from None
    except _UNSAFE as error:
        raise ModelFileError(
            f"Layer '{layer}' has a '{node.op_type}' that is broken or of an unknown form: "
            f"{str(error)[:80]!r}."
        ) from None
    results = found if isinstance(found, list) else [found]
    for name, value in zip(node.output, results, strict=False):
        if name and value is not None:
            values[name] = value


def _declared(entry: onnx.ValueInfoProto) -> Declared:
    """Return the shape of an input, the batch first."""
    sizes = entry.type.tensor_type.shape.dim
    return [
        (each.dim_value, True)
        if each.HasField("dim_value") and each.dim_value > 0
        else (None, False)
        for each in sizes
    ]


def _path(node: onnx.NodeProto) -> list[str]:
    """Return the modules that a node is in, and last its own name."""
    told = {each.key: each.value for each in node.metadata_props}
    scopes = told.get("pkg.torch.onnx.name_scopes")
    if scopes is not None:
        names = _texts(scopes)
        if names:
            inside = next((name for name in reversed(names[:-1]) if name), "")
            return [*filter(None, inside.split(".")), names[-1]]
    name = node.name or (node.output[0] if node.output else node.op_type)
    return [part for part in name.split("/") if part] or [node.op_type]


def _texts(told: str) -> list[str]:
    """Return the texts in a list that is told as Python writes it; nothing is run."""
    try:
        found = ast.literal_eval(told[:10_000])
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return []
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _layer(node: onnx.NodeProto, path: list[str], containers: set[tuple[str, ...]]) -> str | None:
    """Return the layer that a node is in: its module, or itself in a module that holds others."""
    module = tuple(path[:-1])
    if module and module not in containers:
        return ".".join(module)
    if node.op_type in MOVES:
        return None
    return ".".join(path)
