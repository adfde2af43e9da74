"""What the weights of each layer look like: a few numbers and a small histogram per array."""

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.networks.graph import Network
from deepresolve_dash.networks.strand import held_weights

N_BINS = 24
_BLOCK = 2**20  # numbers that are widened at a time
_DIGITS = 4


def weight_statistics(network: Network) -> dict[str, list[dict]]:
    """Describe the weight arrays of each layer, those of inputs that are held constant left out.

    Returns
    -------
    dict
        By layer, for each array in the order of use: `name` (without the layer's), `shape`, `n`,
        `mean`, `sd`, `min`, `max` (of the finite numbers, four digits; None without any), `zeros`
        (share), `not_finite` (count of NaN and infinite ones) and `bins`, counts of `N_BINS`
        equally wide bins from `min` to `max`. The units are those of the weights themselves.
    """
    held = held_weights(network)
    used: dict[str, dict[str, None]] = {name: {} for name in network.layers}
    for node in network.nodes:
        if node.layer:
            used[node.layer] |= {
                name: None for name in node.inputs if name in network.weights and name not in held
            }
    known: dict[str, dict] = {}
    for name in dict.fromkeys(name for names in used.values() for name in names):
        known[name] = array_statistics(network.weights[name])
    return {
        layer: [{"name": name.removeprefix(f"{layer}.")} | known[name] for name in names]
        for layer, names in used.items()
    }


def array_statistics(array: NDArray) -> dict:
    """Return the numbers of one array, see `weight_statistics`.

    *Choice:* the histogram of an array of more than 2^20 numbers counts every k-th of them, about
    2^20 together; all else is of all.
    """
    flat = np.asarray(array).reshape(-1)
    found = {"shape": list(np.shape(array)), "n": int(flat.size)}
    blocks = [flat[start : start + _BLOCK] for start in range(0, flat.size, _BLOCK)]
    n_finite, mean, spread, zeros = 0, 0.0, 0.0, 0
    low, high = np.inf, -np.inf
    for block in blocks:
        finite = block[np.isfinite(block)].astype(float)
        if not finite.size:
            continue
        own, total = float(finite.mean()), n_finite + finite.size
        apart = own - mean
        spread += float(((finite - own) ** 2).sum()) + apart**2 * n_finite * finite.size / total
        mean += apart * finite.size / total
        n_finite = total
        zeros += int((finite == 0).sum())
        low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    if not n_finite:
        empty = dict.fromkeys(("mean", "sd", "min", "max"))
        return found | empty | {"zeros": 0.0, "not_finite": found["n"], "bins": []}
    return found | {
        "mean": _short(mean),
        "sd": _short((spread / n_finite) ** 0.5),
        "min": _short(low),
        "max": _short(high),
        "zeros": _short(zeros / flat.size),
        "not_finite": found["n"] - n_finite,
        "bins": _bins(flat, low, high),
    }


def _bins(flat: NDArray, low: float, high: float) -> list[int]:
    """Return the counts of equally wide bins; none when all numbers are the same."""
    if not high > low:
        return []
    sample = flat[:: -(-flat.size // _BLOCK)].astype(float)
    counts, _ = np.histogram(sample[np.isfinite(sample)], bins=N_BINS, range=(low, high))
    return counts.tolist()


def _short(value: float) -> float:
    """Return a number with a few digits, the same on every machine."""
    return float(f"{value:.{_DIGITS}g}")
