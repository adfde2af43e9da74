"""What is known of a network of the benchmark: the motif of each channel, and the grammar."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from deepresolve_dash.core.ascent.base import Head, feature_maps
from deepresolve_dash.demos.panel_train import encoded
from deepresolve_dash.demos.planted.grammar import (
    CLASS_NAMES,
    CLASSES,
    DECOY,
    FLIPPED,
    MOTIFS,
    RELEASE,
    motif_pairs,
    roles,
    sharing_pairs,
)
from deepresolve_dash.demos.planted.sequences import draw_background, plant

N_PROBES = 600
SMALLEST = 1.0  # standardised response of a channel that a motif is said to have
LEAD = 2.0  # times the response to any other motif


def planted_response(
    head: Head, generator: np.random.Generator, *, n: int = N_PROBES
) -> NDArray[np.float64]:
    """Measure how much each channel rises when each motif is planted once.

    Parameters
    ----------
    head : function
        One-hot (n, 4, length) -> feature maps (n, channel, position).
    generator : numpy.random.Generator
        Draws background sequences, places and instances.
    n : int
        Background sequences.

    Returns
    -------
    float64 array (channel, motif)
        Mean change of the channel's maximum, in standard deviations of that maximum over the
        background; 0 for a channel that is constant there.
    """
    background = draw_background(generator, n)
    plain = _maxima(head, background)
    changes = []
    for motif in range(len(MOTIFS)):
        copies = np.zeros((n, len(MOTIFS)), int)
        copies[:, motif] = 1
        planted = plant(generator, background, copies).sequences
        changes.append((_maxima(head, planted) - plain).mean(axis=0))
    spread = plain.std(axis=0)
    return np.divide(changes, spread, out=np.zeros_like(changes), where=spread > 0).T


def motif_of_channels(response: NDArray[np.float64]) -> list[str | None]:
    """Name the motif that each channel stands for, None where it stands for none alone.

    Choice: its response is above 1 and twice that to any other motif.

    Parameters
    ----------
    response : float array (channel, motif)
        As `planted_response` returns it.
    """
    names = list(MOTIFS)
    best = response.argmax(axis=1)
    second, first = np.sort(response, axis=1)[:, -2:].T
    clear = (first > SMALLEST) & (first > LEAD * second)
    return [names[motif] if known else None for motif, known in zip(best, clear, strict=True)]


def planted_truth(response: NDArray[np.float64]) -> dict:
    """Return what is true of a network, to be written as JSON beside it."""
    return {
        "title": "Planted logic",
        "note": "Made up: planted motifs and written rules, no measurement.",
        "release": RELEASE,
        "flipped_labels": FLIPPED,
        "motifs": MOTIFS,
        "decoy": DECOY,
        "classes": [_class_truth(target) for target in range(len(CLASSES))],
        "pairs": [
            {"class": CLASS_NAMES[pair.target], "motifs": pair.motifs, "shape": pair.shape}
            for pair in motif_pairs()
        ],
        "classes_sharing_motifs": [[CLASS_NAMES[i], CLASS_NAMES[j]] for i, j in sharing_pairs()],
        "channels": motif_of_channels(response),
        "response": np.round(response, 3).tolist(),
    }


def channels_of(truth: Mapping) -> dict[str, NDArray[np.bool_]]:
    """Return which channels stand for each motif: motif -> bool (channel,)."""
    motif_of = np.array([name or "" for name in truth["channels"]])
    return {name: motif_of == name for name in truth["motifs"]}


def _class_truth(target: int) -> dict:
    """Return the rule of a class and the part of each motif in it."""
    rule = CLASSES[target]
    parts = roles(rule)
    return {
        "index": target,
        "name": CLASS_NAMES[target],
        "rule": rule.kind,
        "motifs": rule.motifs,
        "positive": parts.positive,
        "negative": parts.negative,
        "either": parts.either,
    }


def _maxima(head: Head, sequences: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the maximum of each channel over its positions: (n, channel)."""
    one_hot = encoded(torch.from_numpy(sequences))
    return feature_maps(head, one_hot).amax(dim=2).double().numpy()
