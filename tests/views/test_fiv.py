import numpy as np

from deepresolve_dash.views import fiv
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
