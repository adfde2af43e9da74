import numpy as np
import pytest

from deepresolve_dash.views import recipes
from deepresolve_dash.views.selection import Selection
from tests.generated_runs import XOR_TARGET, changed_run, make_run, panel_size, part_of_run

CONVERGED = {"converged": True}


@pytest.fixture(scope="module")
def converged(run, tmp_path_factory):
    return changed_run(run, tmp_path_factory.mktemp("converged"), **CONVERGED)


def shown(run, one):
    return recipes.data(run.ensemble, run.summary, one)


def texts(told):
    return [note.text for note in told["notes"]]


def test_an_xor_class_has_two_ways_with_opposite_signs_of_the_pair(tmp_path):
    run = make_run(tmp_path, panel_size(7), seed=7)
    run = changed_run(run, tmp_path / "all", **CONVERGED)
    told = shown(run, Selection(run.id, XOR_TARGET))
    assert told["title"] == "This class has 2 ways to be on"
    assert "XOR-like" in told["why"]
    first, second = (
        {one["channel"]: one["fiv"] for one in card["channels"]} for card in told["recipes"]
    )
    pair = np.flatnonzero(run.summary.kind.sel(regime="modes", target=XOR_TARGET).values == 2)
    assert len(pair) == 2
    for channel in run.summary.channel.values[pair]:
        assert first[channel] * second[channel] < 0
        assert channel not in told["common"]


def test_a_plain_class_has_one_way_and_says_that_this_is_not_additive(converged, plain):
    told = shown(converged, plain)
    assert told["title"] == "One way to be on was found"
    assert "AND, OR and veto" in told["why"]
    assert told["common"] == []
    assert told["recipes"][0]["share"] == 1


def test_the_shares_and_numbers_are_of_the_trials_that_count(converged, xor):
    told = shown(converged, xor)
    weight = converged.summary.weight.sel(regime="modes", target=0).values
    score = converged.ensemble.score.sel(regime="modes", target=0).values
    trials = [trial for card in told["recipes"] for trial in card["trials"]]
    assert sorted(trials) == np.flatnonzero(weight > 0).tolist()
    for card in told["recipes"]:
        assert card["share"] == pytest.approx(len(card["trials"]) / len(trials))
        assert card["weight"] == pytest.approx(weight[card["trials"]].mean())
        assert card["score"] == pytest.approx(score[card["trials"]].max())
        assert card["medoid"] in card["trials"]
        assert 0 <= card["stability"] <= 1


def test_channels_are_those_of_the_medoid_by_size(converged, xor):
    for card in shown(converged, xor)["recipes"]:
        fiv = converged.ensemble.fiv.sel(regime="modes", target=0).values[card["medoid"]]
        sizes = [abs(one["fiv"]) for one in card["channels"]]
        assert sizes == sorted(sizes, reverse=True)
        assert sizes[-1] >= 0.3 * np.abs(fiv).max() - 1e-6


def test_unconverged_trials_are_left_out_where_others_converged(run, xor, tmp_path):
    state = run.ensemble.converged.values.copy()
    state[..., :] = True
    state[..., 0] = False
    told = shown(changed_run(run, tmp_path, converged=state), xor)
    assert all(0 not in card["trials"] for card in told["recipes"])
    assert "4 of 5 trials count" in texts(told)


def test_nothing_converged_is_called_unreliable(run, xor, tmp_path):
    told = shown(changed_run(run, tmp_path, converged=False), xor)
    assert texts(told)[0] == "unreliable: no trial has converged"
    assert told["recipes"]


def test_few_channels_are_said(converged, xor):
    assert "few channels" in texts(shown(converged, xor))


def test_noise_has_no_way_that_can_be_named(tmp_path):
    run = make_run(tmp_path, panel_size(2)._replace(n_channels=101), seed=3)
    noise = np.random.default_rng(0).normal(size=run.ensemble.fiv.shape)
    told = shown(changed_run(run, tmp_path / "noise", fiv=noise, converged=True), Selection("", 0))
    assert told["title"] == "No two of 5 trials found the same pattern"
    assert told["recipes"] == []


def test_one_trial_is_one_recipe_without_a_stability(run, xor, tmp_path):
    told = shown(part_of_run(run, tmp_path, trial=0), xor)
    assert len(told["recipes"]) == 1
    assert np.isnan(told["recipes"][0]["stability"])
    assert "only 1 trial" in texts(told)


@pytest.mark.parametrize(
    ("change", "words"),
    [({"diverged": True}, "every trial diverged"), ({"fiv": 0.0}, "Dead class")],
)
def test_a_class_without_a_result_has_a_sentence(run, xor, tmp_path, change, words):
    told = shown(changed_run(run, tmp_path, **change), xor)
    assert words in told["title"]
    assert told["recipes"] == []


def test_nan_in_some_trials_leaves_the_others(run, xor, tmp_path):
    fiv = run.ensemble.fiv.values.copy()
    fiv[:, 0, 1] = np.nan
    told = shown(changed_run(run, tmp_path, fiv=fiv, converged=True), xor)
    assert all(1 not in card["trials"] for card in told["recipes"])


@pytest.mark.parametrize("axis", ["channel", "target"])
def test_one_channel_and_one_class_have_recipes(run, xor, tmp_path, axis):
    assert shown(part_of_run(run, tmp_path, **{axis: 0}), xor)["title"]


def test_a_guarded_class_with_several_recipes_is_called_unreliable(converged, xor):
    guarded = converged.summary.assign(guarded=converged.summary.guarded | True)
    told = recipes.data(converged.ensemble, guarded, xor)
    assert len(told["recipes"]) == 2
    assert "unreliable: guarded" in texts(told)


def test_channels_of_all_recipes_with_one_sign_are_common():
    medoids = np.array([[3.0, 2, -2, 1], [3.0, -2, -2, 1]])
    everywhere = np.arange(4)
    assert recipes.shared(medoids, [everywhere, everywhere]) == [0, 2, 3]
    assert recipes.shared(medoids, [np.array([0, 1]), np.array([1, 0])]) == [0]
    assert recipes.shared(medoids[:1], [everywhere]) == []
