"""Background maps in which groups of channels are held low or high by rows of real maps."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepresolve_dash.core.ascent.objective import Tail
from deepresolve_dash.core.interactions.groups import Group

Progress = Callable[[int, int], None]  # corners done, and in all
Held = Mapping[int, int]  # place of a group -> 0 low, 1 high

_NUMBERS = 2**22  # of the maps that a tail is given at once
_CORNERS = ((0, 0), (1, 0), (0, 1), (1, 1))


@dataclass(frozen=True)
class Donors:
    """Rows of a group to put into the backgrounds.

    Attributes
    ----------
    channels : tuple of int
    rows : tensor (level, background, channel, position)
    in_background : float
        Share of the background maps in which the group is on as in half of its high maps.
    in_real : float
        The same share of the real maps.
    """

    channels: Group
    rows: Tensor
    in_background: float
    in_real: float


def draw_donors(
    real: Tensor,
    group: Group,
    on: NDArray[np.float64],
    on_in_background: NDArray[np.float64],
    *,
    share: float,
    n: int,
    generator: np.random.Generator,
) -> Donors:
    """Draw the maps that a group's low and high rows are taken from, one for each background.

    Parameters
    ----------
    real : tensor (n_sequences, channel, position)
    group : tuple of int
    on, on_in_background : float array (n_sequences,)
        How much the group is on in each real and in each background map.
    share : float
        Share of the maps at either end that are drawn from.
    n : int
        Backgrounds.
    generator : numpy.random.Generator
    """
    few = max(1, round(share * len(on)))
    ranked = np.argsort(on, kind="stable")
    ends = ranked[:few], ranked[-few:]
    chosen = np.stack([generator.choice(end, n) for end in ends])
    index = torch.from_numpy(chosen).to(real.device)
    members = torch.tensor(group, device=real.device)
    high = np.median(on[ends[1]])
    in_background, in_real = (float((values >= high).mean()) for values in (on_in_background, on))
    return Donors(group, real[index[..., None], members], in_background, in_real)


def channel_maxima(maps: Tensor) -> NDArray[np.float64]:
    """Return the maximum of each channel over positions, (n, channel)."""
    return maps.amax(dim=2).double().cpu().numpy()


class Board:
    """Background maps in which groups are held low or high, seen through the tail."""

    def __init__(
        self, tail: Tail, background: Tensor, target: int, progress: Progress | None
    ) -> None:
        self._tail, self.background, self._target = tail, background, target
        self._progress = progress or (lambda *_: None)
        self.n_backgrounds = len(background)
        self._at_once = max(1, _NUMBERS // max(1, background.numel()))
        self._done = self._total = 0

    def expect(self, corners: int) -> None:
        """Say how many corners are still to come."""
        self._total = self._done + corners
        self._progress(self._done, self._total)

    def swings(self, held: Sequence[Donors], maps: Tensor) -> NDArray[np.float64]:
        """Return what each group does to the logit from low to high, (group, map), beside maps."""
        states = [{i: level} for i in range(len(held)) for level in (0, 1)]
        logits = self.logits(held, states, maps).reshape(len(held), 2, len(maps))
        return logits[:, 1] - logits[:, 0]

    def squares(
        self, held: Sequence[Donors], a: int, b: int, others: Sequence[Held]
    ) -> NDArray[np.float64]:
        """Return the corners beside each of some other states, (state, background, corner)."""
        states = [{a: i, b: j, **other} for other in others for i, j in _CORNERS]
        logits = self.logits(held, states, self.background).reshape(len(others), 4, -1)
        return logits.transpose(0, 2, 1)

    def logits(
        self, held: Sequence[Donors], states: Sequence[Held], maps: Tensor
    ) -> NDArray[np.float64]:
        """Return the class's logit with groups held low or high in some maps, (state, map)."""
        found = []
        for first in range(0, len(states), self._at_once):
            some = states[first : first + self._at_once]
            batch = maps.repeat(len(some), 1, 1, 1)
            for place, state in enumerate(some):
                for group, level in state.items():
                    batch[place, :, list(held[group].channels)] = held[group].rows[level]
            with torch.no_grad():
                logits = self._tail(batch.flatten(0, 1))[:, self._target]
            found.append(logits.double().cpu().numpy().reshape(len(some), -1))
            self._done += len(some)
            self._progress(self._done, max(self._done, self._total))
        return np.concatenate(found) if found else np.empty((0, len(maps)))
