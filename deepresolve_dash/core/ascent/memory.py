"""How many rows fit into the memory of a device."""

import os
from pathlib import Path

import torch

from deepresolve_dash.core.ascent.base import Base
from deepresolve_dash.core.ascent.objective import Tail
from deepresolve_dash.core.budget import chunk_rows

_MAPS = 12  # of a row that a step holds beside what the tail keeps for its gradient
_SHARE = {"cpu": 0.4, "cuda": 0.8}  # of the memory that rows may take
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def fitting_rows(tail: Tail, base: Base) -> int:
    """Return the rows of a chunk: a fixed number for this shape of map, fewer if they do not fit.

    *Choice:* the fixed number alone decides on nearly every network, so that the same run has the
    same chunks everywhere. What fits is counted from the memory of this machine, or what is free on
    a GPU, and `bytes_per_row`.
    """
    kind = base.map.device.type
    most = int(_SHARE[kind] * memory_bytes(base.map.device)) // bytes_per_row(tail, base)
    fixed = chunk_rows((base.map.shape[0], base.map.shape[1]), kind)
    return min(fixed, 2 ** max(0, most.bit_length() - 1)) if most < fixed else fixed


def bytes_per_row(tail: Tail, base: Base) -> int:
    """Measure the memory that a row takes in a step: what its gradient keeps, and its maps."""

    def kept(n_rows: int) -> int:
        total = 0

        def keep(tensor: torch.Tensor) -> torch.Tensor:
            nonlocal total
            total += tensor.nbytes
            return tensor

        maps = base.map.expand(n_rows, *base.map.shape).clone().requires_grad_(True)
        hooks = torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor)
        with torch.enable_grad(), hooks:
            tail(maps)
        return total

    return kept(2) - kept(1) + _MAPS * base.map.nbytes


def memory_bytes(device: torch.device) -> int:
    """Return the free memory of a GPU, or all memory that this process may have."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    here = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [Path(path).read_text().strip() for path in _LIMITS if os.path.exists(path)]
    return min([here, *(int(limit) for limit in limits if limit.isdecimal())])


def is_out_of_memory(error: Exception) -> bool:
    """Tell whether an error says that a device has no memory left."""
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
