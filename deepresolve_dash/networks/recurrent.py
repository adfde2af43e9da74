"""Recurrent layers: values (n, position, feature), weights and gates in the order of torch.

Per direction the weights are those of the input (gate * h, feature), of the state (gate * h, h),
and two biases (gate * h,), or none. Every network begins with a state of zeros.

*Choice:* the fast kernels are asked to "train", without dropout: it changes no number, and the
ones for GPUs give gradients only then.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

OUTPUTS, STATE, MEMORY = 0, 1, 2
"""What is wanted: all positions (n, position, h), or the last h or c (n, layer * direction, h)."""

STEP_FUNCTIONS: tuple[tuple[str, Callable[[Tensor], Tensor]], ...] = (
    ("tanh", torch.tanh),
    ("sigmoid", torch.sigmoid),
    ("relu", functional.relu),
    ("linear", lambda x: x),
    ("softplus", functional.softplus),
    ("softsign", functional.softsign),
    ("elu", functional.elu),
    ("selu", functional.selu),
    ("silu", functional.silu),
    ("gelu", functional.gelu),
    ("exponential", torch.exp),
    ("relu6", functional.relu6),
    ("hard_sigmoid of Keras 0 to 2", lambda x: (0.2 * x + 0.5).clamp(0.0, 1.0)),
    ("hard_sigmoid of Keras 3", lambda x: (x / 6 + 0.5).clamp(0.0, 1.0)),
)
"""What a step may use; a graph names one by its place here, so places never change."""

_Step = Callable[[Tensor, Sequence[Tensor]], tuple[Tensor, ...]]


def lstm(
    x: Tensor, weights: Sequence[Tensor], n_layers: int, bidirectional: bool, part: int = OUTPUTS
) -> Tensor:
    """Run an LSTM with gates i, f, g, o."""
    state = _zeros(x, weights, n_layers, bidirectional)
    return _run(torch.lstm, x, [state, state], weights, n_layers, bidirectional, part)


def gru(
    x: Tensor, weights: Sequence[Tensor], n_layers: int, bidirectional: bool, part: int = OUTPUTS
) -> Tensor:
    """Run a GRU with gates r, z, n, the reset after the product with the state."""
    state = _zeros(x, weights, n_layers, bidirectional)
    return _run(torch.gru, x, state, weights, n_layers, bidirectional, part)


def rnn(
    x: Tensor, weights: Sequence[Tensor], n_layers: int, bidirectional: bool, part: int = OUTPUTS
) -> Tensor:
    """Run a simple recurrent layer with tanh."""
    state = _zeros(x, weights, n_layers, bidirectional)
    return _run(torch.rnn_tanh, x, state, weights, n_layers, bidirectional, part)


def lstm_steps(
    x: Tensor,
    kernel: Tensor,
    recurrent: Tensor,
    bias: Tensor,
    slope: float,
    offset: float,
    inside: int = 0,
    gates: int | None = None,
) -> Tensor:
    """Run an LSTM with other functions than `lstm`, position by position.

    Parameters
    ----------
    x : (n, position, feature)
    kernel, recurrent, bias : (4 h, feature), (4 h, h), (4 h,)
        In the order i, f, g, o.
    slope, offset : float
        Of the piecewise linear sigmoid of the gates, as in `hard_sigmoid`.
    inside, gates : int
        Places in `STEP_FUNCTIONS`: what is applied to new values and to the memory, and what to the
        gates in place of the piecewise linear sigmoid.
    """
    act, gate = STEP_FUNCTIONS[inside][1], _gate(slope, offset, gates)

    def step(given: Tensor, state: Sequence[Tensor]) -> tuple[Tensor, ...]:
        hidden, memory = state
        i, f, g, o = (given + hidden @ recurrent.T).chunk(4, 1)
        memory = gate(f) * memory + gate(i) * act(g)
        return gate(o) * act(memory), memory

    return _walk(x @ kernel.T + bias, step, recurrent.shape[1], 2)


def gru_steps(
    x: Tensor,
    kernel: Tensor,
    recurrent: Tensor,
    bias: Tensor,
    recurrent_bias: Tensor,
    reset_after: bool,
    slope: float | None,
    offset: float,
    inside: int = 0,
    gates: int | None = None,
) -> Tensor:
    """Run a GRU of another kind than `gru`, position by position.

    Parameters
    ----------
    x : (n, position, feature)
    kernel, recurrent : (3 h, feature), (3 h, h)
        In the order r, z, n.
    bias, recurrent_bias : (3 h,)
        The second is added to the product with the state.
    reset_after : bool
        The reset gate scales the product with the state, and not the state.
    slope, offset : float
        Of a piecewise linear sigmoid; the smooth one for a slope of None.
    inside, gates : int
        As in `lstm_steps`.
    """
    n_units = recurrent.shape[1]
    act, gate = STEP_FUNCTIONS[inside][1], _gate(slope, offset, gates)

    def step(given: Tensor, state: Sequence[Tensor]) -> tuple[Tensor, ...]:
        (hidden,) = state
        both = given[:, : 2 * n_units] + hidden @ recurrent[: 2 * n_units].T
        r, z = (gate(half) for half in (both + recurrent_bias[: 2 * n_units]).chunk(2, 1))
        inner, shift = recurrent[2 * n_units :].T, recurrent_bias[2 * n_units :]
        turned = r * (hidden @ inner + shift) if reset_after else (r * hidden) @ inner + shift
        return (z * hidden + (1 - z) * act(given[:, 2 * n_units :] + turned),)

    return _walk(x @ kernel.T + bias, step, n_units, 1)


def rnn_steps(x: Tensor, kernel: Tensor, recurrent: Tensor, bias: Tensor, inside: int) -> Tensor:
    """Run a simple recurrent layer with another function than tanh, position by position.

    Parameters
    ----------
    x : (n, position, feature)
    kernel, recurrent, bias : (h, feature), (h, h), (h,)
    inside : int
        Place in `STEP_FUNCTIONS`.
    """
    act = STEP_FUNCTIONS[inside][1]

    def step(given: Tensor, state: Sequence[Tensor]) -> tuple[Tensor, ...]:
        return (act(given + state[0] @ recurrent.T),)

    return _walk(x @ kernel.T + bias, step, recurrent.shape[1], 1)


def _gate(slope: float | None, offset: float, gates: int | None) -> Callable[[Tensor], Tensor]:
    """Return the function of the gates."""
    if gates is not None:
        return STEP_FUNCTIONS[gates][1]
    if slope is None:
        return torch.sigmoid
    return lambda value: (slope * value + offset).clamp(0.0, 1.0)


def _walk(given: Tensor, step: _Step, n_units: int, n_states: int) -> Tensor:
    """Return the hidden states of all positions, from the first to the last."""
    if given.is_meta:
        return given.new_empty((*given.shape[:2], n_units))
    state: tuple[Tensor, ...] = (given.new_zeros(len(given), n_units),) * n_states
    hidden = []
    for position in given.unbind(1):
        state = step(position, state)
        hidden.append(state[0])
    return torch.stack(hidden, 1)


def _shape_only(
    x: Tensor, weights: Sequence[Tensor], n_layers: int, bidirectional: bool, part: int
) -> Tensor:
    """Return a value of the right shape on the meta device, where ATen walks all positions."""
    product = x[:, 0] @ weights[0].T  # refuses what does not fit
    n_units, directions = weights[1].shape[1], 1 + bidirectional
    if part == OUTPUTS:
        return product.new_empty((*x.shape[:2], n_units * directions))
    return product.new_empty((len(x), n_layers * directions, n_units))


def _run(
    kernel: Callable[..., tuple[Tensor, ...]],
    x: Tensor,
    state: Tensor | list[Tensor],
    weights: Sequence[Tensor],
    n_layers: int,
    bidirectional: bool,
    part: int,
) -> Tensor:
    """Run a fast kernel over all layers, or tell just its shape."""
    if x.is_meta:
        return _shape_only(x, weights, n_layers, bidirectional, part)
    biased = len(weights) == 4 * n_layers * (1 + bidirectional)
    found = kernel(x, state, list(weights), biased, n_layers, 0.0, True, bidirectional, True)[part]
    return found if part == OUTPUTS else found.transpose(0, 1)


def _zeros(x: Tensor, weights: Sequence[Tensor], n_layers: int, bidirectional: bool) -> Tensor:
    """Return the state before the first position."""
    return x.new_zeros(n_layers * (1 + bidirectional), len(x), weights[1].shape[1])
