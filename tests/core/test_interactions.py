from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from deepresolve_dash.core.interactions.groups import group_channels, holding
from deepresolve_dash.core.interactions.settings import InteractionSettings
from deepresolve_dash.core.interactions.square import (
    bootstrap,
    decision,
    interaction,
    read_square,
)
from deepresolve_dash.core.interactions.verdict import verdict_to_dict
from deepresolve_dash.core.interactions.verify import verify
from deepresolve_dash.errors import RunCancelled, SettingsError
from tests.core.interaction_toys import GROUPS, LOGITS, NAMES, maps, tail

SETTINGS = InteractionSettings(n_null=11, n_resamples=200)
CALLED = [name for name in NAMES if name not in ("additive", "opposed", "three")]
REAL, BACKGROUND = maps(230, 1), maps(70, 2, share=0)


def verdict_of(target, *, seed=0, **options):
    values = {"settings": SETTINGS, "generator": np.random.default_rng(seed)}
    return verify(tail, BACKGROUND, REAL, NAMES.index(target), **(values | options))


def pair_of(verdict, a=(0, 1), b=(2, 3)):
    return next(pair for pair in verdict.pairs if (pair.a, pair.b) == (a, b))


def test_channels_that_rise_together_are_a_group_and_silent_ones_are_in_none():
    maxima = REAL.amax(dim=2).numpy()
    assert group_channels(maxima) == GROUPS
    assert group_channels(maxima, cut=1.0) == tuple((k,) for k in (0, 1, 2, 3, 4, 6))
    assert group_channels(np.zeros((5, 3))) == ()


@pytest.mark.parametrize("name", CALLED)
def test_planted_logic_is_called_and_named(name):
    verdict = verdict_of(name)
    pair = pair_of(verdict)
    assert (pair.called, pair.name) == (True, name)
    assert pair.acting == ("b" if name == "veto" else "")
    assert [one for one in verdict.pairs if one.called] == [pair]
    assert not verdict.poor


def test_a_veto_names_the_group_that_blocks_whichever_comes_first():
    swapped = verify(
        lambda h: tail(h[:, [2, 3, 0, 1, 4, 5, 6]]), BACKGROUND, REAL, NAMES.index("veto"),
        settings=SETTINGS, generator=np.random.default_rng(0),
    )  # fmt: skip
    assert (pair_of(swapped).name, pair_of(swapped).acting) == ("veto", "a")


@pytest.mark.parametrize("name", ["additive", "opposed"])
@pytest.mark.parametrize("seed", range(5))
def test_what_adds_up_is_never_called(name, seed):
    verdict = verdict_of(name, seed=seed)
    assert not any(pair.called for pair in verdict.pairs)
    assert pair_of(verdict).name == "additive"
    assert abs(pair_of(verdict).interaction) < 1e-5


def test_the_interval_covers_the_interaction_that_was_planted():
    pair = pair_of(verdict_of("AND-like"))
    assert pair.interval[0] <= pair.interaction <= pair.interval[1]
    assert pair.interaction == pytest.approx(6)
    noisy = np.random.default_rng(0).normal(2, 1, size=(400, 60))
    draws = np.random.default_rng(1).integers(60, size=(300, 60))
    inside = [low <= 2 <= high for low, high in (bootstrap(row, draws) for row in noisy)]
    assert 0.9 < np.mean(inside) < 0.98


def test_a_third_group_that_decides_is_told():
    pair = pair_of(verdict_of("three"))
    assert (4,) in pair.depends_on
    low, high = (one for one in pair.context if one.group == (4,))
    assert (low.level, low.called) == ("low", False)
    assert (high.level, high.called, high.name) == ("high", True, "AND-like")
    assert pair_of(verdict_of("AND-like")).depends_on == ()


def test_the_same_question_has_the_same_answer_and_a_requested_pair_changes_no_other():
    first, again = verdict_of("XOR-like"), verdict_of("XOR-like")
    assert verdict_to_dict(first) == verdict_to_dict(again)
    asked = verdict_of("XOR-like", pairs=[(6, 0)])
    assert pair_of(asked) == pair_of(first)
    extra = pair_of(asked, (0, 1), (6,))
    assert (extra.requested, extra.called, extra.name) == (True, False, "one-only")
    assert verdict_of("opposed", seed=1) != verdict_of("opposed")


def test_given_groups_take_the_place_of_those_by_correlation():
    verdict = verdict_of("AND-like", groups=[(0,), (2,), (5,)])
    assert {group.channels for group in verdict.groups} == {(0,), (2,)}
    assert pair_of(verdict, (0,), (2,)).name == "AND-like"


def test_sequences_without_motifs_are_called_poor():
    verdict = verify(
        tail, maps(400, 3, share=0), maps(200, 4, share=0), 0,
        settings=SETTINGS, generator=np.random.default_rng(0),
    )  # fmt: skip
    assert verdict.poor
    assert not verdict.pairs
    assert np.isnan(verdict.null["q95"])


