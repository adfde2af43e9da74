import numpy as np
import pytest

from deepresolve_dash.core.statistics.elimination import eliminate
from deepresolve_dash.views import elimination
from deepresolve_dash.views.selection import Selection
from tests.generated_runs import changed_run, make_run, panel_size, part_of_run

OFIV = np.array(
    [
        [1.0, -0.6, -0.3, -0.1, 0.0],  # the class: 60% and 30% of its negative OFIV are strong
        [0.0, 50.0, 0.0, 10.0, 0.0],  # favours channels 1 and 3, on another scale
        [0.0, 0.01, 0.1, 0.1, 0.0],  # favours 2 and 3, not 1: a tenth is not strong
        [np.nan] * 5,
    ]
)


def test_what_speaks_against_a_class_is_joined_with_what_it_speaks_for():
    found = eliminate(OFIV, 0)
    assert found.channel.tolist() == [1, 2]
    assert found.scaled == pytest.approx([-0.6, -0.3])
    assert found.share == pytest.approx([0.6, 0.3])
    assert [favour.tolist() for favour in found.favour] == [[1], [2]]
    assert [strength.tolist() for strength in found.strength] == [[1], [1]]
    assert found.explained == pytest.approx(0.9)
    assert found.expected == pytest.approx(3 / 5)
    assert found.ruled_out == pytest.approx([0, 0.6, 0.3, 0])
    assert found.chance == pytest.approx([0, 0.4, 0.4, 0])
    assert found.rivals.tolist() == [1, 2]


def test_the_scale_of_a_class_plays_no_part():
    scaled = OFIV * np.array([[1], [1e-6], [1e6], [1]])
    assert eliminate(scaled, 0).ruled_out == pytest.approx(eliminate(OFIV, 0).ruled_out)


def test_a_class_never_favours_what_speaks_against_itself():
    assert eliminate(np.array([[-1.0, 1.0], [-1.0, 1.0]]), 0).rivals.tolist() == []


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("many"), panel_size(31), seed=2)


def test_the_view_names_channels_and_classes_by_falling_strength(many):
    ofiv = many.summary.ofiv.sel(regime="importance").values
    told = elimination.data(many.summary, Selection(many.id, 1))
    assert told["channels"]
    for one in told["channels"]:
        assert ofiv[1, one["channel"]] == one["ofiv"] < 0
        strengths = [other["scaled"] for other in one["classes"]]
        assert strengths == sorted(strengths, reverse=True)
        assert all(ofiv[other["target"], one["channel"]] > 0 for other in one["classes"])
        assert one["n"] >= len(one["classes"])
    shares = [rival["share"] for rival in told["rivals"]]
    assert shares == sorted(shares, reverse=True)


def test_what_is_known_of_a_class_stands_beside_it(many):
    about = [f"cell {place}" for place in range(31)]
    told = elimination.data(many.summary, Selection(many.id, 1), about)
    rival = told["rivals"][0]
    assert rival["about"] == f"cell {rival['target']}"


@pytest.mark.parametrize(
    ("change", "words"), [({"diverged": True}, "no result"), ({"fiv": 0.0}, "no result")]
)
def test_a_class_without_a_result_has_a_sentence(run, xor, tmp_path, change, words):
    assert words in elimination.data(changed_run(run, tmp_path, **change).summary, xor)["empty"]


def test_one_class_has_a_sentence(run, xor, tmp_path):
    assert (
        "One class only"
        in elimination.data(part_of_run(run, tmp_path, target=0).summary, xor)["empty"]
    )


def test_nothing_negative_has_a_sentence(run, plain, tmp_path):
    positive = np.abs(run.ensemble.fiv.values)
    told = elimination.data(changed_run(run, tmp_path, fiv=positive).summary, plain)
    assert "none has a negative OFIV" in told["empty"]


@pytest.mark.parametrize("axis", ["trial", "channel"])
def test_one_trial_and_one_channel_have_an_answer(run, xor, tmp_path, axis):
    told = elimination.data(part_of_run(run, tmp_path, **{axis: 0}).summary, xor)
    assert told["channels"] or told["empty"]
