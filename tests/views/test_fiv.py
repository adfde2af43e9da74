import numpy as np
import pytest

from deepresolve_dash.views import channels, fiv
from tests.generated_runs import changed_run


def test_trials_fall_by_score_and_channels_by_ofiv(run, xor):
    shown = fiv.data(run.ensemble, run.summary, xor)
    one = {"regime": "modes", "target": xor.target}
    score = run.ensemble.score.sel(one).values
    ofiv = run.summary.ofiv.sel(one | {"regime": "importance"}).values
    assert np.all(np.diff(score[list(shown.row_ids)]) <= 0)
    assert np.all(np.diff(ofiv[list(shown.column_ids)]) <= 0)
    raw = run.ensemble.fiv.sel(one).values
    assert (shown.values == raw[np.ix_(shown.row_ids, shown.column_ids)]).all()
    assert shown.limit == np.abs(raw).max()


def test_rows_and_columns_are_named(run, xor):
    shown = fiv.data(run.ensemble, run.summary, xor)
    assert (len(shown.rows), len(shown.columns)) == (5, 7)
    assert shown.rows[0].startswith(f"trial {shown.row_ids[0]}, score")
    assert shown.columns[0] == f"channel {shown.column_ids[0]}"


def test_a_diverged_trial_comes_last_and_says_so(run, xor, tmp_path):
    diverged = np.zeros(5, bool)
    diverged[3] = True
    changed = changed_run(run, tmp_path, diverged=diverged, score=np.arange(5.0))
    shown = fiv.data(changed.ensemble, changed.summary, xor)
    assert shown.row_ids == (4, 2, 1, 0, 3)
    assert "diverged" in shown.rows[-1]


def test_an_unconverged_trial_says_so(run, xor, tmp_path):
    changed = changed_run(run, tmp_path, converged=False)
    shown = fiv.data(changed.ensemble, changed.summary, xor)
    assert all("not converged" in name for name in shown.rows)


def test_clustered_orders_hold_every_trial_and_channel_once(run, xor):
    orders = fiv.orders(fiv.data(run.ensemble, run.summary, xor))
    assert sorted(orders["rows"]) == list(range(5))
    assert sorted(orders["columns"]) == list(range(7))


def test_the_modes_of_an_xor_like_class_are_neighbours(run, xor):
    shown = fiv.data(run.ensemble, run.summary, xor)
    sides = shown.values[fiv.orders(shown)["rows"]]
    pair = fiv.opposed_pairs(channels.data(run.ensemble, run.summary, xor))[0]
    sign = np.sign(sides[:, shown.column_ids.index(pair[0])])
    assert (np.diff(sign) != 0).sum() == 1


def test_a_pair_is_listed_once(run, xor, plain):
    rows = channels.data(run.ensemble, run.summary, xor)
    pairs = fiv.opposed_pairs(rows)
    assert len(pairs) == len(set(pairs)) == 1
    a, b = pairs[0]
    assert b in rows["partners"][rows["channel"].tolist().index(a)]
    assert fiv.opposed_pairs(channels.data(run.ensemble, run.summary, plain)) == []


def test_score_and_weight_stand_beside_their_trial(run, xor, tmp_path):
    diverged = np.zeros(5, bool)
    diverged[2] = True
    changed = changed_run(run, tmp_path, diverged=diverged)
    shown = fiv.data(changed.ensemble, changed.summary, xor)
    beside = fiv.strips(changed.ensemble, changed.summary, xor)
    raw = changed.ensemble.sel(regime="modes", target=0)
    trials = list(shown.row_ids[:4])
    assert beside["score"]["values"][:4] == pytest.approx(raw.score.values[trials])
    assert beside["weight"]["values"][:4].sum() == pytest.approx(1)
    assert np.isnan([one["values"][4] for one in beside.values()]).all()