def test_groups_that_shuffled_sequences_turn_on_as_often_are_poor_too():
    def steep(h):
        return 20 * h[:, 6].mean(dim=1, keepdim=True)

    for real in (maps(300, 3, share=0), maps(300, 3)):
        verdict = verify(
            steep, maps(400, 4, share=0), real, 0,
            settings=SETTINGS, generator=np.random.default_rng(0),
        )  # fmt: skip
        assert verdict.groups[0].channels == (6,)
        assert verdict.groups[0].absolute_swing > SETTINGS.least_swing
        assert verdict.poor
    rare = next(group for group in verdict.groups if group.channels == (0, 1))
    assert rare.in_background == 0


def test_a_group_that_shuffled_sequences_turn_on_more_is_tested_on_request_only():
    def gain(h):
        return (20 * h[:, 6].mean(dim=1) * (1 + 20 * h[:, 0].mean(dim=1)))[:, None]

    more = maps(400, 4)
    more[:, 6] *= 2
    arguments = (gain, more, maps(300, 3), 0)
    alone, asked = (
        verify(*arguments, settings=SETTINGS, pairs=pairs, generator=np.random.default_rng(0))
        for pairs in ((), ((0, 6),))
    )
    group = next(group for group in alone.groups if group.channels == (6,))
    assert group.absolute_swing > SETTINGS.least_swing
    assert group.in_background > 0.2
    assert not group.top
    assert not alone.pairs
    assert [pair.requested for pair in asked.pairs] == [True]


def test_the_null_of_an_additive_class_is_small_and_that_of_an_xor_is_not():
    settings = replace(SETTINGS, n_null=60)
    assert verdict_of("additive", settings=settings).null["q95"] < 1e-5
    assert verdict_of("XOR-like", settings=settings).null["q99"] > 1


def test_progress_ends_at_its_total_and_can_stop_the_test():
    told = []
    verdict_of("AND-like", progress=lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1]
    assert all(done <= total for done, total in told)

    def stop(done, total):
        if done > 20:
            raise RunCancelled("x")

    with pytest.raises(RunCancelled):
        verdict_of("AND-like", progress=stop)


@pytest.mark.parametrize("pair", [(0, 5), (0, 99), (0, 1)])
def test_a_pair_that_cannot_be_tested_is_refused_in_words(pair):
    with pytest.raises(SettingsError, match="no group|one group"):
        holding(GROUPS, [pair])


def test_batches_change_nothing(monkeypatch):
    whole = verdict_of("OR-like")
    monkeypatch.setattr("deepresolve_dash.core.interactions.board._NUMBERS", 1)
    alone = verdict_of("OR-like")
    for one, other in zip(whole.pairs, alone.pairs, strict=True):
        assert one.f == pytest.approx(other.f, abs=1e-5)


@pytest.mark.parametrize(
    ("square", "name"),
    [
        ((-3, 3, 3, 1), "XOR-like"),  # correlates best with OR
        ((-3, 3, 3, 2.9), "OR-like"),
        ((3, -3, -3, -1), "XNOR-like"),
        ((0, 0.9, 0, 0.5), "one-only"),  # below a logit
        ((-15, -1, -14, -2.9), "one-only"),  # large, and small beside the effect
        ((0, 0.1, 0.1, 0.2), "no effect"),
        ((2, -2, 2, 2), "rescue"),
    ],
)
def test_borders_of_the_rule(square, name):
    assert read_square(square, InteractionSettings()).name == name


numbers = st.floats(-20, 20, allow_nan=False)
squares = st.tuples(numbers, numbers, numbers, numbers)


@given(squares, numbers)
def test_a_square_reads_the_same_higher_up(square, height):
    first = read_square(np.round(square, 1), InteractionSettings())
    moved = read_square(np.round(square, 1) + np.round(height), InteractionSettings())
    assert moved.interaction == pytest.approx(first.interaction, abs=1e-9)
    assert moved.effect == pytest.approx(first.effect, abs=1e-9)


@given(squares)
def test_the_order_of_the_groups_does_not_matter(square):
    f00, f10, f01, f11 = square
    first, swapped = (
        read_square(values, InteractionSettings()) for values in (square, (f00, f01, f10, f11))
    )
    assert swapped.called == first.called
    assert swapped.interaction == pytest.approx(first.interaction, abs=1e-9)


def test_yes_and_no_have_a_logic_of_their_own():
    assert decision((-8.8, -2.7, -2.7, 3.2)) == "AND"
    assert decision((-3, 1, 1, 5)) == "OR"
    assert decision((-3, 1, -2, 2)) == "one-only"
    assert decision((1, 1, 1, 1)) == decision((-1, -2, -1, -3)) == ""


def test_the_interaction_is_that_of_the_formula():
    f = torch.randn(5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).numpy()
    expected = [row[3] - row[2] - row[1] + row[0] for row in f]
    np.testing.assert_allclose(interaction(f), expected)
    assert set(CALLED) < set(LOGITS)
