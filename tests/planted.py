"""Heads whose ascent has a known answer, and ensembles whose summary has one."""

import numpy as np
import torch

CHANNELS, WIDTH = 7, 3  # of the maps that `crooked_tail` takes


def linear_tail(weight: np.ndarray):
    """S_c = <w_c, H>: weight (target, channel, position); the optimum is w / (2 l2)."""
    w = torch.as_tensor(weight, dtype=torch.float32)
    return lambda h: torch.einsum("nkp,ckp->nc", h, w)


def absolute_tail(a: np.ndarray):
    """S = |a . H|, W = 1: with base 0 the optima are +a / (2 l2) and -a / (2 l2)."""
    w = torch.as_tensor(a, dtype=torch.float32)
    return lambda h: (h[:, :, 0] @ w).abs()[:, None]


def two_optima(n_trials: int, n_channels: int) -> np.ndarray:
    """FIVs (trial, channel) in which channels 1 and 4 flip their signs together, opposite."""
    fiv = np.tile(np.linspace(-0.2, 0.3, n_channels), (n_trials, 1))
    fiv[:, 0] = 2.0
    sign = np.where(np.arange(n_trials) % 3, 1, -1)
    fiv[:, 1], fiv[:, 4] = 1.5 * sign, -1.5 * sign
    return fiv


def crooked_tail(seed: int = 0):
    """A small ReLU tail with several optima: (n, 7, 3) -> (n, 4)."""
    generator = torch.Generator().manual_seed(seed)
    first = torch.randn(CHANNELS * WIDTH, 13, generator=generator)
    second = torch.randn(13, 4, generator=generator)
    return lambda h: torch.relu(h.flatten(1) @ first) @ second
