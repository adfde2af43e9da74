import json

import numpy as np
import pytest

from deepresolve_dash.views import gallery, inconsistency, ofiv, words
from deepresolve_dash.views.selection import Selection
from tests.generated_runs import changed_run, part_of_run


def texts(notes, tone=None):
    return [note.text for note in notes if tone in (None, note.tone)]


def test_converged_trials_are_counted(run, xor, tmp_path):
    all_in = changed_run(run, tmp_path / "a", converged=True)
    assert texts(words.ensemble_notes(all_in.ensemble, xor), "good") == ["5 of 5 trials converged"]
    none = changed_run(run, tmp_path / "b", converged=False)
    assert "0 of 5 trials converged" in texts(words.ensemble_notes(none.ensemble, xor), "warn")[0]


def test_one_optimum_is_not_called_additive():
    note = words.optima_note(np.ones((5, 7)))
    assert note.text == "one best pattern found in 5 trials"
    assert "not the same as additive" in note.why


def test_two_optima_are_counted_with_their_shares(run, xor):
    (note,) = [n for n in words.ensemble_notes(run.ensemble, xor) if "optima" in n.text]
    assert note.text == "2 distinct optima (60%, 40%)"


def test_few_trials_are_warned_of(run, xor, tmp_path):
    two = part_of_run(run, tmp_path, trial=[0, 1])
    assert "Only 2 trials" in texts(words.ensemble_notes(two.ensemble, xor), "warn")


def test_a_guarded_class_says_so(run, plain, xor):
    assert any("guarded" in text for text in texts(words.level_notes(run.summary, plain), "warn"))
    assert not any("guarded" in text for text in texts(words.level_notes(run.summary, xor)))


def test_zero_inconsistency_is_said(run, xor, tmp_path):
    same = changed_run(run, tmp_path, fiv=np.arange(7.0))
    assert "IL is 0 everywhere" in texts(words.level_notes(same.summary, xor))


def test_levels_below_the_floor_of_the_mixture_are_said(run, xor, tmp_path):
    small = changed_run(run, tmp_path, fiv=run.ensemble.fiv.values / 100)
    said = "below the mixture's floor"
    assert said in texts(words.level_notes(small.summary, xor))
    assert said not in texts(words.level_notes(run.summary, xor))


def test_a_dead_class_is_said(run, xor, tmp_path):
    dead = changed_run(run, tmp_path, fiv=0.0)
    assert words.state(dead.ensemble, dead.summary, xor).text.startswith("Dead class")
    assert words.state(run.ensemble, run.summary, xor) is None


def test_a_class_without_result_is_said(run, xor, tmp_path):
    none = changed_run(run, tmp_path, diverged=True)
    assert words.state(none.ensemble, none.summary, xor).text.startswith("No result")
    assert texts(words.level_notes(none.summary, xor)) == ["no components"]
    assert "5 diverged" in texts(words.ensemble_notes(none.ensemble, xor))


def test_a_count_that_noise_gives_too_is_warned_of(run, xor):
    doubtful = run.summary.assign(
        null_rate=run.summary.null_rate * 0 + 0.95,
        n_components_rescaled=run.summary.n_components_rescaled * 0 + 1,
    )
    warned = texts(words.level_notes(doubtful, xor), "warn")
    assert warned == ["1 when rescaled", "null rate 95%"]


def test_the_bic_of_every_count_is_given(run, xor):
    first = words.level_notes(run.summary, xor)[0]
    mine = run.summary.sel(regime="modes", target=0)
    told = first.text.split("BIC ")[1].split(" | ")
    assert first.text.startswith(f"{int(mine.n_components)} component")
    assert [i + 1 for i, text in enumerate(told) if "✓" in text] == [int(mine.n_components)]
    values = [float(text.strip(" ✓").replace("−", "-").replace(",", "")) for text in told]
    assert values == pytest.approx(mine.bic.values, abs=0.5)


def test_without_a_choice_of_components_no_bic_is_given(run, xor, tmp_path):
    one = part_of_run(run, tmp_path, channel=0)
    assert words.level_notes(one.summary, xor)[0].text == "1 component"


