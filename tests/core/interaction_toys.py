"""Feature maps with motifs, and tails whose logic is known."""

import numpy as np
import torch

GROUPS = ((0, 1), (2, 3), (4,), (6,))  # channel 5 is silent
N_CHANNELS, WIDTH = 7, 3
A, B, C = 0, 2, 4  # a channel of each motif
LOGITS = {
    "AND-like": lambda a, b, c: 6 * a * b - 3,
    "OR-like": lambda a, b, c: 6 * (a + b - a * b) - 3,
    "XOR-like": lambda a, b, c: 6 * (a + b - 2 * a * b) - 3,
    "veto": lambda a, b, c: 6 * a * (1 - b) - 3,
    "NOR-like": lambda a, b, c: 3 - 6 * (a + b - a * b),
    "synergy": lambda a, b, c: 3 * a + 3 * b + 2.5 * a * b - 4,
    "redundancy": lambda a, b, c: 4 * a + 4 * b - 2 * a * b - 4,
    "additive": lambda a, b, c: 3 * a + 2 * b - 3,
    "opposed": lambda a, b, c: 3 * a - 2 * b - 1,
    "three": lambda a, b, c: 6 * c * a * b - 3 + 4 * (1 - c) * a,
}
NAMES = list(LOGITS)


def maps(n, seed, *, share=0.4):
    """Maps (n, channel, position): three motifs, each in a share of them, over noise."""
    generator = np.random.default_rng(seed)
    made = generator.random((n, N_CHANNELS, WIDTH)).astype(np.float32)
    for channels in GROUPS[:3]:
        rows = np.flatnonzero(generator.random(n) < share)
        place = generator.integers(WIDTH, size=len(rows))
        for channel in channels:
            made[rows, channel, place] = 3 + 0.4 * generator.random(len(rows))
    made[:, 5] = 0
    return torch.from_numpy(made)


def tail(h):
    """Logits (n, output) in the order of NAMES."""
    high = [h[:, k].amax(dim=1) - 1.5 for k in (A, B, C)]
    on = [one.clamp(0, 1) for one in high]
    return torch.stack([LOGITS[name](*(high if name == "opposed" else on)) for name in NAMES], 1)
