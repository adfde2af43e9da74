"""Read the arrays of a state dict: safetensors, or a checkpoint of PyTorch without its objects."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from pickle import UnpicklingError

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.kinds import EXPORT, is_safetensors
from deepresolve_dash.networks.formats.state_dict.modules import natural_order

_LARGEST = 4 * 2**30  # bytes of all arrays
_DEEPEST = 3  # dicts within dicts, as in a checkpoint of a trainer
_OTHERS = ("optim", "scheduler", "callback", "loop", "ema", "averag")  # of a trainer's own state
_BROKEN = (
    SafetensorError, RuntimeError, OSError, ValueError, KeyError, TypeError, EOFError,
    AttributeError,
)  # fmt: skip
_SAVE = (
    "Save the weights alone, for instance with "
    'safetensors.torch.save_file(model.state_dict(), "weights.safetensors").'
)


def read_tensors(path: Path) -> dict[str, NDArray[np.float32]]:
    """Return the arrays of floating-point numbers in a state dict, as float32.

    Checkpoints of trainers hold the state dict under a name of their own; the one that has the most
    arrays is taken, what belongs to the optimiser is not looked at. Counters are left out.

    Parameters
    ----------
    path : Path
        A .safetensors file, or a .pt, .pth or .ckpt file. Of the latter only tensors and plain
        containers are read; nothing in it is run.

    Returns
    -------
    dict of arrays
        In the order of the file, that of safetensors being natural ("2" before "10").

    Raises
    ------
    ModelFileError
        When it is broken, holds Python objects or no weights, or claims too much.
    """
    with path.open("rb") as file:
        start = file.read(9)
    tensors = _safetensors(path) if is_safetensors(start) else _checkpoint(path)
    floating = {name: value for name, value in tensors.items() if value.is_floating_point()}
    if not floating:
        raise ModelFileError(f"{path} holds no weights.", _SAVE)
    if sum(4 * value.numel() for value in floating.values()) > _LARGEST:
        raise ModelFileError(f"The arrays of {path} are larger than a model may be.")
    return {name: value.float().numpy() for name, value in floating.items()}


def _safetensors(path: Path) -> dict[str, Tensor]:
    try:
        tensors = load_file(path)
    except _BROKEN as error:
        raise ModelFileError(f"{path} is not a readable safetensors file: {error}") from None
    return {name: tensors[name] for name in natural_order(tensors)}


def _checkpoint(path: Path) -> Mapping[str, Tensor]:
    """Return the state dict in a checkpoint of PyTorch."""
    try:
        held = torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError:
        raise ModelFileError(
            f"{path} holds Python objects beside its weights, which could run code: they are not "
            "opened.",
            _SAVE + EXPORT.replace("Export it", " Or export the whole network", 1),
        ) from None
    except _BROKEN:
        raise ModelFileError(f"{path} is not a readable checkpoint of PyTorch.", _SAVE) from None
    found = max(_state_dicts(held, _DEEPEST), key=len, default={})
    for name, value in found.items():
        if 4 * value.numel() > _LARGEST or value.layout != torch.strided or value.is_complex():
            raise ModelFileError(f"The array '{name}' of {path} is not one of plain numbers.")
    return found


def _state_dicts(held: object, depth: int) -> Iterator[Mapping[str, Tensor]]:
    """Yield each dict of tensors in a checkpoint, outer ones first."""
    if not isinstance(held, Mapping) or depth == 0:
        return
    tensors = {str(name): value for name, value in held.items() if isinstance(value, Tensor)}
    if tensors:
        yield tensors
    for name, value in held.items():
        if not any(other in str(name).lower() for other in _OTHERS):
            yield from _state_dicts(value, depth - 1)
