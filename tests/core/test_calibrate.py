"""The calibration of l2 and the starts that it climbs from, against plain loops."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from deepresolve_dash.core.ascent import calibrate as module
from deepresolve_dash.core.ascent.base import Base
from deepresolve_dash.core.ascent.problem import Count, Problem
from deepresolve_dash.core.ascent.rows import make_rows, start_maps
from deepresolve_dash.core.settings import AscentSettings, ascent_settings
from tests.planted import CHANNELS, WIDTH, crooked_tail, linear_tail

MODES = ascent_settings().regimes[1]


def problem_of(tail, settings=None) -> Problem:
    base = torch.randn(CHANNELS, WIDTH, generator=torch.Generator().manual_seed(2))
    return Problem(tail, Base(base, 2.0), settings or ascent_settings(), Count(10**9), 32)


def followed(problem: Problem, target: int) -> float:
    """Return l2 after 20 steps of five rows, without the helpers of the code under test."""

    def gradient(u):
        h = (problem.base.map + u).requires_grad_(True)
        return torch.autograd.grad(problem.tail(h)[:, target].sum(), h)[0]

    def norm(maps):
        return maps.flatten(1).norm(dim=1)

    u = start_maps(make_rows([target], 5), problem.shape, problem.scale(MODES), problem.settings)
    wanted, velocity, slope = MODES.radius * 2.0, torch.zeros(()), gradient(u)
    log = float((norm(slope) / (2 * wanted)).median().log())
    seen = [log]
    for i in range(20):
        velocity = 0.8 * velocity + slope / (2 * np.exp(log)) - u
        u = u + 0.1 * velocity
        slope = gradient(u)
        if i >= 3:
            along = (u * slope).sum(dim=(1, 2)) / norm(u)
            latest = torch.where(along > 0, along, norm(slope)) / (2 * wanted)
            log += 0.3 * (float(latest.median().log()) - log)
        seen.append(log)
    return float(np.exp(np.mean(seen[-7:])))


def test_l2_follows_the_ascent_of_five_rows(monkeypatch):
    monkeypatch.setattr(module, "_norm_ratios", lambda _, targets, *__: np.ones(len(targets)))
    problem = problem_of(crooked_tail())
    found = module.calibrate(problem, np.array([2, 0, 1, 3]), MODES)
    assert found == pytest.approx([followed(problem, c) for c in (2, 0, 1, 3)], rel=1e-3)


def test_l2_is_checked_four_times_at_most_and_the_closest_is_kept(monkeypatch):
    ratios = {0: [2.0, 0.4, 1.3, 1.2], 1: [0.5, 1.05], 3: [0.6, 0.8, 2.0, 3.0]}
    seen = {c: [] for c in ratios}

    def scripted(problem, targets, l2, regime, check):
        for c, value in zip(targets, l2, strict=True):
            seen[c].append(value)
        return np.array([ratios[c][check] for c in targets])

    monkeypatch.setattr(module, "_norm_ratios", scripted)
    weight = np.random.default_rng(0).normal(size=(4, CHANNELS, WIDTH))
    weight[2] = 0
    found = module.calibrate(problem_of(linear_tail(weight)), np.arange(4), MODES)
    first = {c: values[0] for c, values in seen.items()}
    assert first[1] == pytest.approx(np.linalg.norm(weight[1]) / (2 * MODES.radius * 2), rel=0.02)
    in_units_of_the_first = {c: [v / first[c] for v in values] for c, values in seen.items()}
    assert in_units_of_the_first[0] == pytest.approx([1, 2, np.sqrt(2), 1.3 * np.sqrt(2)])
    assert in_units_of_the_first[1] == pytest.approx([1, 0.5])
    assert in_units_of_the_first[3] == pytest.approx([1, 0.6, 0.48, np.sqrt(0.48 * 0.6)])
    kept = [1.3 * np.sqrt(2) * first[0], 0.5 * first[1], np.nan, 0.6 * first[3]]
    assert found == pytest.approx(kept, nan_ok=True)


def test_progress_counts_one_check_of_every_class_step_by_step():
    w = torch.randn(CHANNELS * WIDTH, 4, generator=torch.Generator().manual_seed(5))
    seen = [0]
    count = Count(10**9, progress=lambda done, total: seen.append(done))
    problem = replace(problem_of(lambda h: (h.flatten(1) @ w) ** 2 / 50), count=count)
    module.calibrate(problem, np.arange(4), MODES)
    assert seen[-1] == 4 * 5 * (20 + 40)
    assert set(np.diff(seen)) == {0, 4 * 5}


def test_the_norm_of_a_linear_tail_is_that_of_its_weights():
    weight = np.random.default_rng(0).normal(size=(3, CHANNELS, WIDTH))
    l2 = np.array([0.5, 1.0, 2.0])
    found = module._norm_ratios(problem_of(linear_tail(weight)), np.arange(3), l2, MODES, 1)
    expected = np.linalg.norm(weight, axis=(1, 2)) / (2 * l2) / (MODES.radius * 2.0)
    assert found == pytest.approx(expected, rel=0.02)


def test_a_given_l2_is_that_of_every_class_but_the_dead():
    weight = np.ones((2, CHANNELS, WIDTH))
    weight[1] = 0
    problem = problem_of(linear_tail(weight), ascent_settings(l2=0.3))
    found = module.calibrate(problem, np.arange(2), MODES)
    assert found == pytest.approx([0.3, np.nan], nan_ok=True)


def test_a_proposal_outside_its_bracket_becomes_the_geometric_middle():
    low, high = np.full(5, 2.0), np.full(5, 8.0)
    found = module._within(np.array([1.0, 2.0, 5.0, 8.0, 9.0]), low, high)
    assert found == pytest.approx([4, 4, 5, 4, 4])
    assert module._within(np.array([5.0]), np.zeros(1), np.full(1, np.inf)).tolist() == [5]


def test_the_value_of_a_class_is_the_median_of_those_above_0():
    rows = torch.tensor([5.0, 0, 1, 3, -2, 0, 0, -1, 0, 0, 7, 7])
    found = module._of_class(rows)
    assert found[:5].tolist() == [3] * 5
    assert found[5:10].isnan().all()
    assert found[10:].tolist() == [1, 1]


def settings_of(start) -> AscentSettings:
    return replace(ascent_settings(seed=4), start=start)


@pytest.mark.parametrize("shape", [(2, 3), (40, 120)])
@pytest.mark.parametrize("start", ["normal", "uniform"])
def test_every_row_has_a_generator_of_its_own(shape, start):
    maps = start_maps(make_rows([3, 5], 2), shape, 0.5, settings_of(start))
    for row, (target, trial) in enumerate([(3, 0), (3, 1), (5, 0), (5, 1)]):
        seed = np.random.SeedSequence(4, spawn_key=(1, target, trial))
        generator = np.random.default_rng(seed)
        if start == "uniform":
            expected = generator.random(shape, np.float32)
        else:
            expected = generator.standard_normal(shape, np.float32) * np.float32(0.5)
        assert (maps[row].numpy() == expected).all()