def test_rank_agreement_stands_beside_the_ranking(run, xor):
    data = ofiv.data(run.ensemble, run.summary, xor)
    found = texts(words.importance_notes(run.summary, xor, data))
    assert [text.rsplit(" ", 1)[0] for text in found] == [
        "rank stability",
        "gradient at base r",
        "clamp swing r",
    ]


def test_the_regimes_are_named_with_what_they_are_for(run, xor):
    both = words.regime_note(run.summary, xor)
    assert "importance" in both.text
    assert "modes" in both.text
    one = words.regime_note(run.summary, Selection(run.id, 0, regime="modes"))
    assert one.text.startswith("modes: ")


def test_legends_name_what_is_drawn(run, xor):
    levels = inconsistency.data(run.summary, xor)
    legend = words.component_legend(levels)
    assert len(legend) == levels.mixture.n_components + 1
    assert legend[-1].text == "floor ±0.001"
    kinds = words.kind_legend(ofiv.data(run.ensemble, run.summary, xor))
    assert texts(kinds) == ["additive", "non-additive, inconsistent"]


def test_no_word_claims_that_a_count_proves_additivity(run, xor, plain):
    everything = [
        note
        for one in (xor, plain)
        for note in words.ensemble_notes(run.ensemble, one) + words.level_notes(run.summary, one)
    ]
    assert not any("proves" in note.why or "is additive" in note.text for note in everything)


def test_the_card_of_a_run_counts_what_stands_out(run):
    card = gallery.data(run.info, run.ensemble, run.summary)
    assert (card["n_targets"], card["n_channels"], card["n_trials"]) == (2, 7, 5)
    assert (card["several"], card["xor_like"], card["guarded"]) == (1, 1, 1)
    assert card["converged"] == float(run.ensemble.converged.mean())


@pytest.mark.parametrize(
    ("network", "said"),
    [
        ({"name": "mine", "format": "Keras 2", "input_length": 101}, "mine, Keras 2, 101 bp"),
        ({"format": "neutral form", "input_length": 50}, "neutral form, 50 bp"),
        ({}, "not recorded"),
    ],
)
def test_the_card_of_a_run_names_its_network(network, said):
    assert gallery.network_words(network) == said


def test_opposed_channels_are_named_and_can_be_marked():
    assert words.opposed_notes([]) == []
    one = words.opposed_notes([(3, 40)])
    assert [note.channels for note in one] == [(3, 40)]
    assert "ch 3 and ch 40" in one[0].text
    several = words.opposed_notes([(3, 40), (3, 17)])
    assert several[1].channels == (3, 17, 40)
    assert "2 such pairs" in several[1].text


def test_the_count_of_rescaled_levels_stands_beside_the_count(run, xor, tmp_path):
    told = [text for text in texts(words.level_notes(run.summary, xor)) if "when rescaled" in text]
    assert len(told) == 1
    same = run.summary.n_components_rescaled == run.summary.n_components
    assert (told == ["same when rescaled"]) == bool(same.sel(regime="modes", target=0))


@pytest.mark.parametrize(
    ("agreement", "says"),
    [
        (None, "not measured"),
        ([np.nan, np.nan], "not measured"),
        ([0.9995, 0.9981], "r = 0.998"),
        ([np.nan, 0.5], "r = 0.500"),
        ([0.99951, 1.0], "r > 0.999"),
    ],
)
def test_a_preview_says_how_far_it_is_from_float32(run, xor, agreement, says):
    assert words.precision_notes(run.ensemble, xor) == []
    spec = json.loads(run.ensemble.attrs["spec"])
    spec["settings"]["precision"] = "bfloat16"
    preview = run.ensemble.assign_attrs(spec=json.dumps(spec))
    if agreement:
        preview["precision_agreement"] = ("regime", agreement)
    (note,) = words.precision_notes(preview, xor)
    assert says in note.text
    assert note.text.startswith("Preview in bfloat16")
    assert note.tone == "warn"
