"""ATen operations over all positions: recurrent layers and attention."""

# ruff: noqa: A002
from collections.abc import Callable, Sequence

import torch

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.constants import Constant, fold
from deepresolve_dash.networks.formats.tracing import Known, Traced, Tracing
from deepresolve_dash.networks.operations import ATTENTION
from deepresolve_dash.networks.recurrent import MEMORY, OUTPUTS, STATE


def recurrent(op: str) -> Callable[..., list]:
    """Return the reader of a recurrent layer: all positions, the last state, the last memory.

    Only what is used stays in the graph.
    """

    def read(
        t: Tracing,
        input: Traced,
        hx: Traced | Sequence[Traced],
        params: Sequence[Traced],
        has_biases: bool,
        num_layers: int,
        dropout: float,
        train: bool,
        bidirectional: bool,
        batch_first: bool,
    ) -> list:
        states = [hx] if isinstance(hx, Constant) or not isinstance(hx, Sequence) else hx
        for state in states:
            if not isinstance(state, Constant) or bool(state.two.any()):
                raise ModelFileError("A recurrent layer that does not start at 0 is not supported.")
        x = input if batch_first else t.swap(input, 0, 1)
        parts = (OUTPUTS, STATE, MEMORY)[: 1 + len(states)]
        made = [t.add(op, x, list(params), num_layers, bidirectional, part) for part in parts]
        rows = [made[0] if batch_first else t.swap(made[0], 0, 1)]
        return rows + [t.swap(state, 0, 1) for state in made[1:]]

    return read


def attention(
    t: Tracing,
    query: Traced,
    key: Traced,
    value: Traced,
    attn_mask: Traced | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Traced:
    """Return what the values say where the keys answer the query."""
    if enable_gqa:
        raise ModelFileError("Attention with shared keys is not supported.")
    if isinstance(attn_mask, Constant):
        if attn_mask.two.dtype == torch.bool:
            attn_mask = fold(lambda mask: torch.where(mask, 0.0, -1e30), [attn_mask])
        attn_mask = t.weight(attn_mask, mask=True)  # pyright: ignore[reportArgumentType]
    options = {} if scale is None else {"scale": scale}
    return t.add(ATTENTION, query, key, value, attn_mask, 0.0, is_causal, **options)


def attention_parts(
    t: Tracing,
    query: Traced,
    key: Traced,
    value: Traced,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    attn_mask: Traced | None = None,
    scale: float | None = None,
    **_: Known,
) -> list:
    """Attention, as decomposed programs say it."""
    found = attention(t, query, key, value, attn_mask, 0.0, is_causal, scale)
    return [found, *[None] * 8]
