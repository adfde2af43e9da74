from dataclasses import replace

import numpy as np
import pytest
import torch

from deepresolve_dash.core.ascent import ascend as module
from deepresolve_dash.core.ascent.ascend import at_base, join
from deepresolve_dash.core.ascent.base import Base, feature_maps, make_base
from deepresolve_dash.core.ascent.clamp import clamp_swing
from deepresolve_dash.core.ascent.objective import Objective
from deepresolve_dash.core.ascent.optimisers import adam, heavy_ball, plain
from deepresolve_dash.core.ascent.rows import (
    background_generator,
    chunks,
    make_rows,
    start_maps,
)
from deepresolve_dash.core.settings import PRESETS, ascent_settings, step_rates
from deepresolve_dash.core.statistics.mixture import fit_mixture
from deepresolve_dash.core.statistics.ofiv import Kind, kinds, overall_importance
from deepresolve_dash.core.statistics.weights import inconsistency, trial_weights
from deepresolve_dash.errors import LayerError
from tests.planted import CHANNELS, WIDTH, absolute_tail, crooked_tail, linear_tail

TARGETS, TRIALS = 2, 5


def ascend(*arguments, **options):
    """All blocks of an ascent, joined."""
    return join([regimes for _, regimes in module.ascend(*arguments, **options)])


def device_names() -> list:
    gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
    return ["cpu", pytest.param("cuda", marks=gpu)]


@pytest.fixture
def weight() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(TARGETS, CHANNELS, WIDTH)).astype(np.float32)


@pytest.fixture
def base() -> Base:
    generator = torch.Generator().manual_seed(2)
    return Base(torch.randn(CHANNELS, WIDTH, generator=generator), 2.0)


@pytest.mark.parametrize("optimiser", ["heavy-ball", "adam", "paper"])
def test_a_linear_head_has_its_optimum_at_its_weights(weight, base, optimiser):
    settings = ascent_settings(n_trials=TRIALS, optimiser=optimiser, l2=0.7)
    settings = replace(settings, l2_regimes=(), steps=max(settings.steps, 2000))
    results = ascend(linear_tail(weight), [0, 1], base=base, settings=settings, keep_fim=True)
    optimum = weight / (2 * 0.7)
    for ascent in results.values():
        tolerance = (2e-2 if optimiser == "adam" else 2e-3) * float(np.abs(optimum).max())
        assert ascent.fim == pytest.approx(
            np.broadcast_to(optimum[:, None], ascent.fim.shape), abs=tolerance
        )
        assert ascent.fiv == pytest.approx(ascent.fim.mean(3), abs=1e-5)
        assert ascent.converged.all()
        for c in range(TARGETS):
            w = trial_weights(ascent.score[c])
            levels = inconsistency(ascent.fiv[c], w)
            assert levels.max() < tolerance**2
            ofiv = overall_importance(ascent.fiv[c], w, np.zeros(CHANNELS))
            assert ofiv == pytest.approx(optimum[c].mean(1), abs=tolerance)


def test_calibration_gives_a_linear_head_the_norm_of_the_regime(weight, base):
    results = ascend(linear_tail(weight), [0, 1], base=base, settings=ascent_settings())
    for name, radius in (("importance", 0.1), ("modes", 1.0)):
        expected = np.linalg.norm(weight, axis=(1, 2)) / (2 * radius * base.distance)
        assert results[name].l2 == pytest.approx(expected, rel=2e-2)
        assert results[name].norm_ratio == pytest.approx(1, abs=2e-2)


def test_a_number_for_l2_leaves_the_importance_regime_calibrated(weight, base):
    results = ascend(linear_tail(weight), [0], base=base, settings=ascent_settings(l2=0.3))
    assert results["modes"].l2 == pytest.approx([0.3])
    assert results["importance"].l2[0] != pytest.approx(0.3)


def test_an_absolute_head_has_two_optima_of_opposite_sign():
    a = np.zeros(CHANNELS)
    a[1], a[4] = 1.0, -0.8
    zero = Base(torch.zeros(CHANNELS, 1), 1.0)
    settings = replace(ascent_settings("paper", n_trials=20, l2=0.5), steps=2000, patience=None)
    ascent = ascend(absolute_tail(a), [0], base=zero, settings=settings)["paper"]
    fiv, score = ascent.fiv[0].astype(float), ascent.score[0]
    signs = np.sign(fiv[:, [1, 4]])
    assert set(map(tuple, signs)) == {(1, -1), (-1, 1)}
    assert np.abs(fiv) == pytest.approx(np.broadcast_to(np.abs(a), fiv.shape), abs=1e-3)
    w = trial_weights(score)
    levels = inconsistency(fiv, w)
    kind = kinds(fiv, w, fit_mixture(levels).additive(levels))
    assert np.flatnonzero(kind == Kind.INCONSISTENT).tolist() == [1, 4]
    assert overall_importance(fiv, w, kind)[[1, 4]] == pytest.approx([1, 0.8], abs=1e-3)


