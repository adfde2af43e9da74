"""The verifier: groups of channels clamped low and high together, on the logit of one class."""

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from deepresolve_dash.core.ascent.objective import Tail
from deepresolve_dash.core.interactions.board import (
    Board,
    Donors,
    Held,
    Progress,
    channel_maxima,
    draw_donors,
)
from deepresolve_dash.core.interactions.groups import (
    Group,
    activity,
    group_channels,
    holding,
    silent,
)
from deepresolve_dash.core.interactions.settings import InteractionSettings
from deepresolve_dash.core.interactions.square import (
    as_square,
    bootstrap,
    decision,
    interaction,
    read_square,
)
from deepresolve_dash.core.interactions.verdict import (
    Context,
    Pair,
    RankedGroup,
    Verdict,
)

_LEVELS = ("low", "high")


def verify(
    tail: Tail,
    background: Tensor,
    real: Tensor,
    target: int,
    *,
    settings: InteractionSettings,
    groups: Sequence[Group] | None = None,
    pairs: Sequence[tuple[int, int]] = (),
    generator: np.random.Generator,
    progress: Progress | None = None,
) -> Verdict:
    """Test which groups of channels interact for a class, and how.

    *Choice:* ours, beyond the paper. A group is low or high by its whole rows of one real map,
    drawn from the 5% of maps in which it is on least or most; never by quantiles per position,
    which put a motif everywhere at once. The four corners of a pair's square are the mean logit
    over backgrounds, with the same rows in each corner. The square is repeated with each other top
    group held low and high, since the sign of a group's effect may depend on a third one. A group
    that is high in shuffled sequences as often as in real ones sees what is everywhere, no motif,
    and is tested on request only.

    Parameters
    ----------
    tail : function
        Feature maps (n, channel, position) -> logits (n, output).
    background : float tensor (n, channel, position)
        Maps of background sequences; the first `settings.n_backgrounds` lie under the squares, all
        of them tell how rare a high map is.
    real : float tensor (n_sequences, channel, position)
        Maps of sequences that carry the motifs.
    target : int
        Output index of the class.
    settings : InteractionSettings
    groups : sequence of tuple of int, optional
        Groups of channels to test in place of those by correlation.
    pairs : sequence of (channel, channel)
        Pairs tested on request, beside those of the top groups: the groups that hold the channels.
    generator : numpy.random.Generator
        Fresh; draws the donors, the random groups and the resamples.
    progress : function, optional
        Told (corners done, corners in all); whatever it raises ends the test.

    Raises
    ------
    SettingsError
        When a channel of a requested pair is in no group, or both are in one.
    """
    for_donors, for_null, for_resamples, for_beside = generator.spawn(4)
    maxima, in_background = channel_maxima(real), channel_maxima(background)
    alive = np.flatnonzero(~silent(maxima))
    if groups is None:
        groups = group_channels(maxima, cut=settings.cut)
    groups = [kept for group in groups if (kept := tuple(k for k in group if k in alive))]
    asked = holding(groups, pairs)
    board = Board(tail, background[: settings.n_backgrounds], target, progress)
    spread = maxima.std(axis=0)

    def donors(group: Group, draw: np.random.Generator) -> Donors:
        on, common = (activity(values, spread, group) for values in (maxima, in_background))
        return draw_donors(
            real,
            group,
            on,
            common,
            share=settings.donor_share,
            n=board.n_backgrounds,
            generator=draw,
        )

    held = [donors(group, for_donors) for group in groups]
    beside = real[for_beside.integers(len(real), size=board.n_backgrounds)]
    board.expect(4 * len(held))
    swings = _larger(board.swings(held, board.background), board.swings(held, beside))
    absolute = np.abs(swings).mean(axis=1)
    by_swing = np.argsort(-absolute, kind="stable")
    marked = [i for i in by_swing if held[i].in_real > held[i].in_background]
    top = [int(i) for i in marked[: settings.n_top] if absolute[i] > settings.least_swing]
    tested = list(dict.fromkeys([*combinations(sorted(top), 2), *asked]))
    board.expect(
        sum(4 + 8 * len(set(top) - set(pair)) for pair in tested)
        + (4 * settings.n_null if tested else 0)
    )
    draws = for_resamples.integers(
        board.n_backgrounds, size=(settings.n_resamples, board.n_backgrounds)
    )
    found = [
        _pair(board, held, pair, top, settings, draws, requested=pair in asked) for pair in tested
    ]
    sizes = [(len(groups[a]), len(groups[b])) for a, b in tested]
    null = _null(board, donors, alive, sizes, settings, for_null)
    return Verdict(
        target,
        board.n_backgrounds,
        len(real),
        tuple(
            RankedGroup(
                groups[i], float(swings[i].mean()), float(absolute[i]), held[i].in_background,
                int(i) in top,
            )
            for i in by_swing
        ),
        tuple(sorted(found, key=lambda one: -abs(one.interaction))),
        null,
        all(held[i].in_background > settings.most_in_background for i in top),
    )  # fmt: skip


