"""Process of elimination: which classes favour the channels that speak against a class."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

STRONG = 0.2  # of the largest |OFIV| of a class, as for important features


@dataclass(frozen=True)
class Elimination:
    """What speaks against a class, and for which others it speaks.

    Attributes
    ----------
    channel : int array (strong,)
        Places of the channels that speak strongly against the class, the strongest first.
    ofiv, scaled, share : float arrays (strong,)
        OFIV in feature-map units, in units of the class's largest |OFIV|, and its part of all
        negative OFIV of the class.
    favour : list of int arrays
        For each of them the places of the classes that favour it, the strongest first.
    strength : list of float arrays
        Their OFIV there in units of their own largest |OFIV|.
    explained : float
        Part of all negative OFIV that lies on strong channels which some other class favours.
    expected : float
        Share of all channels that some other class favours: what `explained` would be for a
        channel picked blindly.
    ruled_out : float array (target,)
        Part of all negative OFIV that lies on strong channels which each class favours.
    chance : float array (target,)
        Share of all channels that each class favours.
    rivals : int array
        Classes with a part above 0, the largest first.
    """

    channel: NDArray[np.int64]
    ofiv: NDArray[np.float64]
    scaled: NDArray[np.float64]
    share: NDArray[np.float64]
    favour: list[NDArray[np.int64]]
    strength: list[NDArray[np.float64]]
    explained: float
    expected: float
    ruled_out: NDArray[np.float64]
    chance: NDArray[np.float64]
    rivals: NDArray[np.int64]


def eliminate(ofiv: ArrayLike, target: int) -> Elimination:
    """Join the signs of the OFIV over classes.

    *Choice:* OFIVs of classes have different scales, so each is divided by its largest |OFIV|. A
    channel speaks strongly for or against a class from 0.2 on, the share of important features. A
    class without a result favours nothing.

    Parameters
    ----------
    ofiv : float array (target, channel)
        NaN for a class without a result.
    target : int
        Place of the class.

    Returns
    -------
    Elimination
    """
    values = np.nan_to_num(np.asarray(ofiv, np.float64), posinf=0, neginf=0)
    largest = np.abs(values).max(axis=1, keepdims=True)
    scaled = np.divide(values, largest, out=np.zeros_like(values), where=largest > 0)
    favours = scaled >= STRONG
    favours[target] = False
    mine = scaled[target]
    strong = np.flatnonzero(mine <= -STRONG)
    strong = strong[np.argsort(mine[strong], kind="stable")]
    total = -np.minimum(values[target], 0).sum()
    share = -values[target, strong] / total if total > 0 else np.zeros(0)
    order = [np.argsort(-scaled[:, k], kind="stable") for k in strong]
    favour = [others[favours[others, k]] for others, k in zip(order, strong, strict=True)]
    ruled_out = favours[:, strong] @ share
    rivals = np.argsort(-ruled_out, kind="stable")
    return Elimination(
        channel=strong,
        ofiv=values[target, strong],
        scaled=mine[strong],
        share=share,
        favour=favour,
        strength=[scaled[others, k] for others, k in zip(favour, strong, strict=True)],
        explained=float(share[favours[:, strong].any(0)].sum()),
        expected=float(favours.any(0).mean()),
        ruled_out=ruled_out,
        chance=favours.mean(axis=1),
        rivals=rivals[ruled_out[rivals] > 0],
    )
