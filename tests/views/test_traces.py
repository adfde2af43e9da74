import numpy as np
import pytest

from deepresolve_dash.views import traces
from tests.generated_runs import changed_run, derived_run, part_of_run


def texts(run, one):
    return [note.text for note in traces.wrong(run.ensemble, one)]


def test_every_trial_has_its_numbers_and_its_curve(run, xor):
    told = traces.data(run.ensemble, run.summary, xor)
    raw = run.ensemble.sel(regime="modes", target=0)
    assert sorted(one["trial"] for one in told["trials"]) == list(range(5))
    for one in told["trials"]:
        assert one["objective"] == raw.objective.values[one["trial"]]
        assert one["curve"].tolist() == raw.trace.values[one["trial"]].tolist()
        assert len(one["curve"]) == len(told["step"])
    assert [one["trial"] for one in told["trials"] if one["best"]] == [
        raw.objective.values.argmax()
    ]


def test_nothing_is_wrong_when_all_converged(run, xor, tmp_path):
    assert texts(changed_run(run, tmp_path, converged=True), xor) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"converged": False}, "5 of 5 trials not converged"),
        ({"diverged": True}, "5 of 5 trials diverged"),
        ({"fiv": np.nan}, "5 of 5 trials diverged"),
        ({"l2": np.nan}, "no l2 could be set"),
    ],
)
def test_what_went_wrong_is_said(run, xor, tmp_path, change, words):
    assert words in texts(changed_run(run, tmp_path, **{"converged": True} | change), xor)


def test_maps_of_the_wrong_length_are_said(run, xor, tmp_path):
    ensemble = run.ensemble.assign(norm_ratio=run.ensemble.score * 0 + 2.0)
    assert "maps 2.00 times as long as wanted" in texts(derived_run(run, tmp_path, ensemble), xor)


def test_no_trial_is_best_when_all_diverged(run, xor, tmp_path):
    told = traces.data(*_parts(changed_run(run, tmp_path, diverged=True)), xor)
    assert not any(one["best"] for one in told["trials"])
    assert all(one["diverged"] for one in told["trials"])


def test_a_run_without_curves_has_the_table_alone(run, xor, tmp_path):
    bare = derived_run(run, tmp_path, run.ensemble.drop_vars("trace"))
    told = traces.data(*_parts(bare), xor)
    assert told["step"] == []
    assert len(told["trials"]) == 5


@pytest.mark.parametrize("axis", ["trial", "channel", "target"])
def test_one_of_anything_has_traces(run, xor, tmp_path, axis):
    told = traces.data(*_parts(part_of_run(run, tmp_path, **{axis: 0})), xor)
    assert len(told["trials"]) == (1 if axis == "trial" else 5)


def _parts(run):
    return run.ensemble, run.summary
