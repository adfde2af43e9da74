"""The climb of a chunk, one step at a time, on objectives that can be done by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from deepresolve_dash.core.ascent.climb import check_convergence, climb
from deepresolve_dash.core.ascent.objective import Objective
from deepresolve_dash.core.ascent.optimisers import adam, heavy_ball, make_step, plain
from deepresolve_dash.core.settings import ascent_settings, step_rates
from deepresolve_dash.core.statistics.qualifiers import leftover


def objective_of(tail, l2, shape=(1, 1)):
    """Objective of rows that all have output 0, around the base map 0."""
    return Objective(tail, torch.zeros(shape), torch.zeros(len(l2), dtype=torch.long), l2)


def total(h):
    return h.sum(dim=(1, 2))[:, None]


def one_more(i, u, gradient):
    return u + 1


@pytest.mark.parametrize("keep", ["best", "last"])
def test_rows_stop_by_themselves_and_keep_what_is_asked_for(keep):
    settings = replace(ascent_settings(), steps=50, patience=3, keep=keep)
    calls = []
    climbed = climb(
        objective_of(total, torch.tensor([0.5, 0.05])),  # best at 1 and at 10
        torch.zeros(2, 1, 1),
        one_more,
        settings,
        lambda: calls.append(1),
    )
    assert climbed.u.flatten().tolist() == ([1, 10] if keep == "best" else [4, 13])
    assert climbed.score.tolist() == [1, 10]
    assert climbed.objective.tolist() == [0.5, 5]
    assert climbed.n_steps.tolist() == [4, 13]
    assert climbed.trace.nan_to_num(nan=-1).tolist() == [[0, -1], [0, 5]]
    assert not climbed.diverged.any()
    assert len(calls) == 13


def test_without_patience_every_row_runs_the_whole_budget():
    settings = replace(ascent_settings(), steps=20, patience=None)
    climbed = climb(
        objective_of(total, torch.tensor([0.5, 0.025])),
        torch.zeros(2, 1, 1),
        one_more,
        settings,
        lambda: None,
    )
    assert climbed.u.flatten().tolist() == [1, 20]
    assert climbed.n_steps.tolist() == [20, 20]
    assert climbed.trace[0].tolist() == [0, 10 - 50, 20 - 200]


def test_the_first_of_equal_maps_is_kept():
    flat = objective_of(lambda h: total(h) * 0, torch.tensor([1e-12]))
    settings = replace(ascent_settings(), steps=5, patience=None)
    assert climb(flat, torch.ones(1, 1, 1), lambda i, u, g: -u, settings, lambda: None).u == 1


def test_a_row_that_is_not_finite_is_marked_and_no_other():
    settings = replace(ascent_settings(), steps=4, patience=None)
    start = torch.full((2, 2, 2), -9.0)
    start[0, 1, 0] = 0.0

    def climbed(tail):
        rows = objective_of(tail, torch.full((2,), 0.5), (2, 2))
        return climb(rows, start, one_more, settings, lambda: None)

    lost = climbed(lambda h: total(torch.log(3.5 - h)))  # no number at the last step
    assert lost.diverged.tolist() == [True, False]
    assert lost.n_steps.tolist() == [4, 4]
    early = climbed(lambda h: total(torch.log(1.5 - h)))
    assert early.diverged.tolist() == [True, False]
    assert early.n_steps.tolist() == [2, 4]
    kink = climbed(lambda h: total(torch.sqrt(4 - h)))  # no gradient at the last step
    assert kink.diverged.tolist() == [True, False]


@pytest.mark.parametrize(("short_by", "converged"), [(0.0, True), (0.0095, True), (0.011, False)])
def test_converged_means_that_ten_steps_gain_less_than_a_ten_thousandth(short_by, converged):
    weight, l2 = torch.tensor([[[3.0, -1.0], [0.5, 2.0]]]), torch.tensor([0.7])
    rows = objective_of(lambda h: total(h * weight) + 3, l2, (2, 2))
    u = (1 - short_by) * weight / (2 * l2)
    gain = short_by**2 * (1 - leftover([0.05] * 10, momentum=0.8)[-1] ** 2)
    assert (gain < 1e-4) == converged
    found, norm = check_convergence(rows, u)
    assert found.tolist() == [converged]
    assert norm.item() == pytest.approx(short_by * float(weight.norm()), abs=1e-5)


@pytest.mark.parametrize("optimiser", ["heavy-ball", "adam", "paper"])
def test_the_settings_name_the_step_rule(optimiser):
    settings, l2 = ascent_settings(optimiser=optimiser), torch.tensor([0.25, 2.0])
    rates = step_rates(settings)
    rules = {
        "heavy-ball": heavy_ball(rates, l2=l2),
        "adam": adam([4 * rate for rate in rates], l2=l2),
        "paper": plain(rates, l2=l2),
    }
    step, theirs = make_step(settings, l2=l2, scale=4.0), rules[optimiser]
    u = torch.randn(2, 3, 2, generator=torch.Generator().manual_seed(0))
    for i in range(3):
        moved = step(i, u, u.abs())
        assert moved.equal(theirs(i, u, u.abs()))
        u = moved


def test_adam_follows_its_equations():
    gradients, rates, u = [3.0, -1.0, 0.5], [0.1, 0.2, 0.3], 2.0
    step, first, second = adam(rates, l2=torch.tensor([0.25])), 0.0, 0.0
    moved = torch.full((1, 1, 1), u)
    for i, gradient in enumerate(gradients):
        uphill = gradient - 2 * 0.25 * u
        first, second = 0.9 * first + 0.1 * uphill, 0.999 * second + 0.001 * uphill**2
        mean, square = first / (1 - 0.9 ** (i + 1)), second / (1 - 0.999 ** (i + 1))
        u = u + rates[i] * mean / (np.sqrt(square) + 1e-8)
        moved = step(i, moved, torch.full((1, 1, 1), gradient))
        assert moved.item() == pytest.approx(u, rel=1e-5)


def test_adam_hardly_moves_where_there_is_hardly_a_gradient():
    faint = torch.full((1, 1, 1), 1e-8)
    moved = adam([0.1], l2=torch.ones(1))(0, torch.zeros(1, 1, 1), faint)
    assert moved.item() == pytest.approx(0.05, rel=1e-3)
