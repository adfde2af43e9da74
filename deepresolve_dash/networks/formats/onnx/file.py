"""An ONNX file: bytes to a parsed model, and its arrays."""

import math
from pathlib import Path

import onnx
import torch
from google.protobuf.message import DecodeError
from onnx import numpy_helper

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.execute import LARGEST_TENSOR
from deepresolve_dash.networks.formats.kinds import EXPORT
from deepresolve_dash.networks.formats.onnx.external import bring_in

_LARGEST_FILE = 2 * 2**30  # bytes, the limit of protobuf
_OLDEST_OPSET = 7
_KINDS = frozenset(
    [
        onnx.TensorProto.BFLOAT16,
        onnx.TensorProto.BOOL,
        onnx.TensorProto.DOUBLE,
        onnx.TensorProto.FLOAT,
        onnx.TensorProto.FLOAT16,
        onnx.TensorProto.INT8,
        onnx.TensorProto.INT16,
        onnx.TensorProto.INT32,
        onnx.TensorProto.INT64,
        onnx.TensorProto.UINT8,
    ]
)


def parse(path: Path) -> onnx.ModelProto:
    """Return the parsed model.

    Raises
    ------
    ModelFileError
        When it is no ONNX model, or one with parts that are not read.
    """
    if path.stat().st_size > _LARGEST_FILE:
        raise ModelFileError(f"{path} is larger than an ONNX model can be.")
    try:
        model = onnx.load_model_from_string(path.read_bytes())
    except (DecodeError, ValueError):
        raise ModelFileError(f"{path} is not a readable ONNX model.", "Copy it again.") from None
    if not model.graph.node:
        raise ModelFileError(f"{path} is not a readable ONNX model: it has no operations.")
    if any(
        isinstance(text, bytes)  # what is no text comes as it is
        for node in model.graph.node
        for text in (node.name, node.op_type, node.domain, *node.input, *node.output)
    ):
        raise ModelFileError(f"{path} is damaged: a name in it is no text.", "Copy it again.")
    if model.functions or model.graph.sparse_initializer:
        raise ModelFileError(
            f"{path} has functions or sparse arrays of its own, which are not read.", EXPORT
        )
    if opset(model) < _OLDEST_OPSET:
        raise ModelFileError(
            f"{path} uses version {opset(model)} of the ONNX operations; "
            f"{_OLDEST_OPSET} or newer is read.",
            EXPORT,
        )
    bring_in(model, path.parent)
    return model


def opset(model: onnx.ModelProto) -> int:
    """Return the version of the standard operations that a model uses."""
    return max((each.version for each in model.opset_import if not each.domain), default=1)


def array(tensor: onnx.TensorProto, name: str = "") -> torch.Tensor:
    """Return an array of the file.

    Raises
    ------
    ModelFileError
        When it lies in another file, claims more than there is, or is of an unknown kind.
    """
    name = name or tensor.name
    if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
        raise ModelFileError(
            f"The array '{name}' lies in another file, which is not opened.",
            "Save the model as one file: `onnx.save(onnx.load(FILE), NEW_FILE)`.",
        )
    if tensor.data_type not in _KINDS:
        raise ModelFileError(f"The array '{name}' is of a kind that is not read.")
    if min(tensor.dims, default=0) < 0 or math.prod(tensor.dims) > LARGEST_TENSOR:
        raise ModelFileError(
            f"The array '{name}' claims the impossible shape {tuple(tensor.dims)}."
        )
    try:
        values = numpy_helper.to_array(tensor)
    except (ValueError, TypeError):
        raise ModelFileError(
            f"The array '{name}' claims the shape {tuple(tensor.dims)}, and has other contents."
        ) from None
    if tensor.data_type == onnx.TensorProto.BFLOAT16:
        values = values.astype("float32")
    return torch.from_numpy(values.copy())
