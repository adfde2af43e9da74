import numpy as np
import pytest

from deepresolve_dash.core.statistics.ofiv import important_channels
from deepresolve_dash.views import features
from tests.generated_runs import changed_run, part_of_run


def test_the_default_lists_the_important_features_of_the_method(run, xor):
    told = features.important(run.ensemble, run.summary, xor)
    ofiv = run.summary.ofiv.sel(regime="importance", target=0)
    listed = told["channel"][told["share"] >= told["method"]]
    assert listed.tolist() == run.summary.channel.values[important_channels(ofiv.values)].tolist()
    assert told["unit"] == pytest.approx(np.abs(ofiv.values).max())
    assert told["share"].max() == pytest.approx(100)


def test_the_default_lists_what_the_method_calls_non_additive(run, xor):
    told = features.varying(run.ensemble, run.summary, xor)
    kind = run.summary.kind.sel(regime="modes", target=0, channel=told["channel"]).values
    assert told["method"].tolist() == (kind > 0).tolist()
    assert told["method"].sum() == 2
    assert told["notes"] == []


def test_the_spread_is_the_root_of_the_level_over_the_guards_unit(run, xor):
    told = features.varying(run.ensemble, run.summary, xor)
    raw, mine = (part.sel(regime="modes", target=0) for part in (run.ensemble, run.summary))
    largest = (mine.weight.values @ np.abs(raw.fiv.values.astype(float))).max()
    assert told["unit"] == pytest.approx(largest)
    assert told["share"] == pytest.approx(100 * np.sqrt(told["level"]) / largest)


def test_a_guarded_class_lists_none_and_says_why(run, plain, tmp_path):
    same = np.repeat(run.ensemble.fiv.values[:, :, :1], 5, axis=2)
    told = features.varying(*_parts(changed_run(run, tmp_path, fiv=same)), plain)
    assert not told["method"].any()
    assert "guarded" in told["notes"][0].text


@pytest.mark.parametrize("view", [features.important, features.varying])
@pytest.mark.parametrize(
    ("change", "words"),
    [({"diverged": True}, "every trial diverged"), ({"fiv": 0.0}, "Dead class")],
)
def test_a_class_without_a_result_has_a_sentence(run, xor, tmp_path, view, change, words):
    told = view(*_parts(changed_run(run, tmp_path, **change)), xor)
    assert words in told["state"]
    assert np.isnan(told["share"]).all()


@pytest.mark.parametrize("view", [features.important, features.varying])
@pytest.mark.parametrize("axis", ["trial", "channel", "target"])
def test_one_of_anything_has_a_list(run, xor, tmp_path, view, axis):
    told = view(*_parts(part_of_run(run, tmp_path, **{axis: 0})), xor)
    assert len(told["channel"]) == (1 if axis == "channel" else 7)
    assert told["state"] is None


def _parts(run):
    return run.ensemble, run.summary


def test_it_is_said_why_a_channel_of_both_signs_reads_additive(run, plain, xor, tmp_path):
    same = np.repeat(run.ensemble.fiv.values[:, :, :1], 5, axis=2)
    guarded = features.important(*_parts(changed_run(run, tmp_path, fiv=same)), plain)
    assert guarded["additive"]["short"] == "guarded"
    several = features.important(run.ensemble, run.summary, xor)
    assert several["additive"]["short"] == "by IL"
    assert "lowest component" in several["additive"]["why"]
