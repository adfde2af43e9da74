"""Clamp swing: what a channel is worth in logits, between its low and its high in real maps."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepresolve_dash.core.ascent.objective import Tail

N_BACKGROUNDS = 60
_TAIL_SHARE = 0.05  # of the sequences, at either end, that give low and high rows


def clamp_swing(
    tail: Tail, background: Tensor, real: Tensor, generator: np.random.Generator
) -> NDArray[np.float32]:
    """Mean change of each logit when a channel's row goes from low to high.

    *Choice:* low and high are whole rows of real feature maps, drawn from the sequences with the
    lowest and the highest 5% of the channel's maximum; never quantiles per position, which would
    put a motif everywhere at once.

    Parameters
    ----------
    tail : function
        Feature maps (n, channel, position) -> logits (n, output).
    background : tensor (n_backgrounds, channel, position)
        Maps of background sequences, whose other channels stay as they are.
    real : tensor (n_sequences, channel, position)
        Maps of sequences that carry motifs.
    generator : numpy.random.Generator
        Draws the donors.

    Returns
    -------
    float32 array (output, channel), logits
    """
    n = max(1, round(_TAIL_SHARE * len(real)))
    ranked = real.amax(dim=2).argsort(dim=0)  # (n_sequences, channel)
    low, high = ranked[:n].cpu().numpy(), ranked[-n:].cpu().numpy()
    swings = []
    with torch.no_grad():
        for channel in range(real.shape[1]):
            logits = []
            for donors in (low, high):
                rows = generator.choice(donors[:, channel], len(background))
                maps = background.clone()
                maps[:, channel] = real[torch.from_numpy(rows).to(real.device), channel]
                logits.append(tail(maps))
            swings.append((logits[1] - logits[0]).mean(0))
    return torch.stack(swings, dim=1).cpu().numpy()
