import numpy as np
import pytest

from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.views import classes, pair
from deepresolve_dash.views.selection import Selection
from tests.generated_runs import changed_run, part_of_run


@pytest.fixture
def both(run):
    return Selection(run.id, 0, pair=(1, 0))


def test_shares_fall_and_add_up_to_the_similarity(run, both):
    found = pair.data(run.ensemble, run.summary, both)
    a = classes.values(run.summary, both, "similarity")[0, 1]
    assert sum(found["share"]) == pytest.approx(a)
    assert found["share"] == sorted(found["share"], reverse=True)
    assert dict(map(tuple, found["values"]))["A"] == a


def test_columns_belong_to_their_channels_and_the_first_class_is_the_first(run, both):
    found = pair.data(run.ensemble, run.summary, both)
    ofiv = run.summary.ofiv.sel(regime="importance")
    assert (found["ids"], found["regime"]) == ([1, 0], "importance")
    for name, target in (("first", 1), ("second", 0)):
        assert found[name] == ofiv.sel(target=target, channel=found["channel"]).values.tolist()
    assert found["gap"] == pytest.approx(np.subtract(found["first"], found["second"]))


def test_shared_and_opposed_channels_are_important_for_both(run, both):
    found = pair.data(run.ensemble, run.summary, both)
    ofiv = run.summary.ofiv.sel(regime="importance").values
    strong = (np.abs(ofiv) >= 0.2 * np.abs(ofiv).max(axis=1, keepdims=True)).all(0)
    shared = np.flatnonzero(strong & (ofiv > 0).all(0))
    opposed = np.flatnonzero(strong & (ofiv[0] * ofiv[1] < 0))
    assert sorted(found["shared"]) == shared.tolist()
    assert sorted(found["opposed"]) == opposed.tolist()


def test_the_interval_says_what_it_is_drawn_from(run, both):
    interval = pair.data(run.ensemble, run.summary, both)["interval"]
    a = classes.values(run.summary, both, "similarity")[0, 1]
    assert interval["low"] <= a + 1e-9
    assert interval["high"] >= a - 1e-9
    assert interval["says"].startswith("1,000 resamples of 5 and 5 trials")


def test_diverged_trials_are_not_drawn(run, both, tmp_path):
    diverged = run.ensemble.diverged.values.copy()
    diverged[:, 0, :2] = True
    fiv = run.ensemble.fiv.values.copy()
    fiv[:, 0, :2] = np.nan
    damaged = changed_run(run, tmp_path, diverged=diverged, fiv=fiv)
    interval = pair.data(damaged.ensemble, damaged.summary, both)["interval"]
    assert interval["trials"] == [5, 3]
    assert np.isfinite([interval["low"], interval["high"]]).all()
    assert "too narrow" in interval["says"]


def test_trials_without_a_weight_are_told_apart(run, both, tmp_path):
    worse = run.ensemble.score.values.copy()
    worse[:, 1, 0] = -50.0
    changed = changed_run(run, tmp_path, score=worse)
    interval = pair.data(changed.ensemble, changed.summary, both)["interval"]
    assert (changed.summary.weight.sel(regime="importance", target=1) > 0).sum() == 4
    assert "resamples of 5 and 5 trials, 4 and 5 of them with a weight" in interval["says"]
    assert "too narrow" in interval["says"]


def test_one_trial_has_no_interval(run, both, tmp_path):
    single = part_of_run(run, tmp_path, trial=[0])
    interval = pair.data(single.ensemble, single.summary, both)["interval"]
    assert (interval["low"], interval["n"]) == (None, 0)


def test_a_dead_class_has_no_similarity_and_says_why(run, both, tmp_path):
    dead = changed_run(run, tmp_path, fiv=0.0)
    found = pair.data(dead.ensemble, dead.summary, both)
    assert "class 0 and class 1" in found["empty"]
    assert pair.data(run.ensemble, run.summary, both)["empty"] == ""


@pytest.mark.parametrize("wrong", [None, (1, 1), (0, 99)])
def test_a_pair_must_be_two_classes_of_the_run(run, wrong):
    with pytest.raises(RunNotFound):
        pair.data(run.ensemble, run.summary, Selection(run.id, 0, pair=wrong))
