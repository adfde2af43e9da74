"""Step rules: each makes a function (step number, U, gradient of S) -> next U."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from deepresolve_dash.core.ascent.objective import per_row
from deepresolve_dash.core.settings import MOMENTUM, AscentSettings, step_rates

Step = Callable[[int, Tensor, Tensor], Tensor]


def make_step(settings: AscentSettings, *, l2: Tensor, scale: float) -> Step:
    """Return the step rule of the settings for a chunk of rows.

    Parameters
    ----------
    l2 : tensor (row,)
        Penalty of each row.
    scale : float
        Standard deviation of the starts, feature-map units; the unit of Adam's step.
    """
    rates = step_rates(settings)
    if settings.optimiser == "adam":
        return adam([rate * scale for rate in rates], l2=l2)
    if settings.optimiser == "paper":
        return plain(rates, l2=l2)
    return heavy_ball(rates, l2=l2)


def heavy_ball(rates: Sequence[float], *, l2: Tensor) -> Step:
    """Heavy ball on the fixed-point residual grad S / (2 l2) - U, in units of 1 / (2 l2).

    *Choice:* equal or better objective than thousands of plain steps, and no learning rate to tune
    when l2, layer or network change.
    """
    velocity = torch.zeros(())

    def step(i: int, u: Tensor, gradient: Tensor) -> Tensor:
        nonlocal velocity
        residual = (gradient / per_row(2 * l2)).sub_(u)
        velocity = residual.add_(velocity, alpha=MOMENTUM)
        return torch.add(u, velocity, alpha=rates[i])

    return step


def plain(rates: Sequence[float], *, l2: Tensor) -> Step:
    """Plain gradient ascent on S - l2 |U|^2.

    *Source:* the paper's update; its step sizes are `step_rates`.
    """

    def step(i: int, u: Tensor, gradient: Tensor) -> Tensor:
        return u + rates[i] * (gradient - per_row(2 * l2) * u)

    return step


def adam(rates: Sequence[float], *, l2: Tensor) -> Step:
    """Adam on S - l2 |U|^2 with the usual moments 0.9 and 0.999."""
    first: Tensor | float = 0.0
    second: Tensor | float = 0.0

    def step(i: int, u: Tensor, gradient: Tensor) -> Tensor:
        nonlocal first, second
        uphill = gradient - per_row(2 * l2) * u
        first = 0.9 * first + 0.1 * uphill
        second = 0.999 * second + 0.001 * uphill**2
        mean, spread = first / (1 - 0.9 ** (i + 1)), torch.sqrt(second / (1 - 0.999 ** (i + 1)))
        return u + rates[i] * mean / (spread + 1e-8)

    return step