def test_the_ascent_beats_plain_steps_on_a_crooked_tail(base):
    ours = ascent_settings(n_trials=11, l2=0.6)
    theirs = replace(
        ascent_settings("paper", n_trials=11, l2=0.6, steps=3000), base="background", patience=None
    )
    best = ascend(crooked_tail(), [0, 1], base=base, settings=ours)["modes"].objective.mean()
    plain_best = ascend(crooked_tail(), [0, 1], base=base, settings=theirs)[
        "paper"
    ].objective.mean()
    assert best > plain_best - 0.05 * abs(plain_best)


@pytest.mark.parametrize("preset", PRESETS)
def test_numbers_do_not_depend_on_the_other_classes_or_their_order(base, preset):
    settings = replace(ascent_settings(preset, n_trials=TRIALS), steps=60)
    several = ascend(crooked_tail(), [3, 1, 0], base=base, settings=settings)
    alone = ascend(crooked_tail(), [1], base=base, settings=settings)
    for name, ascent in alone.items():
        assert (several[name].l2[1] == ascent.l2[0]).all()
        assert (several[name].fiv[1] == ascent.fiv[0]).all()
        assert (several[name].score[1] == ascent.score[0]).all()


def test_trials_that_are_added_later_are_those_of_one_long_ascent(base):
    classes = [3, 0]
    few = ascend(crooked_tail(), classes, base=base, settings=ascent_settings(n_trials=10))
    settings, seen = ascent_settings(n_trials=24), []
    whole = ascend(crooked_tail(), classes, base=base, settings=settings, keep_fim=False)
    more = ascend(
        crooked_tail(),
        classes,
        base=base,
        settings=settings,
        known=few,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen[-1] == (2 * 2 * 14 * 100,) * 2
    for name, ascent in whole.items():
        assert ascent.fiv.shape[1] == 24
        for field, array in vars(ascent).items():
            other = vars(more[name])[field]
            assert array is None or np.array_equal(other, array, equal_nan=True), field


def test_the_seed_decides_the_starts():
    rows = make_rows([3, 5], 2)
    one, same = (start_maps(rows, (2, 3), 1.0, ascent_settings(seed=4)) for _ in range(2))
    other = start_maps(rows, (2, 3), 1.0, ascent_settings(seed=5))
    assert (one == same).all()
    assert not (one == other).any()
    assert len({tuple(row.flatten().tolist()) for row in one}) == 4


@pytest.mark.parametrize("n_trials", [1, 5, 8, 19])
def test_chunks_have_one_shape_and_a_row_has_its_place_whatever_the_others_are(n_trials):
    every, some = make_rows(range(11), n_trials), make_rows([7, 2], n_trials)

    def places(rows):
        found = list(chunks(rows, 8))
        assert all(len(chunk.index) == 8 for chunk in found)
        assert all((chunk.index[chunk.places] == chunk.members).all() for chunk in found)
        return {
            (rows.target[row], rows.trial[row]): place
            for chunk in found
            for row, place in zip(chunk.members, chunk.places, strict=True)
        }

    assert len(places(every)) == 11 * n_trials
    assert places(some).items() <= places(every).items()


def test_a_dead_class_stays_at_the_base_and_has_no_penalty(base):
    tail = lambda h: torch.relu(-(h.flatten(1) ** 2) - 1).sum(1)[:, None] + 5  # noqa: E731
    for ascent in ascend(tail, [0], base=base, settings=ascent_settings()).values():
        assert np.isnan(ascent.l2).all()
        assert (ascent.fiv == 0).all()
        assert ascent.score == pytest.approx(5)
        assert ascent.converged.all()


def test_a_step_that_is_too_large_is_marked_diverged():
    w = np.full((1, CHANNELS, WIDTH), 2.0)
    zero = Base(torch.zeros(CHANNELS, WIDTH), 1.0)
    settings = ascent_settings("paper", l2=3, step_size=10, n_trials=3)
    settings = replace(settings, patience=None, steps=300, start_decay=10**6)
    ascent = ascend(linear_tail(w), [0], base=zero, settings=settings)["paper"]
    assert ascent.diverged.all()
    assert not ascent.converged.any()
    assert np.isnan(ascent.fiv).all()


def test_too_few_steps_are_not_called_converged(base):
    settings = replace(ascent_settings("paper", l2=0.5, step_size=1e-4), steps=20, patience=None)
    ascent = ascend(crooked_tail(), [0], base=base, settings=settings)["paper"]
    assert not ascent.converged.any()
    assert (ascent.gradient_norm > 0.1).all()


def test_patience_stops_a_row_and_its_trace_ends_with_nan():
    zero = Base(torch.zeros(CHANNELS, WIDTH), 1.0)
    weight = np.ones((1, CHANNELS, WIDTH))
    settings = ascent_settings("published", n_trials=TRIALS)
    ascent = ascend(linear_tail(weight), [0], base=zero, settings=settings)["published"]
    assert (ascent.n_steps < 2000).all()
    assert (ascent.n_steps > 100).all()
    last = ascent.n_steps[0, 0] // 10
    assert not np.isnan(ascent.trace[0, 0, : last + 1]).any()
    assert np.isnan(ascent.trace[0, 0, last + 1 :]).all()


def test_the_best_map_is_kept_unless_the_last_is_asked_for(base):
    settings = replace(ascent_settings("paper", l2=0.5, step_size=0.3), steps=40, patience=None)
    best = ascend(crooked_tail(), [0], base=base, settings=settings, keep_fim=True)["paper"]
    last = ascend(
        crooked_tail(), [0], base=base, settings=replace(settings, keep="last"), keep_fim=True
    )["paper"]
    u = torch.from_numpy(best.fim[0])
    target, l2 = torch.zeros(len(u), dtype=torch.long), torch.full((len(u),), 0.5)
    objective = Objective(crooked_tail(), base.map, target, l2)
    score, _ = objective.score(u)
    assert best.score[0] == pytest.approx(score.numpy(), rel=1e-5)
    assert best.objective[0] == pytest.approx(objective.penalised(score, u).numpy(), rel=1e-5)
    assert (last.score == best.score).all()
    assert not (last.fiv == best.fiv).all()


def test_progress_grows_to_the_whole(weight, base):
    seen = []
    ascend(
        linear_tail(weight),
        [0, 1],
        base=base,
        settings=ascent_settings(),
        progress=lambda done, total: seen.append(done / total),
    )
    assert seen == sorted(seen)
    assert seen[-1] == 1
    assert len(seen) > 3


def test_an_ascent_that_was_stopped_goes_on_to_the_same_bits(base):
    class Stop(Exception):
        pass

    def stop_at(row_steps):
        def progress(done, total):
            if done >= row_steps:
                raise Stop

        return progress

    options = {"base": base, "settings": ascent_settings(n_trials=40)}
    whole = ascend(crooked_tail(), [0, 1, 2, 3], **options)
    units = {}
    for row_steps in (3000, 21000, 32000):
        with pytest.raises(Stop):
            ascend(
                crooked_tail(), [0, 1, 2, 3], units=units, progress=stop_at(row_steps), **options
            )
    assert units
    again = ascend(crooked_tail(), [0, 1, 2, 3], units=units, **options)
    for name, ascent in whole.items():
        for field, array in vars(ascent).items():
            assert array is None or np.array_equal(vars(again[name])[field], array, equal_nan=True)


def test_finished_classes_come_out_while_the_rest_is_still_to_do(base):
    weight = np.random.default_rng(0).normal(size=(61, CHANNELS, WIDTH))
    settings = ascent_settings(n_trials=TRIALS, steps=3)
    tail, seen = linear_tail(weight), []
    blocks = module.ascend(
        tail, range(61), base=base, settings=settings, progress=lambda done, _: seen.append(done)
    )
    names = next(blocks)[0]
    assert names == list(range(len(names)))
    assert 0 < len(names) < 61
    before = len(seen)
    assert sum((rest for rest, _ in blocks), names) == list(range(61))
    assert len(seen) > before


def test_whatever_progress_raises_ends_the_ascent(weight, base):
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ascend(linear_tail(weight), [0], base=base, settings=ascent_settings(), progress=stop)


def test_the_gradient_at_the_base_is_the_mean_of_the_weights(weight, base):
    found = at_base(linear_tail(weight), [1, 0], base)
    assert found.gradient == pytest.approx(weight[[1, 0]].mean(2), abs=1e-6)
    expected = np.einsum("ckp,kp->c", weight, base.map.numpy())
    assert found.score == pytest.approx(expected[[1, 0]], rel=1e-5)


def test_the_base_is_the_mean_map_and_its_distance_the_median():
    sequences = torch.arange(11.0)[:, None, None] * torch.ones(1, 4, 3)
    head = lambda x: x[:, :2] * 3  # noqa: E731
    base = make_base(head, sequences, ascent_settings())
    assert base.map.tolist() == [[15.0] * 3] * 2
    distances = np.abs(np.arange(11) * 3 - 15) * np.sqrt(6)
    assert base.distance == pytest.approx(np.sort(distances)[5], rel=1e-5)
    zero = make_base(head, sequences, ascent_settings("paper"))
    assert (zero.map == 0).all()
    assert zero.distance == pytest.approx(15 * np.sqrt(6))


def test_feature_maps_are_those_of_all_sequences_in_their_order():
    sequences = torch.arange(150.0)[:, None, None] * torch.ones(1, 4, 3)
    assert feature_maps(lambda x: x[:, :2] * 3, sequences).equal(sequences[:, :2] * 3)


def test_a_seed_has_its_own_backgrounds_that_are_no_start():
    one, same, other = (background_generator(seed).random(9).tolist() for seed in (4, 4, 5))
    assert one == same
    assert one != other
    assert one != np.random.default_rng(4).random(9).tolist()


def test_a_layer_that_does_not_depend_on_the_sequence_is_refused():
    refused = r"^This layer gives the same feature map for every sequence\. Choose another layer\.$"
    for value, preset in ((1.0, "default"), (torch.inf, "paper")):
        with pytest.raises(LayerError, match=refused):
            make_base(
                lambda x, v=value: torch.full_like(x, v),
                torch.rand(5, 4, 3),
                ascent_settings(preset),
            )
    assert make_base(lambda x: x[:, :2] / 9, torch.rand(5, 4, 3), ascent_settings()).distance < 1


def test_clamp_swing_of_a_linear_head_is_weight_times_low_to_high(weight):
    real = torch.zeros(40, CHANNELS, WIDTH)
    real[:20] = 1.0
    swing = clamp_swing(
        linear_tail(weight), torch.rand(6, CHANNELS, WIDTH), real, np.random.default_rng(0)
    )
    assert swing == pytest.approx(weight.sum(2), abs=1e-4)


def test_clamp_swing_takes_the_twentieth_of_the_sequences_at_either_end():
    def swing(n_sequences):
        real = torch.arange(float(n_sequences))[:, None, None].expand(-1, 2, 1)
        tail, background = linear_tail(np.ones((1, 2, 1))), torch.zeros(60, 2, 1)
        return clamp_swing(tail, background, real, np.random.default_rng(0))

    assert swing(10).tolist() == [[9, 9]]
    assert swing(40) == pytest.approx(38, abs=0.5)
    assert (swing(40) < 39).all()


def test_adam_moves_by_its_rate_at_first_whatever_the_gradient():
    u, l2 = torch.zeros(2, 3, 1), torch.ones(2)
    gradient = torch.tensor([[[5.0], [-0.1], [2.0]]] * 2)
    moved = adam([0.1], l2=l2)(0, u, gradient)
    assert moved[0, :, 0].tolist() == pytest.approx([0.1, -0.1, 0.1], rel=1e-4)


def test_heavy_ball_and_plain_steps_follow_their_equations():
    u, l2 = torch.full((1, 1, 1), 2.0), torch.tensor([0.5])
    gradient = torch.full((1, 1, 1), 3.0)
    assert plain([0.1], l2=l2)(0, u, gradient).item() == pytest.approx(2 + 0.1 * (3 - 2))
    step = heavy_ball([0.1, 0.1], l2=l2)
    first = step(0, u, gradient)
    assert first.item() == pytest.approx(2 + 0.1 * (3 - 2))
    velocity = 0.8 * (3 - 2) + (3 - first.item())
    assert step(1, first, gradient).item() == pytest.approx(first.item() + 0.1 * velocity)


def test_the_papers_step_rule_is_constant_and_then_decays():
    rates = step_rates(PRESETS["paper"].ascent)
    assert rates[0] == rates[500] == 0.01
    assert rates[1500] == pytest.approx(0.01 * 1000**-0.2)
    assert len(rates) == 10_000


@pytest.mark.parametrize("name", device_names())
def test_another_device_gives_the_same_objective(base, name):
    here = ascend(crooked_tail(), [0], base=base, settings=ascent_settings())["modes"]
    there_base = Base(base.map.to(name), base.distance)
    first = torch.randn(CHANNELS * WIDTH, 13, generator=torch.Generator().manual_seed(0))
    tail = crooked_tail()
    moved = lambda h: tail(h.cpu()).to(name)  # noqa: E731
    there = ascend(moved, [0], base=there_base, settings=ascent_settings())["modes"]
    assert first.shape == (21, 13)
    assert there.objective.mean() == pytest.approx(here.objective.mean(), rel=1e-3)
    assert there.fiv.mean(1) == pytest.approx(here.fiv.mean(1), abs=1e-2)
