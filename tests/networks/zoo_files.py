"""The stored networks of `zoo`, and what the library that wrote them answered."""

from pathlib import Path

import numpy as np

ZOO = Path(__file__).parent / "zoo"
TORCH = ZOO / "torch"


def stored(path: Path) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the sequences (n, 4, length) and the outputs as the library gave them."""
    with np.load(path.parent / f"{path.name.partition('.')[0]}.npz") as arrays:
        outputs = [arrays[name] for name in sorted(arrays) if name.startswith("output")]
        x = arrays["input"].astype(np.float32)
    if x.ndim == 4:
        x = x[:, :, 0]
    return (x if x.shape[1] == 4 else x.transpose(0, 2, 1)).copy(), outputs
