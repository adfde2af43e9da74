"""What the paper says of its synthetic networks, asked of one run of ours."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.core.statistics.ofiv import Kind
from deepresolve_dash.core.statistics.optima import both_orders

ROBUST, FRAGILE, UNKNOWN = "robust", "fragile", ""  # whether other networks show it too
XOR_PAIR, AND_MOTIF = ("CGCTTG", "GCTCAT"), "CAGGTC"
SYNTHETIC_I_FINDINGS = {  # finding: (the paper's figure, how it holds over networks)
    "trials converged": ("", UNKNOWN),
    "components of the mixture": ("3", FRAGILE),
    "two or more components": ("yes", ROBUST),
    "a channel of the XOR pair among the two highest IL": ("yes", ROBUST),
    "the two top non-additive channels are the XOR pair": ("yes", UNKNOWN),
    "kind of CGCTTG": ("inconsistent", UNKNOWN),
    "kind of GCTCAT": ("inconsistent", UNKNOWN),
    "CGCTTG and GCTCAT have opposite signs in both orders": ("yes", FRAGILE),
    "pairs with both orders, of inconsistent channels": ("", UNKNOWN),
    "pairs with both orders, of all 496 pairs": ("", UNKNOWN),
    "OFIV of CAGGTC is positive": ("yes", ROBUST),
    "kind of CAGGTC": ("additive", UNKNOWN),
    "rank of CAGGTC among additive channels, by OFIV": ("1", UNKNOWN),
    "rank of CAGGTC among 32 channels, by IL": ("low", FRAGILE),
}
CLASS_PAIRS = tuple(combinations(range(4), 2))


def synthetic_i_findings(run: xr.Dataset, channels: Mapping[str, int]) -> dict[str, str]:
    """Answer each of `SYNTHETIC_I_FINDINGS` for the one class of a run in one regime.

    Parameters
    ----------
    run : xarray.Dataset
        Ensemble and summary of one regime and class.
    channels : mapping of pattern -> channel
    """
    kind, ofiv, levels = (run[name].values for name in ("kind", "ofiv", "inconsistency"))
    pair, motif = [channels[pattern] for pattern in XOR_PAIR], channels[AND_MOTIF]
    highest = np.argsort(-levels, kind="stable")
    orders = both_orders(run["fiv"].values[run["weight"].values > 0], _weights(run))
    inconsistent = kind == Kind.INCONSISTENT
    n_components = int(run["n_components"])
    answers = (
        f"{100 * float(run['converged'].mean()):.0f}%",
        f"{n_components}{' (guarded)' if run['guarded'] else ''}",
        _answer(n_components > 1),
        _answer(set(pair) & set(highest[:2])),
        _answer(set(top_channels(ofiv, kind != Kind.ADDITIVE, 2)) == set(pair)),
        *(Kind(kind[channel]).name.lower() for channel in pair),
        _answer(orders[pair[0], pair[1]]),
        count_pairs(orders, inconsistent),
        count_pairs(orders, np.ones_like(inconsistent)),
        _answer(ofiv[motif] > 0),
        Kind(kind[motif]).name.lower(),
        rank_among(ofiv, kind == Kind.ADDITIVE, motif),
        str(int(np.flatnonzero(highest == motif)[0]) + 1),
    )
    return dict(zip(SYNTHETIC_I_FINDINGS, answers, strict=True))


def top_channels(ofiv: NDArray, chosen: NDArray[np.bool_], n: int) -> list[int]:
    """Return the first n of the chosen channels by |OFIV|."""
    ranked = np.argsort(-np.abs(ofiv), kind="stable")
    return ranked[chosen[ranked]][:n].tolist()


def rank_among(ofiv: NDArray, chosen: NDArray[np.bool_], channel: int) -> str:
    """Return the rank of a channel among the chosen ones, most positive first; - if not chosen."""
    if not chosen[channel]:
        return "-"
    return str(int((ofiv[chosen] > ofiv[channel]).sum()) + 1)


def count_pairs(matrix: NDArray[np.bool_], chosen: NDArray[np.bool_]) -> str:
    """Count the pairs of chosen channels for which a symmetric matrix holds: `hits of pairs`."""
    n = int(chosen.sum())
    hits = np.triu(matrix[np.ix_(chosen, chosen)], 1).sum()
    return f"{hits} of {n * (n - 1) // 2}"


def above_pairs_with_4(similarity: NDArray, pair: tuple[int, int]) -> bool:
    """Return whether two classes are more alike than each class is to class 4."""
    return bool(similarity[pair] > similarity[3, :3].max())


def _weights(run: xr.Dataset) -> NDArray[np.float64]:
    weight = run["weight"].values
    return weight[weight > 0]


def _answer(holds: object) -> str:
    return "yes" if holds else "no"