def _larger(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each group's swings (group, map) over those maps where they are larger on average."""
    sizes = np.abs(first).mean(axis=1) < np.abs(second).mean(axis=1)
    return np.where(sizes[:, None], second, first)


def _pair(
    board: Board,
    held: Sequence[Donors],
    pair: tuple[int, int],
    top: Sequence[int],
    settings: InteractionSettings,
    draws: NDArray[np.int64],
    *,
    requested: bool,
) -> Pair:
    """Test one pair, alone and beside each other top group."""
    a, b = pair
    others = [one for one in top if one not in pair]
    beside: list[Held] = [{}, *({one: level} for one in others for level in (0, 1))]
    corners = board.squares(held, a, b, beside)
    means = corners.mean(axis=1)
    reading = read_square(means[0], settings)
    context = [
        _context(held[one].channels, level, means[1 + 2 * i + level], settings)
        for i, one in enumerate(others)
        for level in (0, 1)
    ]
    by_group = zip(others, context[::2], context[1::2], strict=True)
    return Pair(
        held[a].channels,
        held[b].channels,
        as_square(means[0]),
        reading.interaction,
        bootstrap(interaction(corners[0]), draws),
        reading.effect,
        reading.called,
        reading.name,
        reading.acting,
        decision(means[0]),
        requested,
        tuple(context),
        tuple(held[one].channels for one, low, high in by_group if _differ(low, high, settings)),
    )


def _context(
    group: Group, level: int, square: NDArray[np.float64], settings: InteractionSettings
) -> Context:
    one = read_square(square, settings)
    return Context(
        group, _LEVELS[level], as_square(square), one.interaction, one.called, one.name, one.acting
    )


def _differ(low: Context, high: Context, settings: InteractionSettings) -> bool:
    """Tell whether a third group changes I by as much as is called an interaction."""
    effect = max(max(one.f) - min(one.f) for one in (low, high))
    least = max(settings.least_interaction, settings.least_share * effect)
    return abs(high.interaction - low.interaction) > least


def _null(
    board: Board,
    donors: Callable[[Group, np.random.Generator], Donors],
    channels: NDArray[np.int64],
    sizes: Sequence[tuple[int, int]],
    settings: InteractionSettings,
    generator: np.random.Generator,
) -> dict[str, float]:
    """Return quantiles of |I| between random groups of the sizes that were tested.

    *Choice:* random groups are of all channels, so that parts of motifs that do interact are in
    them: the high quantiles are an upper bound.
    """
    found = []
    for _ in range(settings.n_null if sizes and len(channels) > 1 else 0):
        n_a, n_b = sizes[int(generator.integers(len(sizes)))]
        drawn = generator.permutation(channels)[: n_a + n_b].tolist()
        n_a = min(n_a, len(drawn) - 1)
        pair = [donors(tuple(some), generator) for some in (drawn[:n_a], drawn[n_a:])]
        found.append(float(interaction(board.squares(pair, 0, 1, [{}])[0].mean(axis=0))))
    levels = (0.5, 0.95, 0.99)
    values = np.quantile(np.abs(found), levels) if found else np.full(3, np.nan)
    return {f"q{round(100 * level)}": float(v) for level, v in zip(levels, values, strict=True)}
