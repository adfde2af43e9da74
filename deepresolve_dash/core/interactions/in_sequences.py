"""The square of a pair once more, in sequences: fragments put into shuffled sequences."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepresolve_dash.core.interactions.fragments import Fragments
from deepresolve_dash.core.interactions.settings import InteractionSettings
from deepresolve_dash.core.interactions.square import (
    as_square,
    bootstrap,
    interaction,
    read_square,
)
from deepresolve_dash.core.interactions.verdict import Pair, SequenceSquare

_BATCH = 256


@dataclass(frozen=True)
class _Places:
    """Where the two fragments of each case begin, int arrays (case,)."""

    a: NDArray[np.int64]
    b: NDArray[np.int64]


def square_in_sequences(
    score: Callable[[Tensor], Tensor],
    shuffled: Tensor,
    pair: Pair,
    fragments: tuple[Fragments, Fragments],
    *,
    settings: InteractionSettings,
    generator: np.random.Generator,
    tell: Callable[[], None] = lambda: None,
) -> SequenceSquare | None:
    """Put none, one and both fragments into shuffled sequences and take the square of the logits.

    *Choice:* places are drawn so that the two do not overlap, and are the same in all
    four corners; every fragment is put into every shuffled sequence, the i-th of one group with the
    i-th of the other.

    Parameters
    ----------
    score : function
        One-hot (n, 4, length) -> logit of the class (n,), through the whole network.
    shuffled : float32 tensor (n_insertions, 4, length)
        Dinucleotide shuffles of real sequences.
    pair : Pair
        What the feature maps said.
    fragments : (Fragments, Fragments)
        Of the pair's groups a and b.
    settings : InteractionSettings
    generator : numpy.random.Generator
        Draws places and resamples.
    tell : function
        Called before each batch; whatever it raises ends the test.

    Returns
    -------
    SequenceSquare or None
        None when two fragments do not fit beside each other.
    """
    first, second = fragments
    n, length = len(shuffled), shuffled.shape[2]
    n_kinds = min(len(first.widths), len(second.widths))
    if not n_kinds or int(first.widths.max() + second.widths.max()) > length:
        return None
    sequence, kind = np.divmod(np.arange(n * n_kinds), n_kinds)
    places = _draw_places(first.widths[kind], second.widths[kind], length, generator)
    corners = []
    for with_a, with_b in ((False, False), (True, False), (False, True), (True, True)):
        logits = []
        for cases in np.array_split(np.arange(len(kind)), -(-len(kind) // _BATCH)):
            tell()
            inputs = shuffled[torch.from_numpy(sequence[cases])].clone()
            if with_a:
                _insert(inputs, first, kind[cases], places.a[cases])
            if with_b:
                _insert(inputs, second, kind[cases], places.b[cases])
            with torch.no_grad():
                logits.append(score(inputs).double().cpu().numpy())
        corners.append(np.concatenate(logits).reshape(n, n_kinds).mean(axis=1))
    by_sequence = np.stack(corners, axis=1)
    reading = read_square(by_sequence.mean(axis=0), settings)
    draws = generator.integers(n, size=(settings.n_resamples, n))
    return SequenceSquare(
        as_square(by_sequence.mean(axis=0)),
        reading.interaction,
        bootstrap(interaction(by_sequence), draws),
        reading.called,
        reading.name,
        reading.acting,
        n_kinds,
        n,
        (round(first.widths[:n_kinds].mean()), round(second.widths[:n_kinds].mean())),
        reading.called == pair.called and (reading.interaction > 0) == (pair.interaction > 0),
    )


def _draw_places(
    widths_a: NDArray[np.int64],
    widths_b: NDArray[np.int64],
    length: int,
    generator: np.random.Generator,
) -> _Places:
    """Draw places for two fragments that do not overlap, either one first."""
    free = length - widths_a - widths_b
    gaps = np.sort(generator.integers(0, free[:, None] + 1, size=(len(free), 2)), axis=1)
    a_first = generator.random(len(free)) < 0.5
    a = np.where(a_first, gaps[:, 0], gaps[:, 1] + widths_b)
    b = np.where(a_first, gaps[:, 1] + widths_a, gaps[:, 0])
    return _Places(a, b)


def _insert(
    inputs: Tensor, fragments: Fragments, kind: NDArray[np.int64], start: NDArray[np.int64]
) -> None:
    """Write a fragment into each sequence at its place."""
    offset = np.arange(inputs.shape[2]) - start[:, None]  # (case, position)
    inside = (offset >= 0) & (offset < fragments.widths[kind][:, None])
    case, position = np.nonzero(inside)
    letters = fragments.letters[torch.from_numpy(kind[case]), :, torch.from_numpy(offset[inside])]
    inputs[torch.from_numpy(case), :, torch.from_numpy(position)] = letters.to(inputs.device)
