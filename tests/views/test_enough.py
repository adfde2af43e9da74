import numpy as np
import pytest

from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import enough
from deepresolve_dash.views.selection import Selection
from tests.generated_runs import changed_run, part_of_run


def light(run, one):
    return enough.light(run.ensemble, run.summary, one)


def curves(run, one):
    return enough.curves(run.ensemble, run.summary, one)


def test_the_light_says_it_in_words_and_by_a_mark(run, xor, plain):
    for one in (xor, plain):
        told = light(run, one)
        assert told.text in ("Enough trials", "More trials may help", "Too few trials")
        assert told.mark in "●◐○"
        assert "of the 3 leading channels" in told.why
        assert "modes: half of 5 trials" in told.why
        assert "importance: half of 5 trials" in told.why


def test_trials_that_agree_are_enough(run, xor, tmp_path):
    fiv = np.tile(np.linspace(-1, 2, 7), (2, 2, 5, 1))
    assert light(changed_run(run, tmp_path, fiv=fiv, score=1.0), xor).text == "Enough trials"


def test_trials_that_do_not_are_too_few(run, xor, tmp_path):
    fiv = np.random.default_rng(0).normal(size=(2, 2, 5, 7))
    assert light(changed_run(run, tmp_path, fiv=fiv, score=1.0), xor).text == "Too few trials"


def test_the_worse_regime_decides_and_a_chosen_one_stands_alone(run, tmp_path):
    fiv = np.tile(np.linspace(-1, 2, 7), (2, 2, 5, 1))
    fiv[1] = np.random.default_rng(0).normal(size=(2, 5, 7))  # modes
    mixed = changed_run(run, tmp_path, fiv=fiv, score=1.0)
    assert light(mixed, Selection(run.id, 0)).text == "Too few trials"
    assert light(mixed, Selection(run.id, 0, "importance")).text == "Enough trials"
    assert "modes" not in light(mixed, Selection(run.id, 0, "importance")).why


def test_four_trials_are_never_enough(run, xor, tmp_path):
    fiv = np.tile(np.linspace(-1, 2, 7), (2, 2, 5, 1))
    four = part_of_run(changed_run(run, tmp_path / "a", fiv=fiv), tmp_path / "b", trial=range(4))
    told = light(four, xor)
    assert told.text == "More trials may help"
    assert "Fewer than five" in told.why


@pytest.mark.parametrize("change", [{"diverged": True}, {"fiv": 0.0}])
def test_a_class_without_a_result_has_no_light(run, xor, tmp_path, change):
    odd = changed_run(run, tmp_path, **change)
    assert light(odd, xor).text == "Enough trials? Not known"
    assert curves(odd, xor) == []


def test_a_run_of_an_older_release_gets_its_light_from_the_ensemble(run, xor):
    old = Run(run.folder, run.info)
    old.__dict__["ensemble"] = run.ensemble
    old.__dict__["summary"] = run.summary.drop_vars("top_stability")
    assert light(old, xor) == light(run, xor)


def test_there_is_a_curve_for_each_regime_that_is_read(run, xor):
    drawn = curves(run, xor)
    assert [one["regime"] for one in drawn] == ["modes", "importance"]
    for one in drawn:
        assert one["sizes"] == [2, 3, 4, 5]
        assert one["shares"][-1] == 1
        assert one["leading"] == 3
    chosen = curves(run, Selection(run.id, 0, "importance"))
    assert [one["regime"] for one in chosen] == ["importance"]
